"""The jobs strip: how many jobs there are, and how far the newest running one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from sealscope.app.display import BAD, GOOD, MUTED, Part, line
from sealscope.text import shorten, show
from sealscope.units import duration, rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealscope.jobs.runner import JobView

REFRESH_SECONDS: Final = 0.1
BAR_CELLS: Final = 20


class JobsStrip(Widget):
    """One line, always in view; looks at the runner ten times a second while a job runs."""

    DEFAULT_CSS = """
    JobsStrip { height: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._views: Sequence[JobView] = ()
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """Start to look; the timer rests whenever nothing runs."""
        self._timer = self.set_interval(REFRESH_SECONDS, self.look, pause=True)
        self.look()

    def look(self) -> None:
        """Read the jobs and draw; called on every change of a job and by the timer."""
        from sealscope.app.page import Page

        screen = self.screen
        services = screen.services if isinstance(screen, Page) else None
        self._views = services.runner.views() if services else ()
        if self._timer is not None:
            if any(not view.state.is_over for view in self._views):
                self._timer.resume()
            else:
                self._timer.pause()
        self.refresh()

    def render(self) -> Content:
        """Counts in words, then the newest running job."""
        return strip_content(self._views, self.size.width)


def strip_content(views: Sequence[JobView], width: int) -> Content:
    """What the strip shows of these jobs."""
    if not views:
        return line((" Jobs: none", MUTED))
    parts: list[Part] = [(" Jobs:", MUTED)]
    for state, style in (
        ("running", ""),
        ("waiting", ""),
        ("done", GOOD),
        ("failed", BAD),
        ("cancelled", MUTED),
    ):
        number = sum(view.state.value == state for view in views)
        if number:
            parts.append((f" {number} {state}", style))
    running = [view for view in views if view.state.value == "running"]
    if running:
        newest = running[-1]
        room = width - line(*parts).cell_length - 4
        parts += ["  ", _progress(newest, room)]
    return line(*parts)


def _progress(view: JobView, room: int) -> Content:
    part = view.done / view.total if view.total else 0.0
    filled = round(part * BAR_CELLS)
    figures = f"{part:4.0%} {rate(view.rate)}"
    if view.seconds_left is not None:
        figures += f" {duration(view.seconds_left)} left"
    name_room = room - len(figures) - 2
    with_bar = name_room - BAR_CELLS - 2 >= 12
    if with_bar:
        name_room -= BAR_CELLS + 2
    name = shorten(show(view.source.name), max(0, min(name_room, 40)))
    parts: list[Part] = [name, " "]
    if with_bar:
        parts += [("━" * filled, GOOD), ("─" * (BAR_CELLS - filled), MUTED), " "]
    return line(*parts, figures)
