"""An envelope as the JSON object of `inspect --json`."""

from __future__ import annotations

from typing import Any

from sealscope.formats.envelope import Envelope, Field


def to_json(envelope: Envelope, path: str) -> dict[str, Any]:
    """The object for one file; bytes are written in hexadecimal.

    `problem` and `sizes.trailing` are there only when something is wrong.

    Args:
        envelope: to be rendered.
        path: of the file, as the caller names it.
    """
    content, sizes = envelope.content, envelope.sizes
    line: dict[str, Any] = {
        "path": path,
        "format": envelope.format,
        "version": envelope.version,
        "suite": {"id": envelope.suite.id, "name": envelope.suite.name},
        "message_id": envelope.message_id.hex(),
        "encryption_context": dict(envelope.encryption_context),
        "recipients": [
            {
                "provider": recipient.provider,
                "key": recipient.key,
                "encrypted_data_key_bytes": recipient.encrypted_data_key_bytes,
            }
            for recipient in envelope.recipients
        ],
        "content": {
            "type": content.type,
            "frame_length": content.frame_length,
            "frames": content.frames,
            "length": content.length,
        },
        "sizes": {
            "header": sizes.header,
            "body": sizes.body,
            "footer": sizes.footer,
            "total": sizes.total,
        },
        "authenticated": envelope.authenticated,
        "fields": [_field(field) for field in envelope.fields],
    }
    if sizes.trailing:
        line["sizes"]["trailing"] = sizes.trailing
    if envelope.problem:
        line["problem"] = envelope.problem
    return line


def _field(field: Field) -> dict[str, Any]:
    name, value, meaning, offset, length, children = field
    line: dict[str, Any] = {
        "name": name,
        "value": value.hex() if isinstance(value, bytes) else value,
        "meaning": meaning,
        "offset": offset,
        "length": length,
    }
    if children:
        line["children"] = [_field(child) for child in children]
    return line
