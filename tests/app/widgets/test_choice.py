"""Words to choose from, which flow into further lines where there is no room."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.pilot import Pilot

from sealscope.app.widgets.choice import Choice

WORDS = [(str(number), f"word {number}") for number in range(5)]


class Chooser(App[None]):
    """One choice, 30 cells wide: two words a line."""

    CSS = "Choice { width: 30; }"

    def compose(self) -> ComposeResult:
        yield Choice(WORDS, value="1")


def chosen(script: Callable[[Pilot[None], Choice], Awaitable[None]]) -> None:
    """Run a script on the choice."""

    async def main() -> None:
        async with Chooser().run_test() as pilot:
            await script(pilot, pilot.app.query_one(Choice))

    asyncio.run(main())


def test_flows_into_as_many_lines_as_it_needs() -> None:
    async def script(pilot: Pilot[None], choice: Choice) -> None:
        del pilot
        assert choice.size.height == 3
        assert choice.get_content_height(Size(80, 24), Size(80, 24), 80) == 1

    chosen(script)


def test_is_chosen_by_arrows_round_and_round() -> None:
    async def script(pilot: Pilot[None], choice: Choice) -> None:
        choice.focus()
        values: list[str] = []
        for key in ("right", "down", "space", "right", "left", "up"):
            await pilot.press(key)
            values.append(choice.value)
        assert values == ["2", "3", "4", "0", "4", "3"]

    chosen(script)


def test_is_chosen_by_a_click_on_any_of_its_lines() -> None:
    async def script(pilot: Pilot[None], choice: Choice) -> None:
        for offset, value in (((2, 0), "0"), ((15, 0), "1"), ((2, 1), "2"), ((2, 2), "4")):
            await pilot.click(Choice, offset=offset)
            assert choice.value == value

    chosen(script)


def test_offers_other_words_later() -> None:
    async def script(pilot: Pilot[None], choice: Choice) -> None:
        choice.offer([("a", "one"), ("b", "two")], "b")
        await pilot.pause()
        assert (choice.value, choice.size.height) == ("b", 1)

    chosen(script)
