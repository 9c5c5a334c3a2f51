"""The preflight's findings: a mark and a word for each, so that no colour is needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual.content import Content

from sealscope.app.display import BAD, GOOD, MUTED, STRONG, WARN, content, line, lines
from sealscope.app.jobs.hints import form_hint
from sealscope.app.widgets.cells import fit
from sealscope.app.widgets.line import Line
from sealscope.jobs.preflight import Check, CheckState

_MARKS: Final = {
    CheckState.OK: ("✓ ok     ", GOOD),
    CheckState.WARNING: ("! look   ", WARN),
    CheckState.FAILED: ("✗ failed ", BAD),
}
_NAME_CELLS: Final = 12
_HANG: Final = 9 + _NAME_CELLS


class PreflightRows(Line):
    """One row for each check; below a failed one where it failed and what to do."""

    _checks: tuple[Check, ...] = ()
    _note: str = ""

    def show_checks(self, checks: tuple[Check, ...], note: str = "") -> None:
        """Show these findings, and above them what follows from them."""
        self._checks, self._note = checks, note
        findings = preflight_content(checks, self.size.width)
        self.set(lines((content(note, f"bold {WARN}"), findings)) if note else findings)

    def say(self, text: str) -> None:
        """Show a text in place of findings."""
        self._checks = ()
        self.set(content(text, MUTED))

    def on_resize(self) -> None:
        """Wrap again."""
        if self._checks:
            self.show_checks(self._checks, self._note)


def preflight_content(checks: Iterable[Check], width: int) -> Content:
    """The findings, wrapped so that the texts stand in a column of their own."""
    rows: list[Content] = []
    room = max(16, width - _HANG)
    for check in checks:
        error = check.error
        texts = [content(check.text, _style(check))]
        if error is not None:
            below = (error.detail, form_hint(error))
            texts += [content(part, MUTED) for part in below if part]
        wrapped = [piece for text in texts for piece in text.wrap(room)]
        mark = line(_MARKS[check.state], (fit(check.name, _NAME_CELLS), MUTED))
        rows.append(line(mark, wrapped[0]))
        rows += [line(" " * _HANG, piece) for piece in wrapped[1:]]
    return lines(rows)


def any_failed(checks: Iterable[Check]) -> bool:
    """Whether the job is known to fail."""
    return any(check.state is CheckState.FAILED for check in checks)


def _style(check: Check) -> str:
    return STRONG if check.state is CheckState.FAILED else ""
