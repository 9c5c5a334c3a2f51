"""One of a few words, chosen with the arrow keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from sealscope.app.display import MUTED, Part, line, lines

_MARK_CELLS: Final = 4
_GAP_CELLS: Final = 3


class Choice(Widget, can_focus=True):
    """`(•) refuse  ( ) overwrite`: left and right choose, without any colour to tell.

    Words that have no room beside each other flow into further lines.
    """

    DEFAULT_CSS = """
    Choice { height: auto; width: 1fr; }
    Choice:focus { background: $boost; text-style: bold; }
    Choice:nocolor:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,space,down,j", "step(1)", "Next", show=False),
        Binding("left,h,up,k", "step(-1)", "Previous", show=False),
    ]

    class Changed(Message):
        """Another word was chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> Choice:
            """The choice, for `@on` selectors."""
            return self.choice

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        *,
        value: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Make a choice.

        Args:
            options: pairs of a value and its label.
            value: chosen at first; None for the first one.
            id: of the widget.
        """
        super().__init__(id=id)
        self._options = tuple(options)
        self._index = 0 if value is None else [known for known, _ in options].index(value)

    @property
    def value(self) -> str:
        """The chosen value."""
        return self._options[self._index][0]

    def choose(self, value: str) -> None:
        """Choose by value."""
        index = [option for option, _ in self._options].index(value)
        if index != self._index:
            self._index = index
            self.refresh()
            self.post_message(self.Changed(self))

    def offer(self, options: Sequence[tuple[str, str]], value: str) -> None:
        """Offer other words, `value` chosen."""
        self._options = tuple(options)
        self._index = [option for option, _ in self._options].index(value)
        self.refresh(layout=True)
        self.post_message(self.Changed(self))

    def render(self) -> RenderResult:
        """All labels, the chosen one marked."""
        rows: list[list[Part]] = []
        for index, _, row in self._places(self.size.width):
            if row == len(rows):
                rows.append([])
            chosen = index == self._index
            label = f"({'•' if chosen else ' '}) {self._options[index][1]}"
            rows[row].append((label + " " * _GAP_CELLS, "" if chosen else MUTED))
        return lines(line(*parts) for parts in rows)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the words take at this width."""
        del container, viewport
        return 1 + max(row for _, _, row in self._places(width))

    def action_step(self, step: int) -> None:
        """Choose the next or the previous word, round and round."""
        self.choose(self._options[(self._index + step) % len(self._options)][0])

    def on_click(self, event: events.Click) -> None:
        """Choose the word that was clicked."""
        for index, start, row in self._places(self.size.width):
            end = start + self._cells(index) + _GAP_CELLS
            if row == event.y and start <= event.x < end:
                self.choose(self._options[index][0])

    def _places(self, width: int) -> Iterator[tuple[int, int, int]]:
        """For each word its index, first cell and line."""
        x = row = 0
        for index in range(len(self._options)):
            if x and x + self._cells(index) > width:
                x, row = 0, row + 1
            yield index, x, row
            x += self._cells(index) + _GAP_CELLS

    def _cells(self, index: int) -> int:
        return _MARK_CELLS + cell_len(self._options[index][1])
