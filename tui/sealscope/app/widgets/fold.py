"""The head of a part of a form that is folded away until somebody wants it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from sealscope.app.display import content, line
from sealscope.app.widgets.cells import fit

_LABEL_CELLS = 14


class FoldHead(Widget, can_focus=True):
    """`▸ Advanced  what is in it`: Enter, Space or a click opens and closes what is below."""

    DEFAULT_CSS = """
    FoldHead { height: 1; width: 1fr; }
    FoldHead:focus { background: $boost; text-style: bold; }
    FoldHead:nocolor:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "turn", "Open", show=False),
        Binding("right,l", "fold(True)", "Open", show=False),
        Binding("left,h", "fold(False)", "Close", show=False),
    ]

    class Toggled(Message):
        """The part below is to be opened or closed."""

        def __init__(self, *, is_open: bool) -> None:
            super().__init__()
            self.is_open = is_open

    def __init__(self, label: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label = label
        self._note = content("")
        self.is_open = False

    def show(self, note: Content, *, is_open: bool) -> None:
        """Draw as open or closed, with a word on what is below."""
        self._note, self.is_open = note, is_open
        self.refresh()

    def render(self) -> RenderResult:
        """Arrow, label, note."""
        label = fit(f"{'▾' if self.is_open else '▸'} {self._label}", _LABEL_CELLS)
        return line(label, self._note).truncate(max(1, self.size.width), ellipsis=True)

    def action_turn(self) -> None:
        """The other way."""
        self.post_message(self.Toggled(is_open=not self.is_open))

    def action_fold(self, is_open: bool) -> None:
        """One way."""
        if is_open is not self.is_open:
            self.action_turn()

    def on_click(self) -> None:
        """The other way."""
        self.action_turn()
