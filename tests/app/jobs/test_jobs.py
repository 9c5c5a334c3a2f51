"""Encrypting and decrypting from the app, on real files and a real local KMS."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from sealscope.app.envelopes.place import EnvelopesPlace
from sealscope.app.jobs.preflight_text import PreflightRows
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.tick_list import TickList
from sealscope.app.widgets.typed import TypedLine, TypedText
from sealscope.jobs.preflight import CheckState
from tests.app.desk import GETTING_STARTED, Desk
from tests.app.driver import NARROW, WIDE, Session, run

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


async def form(app: Session, key: str) -> None:
    """Open a form from the file in hand and wait until it has been checked."""
    await app.press(key)
    await app.see("Preflight")
    await checked(app)
    if key == "E":
        await app.until(lambda: app.app.screen.query_one("#keys", TypedLine).value, "a key")
        await checked(app)


async def checked(app: Session) -> None:
    """Wait for the preflight of what is in the form now."""
    await app.pilot.pause()
    await app.until(lambda: findings(app), "the preflight")


def findings(app: Session) -> dict[str, CheckState]:
    """What the preflight found, by name."""
    if not app.app.screen.query(PreflightRows):
        return {}
    page = app.app.screen
    return {check.name: check.state for check in getattr(page, "_checks", ())}


def fill(app: Session, selector: str, text: str) -> None:
    """Put text into a field of the form."""
    widget = app.app.screen.query_one(selector)
    if isinstance(widget, TypedText):
        widget.text = text
    elif isinstance(widget, TypedLine):
        widget.value = text


async def run_job(app: Session, state: str = "done") -> None:
    """Start the job of the form and show its result."""
    await app.press("ctrl+j")
    if "failed" in {found.value for found in findings(app).values()}:
        await app.see("The preflight found")
        await app.press("ctrl+j")
    await app.see("Jobs: ", state)
    await app.press("enter")
    await app.see("State", state)


@SIZES
class TestTheWholeWay:
    def test_encrypt_inspect_go_to_the_key_decrypt_and_get_the_same_bytes(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        data = bytes(range(256)) * 1000
        path = desk.write("dump.tar", data)

        async def script(app: Session) -> None:
            await app.see("dump.tar", "looks like")
            await form(app, "E")
            assert app.app.screen.query_one("#keys", TypedLine).value == GETTING_STARTED
            fill(app, "#context", "purpose=nightly")
            await checked(app)
            await app.see("GenerateDataKey")
            await run_job(app)
            await app.see("dump.tar.encrypted", "⏎ inspect", "purpose=nightly", "256,000 B")
            await app.press("down", "down", "enter")
            await app.see("AWS Encryption SDK message", "purpose")
            await form(app, "D")
            fill(app, "#destination", "again.tar")
            await checked(app)
            await app.until(lambda: app.app.screen.query_one(TickList).ticked, "a ticked key")
            await checked(app)
            await run_job(app)
            await app.see("Opened by", "Signature", "verified")
            await app.press("down", "down", "down", "enter")
            await app.until(lambda: app.app.current_mode == "keys", "the Keys place")

        run(script, start=desk.options(path), size=size)

        assert (desk.folder / "again.tar").read_bytes() == data
        assert desk.names() == ["again.tar", "dump.tar", "dump.tar.encrypted"]


@SIZES
class TestLeavingAForm:
    def test_goes_back_to_the_file_it_was_opened_from(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        for name in ("a.txt", "b.txt", "c.txt"):
            desk.write(name)

        async def script(app: Session) -> None:
            await app.see("LOCAL")
            await app.press("2")
            await app.see("▌", "b.txt")
            place = app.app.screen
            assert isinstance(place, EnvelopesPlace)
            await app.until(lambda: place.browser.rows, "the folder")
            await app.press("g")
            while place.browser.file is None or place.browser.file.name != "b.txt":
                await app.press("down")
            await app.until(lambda: place.file is not None and place.file.name == "b.txt")
            await app.press("E")
            await app.see("Preflight")
            await app.press("escape")
            await app.until(lambda: app.app.screen is place, "the folder again")
            assert place.browser.file == desk.folder / "b.txt"
            assert place.browser.has_focus

        run(script, start=desk.options(), size=size)

    def test_opened_from_the_list_of_jobs_it_goes_back_to_it(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        async def script(app: Session) -> None:
            await app.press("2", "3", "E")
            await app.see("Preflight")
            await app.press("escape")
            await app.see("No jobs yet")

        run(script, start=desk.options(), size=size)

    @pytest.mark.parametrize("field", ["#exists", "#run"])
    def test_q_is_no_way_out_and_says_what_is(
        self, desk: Desk, size: tuple[int, int], field: str
    ) -> None:
        path = desk.write("a.txt")

        async def script(app: Session) -> None:
            await app.see("a.txt")
            app.app.navigator.open_encrypt_form(path)
            await app.see("Destination")
            page = app.app.screen
            page.set_focus(page.query_one(field))
            await app.press("q")
            await app.see("Esc leaves the form")
            assert app.app.screen is page
            assert app.app.return_code is None
            await app.press("ctrl+q")
            await app.until(lambda: app.app.return_code == 0, "the end")

        run(script, start=desk.options(path), size=size)


@SIZES
class TestWhatAFormHasToSay:
    def test_is_said_in_place_and_never_over_it(self, desk: Desk, size: tuple[int, int]) -> None:
        path = desk.write("a.txt")

        async def script(app: Session) -> None:
            await app.until(lambda: app.app.standing.services, "the connection")
            app.app.navigator.open_encrypt_form(path, "alias/none")
            await app.see("Destination")
            fill(app, "#context", "no equals sign")
            await app.press("ctrl+j")
            await app.see("A line of the context has no =")
            fill(app, "#context", "")
            await app.until(lambda: findings(app).get("key") is CheckState.FAILED, "a check")
            await app.press("ctrl+j")
            await app.see("The preflight found what will fail.", "^J again")
            await app.press("f2")
            await app.see("The same from a shell")
            assert [note.message for note in app.app._notifications] == []

        run(script, start=desk.options(path), size=size)


class TestKeysThatComeInOneBurst:
    def test_land_in_the_fields_in_their_order(self, desk: Desk) -> None:
        desk.write("ab.txt")

        async def script(app: Session) -> None:
            await app.see("LOCAL")
            await app.press("3", "E")
            await app.see("Destination")
            await app.until(lambda: value(app, "#keys") == GETTING_STARTED, "a key")
            keys = ["a", "b", "full_stop", "t", "x", "t", "tab"]
            keys += ["ctrl+u", "o", "u", "t", "tab", "end", "tab", "p", "equals_sign", "q"]
            for key in [*keys, "ctrl+j"]:
                char = {"full_stop": ".", "equals_sign": "="}.get(key, key)
                app.app.post_message(events.Key(key, char if len(char) == 1 else None))
            await app.see("all finished", "ab.txt", "out")
            await app.press("enter")
            await app.see("Wrapped under", "p=q")

        run(script, start=desk.options())

        assert desk.names() == ["ab.txt", "out"]


def value(app: Session, selector: str) -> str:
    """What stands in a one-line field."""
    return app.app.screen.query_one(selector, TypedLine).value


class TestTheEncryptForm:
    def test_offers_both_suites_and_says_what_they_mean(self, desk: Desk) -> None:
        path = desk.write("a.txt")

        async def script(app: Session) -> None:
            await app.see("a.txt", "looks like")
            await form(app, "E")
            await app.see("(•) 0578 signed", "the whole message is signed")
            app.app.screen.query_one("#suite").focus()
            await app.press("right")
            await app.see("(•) 0478 not signed", "no signature: faster")
            await checked(app)
            await run_job(app)
            await app.see("0478")

        run(script, start=desk.options(path))

    def test_the_destination_follows_the_source_until_it_is_typed(self, desk: Desk) -> None:
        desk.write("a.txt")

        async def script(app: Session) -> None:
            await app.press("3", "E")
            await app.see("Destination")
            await app.type("a.txt")
            await app.see("a.txt.encrypted")
            fill(app, "#destination", "mine")
            fill(app, "#source", "b.txt")
            await app.see("mine")
            assert app.app.screen.query_one("#destination", TypedLine).value == "mine"

        run(script, start=desk.options())

    def test_keys_are_picked_from_the_list_with_their_states(self, desk: Desk) -> None:
        with desk.gate() as gate:
            gate.create_key("second")
            gone = gate.create_key("switched-off")
            gate.call("DisableKey", KeyId=gone.key_id)
        path = desk.write("a.txt")

        async def script(app: Session) -> None:
            await app.see("a.txt", "looks like")
            await app.press("E")
            await app.see("No key is named")
            await app.press("f3")
            await app.see("alias/second", "Enabled", "Disabled", "Space ticks")
            await app.press("slash")
            await app.type("second")
            await app.see_no("switched-off")
            await app.press("enter", "space")
            await app.see("[x] alias/second")
            await app.press("slash")
            fill(app, "#filter", "getting")
            await app.see("[ ] alias/getting-started")
            await app.press("enter", "space", "enter")
            value = "alias/second alias/getting-started"
            await app.until(lambda: app.app.screen.query_one("#keys", TypedLine).value == value)
            await checked(app)
            await app.see("alias/second: GenerateDataKey", "alias/getting-started: Encrypt")
            await run_job(app)
            assert app.text.count("⏎ key") == 2

        run(script, start=desk.options(path))

    def test_shows_the_command_that_does_the_same(self, desk: Desk) -> None:
        path = desk.write("a b.txt")

        async def script(app: Session) -> None:
            await app.see("a b.txt", "looks like")
            await form(app, "E")
            await app.press("f2")
            await app.see(
                "sealscope --local-store", "encrypt 'a b.txt'", "-k alias/getting-started"
            )
            await app.press("y")
            await app.until(lambda: app.app.clipboard.startswith("sealscope "), "the clipboard")

        run(script, start=desk.options(path))

    def test_escape_leaves_and_starts_nothing(self, desk: Desk) -> None:
        path = desk.write("a.txt")

        async def script(app: Session) -> None:
            await app.see("a.txt", "looks like")
            await form(app, "E")
            await app.press("escape")
            await app.see("looks like")
            await app.press("3")
            await app.see("No jobs yet")

        run(script, start=desk.options(path))

        assert desk.names() == ["a.txt"]

    @pytest.mark.parametrize(
        ("context", "words"),
        [
            ("no equals sign", "A line of the context has no ="),
            ("a=1\na=2", "A name is in the context twice"),
            ("aws-crypto-x=1", "Names that start with aws-crypto- are reserved"),
        ],
    )
    def test_a_wrong_context_is_said_at_once_and_does_not_run(
        self, desk: Desk, context: str, words: str
    ) -> None:
        path = desk.write("a.txt")

        async def script(app: Session) -> None:
            await app.see("a.txt", "looks like")
            await form(app, "E")
            fill(app, "#context", context)
            await app.see("✗ failed fields", words)
            await app.press("ctrl+j", "ctrl+j")
            await app.see(words, "Preflight")

        run(script, start=desk.options(path))

        assert desk.names() == ["a.txt"]

    def test_a_context_that_may_hold_a_secret_is_pointed_at(self, desk: Desk) -> None:
        path = desk.write("a.txt")

        async def script(app: Session) -> None:
            await app.see("a.txt", "looks like")
            await form(app, "E")
            fill(app, "#context", "api_token=hunter2")
            await app.see("! look", "api_token")

        run(script, start=desk.options(path))

    def test_stale_findings_are_not_shown(self, desk: Desk) -> None:
        path = desk.write("a.txt")

        async def script(app: Session) -> None:
            from sealscope.app.jobs.form import Checked, JobForm
            from sealscope.jobs.preflight import Check

            await app.see("a.txt", "looks like")
            await form(app, "E")
            page = app.app.screen
            assert isinstance(page, JobForm)
            stale = Checked(page._generation - 1, (Check("key", CheckState.OK, "of yesterday"),))
            page.post_message(stale)
            await app.pilot.pause()
            assert "of yesterday" not in app.text

        run(script, start=desk.options(path))


class TestTheDecryptForm:
    def test_runs_as_it_is_right_after_encrypting(self, desk: Desk) -> None:
        source = desk.write("a.txt")
        sealed = desk.seal(source)

        async def script(app: Session) -> None:
            await app.see("AWS Encryption SDK message")
            await form(app, "D")
            await app.until(lambda: app.app.screen.query_one(TickList).ticked, "a ticked key")
            await app.until(lambda: "key" in findings(app), "a check of the key")
            await app.press("ctrl+j")
            await app.see("all finished", "1 done")

        run(script, start=desk.options(sealed))

        assert (desk.folder / "a.txt.decrypted").read_bytes() == source.read_bytes()

    @pytest.mark.parametrize(
        ("there", "proposed"),
        [
            ([], "a.txt"),
            (["a.txt"], "a.txt.decrypted"),
            (["a.txt", "a.txt.decrypted"], "a.txt.decrypted-2"),
            (["a.txt", "a.txt.decrypted", "a.txt.decrypted-2"], "a.txt.decrypted-3"),
        ],
    )
    def test_proposes_a_name_that_is_free(
        self, desk: Desk, there: list[str], proposed: str
    ) -> None:
        for name in there:
            desk.write(name)

        async def script(app: Session) -> None:
            await app.press("3", "D")
            await app.see("Destination")
            fill(app, "#source", "a.txt.encrypted")
            await app.until(lambda: value(app, "#destination") == proposed, proposed)

        run(script, start=desk.options())

    def test_takes_other_keys_from_the_list_of_keys(self, desk: Desk) -> None:
        with desk.gate() as gate:
            gate.create_key("second")
        sealed = desk.seal(desk.write("a.txt"))

        async def script(app: Session) -> None:
            await app.see("AWS Encryption SDK message")
            await form(app, "D")
            app.app.screen.query_one("#mode", Choice).choose("discovery")
            await app.press("f3")
            await app.see("alias/second", "Space ticks")
            await app.press("slash")
            await app.type("second")
            await app.press("enter", "enter")
            await app.until(lambda: value(app, "#other-keys") == "alias/second", "the key")
            assert app.app.screen.query_one("#mode", Choice).value == "keys"

        run(script, start=desk.options(sealed))

    def test_shows_the_whole_id_of_a_key_when_there_is_room(self, desk: Desk) -> None:
        sealed = desk.seal(desk.write("a.txt"))
        with desk.gate() as gate:
            (key,) = [key for page in gate.key_pages() for key in page]

        async def script(app: Session) -> None:
            await app.see("AWS Encryption SDK message")
            await form(app, "D")
            await app.see(f"alias/getting-started Enabled {key.key_id}")

        run(script, start=desk.options(sealed))

    def test_ticks_the_keys_that_are_here_and_says_why_the_others_are_not(self, desk: Desk) -> None:
        with desk.gate() as gate:
            other = gate.create_key("other").key_id
        sealed = desk.seal(desk.write("a.txt"), GETTING_STARTED, "alias/other")
        foreign = b"00000000-0000-4000-8000-000000000000"
        sealed.write_bytes(sealed.read_bytes().replace(other.encode(), foreign))

        async def script(app: Session) -> None:
            await app.see("AWS Encryption SDK message")
            await form(app, "D")
            await app.see("[x] alias/getting-started", "[ ] aws-kms", "KMS knows no such")
            assert len(app.app.screen.query_one(TickList).ticked) == 1

        run(script, start=desk.options(sealed))

    def test_without_a_key_it_does_not_run_and_discovery_is_chosen_by_hand(
        self, desk: Desk
    ) -> None:
        sealed = desk.seal(desk.write("a.txt"))

        async def script(app: Session) -> None:
            await app.see("AWS Encryption SDK message")
            await form(app, "D")
            fill(app, "#destination", "out.txt")
            await app.until(lambda: app.app.screen.query_one(TickList).ticked)
            app.app.screen.query_one(TickList).focus()
            await app.press("space")
            await app.see("No key is chosen")
            await app.press("ctrl+j", "ctrl+j")
            await app.see("choose discovery")
            app.app.screen.query_one("#mode", Choice).choose("discovery")
            await app.until(lambda: "key" in findings(app), "a check of the key")
            await run_job(app)
            await app.see("Opened by")

        run(script, start=desk.options(sealed))

        assert (desk.folder / "out.txt").read_bytes() == b"attack at dawn"

    def test_the_output_is_there_already_and_overwriting_is_chosen(self, desk: Desk) -> None:
        source = desk.write("a.txt", b"the new text")
        sealed = desk.seal(source)
        source.write_bytes(b"the old text")

        async def script(app: Session) -> None:
            await app.see("AWS Encryption SDK message")
            await form(app, "D")
            await app.until(lambda: app.app.screen.query_one(TickList).ticked)
            fill(app, "#destination", "a.txt")
            await app.see("The output exists already", "Choose overwrite")
            app.app.screen.query_one("#exists", Choice).choose("overwrite")
            await app.see("an existing file will be replaced")
            await run_job(app)

        run(script, start=desk.options(sealed))

        assert source.read_bytes() == b"the new text"


def seal_broken(desk: Desk, how: str) -> Path:
    """An envelope with something wrong in or around it."""
    source = desk.write("a.txt", b"x" * 1000)
    if how in {"missing", "empty", "text"}:
        source.unlink()
        path = desk.folder / "a.txt.encrypted"
        if how != "missing":
            path.write_bytes(b"" if how == "empty" else b"a text")
        return path
    sealed = desk.seal(source, context=(("purpose", "nightly"),))
    source.unlink()
    data = sealed.read_bytes()
    with desk.gate() as gate:
        (key,) = [key for page in gate.key_pages() for key in page]
        if how == "disabled key":
            gate.call("DisableKey", KeyId=key.key_id)
        elif how == "deleted key":
            gate.call("ScheduleKeyDeletion", KeyId=key.key_id, PendingWindowInDays=7)
    middle = len(data) - 300
    changed = {
        "truncated": data[:-200],
        "tampered body": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "trailing bytes": data + b"!",
        "base64": b"AgV4" + b"QUJD" * 40,
    }
    sealed.write_bytes(changed.get(how, data))
    return sealed


BAD_INPUT = [
    ("missing", "There is no such file"),
    ("empty", "The input is empty"),
    ("text", "This is not an AWS Encryption SDK message"),
    ("base64", "looks like the Base64 text"),
    ("truncated", "ends"),
    ("tampered body", "not authentic"),
    ("trailing bytes", "follow"),
    ("disabled key", "The key is disabled"),
    ("deleted key", "The key is waiting to be deleted"),
    ("wrong context", "context"),
    ("wrong key", "key"),
]


class TestBadInput:
    @pytest.mark.parametrize(("how", "words"), BAD_INPUT, ids=[how for how, _ in BAD_INPUT])
    def test_gets_an_error_of_its_own_and_leaves_nothing(
        self, desk: Desk, how: str, words: str
    ) -> None:
        sealed = seal_broken(desk, how)
        with desk.gate() as gate:
            gate.create_key("unrelated")
        before = desk.names()

        async def script(app: Session) -> None:
            await app.press("3", "D")
            await app.see("Destination")
            fill(app, "#source", sealed.name)
            await checked(app)
            await app.until(lambda: app.app.screen.query_one(TickList).rows, "the file's keys")
            if how == "wrong context":
                fill(app, "#context", "purpose=hourly")
            if how == "wrong key" or not app.app.screen.query_one(TickList).ticked:
                await _choose_key(app, "alias/unrelated")
            await checked(app)
            await run_job(app, "failed")
            await app.see("What happened")
            assert words in unwrapped(app), app.text
            assert "Sealscope failed inside" not in app.text

        run(script, start=desk.options())

        assert desk.names() == before

    @pytest.mark.parametrize(
        ("kind", "words"),
        [
            ("exists", "The output exists already"),
            ("link", "The output is a link"),
            ("itself", "The output is the input itself"),
            ("no folder", "The output's folder does not exist"),
        ],
    )
    def test_an_output_that_cannot_be_taken_is_said_in_the_form_and_in_the_result(
        self, desk: Desk, kind: str, words: str
    ) -> None:
        path = desk.write("a.txt")
        kept = desk.write("kept.txt", b"keep me")
        (desk.folder / "link").symlink_to("kept.txt")
        names = {"exists": "kept.txt", "link": "link", "itself": "a.txt", "no folder": "no/where"}
        before = desk.names()

        async def script(app: Session) -> None:
            await app.see("a.txt", "looks like")
            await form(app, "E")
            fill(app, "#destination", names[kind])
            if kind in {"link", "itself"}:
                app.app.screen.query_one("#exists", Choice).choose("overwrite")
            await app.see("✗ failed destination", words)
            await run_job(app, "failed")
            await app.see(words)

        run(script, start=desk.options(path))

        assert desk.names() == before
        assert kept.read_bytes() == b"keep me"
        assert path.read_bytes() == b"attack at dawn"


def unwrapped(app: Session) -> str:
    """The screen's words without borders and line ends."""
    return " ".join(app.text.replace("│", " ").split())


async def _choose_key(app: Session, name: str) -> None:
    page = app.app.screen
    while page.query_one(TickList).ticked:
        page.query_one(TickList).focus()
        await app.press("space")
    fill(app, "#other-keys", name)
