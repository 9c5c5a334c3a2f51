"""The fields of a message, byte by byte, with what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sealscope.engine.arn import parse_key_arn
from sealscope.engine.frames import END_MARKER, REGULAR_OVERHEAD
from sealscope.engine.header import (
    V1_TYPE,
    ContentType,
    EncryptedDataKey,
    Header,
    HeaderAuth,
)
from sealscope.engine.key_names import raw_aes_name
from sealscope.engine.suites import IV_BYTES, TAG_BYTES, SignatureAlgorithm
from sealscope.formats.aws_encryption_sdk_layout import Layout
from sealscope.formats.envelope import Field, Recipient
from sealscope.formats.fields import FieldCursor, group
from sealscope.formats.file_bytes import FileBytes

SHOWN_PARTS: Final = 256
"""Context pairs and encrypted data keys that get fields of their own; the others share one."""


def header_fields(header: Header, auth: HeaderAuth, recipients: Sequence[Recipient]) -> Field:
    """The header with its authentication.

    Args:
        header: to be described.
        auth: what follows it.
        recipients: what its encrypted data keys name, in the same order.
    """
    at = FieldCursor()
    suite = header.suite
    parts = [at.leaf("version", 1, header.version, f"message format version {header.version}")]
    if header.version == 1:
        parts.append(at.leaf("type", 1, V1_TYPE, "customer authenticated encrypted data"))
    parts.append(at.leaf("algorithm suite id", 2, suite.id, suite.name))
    parts.append(
        at.leaf("message id", suite.message_id_bytes, header.message_id, "random, one per message")
    )
    parts.append(_context_fields(at, header))
    parts.append(_encrypted_data_key_fields(at, header, recipients))
    framed = header.content_type is ContentType.FRAMED
    kind = "framed" if framed else "non-framed: one block"
    parts.append(at.leaf("content type", 1, header.content_type.value, kind))
    if header.version == 1:
        parts.append(at.leaf("reserved", 4, 0, "always zero"))
        parts.append(at.leaf("IV length", 1, IV_BYTES, "bytes"))
    meaning = "bytes of plaintext in a regular frame" if framed else "no frames"
    parts.append(at.leaf("frame length", 4, header.frame_length, meaning))
    if suite.committing:
        meaning = "binds the message to one data key"
        parts.append(at.leaf("commit key", len(header.commit_key), header.commit_key, meaning))
    parts.append(_auth_fields(at, header, auth))
    return group("header", parts, "readable by all, not yet authenticated", offset=0)


def _auth_fields(at: FieldCursor, header: Header, auth: HeaderAuth) -> Field:
    start = at.offset
    parts = []
    if header.version == 1:
        parts.append(at.leaf("IV", IV_BYTES, auth.iv))
    parts.append(at.leaf("tag", TAG_BYTES, auth.tag, "AES-GCM tag over all of the header"))
    return group("header authentication", parts, offset=start)


def _context_fields(at: FieldCursor, header: Header) -> Field:
    start = at.offset
    size = len(header.context_section)
    context = header.encryption_context
    parts = [at.leaf("length", 2, size, "bytes of the encryption context")]
    if size:
        parts.append(at.leaf("pair count", 2, len(context)))
    for number, (key, value) in enumerate(context.items(), 1):
        if number > SHOWN_PARTS:
            rest = start + 2 + size - at.offset
            parts.append(at.leaf(f"pairs {number} to {len(context)}", rest, None))
            break
        pair = at.offset
        texts = [*_text(at, "key", key), *_text(at, "value", value)]
        parts.append(group(f"pair {number}", texts, f"{key} = {value}", offset=pair))
    words = "1 pair" if len(context) == 1 else f"{len(context)} pairs"
    return group("encryption context", parts, words, offset=start)


def _text(at: FieldCursor, name: str, text: str) -> Iterator[Field]:
    size = len(text.encode())
    yield at.leaf(f"{name} length", 2, size)
    yield at.leaf(name, size, text)


def _encrypted_data_key_fields(
    at: FieldCursor, header: Header, recipients: Sequence[Recipient]
) -> Field:
    start = at.offset
    keys = header.encrypted_data_keys
    parts = [at.leaf("count", 2, len(keys))]
    for number, (key, who) in enumerate(zip(keys, recipients, strict=True), 1):
        if number > SHOWN_PARTS:
            rest = sum(_stored_bytes(other) for other in keys[SHOWN_PARTS:])
            parts.append(at.leaf(f"encrypted data keys {number} to {len(keys)}", rest, None))
            break
        parts.append(_one_key(at, number, key, who))
    return group("encrypted data keys", parts, "the data key, once per recipient", offset=start)


def _stored_bytes(key: EncryptedDataKey) -> int:
    return 6 + len(key.provider_id.encode()) + len(key.provider_info) + len(key.ciphertext)


def _one_key(at: FieldCursor, number: int, key: EncryptedDataKey, who: Recipient) -> Field:
    start = at.offset
    parts = [
        *_text(at, "provider id", key.provider_id),
        at.leaf("provider information length", 2, len(key.provider_info)),
        _provider_info(at, key, who),
        at.leaf("ciphertext length", 2, len(key.ciphertext)),
        at.leaf("ciphertext", len(key.ciphertext), key.ciphertext, "the wrapped data key"),
    ]
    return group(f"encrypted data key {number}", parts, f"{who.provider}: {who.key}", offset=start)


def _provider_info(at: FieldCursor, key: EncryptedDataKey, who: Recipient) -> Field:
    info = key.provider_info
    name = raw_aes_name(key)
    if name is None:
        meaning = "KMS key ARN" if who.is_kms else "names the wrapping key"
        return at.leaf("provider information", len(info), _text_or_bytes(info), meaning)
    start = at.offset
    parts = [
        at.leaf("key name", len(name), _text_or_bytes(name)),
        at.leaf("tag length", 4, TAG_BYTES * 8, "bits"),
        at.leaf("IV length", 4, IV_BYTES, "bytes"),
        at.leaf("IV", IV_BYTES, info[-IV_BYTES:], "of the wrapped data key"),
    ]
    return group("provider information", parts, "raw AES wrapping key", offset=start)


def _text_or_bytes(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def recipient(key: EncryptedDataKey) -> Recipient:
    """The wrapping key that an encrypted data key names."""
    name = raw_aes_name(key)
    shown = _text_or_bytes(key.provider_info if name is None else name)
    text = shown if isinstance(shown, str) else shown.hex()
    is_kms = key.provider_id == "aws-kms" and parse_key_arn(text) is not None
    return Recipient(key.provider_id, text, len(key.ciphertext), is_kms)


def body_fields(data: FileBytes, header: Header, layout: Layout, start: int) -> Field:
    """The body; the regular frames in one field, as there may be millions."""
    at = FieldCursor(start)
    if header.content_type is ContentType.NON_FRAMED:
        parts = _block_fields(data, at, layout)
        return group("body", _with_rest(at, parts, start + layout.body), "one block", offset=start)
    parts = []
    if layout.regular_frames:
        size = layout.regular_frames * (header.frame_length + REGULAR_OVERHEAD)
        meaning = f"each {header.frame_length} bytes of content and {REGULAR_OVERHEAD} around it"
        parts.append(at.leaf("regular frames", size, layout.regular_frames, meaning))
    if layout.last_offset is not None:
        parts.append(_final_frame_fields(data, at, layout))
    return group("body", _with_rest(at, parts, start + layout.body), "framed", offset=start)


def _with_rest(at: FieldCursor, parts: list[Field], end: int) -> list[Field]:
    rest = end - at.offset
    return [*parts, at.leaf("incomplete", rest, None, "not a whole frame")] if rest else parts


def _final_frame_fields(data: FileBytes, at: FieldCursor, layout: Layout) -> Field:
    start = at.offset
    number = layout.regular_frames + 1
    parts = [
        at.leaf("end marker", 4, END_MARKER, "the final frame"),
        at.leaf("sequence number", 4, number),
        at.leaf("IV", IV_BYTES, data.read_at(at.offset, IV_BYTES)),
        at.leaf("content length", 4, layout.last_content, "bytes"),
        at.leaf("content", layout.last_content, None, "encrypted"),
        at.leaf("tag", TAG_BYTES, data.read_at(at.offset, TAG_BYTES)),
    ]
    return group("final frame", parts, f"frame {number}", offset=start)


def _block_fields(data: FileBytes, at: FieldCursor, layout: Layout) -> list[Field]:
    if layout.last_offset is None:
        return []
    return [
        at.leaf("IV", IV_BYTES, data.read_at(at.offset, IV_BYTES)),
        at.leaf("content length", 8, layout.last_content, "bytes"),
        at.leaf("content", layout.last_content, None, "encrypted"),
        at.leaf("tag", TAG_BYTES, data.read_at(at.offset, TAG_BYTES)),
    ]


def footer_fields(
    data: FileBytes, layout: Layout, start: int, algorithm: SignatureAlgorithm
) -> Field:
    """The signature."""
    at = FieldCursor(start)
    if layout.footer < 2:
        return group("footer", _with_rest(at, [], start + layout.footer), offset=start)
    size = layout.footer - 2
    length = int.from_bytes(data.read_at(start, 2) or b"", "big")
    parts = [
        at.leaf("signature length", 2, length, "bytes"),
        at.leaf("signature", size, data.read_at(at.offset, size), "DER"),
    ]
    return group("footer", parts, f"ECDSA {algorithm.curve}", offset=start)
