"""What the list of jobs and a job's own page have in common: looking at the runner."""

from __future__ import annotations

from typing import Final

from textual.timer import Timer

from sealscope.app.page import Page
from sealscope.app.services import Services
from sealscope.jobs.runner import JobView

LOOK_SECONDS: Final = 0.1
"""How often the runner is looked at while a job runs."""


class JobPart(Page[None]):
    """A page that shows jobs as they go on."""

    _timer: Timer | None = None

    def on_mount(self) -> None:
        """The timer runs only while a job does and the page is shown."""
        self._timer = self.set_interval(LOOK_SECONDS, self.look, pause=True)
        self.look()

    def connected(self, services: Services) -> None:
        """There may be jobs."""
        del services
        self.look()

    def on_screen_resume(self) -> None:
        """Shown again: things may have changed."""
        self.look()

    def on_screen_suspend(self) -> None:
        """Nobody looks."""
        if self._timer is not None:
            self._timer.pause()

    def look(self) -> None:
        """Read the runner, show what it says, and go on only while something runs."""
        views = self.services.runner.views() if self.services else ()
        self.show_jobs(views)
        self.refresh_commands()
        if self._timer is not None:
            if self.is_current and any(not view.state.is_over for view in views):
                self._timer.resume()
            else:
                self._timer.pause()

    def show_jobs(self, views: tuple[JobView, ...]) -> None:
        """Show these jobs, oldest first."""

    def job(self) -> JobView | None:
        """The job in hand."""
        return None

    def action_cancel(self) -> None:
        """Stop the job in hand."""
        job = self.job()
        if job is not None and self.services is not None:
            self.services.runner.cancel(job.id)
            self.look()

    def why_no_cancel(self) -> str | None:
        """Reason why there is nothing to cancel."""
        job = self.job()
        if job is None:
            return "There is no job"
        return f"The job is {job.state.value} already" if job.state.is_over else None
