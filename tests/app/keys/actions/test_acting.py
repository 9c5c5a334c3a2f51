"""Changing keys from the keyboard, on a real local KMS."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.containers import Vertical, VerticalScroll

from sealscope.app.keys.actions.commands import CHANGES
from sealscope.jobs.request import EncryptRequest, SealOptions
from sealscope.kms.rotation import rotation_of
from sealscope.kms.tags import tags_of
from tests.app.desk import GETTING_STARTED, Desk
from tests.app.driver import NARROW, WIDE, Session, options, run
from tests.app.fakes import FakeKey, FakeKms, key_id
from tests.app.snapshot import assert_snapshot

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
HOSTILE = "\x1b]52;c;cHdu\a[red]\u202egpj"


async def act(app: Session, letter: str) -> None:
    """Open the menu on the key under the cursor, once it is described, and choose."""
    await app.see("▌")
    await app.until(lambda: app.described() >= 1)
    await app.press("a")
    await app.see("Act on")
    await app.press(letter)


def assert_picture(app: Session, name: str) -> None:
    """Compare the dialog alone; what lies behind it has pictures of its own."""
    kinds = (Vertical, VerticalScroll)
    box = next(each for each in app.app.screen.children if isinstance(each, kinds)).region
    assert_snapshot(name, [line[box.x : box.right] for line in app.lines[box.y : box.bottom]])


def names(app: Session, alias: str) -> bool:
    """Whether the list has learned that the first key listed, or another, has this alias."""
    services = app.app.standing.services
    assert services is not None
    inventory = services.inventory
    return any(
        known.name == alias for key in inventory.key_ids() for known in inventory.aliases_of(key)
    )


async def said(app: Session, *texts: str) -> None:
    """Wait for toasts that say these, however they are wrapped."""

    def messages() -> str:
        return "\n".join(str(note.message) for note in app.app._notifications)

    await app.until(lambda: all(text in messages() for text in texts), repr(texts))


def described(desk: Desk, name: str = GETTING_STARTED) -> tuple[str, str]:
    """State and description of a key."""
    with desk.gate() as gate:
        key = gate.describe_key(name)
        return key.state, key.description


class TestState:
    @SIZES
    def test_disabling_asks_and_enabling_does_not(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await act(app, "d")
            await app.see("Disable the key?", "getting-started: nothing")
            await app.press("y")
            await said(app, "getting-started is disabled")
            await app.see("Disabled")
            await app.press("a")
            await app.see("Act on")
            await app.press("e")
            await said(app, "getting-started is enabled")
            await app.see("Enabled")

        run(script, start=desk.options(), size=size)
        assert described(desk)[0] == "Enabled"

    @pytest.mark.parametrize("key", ["enter", "escape", "n"])
    def test_no_is_the_answer_unless_yes_is_given(self, desk: Desk, key: str) -> None:
        async def script(app: Session) -> None:
            await act(app, "d")
            await app.see("Disable the key?")
            await app.press(key)
            await app.see_no("Disable the key?")

        run(script, start=desk.options())
        assert described(desk)[0] == "Enabled"

    def test_what_cannot_be_done_says_why(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await act(app, "e")
            await said(app, "Enable: The key is enabled")

        run(script, start=desk.options())

    def test_the_row_of_the_list_follows(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await act(app, "d")
            await app.see("Disable the key?")
            await app.press("y")
            await app.until(
                lambda: any("getting" in line and "Disabled" in line for line in app.lines)
            )

        run(script, start=desk.options(), size=NARROW)


class TestAliases:
    def test_a_new_one_shows_at_once(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await act(app, "a")
            await app.see("New alias for")
            await app.type("zoo")
            await app.press("enter")
            await said(app, "zoo names getting-started")
            await app.until(lambda: names(app, "alias/zoo"))

        run(script, start=desk.options())
        with desk.gate() as gate:
            assert gate.describe_key("alias/zoo").arn == gate.describe_key(GETTING_STARTED).arn

    def test_one_that_is_taken_is_an_error_with_its_hint(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await act(app, "a")
            await app.see("New alias for")
            await app.type("getting")
            await app.type("-started")
            await app.press("enter")
            await app.see("New alias: not done", "What to do:")
            await app.press("escape")
            await app.see_no("not done")

        run(script, start=desk.options())

    def test_moving_one_asks_and_shows_on_both_keys(self, desk: Desk) -> None:
        with desk.gate() as gate:
            other = gate.create_key("zebra")

        async def script(app: Session) -> None:
            await app.see("zebra")
            await act(app, "m")
            await app.see("Move alias of", "To the key")
            await app.type("alias/zebra")
            await app.press("enter")
            await app.see("Move the alias?")
            await app.press("y")
            await app.see("(no alias)")

        run(script, start=desk.options())
        with desk.gate() as gate:
            assert gate.describe_key(GETTING_STARTED).arn == other.arn

    def test_deleting_one_asks_and_the_key_stays(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await act(app, "x")
            await app.see("Delete an alias of", "It has: alias/getting-started")
            await app.press("enter")
            await app.see("Delete the alias?")
            await app.press("y")
            await said(app, "alias/getting-started is gone")
            await app.see("(no alias)")

        run(script, start=desk.options())

    def test_a_name_that_it_does_not_have_is_refused_in_place(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await act(app, "x")
            await app.see("Delete an alias of")
            await app.type("x")
            await app.press("enter")
            await app.see("The key has no such alias")

        run(script, start=desk.options())


class TestWords:
    def test_a_description_is_edited_from_what_it_was(self, desk: Desk) -> None:
        before = described(desk)[1]

        async def script(app: Session) -> None:
            await act(app, "t")
            await app.see("Description of", "No secret")
            await app.type("!")
            await app.press("enter")
            await said(app, "is described anew")

        run(script, start=desk.options())
        assert described(desk)[1] == f"{before}!"

    def test_tags_come_and_go(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await act(app, "g")
            await app.see("Tags can decide")
            await app.type("team")
            await app.press("enter")
            await app.type("pay")
            await app.press("enter")
            await said(app, "has team=pay")
            await act(app, "u")
            await app.see("It has: ", "team=pay")
            await app.press("ctrl+u")
            await app.type("team")
            await app.press("enter")
            await app.see("Remove the tag?")
            await app.press("y")
            await said(app, "has no tag team")

        with desk.gate() as gate:
            before = tags_of(gate, gate.describe_key(GETTING_STARTED).key_id)
        run(script, start=desk.options())
        with desk.gate() as gate:
            assert tags_of(gate, gate.describe_key(GETTING_STARTED).key_id) == before


class TestRotation:
    def test_is_put_on_with_a_period_off_and_done_on_demand(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await act(app, "r")
            await app.see("Every")
            await app.press("ctrl+u")
            await app.type("80")
            await app.press("enter")
            await app.see("out of bounds")
            await app.press("ctrl+u")
            await app.type("100")
            await app.press("enter")
            await said(app, "is rotated every 100 days")
            await app.see("100 d")
            await act(app, "w")
            await app.see("Rotate now?", "taken back")
            await app.press("y")
            await said(app, "is being rotated")
            await act(app, "o")
            await app.see("Rotate no more?")
            await app.press("y")
            await said(app, "is rotated no more")
            await app.see("off")

        run(script, start=desk.options())
        with desk.gate() as gate:
            found = rotation_of(gate, gate.describe_key(GETTING_STARTED))
            assert found.on_demand_count == 1


class TestDeletion:
    @SIZES
    def test_shows_what_hangs_on_the_key(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await act(app, "s")
            await app.see("Schedule deletion", "lost for ever", "alias/getting-started")
            await app.see("Disable it instead", "none seen by this app", "Last used")
            await app.see_no("asking KMS")

        run(script, start=desk.options(), size=size)

    def test_needs_the_name_to_be_typed(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await act(app, "s")
            await app.see("lost for ever")
            app.app.screen.query_one("#typed").focus()
            await app.type("getting")
            await app.press("enter")
            await app.see("This is not this key's name")
            await app.type("-started")
            await app.press("enter", "enter")
            await said(app, "is deleted on")
            await app.see("PendingDel")
            await act(app, "k")
            await said(app, "stays, and is disabled")
            await app.see("Disabled")

        run(script, start=desk.options())
        assert described(desk)[0] == "Disabled"

    def test_enter_keeps_the_key(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await act(app, "s")
            await app.see("lost for ever")
            await app.press("enter")
            await app.see_no("lost for ever")

        run(script, start=desk.options())
        assert described(desk)[0] == "Enabled"

    def test_offers_to_disable_instead_and_asks(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await act(app, "s")
            await app.see("Disable it instead")
            await app.press("tab", "enter")
            await app.see("Disable the key?")
            await app.press("y")
            await said(app, "is disabled")

        run(script, start=desk.options())
        assert described(desk)[0] == "Disabled"

    def test_names_the_envelopes_that_this_app_made(self, desk: Desk) -> None:
        desk.write("plan.txt")

        async def script(app: Session) -> None:
            await app.see("▌getting-started")
            services = app.app.standing.services
            assert services is not None
            source = Path("plan.txt")
            request = EncryptRequest(
                source, Path("plan.txt.encrypted"), SealOptions(keys=(GETTING_STARTED,))
            )
            number = services.runner.submit(request)
            await app.until(lambda: services.runner.view(number).state.is_over)
            await act(app, "s")
            await app.see("plan.txt.encrypted")

        run(script, start=desk.options())


class TestImport:
    def test_takes_the_material_from_a_file(self, desk: Desk) -> None:
        desk.write("material", b"k" * 32)
        with desk.gate() as gate:
            gate.create_key("aa", origin="EXTERNAL")

        async def script(app: Session) -> None:
            await app.see("▌aa", "PendingImp")
            await app.until(lambda: app.described() == 2)
            await act(app, "i")
            await app.see("Import material into")
            await app.type("material")
            await app.press("enter", "enter")
            await app.see("Import the material?", "no copy back")
            await app.press("y")
            await said(app, "aa has its material")

        run(script, start=desk.options())
        assert described(desk, "alias/aa")[0] == "Enabled"

    def test_refuses_what_is_no_material_before_it_is_sent(self, desk: Desk) -> None:
        desk.write("short", b"k" * 31)
        with desk.gate() as gate:
            gate.create_key("aa", origin="EXTERNAL")

        async def script(app: Session) -> None:
            await app.see("▌aa")
            await app.until(lambda: app.described() == 2)
            await act(app, "i")
            await app.see("Import material into")
            await app.type("short")
            await app.press("enter", "enter")
            await app.see("Import the material?")
            await app.press("y")
            await app.see("Import material: not done", "31 bytes")

        run(script, start=desk.options())


def hostile() -> FakeKms:
    """One key whose names are made to do harm."""
    key = FakeKey(key_id(1), (HOSTILE, f"two{HOSTILE}"), description=HOSTILE)
    return FakeKms(keys=[key])


class TestHostileNames:
    @pytest.mark.parametrize(
        ("letter", "expected"),
        [
            ("d", "Disable the key?"),
            ("x", "Delete an alias of"),
            ("m", "Move alias of"),
            ("s", "lost for ever"),
            ("t", "Description of"),
            ("g", "Tags can decide"),
            ("r", "stays readable"),
        ],
    )
    def test_do_none_in_a_dialog(self, letter: str, expected: str) -> None:
        kms = hostile()

        async def script(app: Session) -> None:
            await act(app, letter)
            await app.see(expected)
            assert "\x1b" not in app.text
            assert "\u202e" not in app.text
            assert "red]" in app.text or letter == "t"

        run(script, start=options(kms, write=True))


CHANGING = {
    "CreateAlias",
    "CreateKey",
    "DeleteAlias",
    "UpdateAlias",
    "EnableKey",
    "DisableKey",
    "UpdateKeyDescription",
    "TagResource",
    "UntagResource",
    "EnableKeyRotation",
    "DisableKeyRotation",
    "RotateKeyOnDemand",
    "ScheduleKeyDeletion",
    "CancelKeyDeletion",
    "GetParametersForImport",
    "ImportKeyMaterial",
}


class TestReadOnly:
    @SIZES
    def test_every_change_is_greyed_says_why_and_calls_nothing(self, size: tuple[int, int]) -> None:
        kms = FakeKms()

        async def script(app: Session) -> None:
            await app.see("▌backup/nightly", "READ-ONLY")
            await app.press("a")
            await app.see("Act on backup/nightly", "not now: Read-only connection")
            assert_picture(app, f"act-read-only-{size[0]}x{size[1]}")
            await app.press("escape")
            for command in CHANGES:
                await app.press("a")
                await app.see("Act on")
                await app.press(command.through[-1])
                await said(app, f"{command.label}: Read-only connection")

        run(script, kms=kms, size=size)
        assert not set(kms.calls) & CHANGING

    def test_the_palette_says_why(self) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly", "READ-ONLY")
            await app.press("ctrl+p")
            await app.type("schedule deletion")
            await app.see("Not now: Read-only connection")

        run(script)

    def test_help_names_the_keys_that_lead_there(self) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            await app.press("question_mark")
            await app.see("a d", "Let nobody use the key")

        run(script)


@SIZES
class TestPictures:
    def test_the_menu_looks_as_agreed(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            await app.until(lambda: app.described() == 10)
            await app.press("a")
            await app.see("Act on backup/nightly")
            assert_picture(app, f"act-{size[0]}x{size[1]}")

        run(script, start=options(FakeKms(), write=True), size=size)

    def test_the_question_before_the_end_looks_as_agreed(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            await app.until(lambda: app.described() == 10)
            await act(app, "s")
            await app.see("lost for ever", "Last used", "not known")
            assert_picture(app, f"delete-key-{size[0]}x{size[1]}")

        run(script, start=options(FakeKms(), write=True), size=size)

    def test_a_dialog_with_fields_looks_as_agreed(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            await app.until(lambda: app.described() == 10)
            await act(app, "m")
            await app.see("Move alias of")
            await app.press("enter")
            await app.see("No key is named")
            assert_picture(app, f"move-alias-{size[0]}x{size[1]}")

        run(script, start=options(FakeKms(), write=True), size=size)
