"""What became of each item of a run: told in words or as JSON Lines, and counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sealscope import units
from sealscope.cli import output
from sealscope.cli.errors_view import item_error, tell_error
from sealscope.cli.exit_status import DONE, FAILED
from sealscope.errors import SealscopeError
from sealscope.jobs.request import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from sealscope.jobs.outcome import Outcome


class Report:
    """Tells what became of each item, in words or as JSON Lines, and counts."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._counts: Counter[str] = Counter()

    def done(self, outcome: Outcome) -> None:
        """An item succeeded."""
        self._counts["done"] += 1
        if self._as_json:
            output.json_line(outcome.as_json())
        elif outcome.kind is Kind.VERIFY:
            output.line("{}: authentic  ({})", outcome.source, _proof(outcome))
        else:
            output.line("{} -> {}  ({})", outcome.source, outcome.destination, _summary(outcome))

    def failed(self, path: Path, error: SealscopeError) -> None:
        """An item failed."""
        self._counts["failed"] += 1
        if self._as_json:
            output.json_line({"path": str(path), "error": item_error(error)})
        else:
            tell_error(error, str(path))

    def skipped(self, path: Path, reason: str) -> None:
        """An item was passed over, as it should be."""
        self._counts["skipped"] += 1
        if self._as_json:
            output.json_line({"path": str(path), "skipped": reason})
        else:
            output.note("sealscope: {}: skipped: {}", str(path), reason)

    def close(self) -> int:
        """Sum up; the exit status."""
        if self._counts.total() > 1 and not self._as_json:
            words = [f"{count} {what}" for what, count in self._counts.items()]
            output.note("sealscope: {}", ", ".join(words))
        return FAILED if self._counts["failed"] else DONE


def _summary(outcome: Outcome) -> str:
    parts = [units.size(outcome.plaintext_bytes), f"suite {outcome.suite}"]
    if outcome.kind is Kind.ENCRYPT:
        count = len(outcome.recipients)
        parts.append("1 recipient" if count == 1 else f"{count} recipients")
    else:
        parts.append(f"opened by {outcome.opened_by}")
        if outcome.signature_verified is not None:
            parts.append("signature verified" if outcome.signature_verified else "not signed")
    return ", ".join(parts)


def _proof(outcome: Outcome) -> str:
    frames = "1 frame" if outcome.frames == 1 else f"{outcome.frames} frames"
    parts = ["header", frames if outcome.frames else "body"]
    if outcome.signature_verified:
        parts.append("signature")
    parts.append("nothing after the end")
    if not outcome.signature_verified:
        parts.append("not signed")
    parts += [f"suite {outcome.suite}", units.size(outcome.plaintext_bytes)]
    parts.append(f"opened by {outcome.opened_by}")
    return ", ".join(parts)
