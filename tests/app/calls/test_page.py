"""The call log as its user meets it: `@` from anywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sealscope.app.calls.call_page import CallPage
from sealscope.app.calls.page import CallsPage
from sealscope.app.widgets.virtual_table import VirtualTable
from sealscope.kms.call_log import KEPT_CALLS, CallLog
from tests.app.calls.records import log, record
from tests.app.driver import NARROW, WIDE, Session, run
from tests.app.fakes import FakeKms, key_id
from tests.app.snapshot import assert_snapshot
from tests.app.test_hostile_text import assert_harmless
from tests.hostile import HOSTILE

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


async def open_calls(app: Session, calls: CallLog | None = None) -> None:
    """Connect, put these calls in the place of the real ones, and show them."""
    await app.see("READ-ONLY", "backup/nightly")
    if app.app.size.width >= WIDE[0]:
        await app.see("Auditor")
    if calls is not None:
        app.app.calls = calls
    await app.press("at")
    await app.see("Calls of KMS")


@SIZES
class TestTheList:
    def test_looks_as_agreed(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await open_calls(app, log())
            await app.see("InvalidCipher")
            assert_snapshot(f"calls-{size[0]}x{size[1]}", app.lines)

        run(script, size=size)

    @pytest.mark.parametrize("look", ["light", "no-color"])
    def test_says_the_same_without_its_colours(
        self, size: tuple[int, int], look: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if look == "no-color":
            monkeypatch.setenv("NO_COLOR", "1")

        async def script(app: Session) -> None:
            if look == "light":
                app.app.theme = "textual-light"
            await open_calls(app, log())
            assert_snapshot(f"calls-{size[0]}x{size[1]}", app.lines)

        run(script, size=size)

    @pytest.mark.parametrize("place", ["1", "2", "3"])
    def test_opens_from_every_place_and_closes_again(
        self, size: tuple[int, int], place: str
    ) -> None:
        async def script(app: Session) -> None:
            await app.see("READ-ONLY", "backup/nightly")
            for back in ("at", "escape"):
                await app.press(place, "at")
                await app.see("Calls of KMS")
                await app.press(back)
                await app.see_no("Calls of KMS")

        run(script, size=size)

    def test_tells_of_real_calls_with_alias_and_result(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.until(lambda: app.described() == 10)
            await open_calls(app)
            await app.see("DescribeKey", "ListAliases", "AccessDenied", "payments/prod")

        run(script, size=size)


class TestWhileItIsOpen:
    def test_new_calls_appear_on_top(self) -> None:
        async def script(app: Session) -> None:
            calls = log()
            await open_calls(app, calls)
            calls.add(record("GenerateRandom", at=60))
            await app.see("GenerateRandom", "10 since the start")
            table = app.app.screen.query_one(VirtualTable)
            assert table.cursor == 0

        run(script)

    def test_the_cursor_stays_on_its_call(self) -> None:
        async def script(app: Session) -> None:
            calls = log()
            await open_calls(app, calls)
            await app.press("j", "j")
            page = app.app.screen
            assert isinstance(page, CallsPage)
            chosen = page.current_call()
            calls.add(record("GenerateRandom", at=60))
            await app.see("GenerateRandom")
            assert page.current_call() is chosen

        run(script)

    def test_shows_the_last_and_counts_all(self) -> None:
        async def script(app: Session) -> None:
            calls = CallLog()
            for number in range(KEPT_CALLS * 2):
                calls.add(record("Decrypt", at=number % 60))
            await open_calls(app, calls)
            await app.see("last 2,000", "4,000 since the start", "Decrypt 4,000", "$0.0120")

        run(script)


class TestTheFilter:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("decrypt", 2),
            ("op:describe", 2),
            ("key:payments", 4),
            ("key:alias", 1),
            ("result:denied", 1),
            ("!result:ok !succeeded", 3),
            ("op:decrypt !invalid", 1),
            ("region:eu-", 9),
            ("result:", 9),
            ("nothing-like-it", 0),
        ],
    )
    def test_shows_what_matches(self, text: str, number: int) -> None:
        async def script(app: Session) -> None:
            await open_calls(app, log())
            await app.press("slash")
            await app.type(text)
            await app.see(f"last {number} of 9")

        run(script)

    def test_is_cleared_by_escape_which_then_goes_back(self) -> None:
        async def script(app: Session) -> None:
            await open_calls(app, log())
            await app.press("slash")
            await app.type("list")
            await app.see("last 2 of 9")
            await app.press("enter", "escape")
            await app.see("last 9 ")
            await app.press("escape")
            await app.see_no("Calls of KMS")

        run(script)


@SIZES
class TestOneCall:
    def test_looks_as_agreed(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await open_calls(app, log())
            await app.press("enter")
            await app.see("The same with the AWS CLI", "payments/prod pay")
            assert_snapshot(f"call-{size[0]}x{size[1]}", app.lines)

        run(script, size=size)

    def test_is_copied_as_a_command(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await open_calls(app, log())
            await app.press("y")
            await app.see("Sent the command")
            from_list = app.app.clipboard
            await app.press("enter")
            await app.see("The same with the AWS CLI")
            app.app._clipboard = ""
            await app.press("y")
            assert app.app.clipboard == from_list
            assert from_list.startswith("aws kms decrypt --key-id arn:")

        run(script, size=size)

    def test_goes_back_to_the_list_and_home(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await open_calls(app, log())
            await app.press("enter")
            await app.until(lambda: isinstance(app.app.screen, CallPage))
            await app.press("escape")
            await app.until(lambda: isinstance(app.app.screen, CallsPage))
            await app.press("enter", "1")
            await app.until(lambda: len(app.app.screen_stack) == 1, "the list of keys")

        run(script, size=size)


def test_nothing_was_called_yet() -> None:
    kms = FakeKms()
    kms.opened.clear()

    async def script(app: Session) -> None:
        await app.see("Connecting to KMS")
        await app.press("at")
        await app.see("0 since the start", "No cost")
        await app.press("y")
        await app.see("No call is selected")

    run(script, kms=kms)


def test_going_to_a_key_leaves_the_calls_behind() -> None:
    async def script(app: Session) -> None:
        await open_calls(app, log())
        await app.press("enter")
        app.app.navigator.open_key(key_id(3))
        await app.see("▌backup/nightly")

    run(script)


@SIZES
@pytest.mark.parametrize("start", range(0, len(HOSTILE), 60))
def test_hostile_text_does_nothing_on_the_screen(size: tuple[int, int], start: int) -> None:
    async def script(app: Session) -> None:
        calls = CallLog()
        for text in HOSTILE[start : start + 60]:
            call = record(text[:64], text[:64], KeyId=text, Description=text)
            calls.add(replace(call, region=text, request_id=text, profile=text))
        await open_calls(app, calls)
        for _ in range(3):
            assert_harmless(app)
            await app.press("enter")
            await app.until(lambda: isinstance(app.app.screen, CallPage))
            assert_harmless(app)
            await app.press("G")
            assert_harmless(app)
            await app.press("escape", "pagedown")

    run(script, size=size)
