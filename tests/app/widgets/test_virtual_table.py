"""A table draws the rows in view only, whatever their number."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from sealscope.app.colours import own_variables
from sealscope.app.widgets.columns import Column
from sealscope.app.widgets.virtual_table import Cell, VirtualTable
from sealscope.text import Shown, show

COLUMNS = (Column("name", "Name", 10, grow=1), Column("state", "State", 8))


class Numbered:
    """Rows that count how often they are read."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.read: set[int] = set()

    def __len__(self) -> int:
        return self.count

    def cells(self, index: int) -> tuple[Cell, ...]:
        self.read.add(index)
        return ((show(f"row {index}"), ""), (Shown("good"), "good"))


class TableApp(App[None]):
    """A table alone on the screen."""

    def __init__(self, rows: Numbered) -> None:
        super().__init__()
        self.rows = rows
        self.heard: list[tuple[str, int]] = []

    def get_css_variables(self) -> dict[str, str]:
        theme = super().get_css_variables()
        return {**theme, **own_variables(theme)}

    def compose(self) -> ComposeResult:
        yield VirtualTable(COLUMNS, id="table")

    def on_mount(self) -> None:
        self.table.set_rows(self.rows)

    @property
    def table(self) -> VirtualTable:
        return self.query_one(VirtualTable)

    def on_virtual_table_moved(self, event: VirtualTable.Moved) -> None:
        self.heard.append(("moved", event.index))

    def on_virtual_table_chosen(self, event: VirtualTable.Chosen) -> None:
        self.heard.append(("chosen", event.index))

    def lines(self) -> list[str]:
        strips = self.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def drive(
    rows: int, script: Callable[[TableApp, Pilot[Any]], Awaitable[None]], height: int = 10
) -> TableApp:
    app = TableApp(Numbered(rows))

    async def main() -> None:
        async with app.run_test(size=(40, height)) as pilot:
            await pilot.pause()
            await script(app, pilot)

    asyncio.run(main())
    return app


def test_draws_a_header_and_the_rows_in_view() -> None:
    async def script(app: TableApp, pilot: Pilot[Any]) -> None:
        assert app.lines()[0].split() == ["Name", "State"]
        assert app.lines()[1].startswith("▌row 0")
        assert app.lines()[9].startswith(" row 8")

    drive(1000, script)


def test_reads_only_the_rows_in_view() -> None:
    async def script(app: TableApp, pilot: Pilot[Any]) -> None:
        await pilot.press("G")
        assert app.lines()[9].startswith("▌row 99999")

    app = drive(100_000, script)
    assert len(app.rows.read) < 40


def test_moves_by_row_by_screen_and_to_the_ends() -> None:
    async def script(app: TableApp, pilot: Pilot[Any]) -> None:
        await pilot.press("j", "down", "k")
        await pilot.press("ctrl+f", "pagedown", "ctrl+b")
        await pilot.press("end", "j", "home", "up")

    app = drive(100, script)
    moves = [index for kind, index in app.heard if kind == "moved"]
    assert moves == [1, 2, 1, 9, 17, 9, 99, 0]


def test_the_cursor_stays_in_view() -> None:
    async def script(app: TableApp, pilot: Pilot[Any]) -> None:
        for _ in range(12):
            await pilot.press("j")
        assert 12 in app.table.view
        assert any(line.startswith("▌row 12") for line in app.lines())
        await pilot.resize_terminal(40, 4)
        await pilot.pause()
        assert any(line.startswith("▌row 12") for line in app.lines())

    drive(100, script)


def test_enter_opens_the_row_under_the_cursor() -> None:
    async def script(app: TableApp, pilot: Pilot[Any]) -> None:
        await pilot.press("j", "enter")

    assert drive(5, script).heard == [("moved", 1), ("chosen", 1)]


def test_a_click_rests_on_a_row_and_a_double_click_opens_it() -> None:
    async def script(app: TableApp, pilot: Pilot[Any]) -> None:
        await pilot.click("#table", offset=(3, 3))
        await pilot.click("#table", offset=(3, 0))
        await pilot.double_click("#table", offset=(3, 3))

    assert drive(5, script).heard == [("moved", 2), ("chosen", 2)]


def test_fewer_rows_pull_the_cursor_back() -> None:
    async def script(app: TableApp, pilot: Pilot[Any]) -> None:
        await pilot.press("G")
        app.table.set_rows(Numbered(3))
        await pilot.pause()
        assert app.table.cursor == 2
        assert app.lines()[3].startswith("▌row 2")
        app.table.set_rows(Numbered(0))
        await pilot.press("j", "G", "enter")
        assert app.table.cursor == 0

    app = drive(50, script)
    assert ("chosen", 0) not in app.heard


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    class Long(Numbered):
        def cells(self, index: int) -> tuple[Cell, ...]:
            return ((show("x" * 100), ""), (show("漢" * 20), "bad"))

    async def script(app: TableApp, pilot: Pilot[Any]) -> None:
        app.table.set_rows(Long(1))
        await pilot.pause()
        row = app.lines()[1]
        assert row.count("…") == 2
        assert row.startswith("▌xxxx")

    drive(1, script)
