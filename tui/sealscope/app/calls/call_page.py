"""One call in full, and the same as a command of the AWS CLI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from sealscope.app.calls.commands import CALL, ONE
from sealscope.app.calls.copying import CopiesCalls
from sealscope.app.calls.model import bare_key, result_cell
from sealscope.app.command import bindings
from sealscope.app.display import BAD, GOOD, MUTED, STRONG, WARN, Part, set_titles
from sealscope.app.widgets.facts import Fact, Facts
from sealscope.kms.call_log import CallRecord
from sealscope.kms.call_parameters import Kept, Structure, Withheld
from sealscope.text import show
from sealscope.units import date_time, exact_size

_STYLES = {"good": f"bold {GOOD}", "warn": f"bold {WARN}", "bad": f"bold {BAD}"}
_LABEL_CELLS = 20


class _CallDetail(VerticalScroll):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("g", "scroll_home", "Top", show=False),
        Binding("G", "scroll_end", "Bottom", show=False),
    ]


class CallPage(CopiesCalls):
    """All that is known of one call."""

    scopes = ("calls.one", "call")
    BINDINGS = bindings((*ONE, *CALL))
    AUTO_FOCUS = "#call-detail"
    is_passing = True
    DEFAULT_CSS = """
    CallPage #call-detail { width: 1fr; scrollbar-size-vertical: 1; }
    """

    def __init__(self, record: CallRecord) -> None:
        super().__init__()
        self._record = record

    def place_body(self) -> ComposeResult:
        """Facts over the whole screen."""
        with _CallDetail(id="call-detail", classes="pane"):
            yield Facts(label_cells=_LABEL_CELLS)

    def on_mount(self) -> None:
        """A call that is over changes no more."""
        set_titles(self.query_one("#call-detail"), show(self._record.operation), "Esc goes back")
        self.query_one(Facts).set(self._facts())
        self.set_crumb(f"calls > {self._record.operation}")

    def _facts(self) -> Iterator[Fact]:
        record = self._record
        word, tone = result_cell(record)
        yield Fact("Operation", (show(record.operation), STRONG))
        yield Fact("Result", (word, _STYLES[tone]))
        yield Fact("Time", date_time(record.at))
        yield Fact("Took", f"{record.milliseconds:,.1f} ms, retries included")
        yield Fact("Key", show(bare_key(record.key)) if record.key else ("none named", MUTED))
        aliases = self.aliases_of(record.key) if record.key else ""
        if aliases:
            yield Fact("Aliases", show(aliases))
        yield Fact("Region", show(record.region))
        if record.profile:
            yield Fact("Profile", show(record.profile))
        yield Fact("Request id", show(record.request_id) if record.request_id else ("none", MUTED))
        yield Fact("", "")
        yield Fact("", ("Parameters", STRONG))
        for name, value in record.parameters:
            yield Fact(show(name), _parameter(value))
        if not record.parameters:
            yield Fact("", ("none", MUTED))
        yield Fact("", "")
        yield Fact("", ("The same with the AWS CLI", STRONG))
        yield Fact("", self.command_of(record))
        yield from self._notes()

    def _notes(self) -> Iterator[Fact]:
        if any(isinstance(value, Withheld) for _, value in self._record.parameters):
            yield Fact("", ("Put the values that were not kept into the files it names.", MUTED))
        if self._record.is_local:
            note = "For the local KMS: `sealscope local serve`, and the variables that it prints."
            yield Fact("", (note, MUTED))

    def current_call(self) -> CallRecord:
        """The call of this page."""
        return self._record

    def action_back(self) -> None:
        """To the list."""
        self.dismiss(None)


def _parameter(value: Kept) -> Part:
    if isinstance(value, Structure):
        return show(value.text)
    if not isinstance(value, Withheld):
        return show(str(value))
    if value.size is None:
        return ("not kept", MUTED)
    size = exact_size(value.size) if value.is_bytes else f"{value.size:,} characters"
    return (f"not kept ({size})", MUTED)
