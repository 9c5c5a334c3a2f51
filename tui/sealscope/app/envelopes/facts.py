"""An envelope's header in words, for the inspector's first rows."""

from __future__ import annotations

from dataclasses import dataclass

from sealscope.formats.envelope import Certainty, Envelope
from sealscope.units import exact_size

UNAUTHENTICATED = "UNAUTHENTICATED until decrypt"
AUTHENTICATED = "authenticated"


@dataclass(frozen=True)
class Fact:
    """One row.

    Attributes:
        label: ours.
        value: may hold outside text.
        copied: what the copy key copies; the value itself when empty.
    """

    label: str
    value: str
    copied: str = ""


def facts(envelope: Envelope) -> tuple[Fact, ...]:
    """The header's rows, in the order they are read."""
    suite, content = envelope.suite, envelope.content
    sure = "" if envelope.certainty is Certainty.CERTAIN else " (likely)"
    message_id = envelope.message_id.hex()
    rows = [
        Fact("Format", f"{envelope.format}, version {envelope.version}{sure}"),
        Fact("Suite", f"0x{suite.id} {suite.name}", suite.id),
        Fact("Message id", _id_text(message_id), message_id),
        Fact("Content", _content_text(envelope)),
        Fact("Plaintext", _length_text(content.length)),
        Fact("Size", _sum_text(envelope), str(envelope.sizes.total)),
        Fact("Signature", "ECDSA in the footer (not checked)" if suite.signed else "none"),
        Fact("Commitment", "present, 32 B" if suite.committing else "none"),
    ]
    if envelope.problem:
        rows.append(Fact("Problem", envelope.problem))
    return tuple(rows)


def _id_text(message_id: str) -> str:
    if not message_id:
        return "none"
    shown = message_id if len(message_id) <= 20 else f"{message_id[:8]}…{message_id[-8:]}"
    return f"{shown} ({len(message_id) // 2} B)"


def _content_text(envelope: Envelope) -> str:
    content = envelope.content
    if not content.frame_length:
        return content.type
    frames = "unknown number" if content.frames is None else f"{content.frames:,}"
    return f"{content.type}, {content.frame_length:,} B frames, {frames} of them"


def _length_text(length: int | None) -> str:
    return "length unknown" if length is None else exact_size(length)


def _sum_text(envelope: Envelope) -> str:
    sizes = envelope.sizes
    parts = [f"header {sizes.header:,}", f"body {sizes.body:,}"]
    if sizes.footer:
        parts.append(f"footer {sizes.footer:,}")
    if sizes.trailing:
        parts.append(f"left over {sizes.trailing:,}")
    return f"{sizes.total:,} B = {' + '.join(parts)}"
