"""The app as a whole: connecting, leaving, and how it looks in other terminals."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sealscope.app.app import MANY_COLOURS, TERMINALS_OWN, SealscopeApp
from sealscope.kms.connection import Connection, Target
from tests.app.driver import NARROW, WIDE, Session, local_options, options, run
from tests.app.fakes import FakeKms
from tests.app.snapshot import assert_snapshot

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


class TestStarting:
    def test_paints_before_it_connects(self) -> None:
        painted: list[str] = []
        app: SealscopeApp
        kms = FakeKms()

        def connect(target: Target) -> Connection:
            strips = app.screen._compositor.render_strips()
            painted.append("".join(segment.text for strip in strips for segment in strip))
            return kms.connect(target)

        app = SealscopeApp(options(connect=connect))

        async def script() -> None:
            async with app.run_test(size=WIDE) as pilot:
                session = Session(app, pilot)
                await session.see("READ-ONLY")

        import asyncio

        asyncio.run(script())
        app.threads.close()
        assert "1 Keys" in painted[0]
        assert "connecting" in painted[0]

    def test_opens_on_the_path_it_was_given(self, tmp_path: Path) -> None:
        (tmp_path / "letter.txt").write_text("dear all")

        async def script(app: Session) -> None:
            await app.until(lambda: app.app.current_mode == "envelopes")
            await app.see("letter.txt")

        run(script, start=options(path=tmp_path / "letter.txt"))

    @SIZES
    def test_shows_the_first_key_of_a_new_local_kms(
        self, tmp_path: Path, size: tuple[int, int]
    ) -> None:
        async def script(app: Session) -> None:
            await app.see("▌getting-started", "Enabled", "SYMMETRIC", "encrypt", "off")

        run(script, start=local_options(tmp_path / "store.sqlite3"), size=size)

    @SIZES
    def test_creates_a_key_in_a_local_kms_that_is_there_the_next_time(
        self, tmp_path: Path, size: tuple[int, int]
    ) -> None:
        async def create(app: Session) -> None:
            await app.see("▌getting-started")
            await app.press("n")
            await app.see("Description")
            await app.type("attic/letters")
            await app.press("ctrl+j")
            await app.see("▌attic/letters", "Keys 2")

        async def look(app: Session) -> None:
            await app.see("attic/letters", "Keys 2")

        run(create, start=local_options(tmp_path / "store.sqlite3"), size=size)
        run(look, start=local_options(tmp_path / "store.sqlite3"), size=size)


class TestLeaving:
    @pytest.mark.parametrize("key", ["q", "ctrl+q"])
    def test_quits_at_once_when_no_job_runs(self, key: str) -> None:
        async def script(app: Session) -> None:
            await app.see("READ-ONLY")
            await app.press(key)
            await app.until(lambda: app.app.return_code is not None)

        assert run(script).return_code == 0

    def test_quits_at_once_while_kms_hangs(self) -> None:
        kms = FakeKms()
        kms.opened.clear()

        async def script(app: Session) -> None:
            await app.see("Connecting to KMS")
            await app.press("q")
            await app.until(lambda: app.app.return_code is not None)

        assert run(script, kms=kms).return_code == 0

    def test_a_connection_that_opens_after_a_newer_one_is_closed_again(self) -> None:
        first, second = FakeKms(profile="old"), FakeKms(profile="new")
        waits = threading.Event()
        tries: list[int] = []

        def connect(target: Target) -> Connection:
            tries.append(1)
            if len(tries) == 1:
                waits.wait(20)
                return first.connect(target)
            return second.connect(target)

        async def script(app: Session) -> None:
            await app.see("connecting")
            app.app.action_reconnect()
            await app.see("new · eu-central-1")
            waits.set()
            await app.until(lambda: "Connect" in first.calls)
            await app.pilot.pause()
            await app.see("new · eu-central-1")
            assert first.calls == ["Connect"]

        run(script, start=options(connect=connect))


class TestColours:
    @pytest.mark.parametrize(
        ("terminal", "themes"),
        [("xterm-256color", MANY_COLOURS), ("xterm", TERMINALS_OWN)],
        ids=["many colours", "16 colours"],
    )
    def test_switches_between_dark_and_light(
        self, terminal: str, themes: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TERM", terminal)
        monkeypatch.delenv("COLORTERM", raising=False)
        dark, light = themes

        async def script(app: Session) -> None:
            await app.see("READ-ONLY")
            assert app.app.theme == dark
            await app.press("f9")
            assert app.app.theme == light
            await app.press("f9")
            assert app.app.theme == dark

        run(script)

    @pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light"])
    def test_every_theme_tells_text_from_its_ground(self, theme: str) -> None:
        async def script(app: Session) -> None:
            await app.see("no access", "HMAC_256", "READ-ONLY")
            for strip in app.app.screen._compositor.render_strips():
                for segment in strip:
                    style = segment.style
                    if not segment.text.strip() or style is None:
                        continue
                    if style.color is not None and not style.color.is_default:
                        assert style.color != style.bgcolor, segment

        run(script, start=options(theme=theme))

    def test_no_color_sends_no_colour(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NO_COLOR", "1")

        async def script(app: Session) -> None:
            await app.see("no access", "HMAC_256", "READ-ONLY")
            filters = [type(line_filter).__name__ for line_filter in app.app._filters]
            assert "NoColor" in filters
            assert "Monochrome" not in filters
            assert app.app.theme == "ansi-dark"
            await app.press("f9")
            await app.see("NO_COLOR is set")

        run(script)

    def test_an_empty_no_color_changes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NO_COLOR", "")

        async def script(app: Session) -> None:
            await app.see("READ-ONLY")
            assert app.app.theme == "textual-dark"
            assert not app.app.no_color

        run(script)

    @SIZES
    @pytest.mark.parametrize("look", ["light", "no-color"])
    def test_says_the_same_without_its_colours(
        self, look: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """State is always a word, so the text of the dark theme's snapshot holds everywhere."""
        if look == "no-color":
            monkeypatch.setenv("NO_COLOR", "1")
        theme = "textual-light" if look == "light" else None

        async def script(app: Session) -> None:
            await app.see("no access", "HMAC_256", "365 d", "READ-ONLY")
            if size == WIDE:
                await app.see("Auditor@111122223333", "every 90 days")
            assert_snapshot(f"keys-{size[0]}x{size[1]}", app.lines)

        run(script, start=options(theme=theme), size=size)
