"""Text from files, services and the clipboard does nothing on the Jobs screens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sealscope.app.jobs.advanced import Advanced
from sealscope.app.jobs.command_line import headless_command
from sealscope.app.jobs.command_screen import CommandScreen
from sealscope.app.jobs.decrypt_form import KeysOfFile
from sealscope.app.jobs.form import Checked, JobForm
from sealscope.app.jobs.job_list import job_rows
from sealscope.app.jobs.job_page import JobPage
from sealscope.app.jobs.result import result_rows
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.row_list import RowList
from sealscope.app.widgets.typed import TypedLine, TypedText
from sealscope.errors import KmsError, NoUsableKey, UsageError
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.preflight import Check, CheckState
from sealscope.jobs.request import EncryptRequest, Kind, SealOptions
from sealscope.jobs.runner import JobState, JobView
from tests.app.desk import Desk
from tests.app.driver import NARROW, WIDE, Session, run
from tests.app.fakes import FakeKey, FakeKms, key_id
from tests.app.test_hostile_text import assert_harmless
from tests.hostile import HOSTILE, HOSTILE_NAMES

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


def share(size: tuple[int, int]) -> tuple[str, ...]:
    """Half of the strings for each size; every one is shown at one of them."""
    return HOSTILE[0::2] if size == WIDE else HOSTILE[1::2]


def hostile_view(text: str, *, failed: bool) -> JobView:
    """A job whose every text is hostile."""
    path = Path(text)
    request = EncryptRequest(path, path, SealOptions(keys=(text,), context=((text, text),)))
    outcome = Outcome(
        Kind.DECRYPT, text, text, text, (text, text), {text: text}, text, text, None, 1, 2, 3.0
    )
    return JobView(
        id=1,
        kind=Kind.DECRYPT,
        source=path,
        destination=path,
        request=request,
        state=JobState.FAILED if failed else JobState.DONE,
        done=1,
        total=2,
        seconds=3.0,
        rate=4.0,
        seconds_left=None,
        outcome=None if failed else outcome,
        error=NoUsableKey(text, f"{text}\n{text}", text, request_id=text) if failed else None,
    )


@SIZES
class TestFields:
    def test_typed_and_pasted_text_is_drawn_harmlessly(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        async def script(app: Session) -> None:
            await app.see("LOCAL")
            await app.press("3", "E" if size == WIDE else "D")
            await app.see("Preflight")
            page = app.app.screen
            lines = list(page.query(TypedLine))
            texts = share(size)
            for start in range(0, len(texts), len(lines)):
                batch = texts[start : start + len(lines)]
                for typed, text in zip(lines, batch, strict=False):
                    typed.value = text
                page.query_one(TypedText).text = "\n".join(batch)
                (lines[0] if start % 2 else page.query_one(TypedText)).focus()
                await app.pilot.pause()
                assert_harmless(app)

        run(script, start=desk.options(), size=size)

    def test_advanced_options_and_what_is_wrong_with_them_are_drawn_harmlessly(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        async def script(app: Session) -> None:
            await app.see("LOCAL")
            await app.press("3", "E" if size == WIDE else "D")
            await app.see("Preflight")
            await app.press("f4")
            await app.see("▾ Advanced")
            page = app.app.screen
            part = page.query_one(Advanced)
            page.query_one("#caching", Choice).choose("on")
            editors = [field.editor for field in part.fields]
            texts = share(size)
            for start in range(0, len(texts), 3):
                batch = texts[start : start + 3]
                for number, editor in enumerate(editors):
                    text = batch[number % len(batch)].replace("\n", "")
                    if isinstance(editor, TypedText):
                        editor.text = f"{text}/{text}={text}\n{text}"
                    elif isinstance(editor, TypedLine):
                        editor.value = text
                await app.pilot.pause()
                assert_harmless(app)
                problem = UsageError(batch[0], batch[-1], batch[0])
                part.raw_keys.aes.found(problem)
                page.query_one("#raw-aes", TypedText).text = ""
                await app.pilot.pause()
                part.raw_keys.aes.found(problem)
                await app.pilot.pause()
                assert_harmless(app)

        run(script, start=desk.options(), size=size)

    def test_a_picked_file_is_shown_harmlessly(self, desk: Desk, size: tuple[int, int]) -> None:
        names = [name for name in HOSTILE_NAMES if len(os.fsencode(name)) < 200]
        for name in names[:: 2 if size == WIDE else 3]:
            desk.write(name, b"0123456789abcdef")

        async def script(app: Session) -> None:
            await app.see("LOCAL")
            await app.press("3", "E")
            await app.see("Preflight")
            await app.press("f4", "f6")
            await app.see("⏎ takes the key file")
            assert_harmless(app)
            await app.press("escape")
            part = app.app.screen.query_one(Advanced)
            for name in names[:12]:
                await part.file_picked(desk.folder / name)
                await app.pilot.pause()
                assert_harmless(app)

        run(script, start=desk.options(), size=size)

    def test_findings_and_keys_are_shown_harmlessly(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        async def script(app: Session) -> None:
            await app.see("LOCAL")
            await app.press("3", "D")
            await app.see("Preflight")
            page = app.app.screen
            assert isinstance(page, JobForm)
            for text in share(size):
                error = KmsError(text, text, text, request_id=text)
                checks = tuple(Check(text, state, text, error) for state in CheckState)
                page.post_message(Checked(page._generation, checks))
                generation = getattr(page, "_source_generation", 0)
                page.post_message(KeysOfFile(generation, (), error))
                await app.pilot.pause()
                assert_harmless(app)

        run(script, start=desk.options(), size=size)


@SIZES
class TestListAndResult:
    def test_jobs_are_shown_harmlessly(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("LOCAL")
            await app.press("3")
            await app.see("No jobs yet")
            jobs = app.app.screen.query_one(RowList)
            texts = share(size)
            for start in range(0, len(texts), 9):
                views = [hostile_view(text, failed=True) for text in texts[start : start + 9]]
                jobs.set_rows(job_rows(views, size[0] - 6))
                await app.pilot.pause()
                assert_harmless(app)

        run(script, start=desk.options(), size=size)

    def test_results_and_commands_are_shown_harmlessly(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        async def script(app: Session) -> None:
            await app.see("LOCAL")
            await app.press("3")
            page = JobPage(1)
            await app.app.push_screen(page)
            for number, text in enumerate(share(size)):
                page.set_crumb(text)
                view = hostile_view(text, failed=bool(number % 2))
                page.query_one(RowList).set_rows(result_rows(view, size[0] - 5), cursor=0)
                await app.pilot.pause()
                assert_harmless(app)

        run(script, start=desk.options(), size=size)

    def test_commands_are_shown_harmlessly(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("LOCAL")
            texts = share(size)
            for start in range(0, len(texts), 6):
                options = SealOptions(keys=texts[start : start + 6])
                request = EncryptRequest(Path(texts[start]), Path("out"), options)
                await app.app.push_screen(CommandScreen(headless_command(request)))
                await app.pilot.pause()
                assert_harmless(app)
                app.app.pop_screen()

        run(script, start=desk.options(), size=size)


@SIZES
def test_keys_to_pick_are_shown_harmlessly(size: tuple[int, int]) -> None:
    keys = [
        FakeKey(key_id(number), (text,), state=text if number % 2 else "Enabled", spec=text)
        for number, text in enumerate(HOSTILE)
    ]

    async def script(app: Session) -> None:
        await app.see("READ-ONLY")
        await app.press("3", "E")
        await app.see("Preflight")
        await app.press("f3")
        await app.see("Space ticks")
        for _ in range(len(keys) // 10):
            await app.press("pagedown")
            assert_harmless(app)

    run(script, kms=FakeKms(keys=keys), size=size)
