"""Raw wrapping keys: read from their files through the file gate, and looked at for slips."""

from __future__ import annotations

import binascii
import re
import stat
from typing import Final

from sealscope.engine.materials import Keyring
from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.engine.raw_rsa_keyring import RawRsaKeyring, RsaPadding
from sealscope.errors import FileError, UsageError
from sealscope.files import open_source
from sealscope.jobs.request import RawAesKey, RawKey
from sealscope.secret import SecretBytes

AES_KEY_BYTES: Final = (16, 24, 32)
MAX_PEM_BYTES: Final = 64 * 1024
"""More than any RSA key takes."""

_LONGEST_TEXT: Final = 1024
_HEX: Final = re.compile(rb"(?:0x)?((?:[0-9A-Fa-f]{2})+)")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_PRINTABLE: Final = re.compile(rb"[!-~]+")
_OTHERS_MAY_READ: Final = stat.S_IRGRP | stat.S_IROTH


def raw_keyring(key: RawKey) -> Keyring:
    """The keyring of a raw key.

    Raises:
        UsageError: its file cannot be read, holds no such key, or its names cannot be used.
    """
    content, _ = _read(key)
    if isinstance(key, RawAesKey):
        return RawAesKeyring(key.namespace, key.name, content)
    try:
        return RawRsaKeyring.from_pem(key.namespace, key.name, RsaPadding(key.padding), content)
    except UsageError as problem:
        detail = f"{key.file}: {problem.detail}"
        raise UsageError(problem.title, detail, problem.hint) from problem


def concerns_about(key: RawKey) -> tuple[str, ...]:
    """What is odd about a key file that can be used all the same, a sentence each.

    Raises:
        UsageError: its file cannot be read, or an AES key's has a wrong length.
    """
    content, mode = _read(key)
    found = []
    if mode & _OTHERS_MAY_READ and _is_secret(key, content):
        found.append(f"others may read the key in {key.file}")
    if isinstance(key, RawAesKey) and _PRINTABLE.fullmatch(content.reveal()):
        found.append(f"the key in {key.file} is text, and so easier to guess than its length says")
    return tuple(found)


def _is_secret(key: RawKey, content: SecretBytes) -> bool:
    return isinstance(key, RawAesKey) or b"PRIVATE KEY-----" in content.reveal()


def _read(key: RawKey) -> tuple[SecretBytes, int]:
    """What is in a key file, and its permission bits."""
    try:
        with open_source(key.file) as source:
            size = source.size
            if isinstance(key, RawAesKey):
                content = SecretBytes(source.stream.read(_LONGEST_TEXT))
                if size not in AES_KEY_BYTES or len(content) != size:
                    raise _no_aes_key(key, size, content)
            elif size > MAX_PEM_BYTES:
                raise UsageError(
                    "The RSA key could not be read",
                    f"{key.file} has {size} bytes, more than any RSA key takes",
                    "Check the name of the file.",
                )
            else:
                content = SecretBytes(source.stream.read(MAX_PEM_BYTES))
            return content, source.mode
    except FileError as problem:
        raise UsageError(
            f"The file of the raw key {key.namespace}/{key.name} cannot be used",
            f"{problem.title}: {problem.detail}",
            "A key is in a regular file that you may read.",
        ) from problem


def _no_aes_key(key: RawAesKey, size: int, content: SecretBytes) -> UsageError:
    return UsageError(
        "A raw AES key has 16, 24 or 32 bytes",
        f"{key.file} has {size} bytes",
        _hint(content.reveal()),
    )


def _hint(content: bytes) -> str:
    """What the file probably is, by its form; never a word of what is in it."""
    text = content.strip()
    encoded = _HEX.fullmatch(text)
    if encoded and len(encoded[1]) // 2 in AES_KEY_BYTES:
        return (
            "It looks like a key in hexadecimal digits. Put its bytes in a file of their own: "
            "xxd -r -p FILE KEYFILE"
        )
    if _decoded_length(text) in AES_KEY_BYTES:
        return (
            "It looks like a key in Base64. Put its bytes in a file of their own: "
            "base64 -d FILE > KEYFILE"
        )
    if content.startswith(b"-----BEGIN "):
        return "It looks like a PEM file, which --raw-rsa takes."
    if len(content.rstrip(b"\r\n")) in AES_KEY_BYTES:
        return "It may end with a line break that is no part of the key: write it without one."
    return "A key file holds the key's bytes and nothing else: head -c 32 /dev/urandom > KEYFILE"


def _decoded_length(text: bytes) -> int:
    if not _BASE64.fullmatch(text):
        return 0
    try:
        return len(binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True))
    except binascii.Error:
        return 0
