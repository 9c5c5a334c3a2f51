"""The preflight's findings: a mark and a word for each, so that no colour is needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual.content import Content

from sealscope.app.display import BAD, GOOD, MUTED, STRONG, WARN, Part, line, lines
from sealscope.app.widgets.cells import fit
from sealscope.jobs.preflight import Check, CheckState

_MARKS: Final = {
    CheckState.OK: ("✓ ok     ", GOOD),
    CheckState.WARNING: ("! look   ", WARN),
    CheckState.FAILED: ("✗ failed ", BAD),
}


def preflight_content(checks: Iterable[Check]) -> Content:
    """One row for each check; below a failed one where it failed and what to do."""
    rows: list[Content] = []
    for check in checks:
        rows.append(
            line(_MARKS[check.state], (fit(check.name, 12), MUTED), (check.text, _style(check)))
        )
        error = check.error
        if error is None:
            continue
        rows += [_below(part) for part in (error.detail, error.hint) if part]
    return lines(rows)


def any_failed(checks: Iterable[Check]) -> bool:
    """Whether the job is known to fail."""
    return any(check.state is CheckState.FAILED for check in checks)


def _style(check: Check) -> str:
    return STRONG if check.state is CheckState.FAILED else ""


def _below(text: str) -> Content:
    parts: list[Part] = [" " * 21, (text, MUTED)]
    return line(*parts)
