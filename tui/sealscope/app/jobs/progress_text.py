"""How far a job is, in a few words that need no colour."""

from __future__ import annotations

from sealscope.jobs.runner import JobState, JobView
from sealscope.units import duration, rate


def percent(view: JobView) -> int:
    """How much of the source is done, 0 to 100; 100 only when the job is done."""
    if view.state is JobState.DONE:
        return 100
    if view.total <= 0:
        return 0
    return min(99, view.done * 100 // view.total)


def bar_text(view: JobView, width: int) -> str:
    """A bar of `width` cells; heavy for what is done, light for what is not."""
    filled = width * percent(view) // 100
    return "━" * filled + "─" * (width - filled)


def rate_text(view: JobView) -> str:
    """`118.0 MiB/s`, or nothing before the first bytes."""
    return rate(view.rate) if view.rate > 0 else ""


def time_text(view: JobView) -> str:
    """Time left while it runs, time taken when it is over."""
    if view.state.is_over:
        return duration(view.seconds) if view.seconds else ""
    return f"{duration(view.seconds_left)} left" if view.seconds_left is not None else ""
