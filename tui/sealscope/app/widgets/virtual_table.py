"""A table that draws only the rows in view, on Textual's line API.

Textual's own `DataTable` measures every cell once, which freezes the app for seconds at 10,000
rows. Here a row costs something only while it is looked at, whatever their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar, Final, Protocol

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sealscope.app.widgets.columns import GAP, Column, Placed, place_columns
from sealscope.text import Shown

TONES: Final = ("muted", "good", "warn", "bad")
"""Component styles a cell may ask for; colour is only ever a second signal."""

Cell = tuple[Shown, str]
"""A cell's text and its tone; an empty tone for the table's own colour."""

_HEADER_LINES: Final = 1


class Rows(Protocol):
    """What a table shows."""

    def __len__(self) -> int:
        """How many rows there are."""
        ...

    def cells(self, index: int) -> Sequence[Cell]:
        """The cells of a row, one for each column."""
        ...


class _NoRows:
    def __len__(self) -> int:
        return 0

    def cells(self, index: int) -> Sequence[Cell]:
        raise IndexError(index)


NO_ROWS: Final[Rows] = _NoRows()


class VirtualTable(ScrollView, can_focus=True):
    """Rows of cells with a cursor; the header stays in view.

    Setting rows again keeps the cursor at its index; `move_to` puts it elsewhere.
    """

    DEFAULT_CSS = """
    VirtualTable {
        height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1;
    }
    VirtualTable > .table--header { text-style: bold; color: $quiet; }
    VirtualTable > .table--cursor {
        background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
    }
    VirtualTable:focus > .table--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
    }
    VirtualTable:nocolor:focus > .table--cursor { text-style: reverse; }
    VirtualTable > .tone--muted { color: $quiet; }
    VirtualTable > .tone--good { color: $text-success; }
    VirtualTable > .tone--warn { color: $text-warning; }
    VirtualTable > .tone--bad { color: $text-error; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--cursor",
        *(f"tone--{tone}" for tone in TONES),
    }
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("home,g", "go_first", "First", show=False),
        Binding("end,G", "go_last", "Last", show=False),
        Binding("pagedown,ctrl+f", "move_screen(1)", "Page down", show=False),
        Binding("pageup,ctrl+b", "move_screen(-1)", "Page up", show=False),
        Binding("enter", "choose", "Open", show=False),
    ]

    class _About(Message):
        def __init__(self, table: VirtualTable, index: int) -> None:
            super().__init__()
            self.table = table
            self.index = index

        @property
        def control(self) -> VirtualTable:
            """The table, for `@on` selectors."""
            return self.table

    class Moved(_About):
        """The cursor rests on another row."""

    class Chosen(_About):
        """Enter, or a click on the row under the cursor."""

    class Scrolled(_About):
        """Other rows came into view; `index` is the first of them."""

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._rows: Rows | None = None
        self._count = 0
        self._cursor = 0

    @property
    def cursor(self) -> int:
        """The index of the row under the cursor; 0 also when there is none."""
        return self._cursor

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return self._count

    @property
    def view(self) -> range:
        """The indexes of the rows in view."""
        first = round(self.scroll_offset.y)
        return range(first, min(self._count, first + self._rows_in_view))

    def set_rows(self, rows: Rows, cursor: int | None = None) -> None:
        """Show other rows, or the same ones changed.

        Args:
            rows: read again on every draw; their number is taken now.
            cursor: where the cursor goes; where it was, when None.
        """
        self._rows = rows
        self._count = len(rows)
        self.virtual_size = Size(0, self._count + _HEADER_LINES)
        self._cursor = max(0, min(self._cursor if cursor is None else cursor, self._count - 1))
        self._keep_cursor_in_view()
        self.refresh()

    def move_to(self, index: int) -> None:
        """Rest the cursor on a row."""
        index = max(0, min(index, self._count - 1))
        if index == self._cursor:
            return
        self._cursor = index
        self._keep_cursor_in_view()
        self.refresh()
        self.post_message(self.Moved(self, index))

    def render_line(self, y: int) -> Strip:
        """The header, or one row."""
        width = self.scrollable_content_region.width
        placed = place_columns(self._columns, width - 1)
        base = self.visual_style.rich_style
        if y < _HEADER_LINES and self._count:
            style = self._style("table--header")
            labels = [Segment(_fit(item.column.label, item.width), style) for item in placed]
            return _joined(Segment(" ", style), labels, style, width)
        index = round(self.scroll_offset.y) + y - _HEADER_LINES
        if self._rows is None or not 0 <= index < self._count:
            return Strip.blank(width, base)
        return self._row(index, placed, width, base)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell that other rows are in view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled(self, round(new_value)))

    def on_resize(self) -> None:
        """Tell that other rows may be in view, and keep the cursor's among them."""
        self._keep_cursor_in_view()
        self.post_message(self.Scrolled(self, round(self.scroll_offset.y)))

    def action_move(self, step: int) -> None:
        """Up or down."""
        self.move_to(self._cursor + step)

    def action_move_screen(self, direction: int) -> None:
        """A screen up or down."""
        self.move_to(self._cursor + direction * max(1, self._rows_in_view - 1))

    def action_go_first(self) -> None:
        """To the first row."""
        self.move_to(0)

    def action_go_last(self) -> None:
        """To the last row."""
        self.move_to(self._count - 1)

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self._count:
            self.post_message(self.Chosen(self, self._cursor))

    def on_click(self, event: events.Click) -> None:
        """Rest on a row; open it when it was clicked again."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < _HEADER_LINES:
            return
        index = round(self.scroll_offset.y) + offset.y - _HEADER_LINES
        if index >= self._count:
            return
        if index == self._cursor and event.chain > 1:
            self.action_choose()
        self.move_to(index)

    def _style(self, component: str) -> Style:
        style = self.get_visual_style(component).rich_style
        # Textual leaves "reverse" out of it, the only mark of the cursor without colours.
        return style + self.get_component_styles(component).text_style

    @property
    def _rows_in_view(self) -> int:
        return max(0, self.scrollable_content_region.height - _HEADER_LINES)

    def _row(self, index: int, placed: Sequence[Placed], width: int, base: Style) -> Strip:
        assert self._rows is not None  # noqa: S101 - render_line has looked
        cells = self._rows.cells(index)
        at_cursor = index == self._cursor
        if at_cursor:
            base = self._style("table--cursor")
        segments: list[Segment] = []
        for item in placed:
            text, tone = cells[item.index]
            style = base
            # One colour for the whole row: a cell's own may vanish on the cursor's.
            if tone and not at_cursor:
                style = self._style(f"tone--{tone}")
            segments.append(Segment(_fit(text, item.width), style))
        # A mark as well as a colour, for screens without colours.
        mark = Segment("▌" if at_cursor else " ", base)
        return _joined(mark, segments, base, width)

    def _keep_cursor_in_view(self) -> None:
        rows = self._rows_in_view
        if not rows:
            return
        first = round(self.scroll_offset.y)
        if self._cursor < first:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor >= first + rows:
            self.scroll_to(y=self._cursor - rows + 1, animate=False, force=True)


def _joined(mark: Segment, cells: list[Segment], style: Style, width: int) -> Strip:
    gap = Segment(" " * GAP, style)
    segments = [mark]
    for number, cell in enumerate(cells):
        if number:
            segments.append(gap)
        segments.append(cell)
    return Strip(segments).adjust_cell_length(width, style)


@lru_cache(maxsize=8192)
def _fit(text: str, width: int) -> str:
    """Exactly `width` cells; what is cut ends in an ellipsis."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + "…" if width > 1 else set_cell_size(text, width)
