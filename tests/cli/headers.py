"""Messages that no writer would write: only their headers, with any text in any slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def header(
    *,
    context: Mapping[str, str] | None = None,
    recipients: Sequence[tuple[str, str]] = (("aws-kms", "arn:aws:kms:local:000000000000:key/1"),),
) -> bytes:
    """The header of a version 2 message of suite 0478, and nothing after it."""
    pairs = b"".join(
        _counted(name.encode()) + _counted(value.encode())
        for name, value in (context or {}).items()
    )
    section = len(context).to_bytes(2, "big") + pairs if context else b""
    keys = b"".join(
        _counted(provider.encode()) + _counted(key.encode()) + _counted(b"wrapped")
        for provider, key in recipients
    )
    return (
        b"\x02\x04\x78"
        + bytes(range(32))  # message id
        + _counted(section)
        + len(recipients).to_bytes(2, "big")
        + keys
        + b"\x02"  # framed
        + (4096).to_bytes(4, "big")
        + bytes(32)  # commitment
        + bytes(16)  # header tag
    )


def _counted(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data
