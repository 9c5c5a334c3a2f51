"""The local KMS's ciphertext format, version 1.

    offset  bytes
         0      4   "LKM" and the version, 1
         4      1   1 for a multi-Region key, else 0
         5     16   the key's UUID
        21     32   the id of the key material that encrypted it
        53     16   salt
        69     12   IV
        81      n   ciphertext, as long as the plaintext
      81+n     16   authentication tag

The key of one message is HMAC-SHA-256(material, label ‖ salt), which lifts the limit that
random IVs put on one key. AES-256-GCM; additional data: the 81 bytes above, then the encryption
context as a count and length-prefixed names and values, sorted by name.

The material id is what makes rotation real: an old blob names, and finds, its old material.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealscope.secret import SecretBytes

MAGIC: Final = b"LKM\x01"
HEADER_BYTES: Final = 81
OVERHEAD_BYTES: Final = HEADER_BYTES + 16

_LABEL: Final = b"sealscope local KMS message key 1"
_MULTI_REGION_PREFIX: Final = "mrk-"


class NotABlob(Exception):  # noqa: N818 - a finding about bytes; the service words the refusal
    """The bytes are no ciphertext of the local KMS."""


@dataclass(frozen=True)
class Blob:
    """A parsed ciphertext; nothing in it has been authenticated.

    Attributes:
        key_id: a UUID, or `mrk-` and 32 hexadecimal digits.
        material_id: 64 hexadecimal digits.
    """

    key_id: str
    material_id: str
    salt: bytes
    iv: bytes
    header: bytes
    body: bytes


def seal(
    key_id: str,
    material_id: str,
    material: SecretBytes,
    plaintext: bytes,
    *,
    context: Mapping[str, str],
    entropy: Callable[[int], bytes],
) -> bytes:
    """Encrypt under one generation of a key."""
    salt, iv = entropy(16), entropy(12)
    multi_region = key_id.startswith(_MULTI_REGION_PREFIX)
    header = b"".join(
        (
            MAGIC,
            bytes([multi_region]),
            uuid.UUID(key_id.removeprefix(_MULTI_REGION_PREFIX)).bytes,
            bytes.fromhex(material_id),
            salt,
            iv,
        )
    )
    aead = AESGCM(_message_key(material, salt))
    return header + aead.encrypt(iv, plaintext, header + serialize_context(context))


def parse(data: bytes) -> Blob:
    """Read a ciphertext's header.

    Raises:
        NotABlob: too short, another format, or another version.
    """
    if len(data) <= OVERHEAD_BYTES or not data.startswith(MAGIC) or data[4] > 1:
        raise NotABlob
    identifier = uuid.UUID(bytes=data[5:21])
    return Blob(
        key_id=_MULTI_REGION_PREFIX + identifier.hex if data[4] else str(identifier),
        material_id=data[21:53].hex(),
        salt=data[53:69],
        iv=data[69:81],
        header=data[:HEADER_BYTES],
        body=data[HEADER_BYTES:],
    )


def unseal(blob: Blob, material: SecretBytes, context: Mapping[str, str]) -> SecretBytes:
    """Authenticate and decrypt.

    Raises:
        InvalidTag: damaged, another encryption context, or other material.
    """
    aead = AESGCM(_message_key(material, blob.salt))
    aad = blob.header + serialize_context(context)
    return SecretBytes(aead.decrypt(blob.iv, blob.body, aad))


def serialize_context(context: Mapping[str, str]) -> bytes:
    """One spelling for one context: different contexts never give the same bytes."""
    pairs = sorted((name.encode(), value.encode()) for name, value in context.items())
    out = bytearray(len(pairs).to_bytes(4, "big"))
    for pair in pairs:
        for part in pair:
            out += len(part).to_bytes(4, "big") + part
    return bytes(out)


def _message_key(material: SecretBytes, salt: bytes) -> bytes:
    return hmac.digest(material.reveal(), _LABEL + salt, "sha256")
