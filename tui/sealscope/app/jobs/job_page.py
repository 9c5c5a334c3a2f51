"""One job: how far it is, or how it ended."""

from __future__ import annotations

from textual.app import ComposeResult

from sealscope.app.command import bindings
from sealscope.app.display import set_titles, toast
from sealscope.app.jobs.commands import JOB, RESULT
from sealscope.app.jobs.job_actions import JobPart
from sealscope.app.jobs.result import ResultRow, result_rows
from sealscope.app.widgets.row_list import RowList
from sealscope.jobs.runner import JobView


class JobPage(JobPart):
    """The result of a job, or its progress; Enter on a key or a file goes there."""

    scopes = ("job", "job-page")
    BINDINGS = bindings((*JOB, *RESULT))

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def place_body(self) -> ComposeResult:
        """The rows."""
        rows = RowList(id="result", classes="pane")
        set_titles(rows, f"Job {self._number}", "Esc goes back")
        yield rows

    def on_mount(self) -> None:
        """The rows take the keys."""
        self.query_one(RowList).focus()

    def job(self) -> JobView | None:
        """This job."""
        if self.services is None:
            return None
        views = self.services.runner.views()
        return next((view for view in views if view.id == self._number), None)

    def show_jobs(self, views: tuple[JobView, ...]) -> None:
        """Show this one of them."""
        for view in views:
            if view.id == self._number:
                rows = self.query_one(RowList)
                rows.set_rows(result_rows(view, rows.scrollable_content_region.width))
                if self.crumb != view.source.name:
                    self.set_crumb(view.source.name)

    def on_resize(self) -> None:
        """Wrap again, once the rows have their new width."""
        self.call_after_refresh(self.look)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Go to the key or the envelope."""
        event.stop()
        row = event.row
        if not isinstance(row, ResultRow):
            return
        if row.key:
            self.navigator.open_key(row.key)
        elif row.envelope is not None:
            self.navigator.open_envelope(row.envelope)

    def action_back(self) -> None:
        """Back to the list."""
        self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the value under the cursor, through the terminal."""
        row = self.query_one(RowList).current
        if isinstance(row, ResultRow):
            self.app.copy_to_clipboard(row.copied)
            toast(self.app, "Sent to the terminal's clipboard")
