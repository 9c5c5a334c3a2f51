"""What can be copied of a key, to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from sealscope.app.display import MUTED, line, set_titles
from sealscope.app.widgets.cells import cut, fit
from sealscope.app.widgets.row_list import RowList

_LABEL_CELLS = 14


@dataclass(frozen=True)
class Copyable:
    """One thing to copy: what it is, and the text itself."""

    what: str
    text: str


@dataclass(frozen=True)
class _Row:
    number: int
    item: Copyable
    selectable: bool = True

    def draw(self, width: int) -> Content:
        """Number, what it is, how it begins."""
        room = max(0, width - _LABEL_CELLS - 4)
        one_line = " ".join(self.item.text.split())
        return line(
            (f"{self.number} ", MUTED),
            fit(self.item.what, _LABEL_CELLS),
            " ",
            (cut(one_line, room), MUTED),
        )


class CopyMenu(ModalScreen[Copyable | None]):
    """A few rows; the result is the one that was chosen."""

    DEFAULT_CSS = """
    CopyMenu { align: center middle; }
    CopyMenu > Vertical {
        width: 100; max-width: 96%; height: auto; max-height: 80%;
        border: round $border; padding: 0 1; background: $surface;
    }
    CopyMenu RowList { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,c", "dismiss(None)", "Close", show=False),
        *(Binding(str(n), f"take({n - 1})", "Copy", show=False) for n in range(1, 10)),
    ]

    def __init__(self, items: Sequence[Copyable]) -> None:
        super().__init__()
        self._items = tuple(items)

    def compose(self) -> ComposeResult:
        """The rows."""
        with Vertical() as box:
            yield RowList()
        set_titles(box, "Copy", "⏎ or its number copies, Esc closes")

    def on_mount(self) -> None:
        """The rows take the keys."""
        rows = self.query_one(RowList)
        rows.set_rows([_Row(number, item) for number, item in enumerate(self._items, 1)])
        rows.focus()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Take the row under the cursor."""
        event.stop()
        if isinstance(event.row, _Row):
            self.dismiss(event.row.item)

    def action_take(self, index: int) -> None:
        """Take a row by its number."""
        if index < len(self._items):
            self.dismiss(self._items[index])
