"""The changes that a key allows, to choose from; the others say why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from sealscope.app.display import MUTED, Part, line, set_titles
from sealscope.app.widgets.cells import cut, fit
from sealscope.app.widgets.row_list import RowList

_LABEL_CELLS = 18


@dataclass(frozen=True)
class Choosable:
    """One change: the letter that chooses it, and why it cannot be made now."""

    command_id: str
    letter: str
    label: str
    tooltip: str
    reason: str | None


@dataclass(frozen=True)
class _Row:
    item: Choosable
    selectable: bool = True

    def draw(self, width: int) -> Content:
        """Letter, label, and what it does or why not."""
        item = self.item
        room = max(0, width - _LABEL_CELLS - 4)
        label = fit(item.label, _LABEL_CELLS)
        if item.reason is None:
            return line((f"{item.letter} ", "bold"), label, " ", (cut(item.tooltip, room), MUTED))
        why = cut(f"not now: {item.reason}", room)
        return line((f"{item.letter} {label} {why}", f"dim {MUTED}"))


class ActionMenu(ModalScreen[str | None]):
    """A few rows; the result is the id of the command that was chosen."""

    DEFAULT_CSS = """
    ActionMenu { align: center middle; }
    ActionMenu > Vertical {
        width: 90; max-width: 96%; height: auto; max-height: 90%;
        border: round $border; padding: 0 1; background: $surface;
    }
    ActionMenu RowList { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", show=False),
    ]

    def __init__(self, key: Part, items: Sequence[Choosable]) -> None:
        super().__init__()
        self._key = key
        self._items = tuple(items)

    def compose(self) -> ComposeResult:
        """The rows."""
        with Vertical() as box:
            yield RowList()
        set_titles(box, line("Act on ", self._key), "a letter or ⏎ chooses, Esc closes")

    def on_mount(self) -> None:
        """The rows take the arrow keys, and the first that can be done the cursor."""
        rows = self.query_one(RowList)
        first = next((n for n, item in enumerate(self._items) if item.reason is None), 0)
        rows.set_rows([_Row(item) for item in self._items], cursor=first)
        rows.focus()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Take the row under the cursor."""
        event.stop()
        if isinstance(event.row, _Row):
            self.dismiss(event.row.item.command_id)

    async def on_event(self, event: events.Event) -> None:
        """Take a letter before the list takes it for moving."""
        if isinstance(event, events.Key):
            for item in self._items:
                if event.character == item.letter:
                    event.stop()
                    self.dismiss(item.command_id)
                    return
        await super().on_event(event)
