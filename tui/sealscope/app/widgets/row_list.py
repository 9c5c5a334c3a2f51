"""A list of rows that draw themselves, with a cursor; only the rows in view are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual

from sealscope.app.display import MUTED, content, line


class Row(Protocol):
    """One line of a list."""

    @property
    def selectable(self) -> bool:
        """Whether the cursor may rest on it."""
        ...

    def draw(self, width: int) -> Content:
        """The line, for a list of `width` cells; longer content is cut."""
        ...


class RowList(ScrollView, can_focus=True):
    """Rows below each other.

    Setting rows again keeps the cursor where it was, as far as there are rows.
    """

    DEFAULT_CSS = """
    RowList { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }
    RowList > .row-list--cursor { background: $block-cursor-blurred-background; }
    RowList:focus > .row-list--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground;
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--cursor"}
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("home,g", "edge(False)", "First", show=False),
        Binding("end,G", "edge(True)", "Last", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("enter", "choose", "Open", show=False),
    ]

    class Moved(Message):
        """The cursor rests on another row, or on other rows' first one."""

        def __init__(self, source: RowList) -> None:
            super().__init__()
            self.source = source

        @property
        def control(self) -> RowList:
            """The list, for `@on` selectors."""
            return self.source

    class Chosen(Message):
        """Enter or a click on the row under the cursor."""

        def __init__(self, source: RowList, row: Row) -> None:
            super().__init__()
            self.source = source
            self.row = row

        @property
        def control(self) -> RowList:
            """The list, for `@on` selectors."""
            return self.source

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
        empty: str = "",
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: Sequence[Row] = ()
        self._cursor = 0
        self._empty = empty

    @property
    def rows(self) -> Sequence[Row]:
        """The rows as they were set."""
        return self._rows

    @property
    def cursor(self) -> int:
        """The index of the row under the cursor."""
        return self._cursor

    @property
    def current(self) -> Row | None:
        """The row under the cursor; None in an empty list."""
        if self._cursor < len(self._rows) and self._rows[self._cursor].selectable:
            return self._rows[self._cursor]
        return None

    def set_rows(self, rows: Sequence[Row], *, cursor: int | None = None) -> None:
        """Show other rows.

        Args:
            rows: top to bottom.
            cursor: where the cursor goes; where it was, when None.
        """
        self._rows = rows
        self.virtual_size = Size(0, len(rows))
        wanted = self._cursor if cursor is None else cursor
        self._rest_on(min(wanted, max(0, len(rows) - 1)), 1)
        self.refresh()
        self.post_message(self.Moved(self))

    def set_empty(self, text: str) -> None:
        """What to say while there are no rows."""
        self._empty = text
        self.refresh()

    def move_to(self, index: int) -> None:
        """Rest the cursor on a row."""
        self._go(index, 1)

    def render_line(self, y: int) -> Strip:
        """One line of what is in view."""
        width = self.scrollable_content_region.width
        index = round(self.scroll_offset.y) + y
        if index >= len(self._rows):
            text = content(self._empty, MUTED) if index == 0 and not self._rows else content("")
            return self._strip(line(" ", text), width)
        row = self._rows[index]
        drawn = row.draw(max(1, width - 1))
        if index == self._cursor and row.selectable:
            # One colour for the whole row: a row's own colours may vanish on the cursor's.
            marked = line("▌", drawn.without_spans)
            style = self.get_visual_style("row-list--cursor")
            if self.app.no_color and self.has_focus:
                # Textual leaves the style sheet's "reverse" out of a visual style.
                style += Style(reverse=True)
            return self._strip(marked, width, style)
        return self._strip(line(" ", drawn), width)

    def action_move(self, step: int) -> None:
        """Go to the next row that the cursor may rest on."""
        self._go(self._cursor + step, step)

    def action_edge(self, last: bool) -> None:
        """Go to the first or the last row."""
        self._go(len(self._rows) - 1 if last else 0, -1 if last else 1)

    def action_page(self, direction: int) -> None:
        """Go a screenful up or down."""
        self._go(self._cursor + direction * max(1, self.size.height - 1), direction)

    def action_choose(self) -> None:
        """Tell that the row under the cursor was chosen."""
        row = self.current
        if row is not None:
            self.post_message(self.Chosen(self, row))

    async def _on_click(self, event: events.Click) -> None:
        index = round(self.scroll_offset.y) + event.y - self.gutter.top
        if 0 <= index < len(self._rows) and self._rows[index].selectable:
            again = index == self._cursor
            self._go(index, 1)
            if again or event.chain > 1:
                self.action_choose()

    def _go(self, index: int, step: int) -> None:
        before = self._cursor
        index = max(0, min(index, len(self._rows) - 1))
        self._rest_on(index, step)
        if self._cursor != before:
            self.refresh()
            self.post_message(self.Moved(self))
        elif step < 0:
            # Above the first row that can be chosen may stand headings; show them.
            self.scroll_to(y=0, animate=False)

    def _rest_on(self, index: int, step: int) -> None:
        """Rest on the nearest selectable row, first in the direction of `step`."""
        total = len(self._rows)
        direction = 1 if step >= 0 else -1
        ahead = range(index, total if direction > 0 else -1, direction)
        behind = range(index - direction, -1 if direction > 0 else total, -direction)
        for candidate in (*ahead, *behind):
            if 0 <= candidate < total and self._rows[candidate].selectable:
                self._cursor = candidate
                break
        else:
            self._cursor = 0
        below = self._cursor + 1
        while below < total and not self._rows[below].selectable:
            below += 1
        # What belongs to the row and cannot be chosen itself comes into view with it.
        for height in (below - self._cursor, 1):
            self.scroll_to_region(Region(0, self._cursor, 1, height), animate=False, force=True)

    def _strip(self, text: Content, width: int, style: Style | None = None) -> Strip:
        strips = Visual.to_strips(
            self,
            text.truncate(width, ellipsis=True),
            width,
            1,
            style or self.visual_style,
            apply_selection=False,
            pad=True,
        )
        return strips[0] if strips else Strip.blank(width)
