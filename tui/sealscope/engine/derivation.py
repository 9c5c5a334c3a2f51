"""From the data key to the keys of one message: the content key and the commit key."""

from __future__ import annotations

import hmac
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from sealscope import errors
from sealscope.engine.header import Header, HeaderAuth
from sealscope.engine.suites import (
    COMMIT_KEY_BYTES,
    IV_BYTES,
    AlgorithmSuite,
    HashName,
    KeyDerivation,
)
from sealscope.secret import SecretBytes


class MessageKeys(NamedTuple):
    """The keys of one message.

    Attributes:
        content_key: what AES-GCM takes for header and body.
        commit_key: 32 bytes, public; empty for suites without commitment.
    """

    content_key: SecretBytes
    commit_key: bytes


def derive(suite: AlgorithmSuite, data_key: SecretBytes, message_id: bytes) -> MessageKeys:
    """Derive the keys of the message `message_id` from its data key."""
    if suite.derivation is KeyDerivation.IDENTITY:
        return MessageKeys(data_key, b"")
    hash_name = suite.kdf_hash
    if hash_name is None:  # the suite table has a hash wherever it has a derivation
        raise AssertionError(suite.hex_id)
    suite_id = suite.id.to_bytes(2, "big")
    if suite.derivation is KeyDerivation.HKDF:
        # RFC 5869: no salt means a hash length of zero bytes, for HMAC the same as none.
        key = hmac.digest(bytes(1), data_key.reveal(), hash_name)
        content = _expand(key, suite_id + message_id, suite.key_bytes, hash_name)
        return MessageKeys(SecretBytes(content), b"")
    key = hmac.digest(message_id, data_key.reveal(), hash_name)
    content = _expand(key, suite_id + b"DERIVEKEY", suite.key_bytes, hash_name)
    commit = _expand(key, b"COMMITKEY", COMMIT_KEY_BYTES, hash_name)
    return MessageKeys(SecretBytes(content), commit)


def _expand(key: bytes, info: bytes, length: int, hash_name: HashName) -> bytes:
    return HKDFExpand(hash_algorithm(hash_name), length, info).derive(key)


def hash_algorithm(name: HashName) -> hashes.HashAlgorithm:
    """The hash as the cryptography package names it."""
    if name == "sha256":
        return hashes.SHA256()
    return hashes.SHA384() if name == "sha384" else hashes.SHA512()


def check_commitment(header: Header, keys: MessageKeys) -> None:
    """Check that the header commits to the data key at hand.

    Raises:
        CommitmentFailed: it commits to another one.
    """
    if header.suite.committing and not hmac.compare_digest(header.commit_key, keys.commit_key):
        raise errors.CommitmentFailed(
            "The message does not belong to the data key that opened",
            "the commit key in the header differs from the one derived from the data key",
            "The message was tampered with. Get it again from its source.",
        )


def header_tag(keys: MessageKeys, header: Header, required_context: bytes) -> bytes:
    """The tag over a header that is to be written.

    `required_context` holds serialized pairs that are authenticated and not stored.
    """
    cipher = AESGCM(keys.content_key.reveal())
    return cipher.encrypt(bytes(IV_BYTES), b"", header.raw + required_context)


def check_header_tag(
    keys: MessageKeys, header: Header, auth: HeaderAuth, required_context: bytes
) -> None:
    """Verify the tag over a header as it was read.

    Raises:
        HeaderNotAuthentic: the tag is wrong.
    """
    try:
        # Old writers stored a random IV, so the one in the message counts.
        AESGCM(keys.content_key.reveal()).decrypt(auth.iv, auth.tag, header.raw + required_context)
    except InvalidTag:
        raise errors.HeaderNotAuthentic(
            "The header is not authentic",
            "its authentication tag does not fit its bytes",
            "The header was changed or damaged, or was made with context pairs that are not"
            " stored in it and must be given.",
        ) from None


def named_cause(
    data_key: SecretBytes, header: Header, auth: HeaderAuth, required_context: bytes
) -> errors.HeaderNotAuthentic | None:
    """Why the tag over a header is wrong, where the cause can be told for certain.

    Version 4.0.0 of the AWS Encryption SDK for .NET left the message id out of the derivation
    of version 1 suites, and authenticated an empty required context as a count of zero. Its
    messages stay refused, as nothing else reads or writes such headers.
    """
    suite = header.suite
    old_way = required_context or b"\x00\x00"
    keys = derive(suite, data_key, b"" if suite.message_version == 1 else header.message_id)
    try:
        check_header_tag(keys, header, auth, old_way)
    except errors.HeaderNotAuthentic:
        return None
    return errors.HeaderNotAuthentic(
        "The header is not authentic the way the message format has it",
        "it was written by the AWS Encryption SDK for .NET 4.0.0, a version that by mistake made"
        " the header's tag differently",
        "Decrypt it with version 4.0.1 or later of that SDK, which reads such messages, and"
        " encrypt it anew.",
    )
