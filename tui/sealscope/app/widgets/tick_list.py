"""A list of which several rows can be ticked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from sealscope.app.display import MUTED, Part, line
from sealscope.app.widgets.row_list import RowList


@dataclass(frozen=True)
class TickRow:
    """A row with a box.

    Attributes:
        value: what the tick stands for; empty for rows that cannot be ticked.
        parts: the row's text.
    """

    value: str
    parts: tuple[Part, ...]
    ticked: bool = False

    @property
    def selectable(self) -> bool:
        """The cursor may rest on every row, so that all can be read."""
        return True

    def draw(self, width: int) -> Content:
        """`[x] text`."""
        del width
        box = ("    ", MUTED) if not self.value else f"[{'x' if self.ticked else ' '}] "
        return line(box, *self.parts)


class TickList(RowList):
    """Space ticks and unticks the row under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,x", "tick", "Tick", show=False),
    ]

    class Ticked(Message):
        """The ticks changed."""

        def __init__(self, source: TickList) -> None:
            super().__init__()
            self.source = source

        @property
        def control(self) -> TickList:
            """The list, for `@on` selectors."""
            return self.source

    @property
    def ticked(self) -> tuple[str, ...]:
        """The values of the ticked rows, in their order."""
        return tuple(row.value for row in self._tick_rows() if row.ticked)

    def set_ticks(self, rows: Sequence[TickRow]) -> None:
        """Show other rows, ticked as they say."""
        self.set_rows(tuple(rows))
        self.post_message(self.Ticked(self))

    def action_tick(self) -> None:
        """Tick or untick the row under the cursor."""
        chosen = self.cursor
        rows = [
            replace(row, ticked=not row.ticked) if index == chosen and row.value else row
            for index, row in enumerate(self._tick_rows())
        ]
        self.set_ticks(rows)

    def _tick_rows(self) -> Iterable[TickRow]:
        return [row for row in self.rows if isinstance(row, TickRow)]
