"""The pictures: which screen, how large, and how it is reached from the keyboard."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from sealscope.app.app import SealscopeApp
from sealscope.app.options import AppOptions
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import (
    DecryptRequest,
    EncryptRequest,
    OpenOptions,
    Request,
    SealOptions,
    encrypted_name,
)
from sealscope.jobs.runner import JobRunner, JobState
from sealscope.jobs.work import Progress, perform
from sealscope.kms.facade import KmsGate
from tests.app.driver import NARROW, WIDE, Session
from tests.screenshots.scene import NOW, Clock, fixed_messages, furnish, open_connection


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        name: of its file, without the ending.
        size: columns and lines.
        steps: brings the app to what the picture shows.
    """

    name: str
    size: tuple[int, int]
    steps: Callable[[Session, Stage], Awaitable[None]]


class Stage:
    """The scene's clock, and work whose speed the picture decides."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.halted = threading.Event()

    def work(self, request: Request, gate: KmsGate, *, progress: Progress | None = None) -> Outcome:
        """Do a job for real; the large one stands at 43 % until the picture is taken."""
        assert progress is not None
        if request.source.name == "nightly.tar":
            self.seconds += 0.2
            progress(22_544_384)
            self.halted.wait()
            progress(request.source.stat().st_size)
        with fixed_messages():
            outcome = perform(request, gate, progress=progress)
        self.seconds += 0.025
        return outcome


async def keys(session: Session, stage: Stage) -> None:
    """The list, and the key that seals the settlements."""
    await session.see("payments/prod", "PendingDel", "365 d")
    await session.press("slash")
    await session.type("pay")
    await session.see("payments/stage")
    await session.press("escape")
    await session.see("legacy/etl")
    await choose(session, "payments/prod")
    await session.see("Card settlement files")


async def keys_narrow(session: Session, stage: Stage) -> None:
    """The same list in a small terminal."""
    await session.see("payments/prod", "PendingDel", "Enabled")
    await choose(session, "payments/prod")


async def choose(session: Session, name: str) -> None:
    """Move down until the row of this name is the chosen one."""
    await session.press("g")
    for _ in range(20):
        if any("▌" in line and name in line.split("││")[0] for line in session.lines):
            return
        await session.press("down")
    raise AssertionError(f"no row {name}\n{session.text}")


async def envelopes(session: Session, stage: Stage) -> None:
    """A message with two recipients, each with its key's state."""
    await session.press("2")
    await session.see("2026-11-22.csv")
    for _ in range(12):
        if "2026-11-22.csv.encrypted ─" in session.text:
            break
        await session.press("down")
        await session.pilot.pause(0.3)
    await session.see("purpose", "settlement", "payments/prod", "backup/nightly", "Enabled")


async def jobs(session: Session, stage: Stage) -> None:
    """One job running, two done, one failed."""
    await session.until(lambda: session.app.standing.services is not None, "connected")
    services = session.app.standing.services
    assert services is not None
    runner = services.runner
    runner._work = stage.work
    folder = Path.cwd()
    key = SealOptions(keys=("alias/payments/prod",), context=(("purpose", "settlement"),))
    source = folder / "2026-11-22.csv"
    message = encrypted_name(source)
    opened = DecryptRequest(
        message, folder / "copy.csv", OpenOptions(keys=("alias/payments/prod",))
    )
    wrong = DecryptRequest(message, folder / "x.csv", OpenOptions(keys=("alias/payments/stage",)))
    text = folder / "README.txt"
    done = EncryptRequest(text, encrypted_name(text), key)
    for request in (opened, wrong, done):
        await over(session, runner, runner.submit(request))
    nightly = folder / "nightly.tar"
    running = runner.submit(EncryptRequest(nightly, encrypted_name(nightly), key))
    await session.until(lambda: runner.view(running).done > 0, "progress")
    await session.press("3")
    await session.see("nightly.tar", "43%", "failed", "done")


async def over(session: Session, runner: JobRunner, number: int) -> None:
    """Wait until a job is over."""
    await session.until(lambda: runner.view(number).state.is_over, "over")
    assert runner.view(number).state in {JobState.DONE, JobState.FAILED}


PICTURES = (
    Picture("keys-120x40", WIDE, keys),
    Picture("envelopes-120x40", WIDE, envelopes),
    Picture("jobs-120x40", WIDE, jobs),
    Picture("keys-80x24", NARROW, keys_narrow),
)


def take(picture: Picture, home: Path) -> str:
    """The picture as SVG. `home` is an empty folder; the working directory becomes one in it."""
    import os

    folder = furnish(home)
    os.chdir(folder)
    stage = Stage()
    clock = Clock(NOW)
    app = SealscopeApp(
        AppOptions(
            connect=lambda _: open_connection(home, clock),
            clock=clock,
            monotonic=lambda: stage.seconds,
        )
    )

    async def play() -> str:
        async with app.run_test(size=picture.size, notifications=False) as pilot:
            session = Session(app, pilot)
            await picture.steps(session, stage)
            await pilot.pause(0.2)
            return app.export_screenshot(title="Sealscope")

    try:
        return asyncio.run(play())
    finally:
        stage.halted.set()
        services = app.standing.services
        if services is not None:
            services.close()
        app.threads.close()
