"""What a job has to tell, as rows from which one can go to its keys and files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from textual.content import Content

from sealscope import units
from sealscope.app.display import BAD, GOOD, MUTED, STRONG, content, line
from sealscope.app.jobs.hints import form_hint
from sealscope.app.jobs.progress_text import bar_text, percent, rate_text, time_text
from sealscope.app.widgets.cells import fit
from sealscope.app.widgets.wrapping import MoreRow, pieces
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import Kind
from sealscope.jobs.runner import JobState, JobView
from sealscope.text import Shown, show

_LABEL_CELLS: Final = 14
_STATES: Final = {JobState.DONE: GOOD, JobState.FAILED: BAD}


@dataclass(frozen=True)
class ResultRow:
    """A label and a value.

    Attributes:
        key: the key to go to on Enter.
        envelope: the envelope to go to on Enter.
        piece: what of the value stands in this row; all of it when None.
    """

    label: str
    value: str
    style: str = ""
    key: str = ""
    envelope: Path | None = None
    piece: Content | None = None
    selectable: bool = True

    @property
    def copied(self) -> Shown:
        """What the copy key copies."""
        return show(self.value)

    @property
    def goes(self) -> str:
        """Where Enter goes, in words."""
        return "  ⏎ key" if self.key else "  ⏎ inspect" if self.envelope else ""

    def draw(self, width: int) -> Content:
        """Label, value, and where Enter goes."""
        del width
        value = self.piece or content(self.value, self.style)
        return line((fit(self.label, _LABEL_CELLS), MUTED), value, (self.goes, MUTED))


def result_rows(view: JobView, width: int) -> tuple[ResultRow | MoreRow, ...]:
    """All that is known of a job now, wrapped to `width` cells."""
    rows: list[ResultRow | MoreRow] = []
    for row in _rows(view):
        room = width - _LABEL_CELLS - 1 - len(row.goes)
        first, *more = pieces(row.value, room, row.style)
        rows.append(replace(row, piece=first))
        rows += [MoreRow(piece, _LABEL_CELLS) for piece in more]
    return tuple(rows)


def _rows(view: JobView) -> Iterator[ResultRow]:
    decrypts = view.kind is Kind.DECRYPT
    done = view.state is JobState.DONE
    yield ResultRow("State", view.state.value, _STATES.get(view.state, STRONG))
    if not view.state.is_over:
        yield ResultRow("Progress", f"{percent(view)}% {bar_text(view, 30)}")
        yield ResultRow("Rate", " ".join(filter(None, (rate_text(view), time_text(view)))))
    source = view.source if decrypts else None
    yield ResultRow("Source", str(view.source), envelope=source)
    written = view.destination if done and not decrypts else None
    yield ResultRow("Destination", str(view.destination), envelope=written)
    if view.error is not None:
        yield from _error_rows(view)
    if view.outcome is not None:
        yield from _outcome_rows(view.outcome, decrypts=decrypts)


def _error_rows(view: JobView) -> Iterator[ResultRow]:
    error = view.error
    if error is None:
        return
    yield ResultRow("What happened", error.title, BAD if view.state is JobState.FAILED else "")
    # The detail of several keys has one reason for each, on lines of their own.
    for number, detail in enumerate(error.detail.split("\n") if error.detail else ()):
        yield ResultRow("" if number else "Where", detail)
    hint = form_hint(error)
    if hint:
        yield ResultRow("What to do", hint)
    if error.request_id:
        yield ResultRow("Request id", error.request_id)


def _outcome_rows(outcome: Outcome, *, decrypts: bool) -> Iterator[ResultRow]:
    if outcome.opened_by:
        yield ResultRow("Opened by", outcome.opened_by, GOOD, key=outcome.opened_by)
    if outcome.key_material_id:
        yield ResultRow("Key material", outcome.key_material_id)
    for number, arn in enumerate(outcome.recipients):
        yield ResultRow("" if number else "Wrapped under", arn, key=arn)
    yield ResultRow("Suite", outcome.suite)
    if decrypts:
        words = {True: "verified", False: "not verified", None: "none in this suite"}
        yield ResultRow("Signature", words[outcome.signature_verified])
    context = outcome.encryption_context.items()
    for number, (name, value) in enumerate(context):
        yield ResultRow("" if number else "Context", f"{name}={value}")
    if not context:
        yield ResultRow("Context", "empty", MUTED)
    yield ResultRow("Plaintext", units.exact_size(outcome.plaintext_bytes))
    yield ResultRow("Message", units.exact_size(outcome.message_bytes))
    yield ResultRow("Duration", units.duration(outcome.seconds))
