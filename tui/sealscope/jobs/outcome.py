"""What a finished job has to tell; the app, the command line and reports all render this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealscope.jobs.request import Kind


@dataclass(frozen=True)
class Outcome:
    """A job that succeeded.

    Attributes:
        source: path, or "-" for standard input.
        destination: path, or "-" for standard output; empty when nothing was written.
        recipients: all wrapping keys in the message, ARNs of KMS keys.
        opened_by: the wrapping key that opened it; None after encrypting.
        key_material_id: which generation of that key, where KMS says so.
        signature_verified: None when the suite does not sign or nothing was decrypted.
        plaintext_bytes, message_bytes: sizes on both sides.
        frames: the final one included; 0 for a message without frames.
    """

    kind: Kind
    source: str
    destination: str
    suite: str
    recipients: tuple[str, ...]
    encryption_context: Mapping[str, str]
    opened_by: str | None
    key_material_id: str | None
    signature_verified: bool | None
    plaintext_bytes: int
    message_bytes: int
    seconds: float
    frames: int = 0

    def as_json(self) -> dict[str, Any]:
        """The line of `--json` for this item."""
        line: dict[str, Any] = {
            "path": self.source,
            **({} if self.kind is Kind.VERIFY else {"output": self.destination}),
            "operation": self.kind.value,
            "suite": self.suite,
            "recipients": list(self.recipients),
            "encryption_context": dict(self.encryption_context),
            "plaintext_bytes": self.plaintext_bytes,
            "message_bytes": self.message_bytes,
            "seconds": round(self.seconds, 3),
        }
        if self.kind is not Kind.ENCRYPT:
            line["opened_by"] = self.opened_by
            line["key_material_id"] = self.key_material_id
            line["signature_verified"] = self.signature_verified
        if self.kind is Kind.VERIFY:
            line["frames"] = self.frames
        return line
