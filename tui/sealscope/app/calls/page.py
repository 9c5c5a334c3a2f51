"""What was called: every call of KMS, newest first, while they happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from sealscope.app.calls.call_page import CallPage
from sealscope.app.calls.commands import CALL, LIST
from sealscope.app.calls.copying import CopiesCalls
from sealscope.app.calls.model import COLUMNS, CallList
from sealscope.app.calls.totals_text import totals_content
from sealscope.app.command import bindings
from sealscope.app.display import set_titles
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.typed import TypedLine
from sealscope.app.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from sealscope.kms.call_log import CallRecord

LOOK_SECONDS: Final = 0.25
"""How often the log is looked at while the page is open: a list may make 600 calls a second."""


class CallsPage(CopiesCalls):
    """The call log."""

    scopes = ("calls", "call")
    BINDINGS = bindings((*LIST, *CALL))
    AUTO_FOCUS = "#calls"
    crumb = "calls"
    is_passing = True
    DEFAULT_CSS = """
    CallsPage #calls-pane { padding: 0; }
    CallsPage #calls-filter { padding: 0 1; }
    CallsPage #calls-totals { padding: 0 1; height: auto; max-height: 6; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._seen = -1
        self._calls: CallList | None = None

    def place_body(self) -> ComposeResult:
        """Totals, filter, list."""
        with Vertical(id="calls-pane", classes="pane"):
            yield TypedLine(
                id="calls-filter", placeholder="words  op:decrypt  key:pay  result:denied  !not"
            )
            yield Line(id="calls-totals")
            yield VirtualTable(COLUMNS, id="calls")

    def on_mount(self) -> None:
        """Show what there is, and look again and again."""
        self.query_one(TypedLine).display = False
        self._calls = CallList(self.seal.calls, self.aliases_of)
        self._look()
        self.set_interval(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        if self.is_current and self.seal.calls.count != self._seen:
            self._arrange()

    def on_screen_resume(self) -> None:
        """In view again: show what was called meanwhile."""
        super().on_screen_resume()
        if self._calls is not None:
            self._look()

    def _arrange(self) -> None:
        calls = self._calls
        if calls is None:
            return
        table = self.query_one(VirtualTable)
        # At the top the cursor follows what happens; elsewhere it stays on its call.
        before = calls.record(table.cursor) if table.cursor else None
        log = self.seal.calls
        self._seen = log.count
        calls.arrange()
        table.set_rows(calls, None if before is None else calls.index(before))
        self.query_one("#calls-totals", Line).set(totals_content(log.totals()))
        shown = f"{len(calls):,} of {calls.kept:,}" if calls.filter_text else f"{calls.kept:,}"
        set_titles(self.query_one("#calls-pane"), f"Calls of KMS · last {shown}")
        self.refresh_commands()

    @on(VirtualTable.Chosen)
    def _chosen(self) -> None:
        self.action_open()

    @on(TypedLine.Changed, "#calls-filter")
    def _filter_changed(self, event: TypedLine.Changed) -> None:
        if self._calls is not None:
            self._calls.set_filter(event.value)
            self._arrange()

    @on(TypedLine.Submitted, "#calls-filter")
    def _filter_done(self) -> None:
        self.query_one(VirtualTable).focus()

    def current_call(self) -> CallRecord | None:
        """The call under the cursor."""
        return self._calls.record(self.query_one(VirtualTable).cursor) if self._calls else None

    def action_filter(self) -> None:
        """Show the filter and type into it."""
        field = self.query_one(TypedLine)
        field.display = True
        field.focus()

    def action_open(self) -> None:
        """Show the call in full."""
        record = self.current_call()
        if record is not None:
            self.app.push_screen(CallPage(record))

    def action_back(self) -> None:
        """Clear the filter, or leave when there is none."""
        field = self.query_one(TypedLine)
        if not field.display:
            self.dismiss(None)
            return
        field.value = ""
        field.display = False
        self.query_one(VirtualTable).focus()
