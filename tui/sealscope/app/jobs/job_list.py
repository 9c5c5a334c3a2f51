"""The rows of the list of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.content import Content

from sealscope.app.display import BAD, GOOD, MUTED, STRONG, Part, line
from sealscope.app.jobs.progress_text import bar_text, percent, rate_text, time_text
from sealscope.app.widgets.cells import fit
from sealscope.jobs.runner import JobState, JobView

_STYLES: Final = {
    JobState.DONE: GOOD,
    JobState.FAILED: BAD,
    JobState.RUNNING: STRONG,
}
_FIGURES: Final = 4 + 1 + 12 + 1 + 11


@dataclass(frozen=True)
class JobRow:
    """A job: state, kind, files, percent, bar, rate, time."""

    view: JobView
    selectable: bool = True

    def draw(self, width: int) -> Content:
        """One line; the bar takes what the names leave on a wide screen."""
        view = self.view
        bar = 20 if width >= 110 else 8
        names = max(12, width - 9 - 1 - 7 - 1 - _FIGURES - bar - 3)
        parts: list[Part] = [
            (fit(view.state.value, 9), _STYLES.get(view.state, MUTED)),
            " ",
            fit(view.kind.value, 7),
            " ",
            fit(f"{view.source.name} → {view.destination.name}", names),
            " ",
            f"{percent(view):>3}%",
            " ",
            (bar_text(view, bar), _STYLES.get(view.state, MUTED)),
            " ",
            fit(rate_text(view), 12, right=True),
            " ",
            fit(time_text(view), 11, right=True),
        ]
        return line(*parts)
