"""What is said on the terminal, after the app was left, about the jobs that leaving waited for."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sealscope.jobs.runner import JobState, JobView
from sealscope.text import Shown, show


def unfinished(views: Iterable[JobView]) -> frozenset[int]:
    """The numbers of the jobs whose end nobody has seen yet."""
    return frozenset(view.id for view in views if not view.state.is_over)


def farewell(views: Iterable[JobView], awaited: Collection[int]) -> tuple[Shown, ...]:
    """One line for each awaited job that came to nothing, fit for a terminal."""
    return tuple(
        _line(view) for view in views if view.id in awaited and view.state is not JobState.DONE
    )


def _line(view: JobView) -> Shown:
    title = view.error.title if view.error is not None else view.state.value
    return Shown(f"{show(title)}: {show(str(view.source))} -> {show(str(view.destination))}")
