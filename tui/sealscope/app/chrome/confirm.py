"""A question before something that is hard to take back; the focus is on No."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen

from sealscope.app.display import STRONG, content
from sealscope.app.widgets.button import PlainButton
from sealscope.app.widgets.line import Line


class Confirm(ModalScreen[bool]):
    """Yes or No; Escape is No."""

    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm > Vertical {
        width: 60; max-width: 90%; height: auto; border: round $warning; padding: 1 2;
        background: $surface;
    }
    Confirm Horizontal { height: auto; margin-top: 1; }
    Confirm Button { margin-right: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "No", show=False),
        Binding("y", "answer(True)", "Yes", show=False),
        Binding("left,right", "app.focus_next", "Other", show=False),
    ]

    def __init__(self, title: str, question: str) -> None:
        super().__init__()
        self._title = title
        self._question = question

    def compose(self) -> ComposeResult:
        """The question and two answers."""
        with Vertical():
            yield Line(content(self._title, STRONG))
            yield Line(content(self._question))
            with Horizontal():
                yield PlainButton("No", id="no")
                yield PlainButton("Yes", id="yes")

    def on_mount(self) -> None:
        """No is what Enter says."""
        self.query_one("#no").focus()

    def on_button_pressed(self, event: PlainButton.Pressed) -> None:
        """Answer."""
        event.stop()
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Answer by key."""
        self.dismiss(yes)
