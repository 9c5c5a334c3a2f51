"""A change that did not happen, with its reason and what to do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from sealscope.app.display import error_content, set_titles
from sealscope.app.widgets.line import Line
from sealscope.errors import SealscopeError


class Refused(ModalScreen[None]):
    """An error in full; any of Escape, Enter and q closes."""

    DEFAULT_CSS = """
    Refused { align: center middle; }
    Refused > VerticalScroll {
        width: 76; max-width: 94%; height: auto; max-height: 90%;
        border: round $error; padding: 0 1; background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss(None)", "Close", show=False),
    ]

    def __init__(self, what: str, error: SealscopeError) -> None:
        super().__init__()
        self._what = what
        self._error = error

    def compose(self) -> ComposeResult:
        """The error."""
        with VerticalScroll() as box:
            yield Line(error_content(self._error))
        set_titles(box, f"{self._what}: not done", "Esc closes")
