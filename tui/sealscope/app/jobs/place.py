"""The Jobs place: the list of jobs."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult

from sealscope.app.command import bindings
from sealscope.app.display import set_titles
from sealscope.app.jobs.commands import JOB, LIST
from sealscope.app.jobs.form import JobForm
from sealscope.app.jobs.job_actions import JobPart
from sealscope.app.jobs.job_list import JobRow, job_rows
from sealscope.app.jobs.job_page import JobPage
from sealscope.app.place import Place
from sealscope.app.widgets.row_list import RowList
from sealscope.jobs.runner import JobView

_MARGIN_CELLS: Final = 2  # the cursor's mark and a scrollbar
_EMPTY: Final = "No jobs yet: E encrypts a file, D decrypts one."


class JobsPlace(JobPart, Place):
    """All jobs since the start, the newest first."""

    scopes: ClassVar[tuple[str, ...]] = ("job-list", "job")
    BINDINGS = bindings((*LIST, *JOB))

    def place_body(self) -> ComposeResult:
        """The list."""
        yield RowList(id="jobs", classes="pane", empty=_EMPTY)

    def on_mount(self) -> None:
        """The list takes the keys."""
        self.query_one(RowList).focus()
        set_titles(self.query_one(RowList), "Jobs", "⏎ shows the result")

    def show_jobs(self, views: tuple[JobView, ...]) -> None:
        """Show them, the newest first, with the cursor on the job where it was."""
        jobs = self.query_one(RowList)
        chosen = self.job()
        rows = job_rows(views[::-1], jobs.content_size.width - _MARGIN_CELLS)
        wanted = chosen.id if chosen else None
        numbers = [row.view.id if isinstance(row, JobRow) else None for row in rows]
        cursor = numbers.index(wanted) if wanted in numbers else 0
        jobs.set_rows(rows, cursor=cursor)
        set_titles(jobs, _title(views), "⏎ shows the result")

    def on_resize(self) -> None:
        """Lay out again, once the list has its new width."""
        self.call_after_refresh(self.look)

    def job(self) -> JobView | None:
        """The job under the cursor."""
        row = self.query_one(RowList).current
        return row.view if isinstance(row, JobRow) else None

    def show_encrypt_form(self, path: Path | None = None, key: str | None = None) -> None:
        """Fill in the encrypt form as far as known."""
        from sealscope.app.jobs.encrypt_form import EncryptForm

        self._fill_in(EncryptForm(path, key), self.navigator.came_from)

    def show_decrypt_form(
        self,
        path: Path | None = None,
        decode: bool = False,
    ) -> None:
        """Fill in the decrypt form as far as known."""
        from sealscope.app.jobs.decrypt_form import DecryptForm

        self._fill_in(DecryptForm(path, decode=decode), self.navigator.came_from)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Show the job."""
        event.stop()
        self.action_result()

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """What can be done with this job."""
        event.stop()
        self.refresh_commands()

    def action_result(self) -> None:
        """Show the job under the cursor."""
        job = self.job()
        if job is not None:
            self.app.push_screen(JobPage(job.id))

    def why_no_result(self) -> str | None:
        """Reason why there is nothing to show."""
        return None if self.job() is not None else "There is no job"

    def action_encrypt(self) -> None:
        """An empty form."""
        from sealscope.app.jobs.encrypt_form import EncryptForm

        self._fill_in(EncryptForm(None, None), "jobs")

    def action_decrypt(self) -> None:
        """An empty form."""
        from sealscope.app.jobs.decrypt_form import DecryptForm

        self._fill_in(DecryptForm(None), "jobs")

    def _fill_in(self, form: JobForm, opened_from: str) -> None:
        # A form or a result that is open gives way: one thing at a time.
        while self.app.screen is not self and len(self.app.screen_stack) > 1:
            self.app.pop_screen()

        def closed(number: int | None) -> None:
            self.look()
            if number is not None:
                self.query_one(RowList).move_to(0)
            else:
                self.seal.go_to(opened_from)

        self.app.push_screen(form, closed)


def _title(views: tuple[JobView, ...]) -> str:
    if not views:
        return "Jobs"
    number = "1 job" if len(views) == 1 else f"{len(views)} jobs"
    left = sum(not view.state.is_over for view in views)
    return f"{number}, {left} not finished" if left else f"{number}, all finished"
