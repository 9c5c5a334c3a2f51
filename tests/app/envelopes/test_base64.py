"""A file that is the Base64 text of a message: said, decoded on request, and never written."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from sealscope.app.envelopes import reading
from sealscope.app.envelopes.inspector import Inspector
from sealscope.app.widgets.tick_list import TickList
from tests.app.desk import Desk
from tests.app.driver import NARROW, WIDE, Session, run
from tests.app.snapshot import assert_snapshot

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


def text_of_message(desk: Desk) -> Path:
    """A message as a mail program would carry it; only the text is left in the folder."""
    plain = desk.write("report.txt")
    sealed = desk.seal(plain, context=(("purpose", "nightly"),))
    path = desk.write("report.b64", base64.encodebytes(sealed.read_bytes()))
    plain.unlink()
    sealed.unlink()
    return path


@SIZES
class TestTheTextOfAMessage:
    def test_is_said_to_be_one_with_what_to_do(self, desk: Desk, size: tuple[int, int]) -> None:
        path = text_of_message(desk)

        async def script(app: Session) -> None:
            await app.see("looks like the Base64 text", "⏎ or b decodes it here", "--decode")

        run(script, start=desk.options(path), size=size)

    @pytest.mark.parametrize("key", ["enter", "b"])
    def test_is_shown_decoded_by_a_key(self, desk: Desk, size: tuple[int, int], key: str) -> None:
        path = text_of_message(desk)

        async def script(app: Session) -> None:
            await app.see("looks like the Base64 text", "LOCAL")
            await app.press(key)
            await app.see("AWS Encryption SDK message, version 2", "purpose", "nightly")
            await app.see("decoded from Base64, UNAUTHENTICATED", "getting-started")
            await app.press("r")
            await app.see("looks like the Base64 text")

        run(script, start=desk.options(path), size=size)

        assert desk.names() == ["report.b64"]

    @pytest.mark.parametrize("keys", [["b"], []], ids=["shown decoded", "as it is"])
    def test_is_decrypted_from_there(
        self, desk: Desk, size: tuple[int, int], keys: list[str]
    ) -> None:
        path = text_of_message(desk)

        async def script(app: Session) -> None:
            await app.see("looks like the Base64 text", "LOCAL")
            await app.press(*keys)
            await app.see("decoded from Base64" if keys else "looks like the Base64 text")
            await app.press("D")
            await app.see("▸ Advanced    set: Base64")
            await app.until(lambda: app.app.screen.query_one(TickList).ticked, "a ticked key")
            await app.press("f2")
            await app.see("--decode")
            await app.press("escape", "ctrl+j")
            await app.see("all finished", "1 done")

        run(script, start=desk.options(path), size=size)

        assert (desk.folder / "report.b64.decrypted").read_bytes() == b"attack at dawn"

    def test_that_was_changed_on_its_way_is_refused(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        path = text_of_message(desk)
        text = path.read_bytes()
        path.write_bytes(text[:200] + b"*" + text[200:])

        async def script(app: Session) -> None:
            await app.see("looks like" if len(text) > 4096 else "is")
            inspector = app.app.screen.query_one(Inspector)
            await app.until(lambda: inspector.reading, "the file")
            inspector.show_file(path, decode=True)
            await app.see("This is no Base64 text of a message", "byte 200 is 0x2a")

        run(script, start=desk.options(path), size=size)

    def test_looks_as_agreed(self, desk: Desk, size: tuple[int, int]) -> None:
        path = desk.write("report.b64", b"AgV4" + b"QUJD" * 40)

        async def script(app: Session) -> None:
            from sealscope.app.display import set_titles

            await app.see("looks like the Base64 text", "LOCAL")
            if size == WIDE:
                await app.see("report.b64", "Base64")
                browser = app.app.screen.query_one("#browser")
                set_titles(browser, "~/vault", "0 envelopes, . shows hidden names")
            await app.pilot.pause()
            assert_snapshot(f"base64-{size[0]}x{size[1]}", app.lines)

        run(script, start=desk.options(path), size=size)


class TestDecoding:
    def test_stops_at_a_bound(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        path = text_of_message(desk)
        monkeypatch.setattr(reading, "MOST_DECODED", 100)
        read = reading.read_file(path, decode=True)
        assert read.envelope is None
        assert read.error is not None
        assert "longer than the limit" in read.error.title

    def test_describes_what_the_message_itself_would_show(self, desk: Desk) -> None:
        sealed = desk.seal(desk.write("a.txt", b"x" * 300_000))
        text = desk.write("a.b64", base64.b64encode(sealed.read_bytes()))
        assert reading.read_file(text, decode=True).envelope == reading.read_file(sealed).envelope


class TestOtherFiles:
    def test_are_not_decoded(self, desk: Desk) -> None:
        path = desk.write("a.txt")

        async def script(app: Session) -> None:
            await app.see("looks like")
            await app.press("b")
            await app.see("Decode: This file is no Base64 text of an envelope")

        run(script, start=desk.options(path))
