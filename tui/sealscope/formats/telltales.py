"""What a file looks like that is no envelope Sealscope reads: said, so that nobody must guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 4096
"""How much of a file's beginning is looked at."""


@dataclass(frozen=True)
class Telltale:
    """What a file looks like.

    Attributes:
        what: in words, to follow "looks like".
        hint: what to do with it.
    """

    what: str
    hint: str = ""


_NOT_YET: Final = "It is an envelope of a kind that Sealscope does not read yet."
_UNPACK: Final = "If an encrypted file is inside, take it out first."
_NO_ENVELOPE: Final = "Check that this is the encrypted file."

_PREFIXES: Final = (
    (b"age-encryption.org/", Telltale("an age file", _NOT_YET)),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", Telltale("an age file in ASCII armor", _NOT_YET)),
    (b"-----BEGIN PGP MESSAGE-----", Telltale("an OpenPGP message in ASCII armor", _NOT_YET)),
    (b"-----BEGIN PGP", Telltale("an OpenPGP key or signature", _NO_ENVELOPE)),
    (b"-----BEGIN CMS-----", Telltale("a CMS message in PEM form", _NOT_YET)),
    (b"-----BEGIN PKCS7-----", Telltale("a PKCS #7 message in PEM form", _NOT_YET)),
    (b"-----BEGIN CERTIFICATE-----", Telltale("a certificate", _NO_ENVELOPE)),
    (b"$ANSIBLE_VAULT;", Telltale("an Ansible Vault file", "Sealscope does not read these.")),
    (b"k8s:enc:kms:", Telltale("a value that Kubernetes encrypted with KMS", _NOT_YET)),
    (b"\x1f\x8b", Telltale("a gzip archive", _UNPACK)),
    (b"PK\x03\x04", Telltale("a zip archive", _UNPACK)),
    (b"BZh", Telltale("a bzip2 archive", _UNPACK)),
    (b"\xfd7zXZ\x00", Telltale("an xz archive", _UNPACK)),
    (b"\x28\xb5\x2f\xfd", Telltale("a Zstandard archive", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", Telltale("a 7-Zip archive", _UNPACK)),
    (b"%PDF-", Telltale("a PDF document", _NO_ENVELOPE)),
    (b"\x89PNG\r\n", Telltale("a PNG picture", _NO_ENVELOPE)),
    (b"\xff\xd8\xff", Telltale("a JPEG picture", _NO_ENVELOPE)),
    (b"\x7fELF", Telltale("a program (ELF)", _NO_ENVELOPE)),
    (b"SQLite format 3\x00", Telltale("an SQLite database", _NO_ENVELOPE)),
)

_PRIVATE_KEY: Final = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KMS_BLOB: Final = re.compile(rb"\x01[\x01\x02][\x00-\xff]\x00\x78")
_CMS: Final = re.compile(rb"\x30[\x00-\xff]{1,8}?\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07")
_JWE: Final = re.compile(rb"eyJ[\w-]*\.[\w-]*\.[\w-]*\.[\w-]+")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_\-\r\n]+={0,2}")
_JSON_KEYS: Final = (
    (b'"sops"', "a SOPS file"),
    (b'"encryptedKeyset"', "an encrypted Tink keyset"),
    (b'"x-amz-', "metadata of the S3 Encryption Client"),
    (b'"aws_dbe_head"', "a DynamoDB item of the Database Encryption SDK"),
    (b'"CiphertextBlob"', "an answer of KMS as the AWS CLI prints it"),
    (b'"ciphertext"', "a JWE in JSON form"),
)


def looks_like(head: bytes, size: int) -> Telltale:
    """What a file looks like, from its first bytes."""
    if size == 0:
        return Telltale("an empty file", "An encrypted file is never empty.")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for test in (_by_prefix, _by_pattern, _by_json):
        found = test(head) or test(text)
        if found:
            return found
    if not any(head):
        return Telltale("zero bytes", _NO_ENVELOPE)
    return _plain_text(text, size) or Telltale(
        "unknown binary data", "Check that this is the encrypted file, from its first byte on."
    )


def _by_prefix(head: bytes) -> Telltale | None:
    return next((telltale for prefix, telltale in _PREFIXES if head.startswith(prefix)), None)


def _by_pattern(head: bytes) -> Telltale | None:
    tests: tuple[tuple[Callable[[bytes], object], Telltale], ...] = (
        (
            _PRIVATE_KEY.match,
            Telltale("a private key", "It is not encrypted for KMS. Keep it away from others."),
        ),
        (_KMS_BLOB.match, Telltale("a KMS ciphertext blob", _NOT_YET)),
        (_CMS.match, Telltale("a CMS message", _NOT_YET)),
        (_JWE.match, Telltale("a JSON Web Encryption token", _NOT_YET)),
        (_is_tar, Telltale("a tar archive", _UNPACK)),
        (_is_sops, Telltale("a SOPS file", _NOT_YET)),
        (_is_pem, Telltale("a PEM file", _NO_ENVELOPE)),
    )
    return next((telltale for test, telltale in tests if test(head)), None)


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def _is_pem(head: bytes) -> bool:
    return head.startswith(b"-----BEGIN ")


def _is_sops(head: bytes) -> bool:
    return b"ENC[AES256_GCM," in head or b"sops_mac=" in head


def _by_json(head: bytes) -> Telltale | None:
    if not head.startswith((b"{", b"[")):
        return None
    what = next((what for key, what in _JSON_KEYS if key in head), None)
    return Telltale(what, _NOT_YET) if what else Telltale("a JSON text", _NO_ENVELOPE)


def _plain_text(text: bytes, size: int) -> Telltale | None:
    if len(text) >= 16 and _BASE64.fullmatch(text.rstrip()):
        if text.startswith((b"AQICAH", b"AQIDAH", b"AQEBAH", b"AQECAH")):
            return Telltale("the Base64 text of a KMS ciphertext blob", _NOT_YET)
        return Telltale("a Base64 text", "Decode it first (base64 -d), then look again.")
    try:
        text.decode()
    except UnicodeDecodeError as problem:
        # The beginning of a longer text may end inside a character.
        if size <= HEAD_BYTES or problem.start < len(text) - 3:
            return None
    if any(byte < 0x20 and byte not in b"\t\n\r\f\x1b" for byte in text):
        return None
    return Telltale("a plain text", "It is not encrypted.")
