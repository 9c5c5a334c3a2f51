"""Headers as bytes: the inverse of the parser, for every suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sealscope.engine import encryption_context
from sealscope.engine.header import V1_TYPE, ContentType, EncryptedDataKey, Header
from sealscope.engine.suites import IV_BYTES, AlgorithmSuite


def build_header(
    *,
    suite: AlgorithmSuite,
    message_id: bytes,
    context: Mapping[str, str],
    encrypted_data_keys: Sequence[EncryptedDataKey],
    content_type: ContentType,
    frame_length: int,
    commit_key: bytes,
) -> Header:
    """A header with its bytes in `raw`.

    `context` holds the pairs to store; `commit_key` is empty for suites without commitment.

    Raises:
        UsageError: the context cannot be stored.
    """
    section = encryption_context.serialize(context)
    version = suite.message_version
    parts = [bytes([version]), bytes([V1_TYPE]) if version == 1 else b""]
    parts += (_uint(suite.id, 2), message_id, _uint(len(section), 2), section)
    parts.append(_uint(len(encrypted_data_keys), 2))
    for key in encrypted_data_keys:
        provider = key.provider_id.encode()
        for part in (provider, key.provider_info, key.ciphertext):
            parts += (_uint(len(part), 2), part)
    parts.append(_uint(content_type.value, 1))
    if version == 1:
        parts += (bytes(4), _uint(IV_BYTES, 1))
    parts += (_uint(frame_length, 4), commit_key)
    return Header(
        suite=suite,
        message_id=message_id,
        encryption_context=MappingProxyType(encryption_context.parse(section, 0)),
        encrypted_data_keys=tuple(encrypted_data_keys),
        content_type=content_type,
        frame_length=frame_length,
        commit_key=commit_key,
        context_section=section,
        raw=b"".join(parts),
    )


def _uint(number: int, size: int) -> bytes:
    return number.to_bytes(size, "big")
