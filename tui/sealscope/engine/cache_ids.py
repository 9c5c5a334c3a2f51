"""The identifiers of cache entries: what two messages must have in common to share a data key.

These are the identifiers of the AWS Encryption SDKs for Python, Java, C and JavaScript, SHA-512
over hashes. A newer layout joins the fields themselves with zero bytes. It is not taken because
it can be read in two ways: encrypted data keys are not counted there, so that a header can be
made whose last encrypted data key spells what is the encryption context of another message, and
the two would share an entry. Here every field has a fixed length, and each kind of identifier a
length of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from sealscope.engine import encryption_context
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.suites import AlgorithmSuite

_END_OF_KEYS: Final = bytes(64)


def encryption_id(
    partition: str, suite: AlgorithmSuite | None, context: Mapping[str, str]
) -> bytes:
    """The entry for new messages, 64 bytes.

    Args:
        partition: managers that share entries have the same.
        suite: None stands for a default that the identifier does not name; managers with
            different defaults must not share it.
        context: as the caller gave it, without the verification key.

    Raises:
        UsageError: the context cannot be stored.
    """
    kind = b"\x00" if suite is None else b"\x01" + _suite(suite)
    return _hash(_hash(partition.encode()) + kind + _context(context))


def decryption_id(
    partition: str,
    suite: AlgorithmSuite,
    encrypted_data_keys: Sequence[EncryptedDataKey],
    context: Mapping[str, str],
) -> bytes:
    """The entry for messages that have the same encrypted data keys, in any order; 64 bytes.

    Args:
        partition: managers that share entries have the same.
        suite: of the message.
        encrypted_data_keys: of the message.
        context: the full encryption context.

    Raises:
        UsageError: the context cannot be stored.
    """
    keys = sorted(_hash(_serialized(key)) for key in encrypted_data_keys)
    parts = (_hash(partition.encode()), _suite(suite), *keys, _END_OF_KEYS, _context(context))
    return _hash(b"".join(parts))


def _hash(data: bytes) -> bytes:
    return hashlib.sha512(data).digest()


def _suite(suite: AlgorithmSuite) -> bytes:
    return suite.id.to_bytes(2, "big")


def _context(context: Mapping[str, str]) -> bytes:
    return _hash(encryption_context.serialize(context))


def _serialized(key: EncryptedDataKey) -> bytes:
    fields = (key.provider_id.encode(), key.provider_info, key.ciphertext)
    return b"".join(len(field).to_bytes(2, "big") + field for field in fields)
