"""The headless command of a form, to be read and copied."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from sealscope.app.display import content, set_titles, toast
from sealscope.app.widgets.line import Line
from sealscope.text import Shown


class CommandScreen(ModalScreen[None]):
    """A command line; `y` copies it, Escape closes."""

    DEFAULT_CSS = """
    CommandScreen { align: center middle; }
    CommandScreen > VerticalScroll {
        width: 90%; height: auto; max-height: 80%; border: round $border; padding: 0 1;
        background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,c,f2", "dismiss(None)", "Close", show=False),
        Binding("y", "copy", "Copy", show=False),
    ]

    def __init__(self, command: Shown) -> None:
        super().__init__()
        self._command = command

    def compose(self) -> ComposeResult:
        """The command, wrapped."""
        with VerticalScroll() as box:
            yield Line(content(self._command))
        set_titles(box, "The same from a shell", "y copies, Esc closes")

    def action_copy(self) -> None:
        """Copy the command through the terminal."""
        self.app.copy_to_clipboard(self._command)
        toast(self.app, "Sent to the terminal's clipboard")
