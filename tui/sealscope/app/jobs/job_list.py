"""The rows of the list of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual.content import Content

from sealscope.app.display import BAD, GOOD, MUTED, STRONG, Part, line
from sealscope.app.jobs.progress_text import bar_text, percent, rate_text, time_text
from sealscope.app.widgets.cells import cut, fit
from sealscope.app.widgets.wrapping import MoreRow
from sealscope.jobs.runner import JobState, JobView

_STYLES: Final = {
    JobState.DONE: GOOD,
    JobState.FAILED: BAD,
    JobState.RUNNING: STRONG,
}
_FIGURES: Final = 9 + 1 + 7 + 1 + 4 + 1 + 12 + 1 + 11
_NAMES_AT_LEAST: Final = 34
"""Cells that two names need beside the figures; with less they get a row of their own."""
_INDENT: Final = 3


@dataclass(frozen=True)
class JobRow:
    """A job: state, kind, files where they fit, percent, bar, rate, time."""

    view: JobView
    selectable: bool = True

    def draw(self, width: int) -> Content:
        """One line."""
        view = self.view
        style = _STYLES.get(view.state, MUTED)
        parts: list[Part] = [
            (fit(view.state.value, 9), style),
            " ",
            fit(view.kind.value, 7),
            " ",
        ]
        names = name_cells(width)
        if names:
            parts += [_names(view, names), " "]
        bar = max(4, width - _FIGURES - 2 - (names + 1 if names else 0))
        parts += [
            f"{percent(view):>3}%",
            " ",
            (bar_text(view, min(bar, 20)), style),
            " ",
            fit(rate_text(view), 12, right=True),
            " ",
            fit(time_text(view), 11, right=True),
        ]
        return line(*parts)


def name_cells(width: int) -> int:
    """Cells for the names beside the figures; 0 when they need a row of their own."""
    room = width - _FIGURES - 1 - 10
    return room if room >= _NAMES_AT_LEAST else 0


def job_rows(views: Sequence[JobView], width: int) -> list[JobRow | MoreRow]:
    """The rows of these jobs, in their order, for a list of `width` cells."""
    rows: list[JobRow | MoreRow] = []
    for view in views:
        rows.append(JobRow(view))
        if not name_cells(width):
            rows.append(MoreRow(_names(view, max(12, width - _INDENT)), _INDENT))
    return rows


def _names(view: JobView, cells: int) -> Content:
    """Both names; when room is short the source's stays readable longest."""
    room = cells - 3
    source = cut(view.source.name, max(room - len(view.destination.name), room * 3 // 5))
    left = room - line(source).cell_length
    return line(source, (" → ", MUTED), fit(view.destination.name, left))
