"""The Envelopes place, as its user meets it, on real files and a real local KMS."""

from __future__ import annotations

import pytest

from sealscope.app.envelopes.browser import Browser
from sealscope.app.envelopes.inspector import Inspector
from sealscope.kms.facade import KmsGate
from tests.app.desk import Desk
from tests.app.driver import NARROW, WIDE, Session, run

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
ZERO = b"\0"


def browser(app: Session) -> Browser:
    return app.app.screen_stack[0].query_one(Browser)


async def choose(app: Session, name: str) -> None:
    """Put the cursor on a name of the folder and press Enter."""
    await app.press("2")
    await app.see(name[:20])
    await app.press("g")
    names = [getattr(getattr(row, "entry", None), "path", None) for row in browser(app).rows]
    index = next(i for i, path in enumerate(names) if path is not None and path.name == name)
    await app.press(*["down"] * index, "enter")


@SIZES
class TestBrowsing:
    def test_lists_folders_first_and_marks_envelopes_by_their_bytes(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        (desk.folder / "zoo").mkdir()
        sealed = desk.seal(desk.write("plain.txt"))
        sealed.rename(desk.folder / "innocent.jpg")
        desk.write("liar.encrypted", b"no envelope at all")

        async def script(app: Session) -> None:
            await app.press("2")
            await app.see("zoo/", "innocent.jpg", "1 envelope,")
            (line,) = [line for line in app.lines if "envelope " in line and "B" in line]
            assert "innocent.jpg" in line

        run(script, start=desk.options(), size=size)

    def test_goes_into_folders_and_back_with_the_cursor_where_it_was(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        inner = desk.folder / "inner"
        inner.mkdir()
        (inner / "deep.txt").touch()
        desk.write("a.txt")

        async def script(app: Session) -> None:
            await choose(app, "inner")
            await app.see("deep.txt")
            await app.press("backspace")
            await app.see("▌inner/", "a.txt")
            await app.press("l")
            await app.see("deep.txt")
            await app.press("h")
            await app.see("▌inner/")

        run(script, start=desk.options(), size=size)

    def test_hidden_names_come_and_go(self, desk: Desk, size: tuple[int, int]) -> None:
        desk.write(".profile")
        desk.write("seen.txt")

        async def script(app: Session) -> None:
            await app.press("2")
            await app.see("seen.txt")
            assert ".profile" not in app.text
            await app.press("full_stop")
            await app.see(".profile", "hidden names shown")
            await app.press("full_stop")
            await app.see_no(".profile")

        run(script, start=desk.options(), size=size)

    def test_a_typed_path_opens_a_file_elsewhere(self, desk: Desk, size: tuple[int, int]) -> None:
        inner = desk.folder / "inner"
        inner.mkdir()
        (inner / "deep.txt").write_bytes(b"words")

        async def script(app: Session) -> None:
            await app.press("2", "o")
            await app.see("Open a path")
            await app.type("inner/deep.txt")
            await app.press("enter")
            await app.see("no envelope that Sealscope reads", "5 B")

        run(script, start=desk.options(), size=size)

    def test_a_folder_that_is_gone_says_so_in_place(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        doomed = desk.folder / "doomed"
        doomed.mkdir()

        async def script(app: Session) -> None:
            await app.press("2")
            await app.see("doomed/")
            doomed.rmdir()
            await choose(app, "doomed")
            await app.see("../", "There is no such file")

        run(script, start=desk.options(), size=size)

    def test_what_was_written_meanwhile_is_there_on_coming_back(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        path = desk.write("a.txt")

        async def script(app: Session) -> None:
            await app.press("2")
            await app.see("▌a.txt")
            await app.press("3")
            await app.see("No jobs yet")
            desk.seal(path)
            await app.press("2")
            await app.see("▌a.txt", "a.txt.encrypted", "1 envelope,")

        run(script, start=desk.options(), size=size)


@SIZES
class TestInspecting:
    def test_the_app_opens_on_the_path_it_was_given(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        sealed = desk.seal(desk.write("report.txt"), context=(("purpose", "nightly"),))

        async def script(app: Session) -> None:
            await app.see("AWS Encryption SDK message, version 2", "UNAUTHENTICATED until decrypt")
            await app.see("purpose", "nightly", "plain text, visible to all")
            await app.see("B frames, 1 of them", "14 B")

        run(script, start=desk.options(sealed), size=size)

    def test_the_sizes_add_up_to_the_files_size(self, desk: Desk, size: tuple[int, int]) -> None:
        sealed = desk.seal(desk.write("report.txt", b"x" * 200_000))

        async def script(app: Session) -> None:
            await app.see("header", "footer")
            await app.until(lambda: app.app.screen.query_one(Inspector).is_envelope)
            (line,) = [line for line in app.lines if "B = header" in line]
            numbers = [int(word.replace(",", "")) for word in line.split() if word[0].isdigit()]
            assert numbers[0] == sum(numbers[1:]) == sealed.stat().st_size

        run(script, start=desk.options(sealed), size=size)

    def test_shows_the_live_key_and_enter_goes_to_it(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        sealed = desk.seal(desk.write("report.txt"))

        async def script(app: Session) -> None:
            await app.see("getting-started", "Enabled", "local 000000000000")
            inspector = app.app.screen.query_one(Inspector)
            arn = inspector._live[0].arn
            await app.press(*["down"] * 8, "enter")
            await app.until(lambda: app.app.current_mode == "keys", "the Keys place")
            await app.see(arn.rsplit("/", 1)[-1][:8])

        run(script, start=desk.options(sealed), size=size)

    def test_a_key_that_is_not_here_says_why_and_the_others_are_shown_all_the_same(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        with desk.gate() as gate:
            other = _new_key(gate, "other")
        sealed = desk.seal(desk.write("report.txt"), "alias/getting-started", other)
        data = sealed.read_bytes()
        key_id = other.rsplit("/", 1)[-1].encode()
        sealed.write_bytes(data.replace(key_id, b"00000000-0000-4000-8000-000000000000"))

        async def script(app: Session) -> None:
            await app.see("Wrapped data keys (2)", "getting-started", "Enabled")
            await app.see("KMS knows no such key or alias")

        run(script, start=desk.options(sealed), size=size)

    def test_groups_of_fields_open_and_close(self, desk: Desk, size: tuple[int, int]) -> None:
        sealed = desk.seal(desk.write("report.txt"))

        async def script(app: Session) -> None:
            await app.see("▸ footer")
            await app.press("G", "enter")
            await app.see("▾ footer", "signature length")
            await app.press("down", "h", "h")
            await app.see("▸ footer")
            await app.see_no("signature length")

        run(script, start=desk.options(sealed), size=size)

    def test_refresh_reads_the_file_again(self, desk: Desk, size: tuple[int, int]) -> None:
        sealed = desk.seal(desk.write("report.txt"))

        async def script(app: Session) -> None:
            await app.see("AWS Encryption SDK message")
            sealed.write_bytes(b"something else")
            await app.press("r")
            await app.see("no envelope that Sealscope reads")

        run(script, start=desk.options(sealed), size=size)

    def test_a_hidden_file_opened_by_path_stays(self, desk: Desk, size: tuple[int, int]) -> None:
        sealed = desk.seal(desk.write("report.txt")).rename(desk.folder / ".hidden")

        async def script(app: Session) -> None:
            await app.see("AWS Encryption SDK message", "getting-started")
            if app.app.size.width >= 100:
                await app.until(lambda: browser(app).file == sealed, "the cursor on it")
            await app.until(lambda: browser(app)._marks, "the marks")
            assert "AWS Encryption SDK message" in app.text

        run(script, start=desk.options(sealed), size=size)

    def test_copies_what_is_shown_under_the_cursor(self, desk: Desk, size: tuple[int, int]) -> None:
        sealed = desk.seal(desk.write("report.txt"))

        async def script(app: Session) -> None:
            await app.see("AWS Encryption SDK message")
            await app.press("down", "y")
            await app.until(lambda: app.app.clipboard == "0578", "the suite copied")

        run(script, start=desk.options(sealed), size=size)


@SIZES
class TestOtherFiles:
    @pytest.mark.parametrize(
        "data",
        [b"", b"just a text\n", b"\x89PNG\r\n\x1a\n" + ZERO * 40],
        ids=["empty", "text", "picture"],
    )
    def test_get_a_useful_answer(self, desk: Desk, size: tuple[int, int], data: bytes) -> None:
        path = desk.write("thing", data)

        async def script(app: Session) -> None:
            await app.see("no envelope that Sealscope reads", f"{len(data)} B", "E encrypts it.")
            await app.press("D")
            await app.see("Decrypt: This file is not")

        run(script, start=desk.options(path), size=size)

    def test_a_missing_file_is_said_to_be_missing(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("There is no such file", "absent.bin")

        run(script, start=desk.options(desk.folder / "absent.bin"), size=size)

    def test_a_truncated_envelope_shows_what_is_there_or_why_not(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        sealed = desk.seal(desk.write("report.txt", b"x" * 1000))
        sealed.write_bytes(sealed.read_bytes()[:-40])

        async def script(app: Session) -> None:
            await app.see("AWS Encryption SDK message", "Problem")

        run(script, start=desk.options(sealed), size=size)


class TestTheWideScreen:
    def test_the_file_under_a_resting_cursor_is_shown_beside_the_folder(self, desk: Desk) -> None:
        desk.seal(desk.write("b.txt"))
        desk.write("a.txt", b"first of all")

        async def script(app: Session) -> None:
            await app.press("2")
            await app.see("▌a.txt")
            await app.press("down", "down")
            await app.see("▌b.txt.encrypted", "AWS Encryption SDK message")
            await app.press("up")
            await app.see("▌b.txt", "it looks like")
            await app.see_no("AWS Encryption SDK message")

        run(script, start=desk.options(), size=WIDE)


@SIZES
class TestTheFileUnderTheCursor:
    """Commands act on it at once, shown or not."""

    @pytest.mark.parametrize(("key", "form"), [("E", "Encrypt"), ("D", "Decrypt")])
    def test_goes_into_the_form(
        self, desk: Desk, size: tuple[int, int], key: str, form: str
    ) -> None:
        for name in ("a.txt", "b.txt", "c.txt"):
            desk.write(name)
        (desk.folder / "folder").mkdir()

        async def script(app: Session) -> None:
            await app.press("2")
            await app.see("c.txt")
            await app.press("g", "j", "j", "j")
            app.app.screen.query_one(Browser).move_to(4)
            await app.press(key)
            await app.see(f"{form}", "c.txt", "Run")

        run(script, start=desk.options(), size=size)


class TestTheNarrowScreen:
    def test_escape_goes_back_from_the_file_to_the_folder(self, desk: Desk) -> None:
        sealed = desk.seal(desk.write("report.txt"))

        async def script(app: Session) -> None:
            await app.see("AWS Encryption SDK message")
            await app.press("escape")
            await app.see("▌report.txt.encrypted")

        run(script, start=desk.options(sealed), size=NARROW)


def _new_key(gate: KmsGate, alias: str) -> str:
    return gate.create_key(alias).arn
