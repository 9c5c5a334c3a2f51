"""Jobs that are still running: progress, cancelling, and quitting meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sealscope.app.app import SealscopeApp, run_app
from sealscope.app.commands import TABLE
from sealscope.app.jobs.quit_dialog import QuitDialog
from sealscope.jobs import work
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import EncryptRequest, Request, SealOptions, encrypted_name
from sealscope.jobs.runner import JobRunner
from sealscope.jobs.work import Progress
from sealscope.kms.facade import KmsGate
from tests.app.desk import GETTING_STARTED, Desk
from tests.app.driver import NARROW, WIDE, Session, run

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


class HalfWay:
    """Does jobs for real, and holds each one after its first bytes until it is let go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def __call__(
        self, request: Request, gate: KmsGate, *, progress: Progress | None = None
    ) -> Outcome:
        def held(done: int) -> None:
            if progress is not None:
                progress(done)
            if done:
                self.reached.set()
                while not self.go_on.wait(0.01):
                    if progress is not None:
                        progress(done)

        return work.perform(request, gate, progress=held)


@pytest.fixture
def half_way(monkeypatch: pytest.MonkeyPatch) -> Iterator[HalfWay]:
    """Every job of the app stops half-way."""
    held = HalfWay()
    defaults = JobRunner.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "work", held)
    yield held
    held.go_on.set()


def start_job(app: Session, source: Path) -> None:
    """Start an encryption, as the form does."""
    services = app.app.standing.services
    assert services is not None
    options = SealOptions(keys=(GETTING_STARTED,))
    services.runner.submit(EncryptRequest(source, encrypted_name(source), options))


async def running(app: Session, half_way: HalfWay, source: Path, *, shown: str = "") -> None:
    """Go to Jobs with a job that stays half-way."""
    await app.see("LOCAL")
    start_job(app, source)
    await app.until(half_way.reached.is_set, "a job half-way")
    await app.press("w")
    await app.see("1 job, 1 not finished", "running", "encrypt", shown or source.name)


BIG = b"\x5a" * (3 << 20)


class TestTheFooterOfTheList:
    def test_offers_the_result_and_greys_what_cannot_be_cancelled(
        self, desk: Desk, half_way: HalfWay
    ) -> None:
        source = desk.write("big.tar", BIG)

        async def script(app: Session) -> None:
            await app.press("w")
            await app.see("⏎ Result", "x Cancel")
            assert enabled(app, "jobs.result", "jobs.cancel") == [False, False]
            await app.press("1")
            await running(app, half_way, source)
            assert enabled(app, "jobs.result", "jobs.cancel") == [True, True]
            half_way.go_on.set()
            await app.see("all finished")
            assert enabled(app, "jobs.result", "jobs.cancel") == [True, False]
            await app.press("x")
            await app.see("The job is done already")
            await app.press("enter")
            await app.see("Wrapped under")

        run(script, start=desk.options())


def enabled(app: Session, *commands: str) -> list[bool]:
    """Which of these commands can be carried out now."""
    return [app.app.why_not(TABLE[command]) is None for command in commands]


@SIZES
class TestARunningJob:
    def test_shows_percent_bar_rate_and_time_left_and_the_screen_answers(
        self, desk: Desk, half_way: HalfWay, size: tuple[int, int]
    ) -> None:
        source = desk.write("big.tar", BIG)

        async def script(app: Session) -> None:
            await running(app, half_way, source)
            await app.see("%", "━", "/s", "left")
            await app.press("2")
            await app.see("big.tar")
            await app.press("w", "enter")
            await app.see("Job 1", "running", "Progress", "Rate")
            half_way.go_on.set()
            await app.see("done", "Wrapped under")
            await app.press("escape")
            await app.see("100%", "1 job, all finished")

        run(script, start=desk.options(), size=size)

    def test_cancelled_leaves_nothing(
        self, desk: Desk, half_way: HalfWay, size: tuple[int, int]
    ) -> None:
        source = desk.write("big.tar", BIG)

        async def script(app: Session) -> None:
            await running(app, half_way, source)
            await app.press("x")
            await app.see("cancelled", "1 job, all finished")
            await app.press("x")
            await app.see("The job is cancelled")

        run(script, start=desk.options(), size=size)

        assert desk.names() == ["big.tar"]


class TestTheList:
    def test_waiting_jobs_can_be_cancelled_before_they_start(
        self, desk: Desk, half_way: HalfWay
    ) -> None:
        sources = [desk.write(f"{number}.tar", BIG) for number in range(3)]

        async def script(app: Session) -> None:
            await running(app, half_way, sources[0])
            start_job(app, sources[1])
            start_job(app, sources[2])
            await app.press("1", "3")
            await app.see("3 jobs, 3 not finished", "waiting")
            await app.press("g", "x")
            await app.see("2 not finished", "cancelled")
            half_way.go_on.set()
            await app.see("all finished")

        run(script, start=desk.options())

        assert "2.tar.encrypted" not in desk.names()
        assert {"0.tar.encrypted", "1.tar.encrypted"} < set(desk.names())

    def test_the_timer_rests_when_nothing_runs(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            from sealscope.app.jobs.place import JobsPlace

            await app.press("3")
            await app.see("No jobs yet")
            place = app.app.screen
            assert isinstance(place, JobsPlace)
            assert place._timer is not None
            assert not place._timer._active.is_set()

        run(script, start=desk.options())


@SIZES
class TestQuitting:
    def test_without_jobs_asks_nothing(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("LOCAL")
            await app.press("q")

        assert run(script, start=desk.options(), size=size).return_code == 0

    def test_with_a_job_asks_and_enter_stays(
        self, desk: Desk, half_way: HalfWay, size: tuple[int, int]
    ) -> None:
        source = desk.write("big.tar", BIG)

        async def script(app: Session) -> None:
            await running(app, half_way, source)
            await app.press("q")
            await app.see("1 job is still running", "Stay", "Wait, then quit", "Cancel jobs")
            await app.press("enter")
            await app.see_no("still running")
            await app.press("q")
            await app.see("still running")
            await app.press("escape")
            await app.see_no("still running")
            half_way.go_on.set()
            await app.see("all finished")

        run(script, start=desk.options(), size=size)

        assert desk.names() == ["big.tar", "big.tar.encrypted"]

    def test_cancelling_the_jobs_leaves_nothing(
        self, desk: Desk, half_way: HalfWay, size: tuple[int, int]
    ) -> None:
        source = desk.write("big.tar", BIG)

        async def script(app: Session) -> None:
            await running(app, half_way, source)
            await app.press("q")
            await app.see("still running")
            await app.press("c")
            await app.until(lambda: app.app.return_code is not None, "the end")

        run(script, start=desk.options(), size=size)

        assert desk.names() == ["big.tar"]

    def test_waiting_quits_when_the_job_is_over(
        self, desk: Desk, half_way: HalfWay, size: tuple[int, int]
    ) -> None:
        source = desk.write("big.tar", BIG)

        async def script(app: Session) -> None:
            await running(app, half_way, source)
            await app.press("q")
            await app.see("still running")
            await app.press("w")
            await app.see("Quits when they are over")
            assert isinstance(app.app.screen, QuitDialog)
            half_way.go_on.set()
            await app.until(lambda: app.app.return_code is not None, "the end")

        app = run(script, start=desk.options(), size=size)

        assert (app.return_code, app.farewell) == (0, ())
        assert desk.names() == ["big.tar", "big.tar.encrypted"]

    def test_what_failed_while_waiting_is_told_and_makes_the_status_1(
        self,
        desk: Desk,
        half_way: HalfWay,
        size: tuple[int, int],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        source = desk.write("big\x1b[2J.tar", BIG)

        async def script(app: Session) -> None:
            await running(app, half_way, source, shown="big")
            encrypted_name(source).write_bytes(b"in the way")
            await app.press("q")
            await app.see("still running")
            await app.press("w")
            await app.see("Quits when they are over")
            half_way.go_on.set()
            await app.until(lambda: app.app.return_code is not None, "the end")

        def scripted(app: SealscopeApp) -> int | None:
            return run(script, app=app, size=size).return_value

        monkeypatch.setattr(SealscopeApp, "run", scripted)

        assert run_app(desk.options()) == 1
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert told.startswith("The output exists already: ")
        assert "big\\x1b[2J.tar -> " in told

    def test_what_leaving_cancelled_is_told(
        self, desk: Desk, half_way: HalfWay, size: tuple[int, int]
    ) -> None:
        source = desk.write("big.tar", BIG)

        async def script(app: Session) -> None:
            await running(app, half_way, source)
            await app.press("q")
            await app.see("still running")
            await app.press("c")
            await app.until(lambda: app.app.return_code is not None, "the end")

        app = run(script, start=desk.options(), size=size)

        assert app.return_code == 1
        (line,) = app.farewell
        assert line == f"Cancelled: {source} -> {encrypted_name(source)}"
