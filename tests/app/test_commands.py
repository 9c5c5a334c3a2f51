"""One command table feeds bindings, footer, palette and help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from textual.binding import Binding
from textual.screen import Screen

from sealscope.app.app import SealscopeApp
from sealscope.app.chrome.footer import MOST_KEYS, KeyFooter
from sealscope.app.command import EVERYWHERE, Command, bindings, key_name
from sealscope.app.commands import GLOBAL, TABLE, commands_of
from sealscope.app.keys.create import CreateKeyPage
from sealscope.app.keys.key_page import KeyPage
from sealscope.app.page import Page
from sealscope.app.places import MODES
from tests.app.driver import NARROW, WIDE, Session, run

PAGES = [KeyPage, CreateKeyPage]


def all_pages() -> list[type[Page[object]]]:
    """Every page class of the app."""
    for mode in MODES.values():
        assert callable(mode)
        make: Callable[[], Screen[None]] = mode
        make()
    found: list[type[Page[object]]] = []
    waiting: list[type[Page[object]]] = [Page]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found += [kind] if kind.scopes else []
    return found


class TestTheTable:
    def test_gives_every_command_its_own_id(self) -> None:
        assert all(command.id == key for key, command in TABLE.items())

    def test_explains_every_command_in_a_sentence(self) -> None:
        for command in TABLE.values():
            assert command.tooltip.endswith("."), command.id
            assert command.label, command.id

    @pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.__name__)
    def test_is_carried_out_by_the_page_that_offers_it(self, page: type[Page[object]]) -> None:
        for command in commands_of(page.scopes):
            target = SealscopeApp if command.place == EVERYWHERE else page
            assert callable(getattr(target, f"action_{command.action}")), command.id
            if command.why_disabled:
                assert callable(getattr(target, command.why_disabled)), command.id

    @pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.__name__)
    def test_is_bound_on_the_page_that_offers_it(self, page: type[Page[object]]) -> None:
        own = {
            command.id
            for command in TABLE.values()
            if command.place in page.scopes and not command.through
        }
        bound = {
            binding.id
            for kind in page.__mro__
            for binding in vars(kind).get("BINDINGS", ())
            if isinstance(binding, Binding)
        }
        assert own <= bound

    @pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.__name__)
    def test_gives_no_key_two_meanings_on_a_page(self, page: type[Page[object]]) -> None:
        keys = Counter(
            key
            for command in commands_of(page.scopes)
            if command.place != EVERYWHERE
            for key in (command.keys or command.through).split(",")
        )
        assert [key for key, number in keys.items() if number > 1] == []

    @pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.__name__)
    def test_puts_no_more_than_eight_keys_into_the_footer(self, page: type[Page[object]]) -> None:
        footed = [command for command in commands_of(page.scopes) if command.priority]
        assert footed
        assert MOST_KEYS == 8


class TestBindings:
    def test_go_through_the_one_door(self) -> None:
        (binding,) = bindings([Command("a.b", "x", "X", "Does x.", "a", "x")])
        assert isinstance(binding, Binding)
        assert (binding.action, binding.id) == ("app.command('a.b')", "a.b")

    @pytest.mark.parametrize(
        ("key", "name"),
        [("ctrl+p", "^p"), ("f1", "F1"), ("enter", "⏎"), ("slash", "/"), ("E", "E"), ("f", "f")],
    )
    def test_are_written_as_people_write_keys(self, key: str, name: str) -> None:
        assert key_name(key) == name


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
class TestTheFooter:
    def test_shows_whole_entries_only(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            footer = app.app.screen.query_one(KeyFooter)
            chosen = footer.fitting(size[0])
            assert 0 < len(chosen) <= MOST_KEYS
            last = app.lines[-1].rstrip()
            assert last.endswith(f"{chosen[-1].key_names[0]} {chosen[-1].label}")

        run(script, size=size)

    def test_can_be_clicked(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            await app.pilot.click(KeyFooter, offset=(3, 0))
            await app.see("state:enabled")

        run(script, size=size)


class TestHelpAndPalette:
    @pytest.mark.parametrize("key", ["question_mark", "f1"])
    def test_help_lists_every_command_of_the_page(self, key: str) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            await app.press(key)
            for command in commands_of(("keys", "key")):
                await app.see(command.tooltip.split()[0])
            await app.see("Show only keys that match", "Leave Sealscope")
            await app.press("escape")
            await app.see_no("Leave Sealscope")

        run(script, size=(120, 120))

    @pytest.mark.parametrize("key", ["ctrl+p", "colon"])
    def test_palette_finds_a_command_and_carries_it_out(self, key: str) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            await app.press(key)
            await app.see("Search for commands")
            await app.type("copy arn")
            await app.see("Copy the key's ARN")
            await app.press("enter")
            await app.until(lambda: app.app.clipboard.startswith("arn:"))

        run(script)

    def test_palette_says_why_a_command_cannot_be_done(self) -> None:
        async def script(app: Session) -> None:
            await app.see("READ-ONLY")
            await app.press("colon")
            await app.see("Not now: This connection is read-only")

        run(script)


class TestPlaces:
    def test_every_place_is_one_key_away(self) -> None:
        async def script(app: Session) -> None:
            await app.see("READ-ONLY")
            for key, mode in (("2", "envelopes"), ("3", "jobs"), ("1", "keys"), ("w", "jobs")):
                await app.press(key)
                await app.until(lambda mode=mode: app.app.current_mode == mode)  # type: ignore[misc]
                await app.see("1 Keys", "2 Envelopes", "3 Jobs", "READ-ONLY", "Jobs: none")

        run(script)

    def test_global_commands_reach_the_app(self) -> None:
        assert all(command.place == EVERYWHERE for command in GLOBAL)


@pytest.mark.parametrize("columns", [60, 80])
def test_help_is_in_the_footer_of_every_place(columns: int) -> None:
    async def script(app: Session) -> None:
        for place in "123":
            await app.press(place)
            await app.until(lambda: "? Help" in app.lines[-1], "help in the footer")

    run(script, size=(columns, 24))


def test_the_footer_names_only_keys_that_a_text_field_leaves_alone() -> None:
    async def script(app: Session) -> None:
        await app.see("backup/nightly")
        await app.press("slash")
        await app.until(lambda: "F1 Help" in app.lines[-1], "help by its other key")
        assert "E Encrypt" not in app.lines[-1]
        await app.press("escape")
        await app.until(lambda: "E Encrypt" in app.lines[-1], "the list's keys")

    run(script, size=NARROW)


def test_ctrl_c_says_what_quits() -> None:
    async def script(app: Session) -> None:
        await app.see("backup/nightly")
        await app.press("ctrl+c")
        await app.see("ctrl+q quits")

    run(script)
