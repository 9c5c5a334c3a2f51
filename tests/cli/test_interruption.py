"""Ctrl-C, SIGTERM and a closed terminal: status 130, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sealscope.cli import jobs, output
from sealscope.cli.interrupt import Interruption
from sealscope.errors import Cancelled
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import Request
from sealscope.jobs.work import perform
from sealscope.kms.facade import KmsGate
from tests.cli.calling import KEY, PROGRAM, Here

LARGE = 3_000_000
"""Bytes of a file that is worked on alone."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def interrupt_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, signal.Signals], None]:
    """Sends this process a signal in the middle of the work on a file."""

    def arrange(name: str, number: signal.Signals) -> None:
        def interrupted(
            request: Request, gate: KmsGate, *, progress: Callable[[int], None], **shared: Any
        ) -> Outcome:
            def noisy(done: int) -> None:
                if request.source.name == name:
                    os.kill(os.getpid(), number)
                progress(done)

            return perform(request, gate, progress=noisy, **shared)

        monkeypatch.setattr(jobs, "perform", interrupted)

    return arrange


class TestASignalDuringAJob:
    @pytest.mark.parametrize("number", SIGNALS)
    def test_stops_it_and_keeps_what_is_done(
        self, here: Here, interrupt_at: Callable[..., None], number: signal.Signals
    ) -> None:
        for name in ("a", "b", "c"):
            here.make(name, os.urandom(LARGE))
        interrupt_at("b", number)
        done = here.call("encrypt", "a", "b", "c", "-k", KEY, "-o", "new/out")
        assert done.status == 130
        assert "a.encrypted" in done.out
        assert "b: Interrupted" in done.err
        files = {name for name in here.listing() if name.startswith("new/")}
        assert files == {"new/out", "new/out/a.encrypted"}

    def test_leaves_an_existing_output_as_it_is(
        self, here: Here, interrupt_at: Callable[..., None]
    ) -> None:
        here.make("a", os.urandom(LARGE))
        here.make("a.encrypted", b"precious")
        before = here.listing()
        interrupt_at("a", signal.SIGINT)
        assert here.call("encrypt", "a", "-k", KEY, "--overwrite").status == 130
        assert here.listing() == before

    def test_is_told_in_json(self, here: Here, interrupt_at: Callable[..., None]) -> None:
        for name in ("a", "b"):
            here.make(name, os.urandom(LARGE))
        interrupt_at("a", signal.SIGINT)
        done = here.call("encrypt", "a", "b", "-k", KEY, "--json")
        (line,) = done.json()
        assert (line["path"], line["error"]["class"]) == ("a", "Cancelled")
        assert done.status == 130

    def test_that_ends_with_the_job_still_stops_the_rest(
        self, here: Here, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(
            request: Request, gate: KmsGate, *, progress: Callable[[int], None], **shared: Any
        ) -> Outcome:
            outcome = perform(request, gate, progress=progress, **shared)
            os.kill(os.getpid(), signal.SIGINT)
            return outcome

        monkeypatch.setattr(jobs, "perform", interrupted)
        here.make("a")
        here.make("b")
        done = here.call("encrypt", "a", "b", "-k", KEY)
        assert done.status == 130
        assert "a.encrypted" in here.listing()
        assert "b.encrypted" not in here.listing()

    def test_that_comes_while_the_end_is_told_is_one_all_the_same(
        self, here: Here, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted() -> None:
            raise KeyboardInterrupt

        abandoned: list[object] = []
        monkeypatch.setattr(output, "flush", interrupted)
        monkeypatch.setattr(output, "abandon", abandoned.append)
        here.make("a")
        try:
            done = here.call("encrypt", "a", "-k", KEY)
        except KeyboardInterrupt:
            pytest.fail("the interrupt got through")
        assert done.status == 130
        assert len(abandoned) == 1

    def test_gives_the_handlers_back(self, here: Here) -> None:
        before = [signal.getsignal(number) for number in (*SIGNALS, signal.SIGALRM)]
        here.make("a")
        here.call("encrypt", "a", "-k", KEY)
        assert [signal.getsignal(number) for number in (*SIGNALS, signal.SIGALRM)] == before


class TestAnInterruption:
    def test_asks_first_and_insists_the_second_time(self) -> None:
        with Interruption() as interruption:
            interruption.check()
            os.kill(os.getpid(), signal.SIGINT)
            with pytest.raises(Cancelled):
                interruption.check()
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGTERM)

    def test_insists_by_itself_when_nothing_moves(self) -> None:
        reading, writing = os.pipe()
        try:
            with Interruption() as interruption:
                os.kill(os.getpid(), signal.SIGINT)
                with pytest.raises(KeyboardInterrupt):
                    os.read(reading, 1)  # nobody ever writes
            assert interruption.asked
        finally:
            os.close(reading)
            os.close(writing)

    def test_does_not_touch_what_is_ignored(self) -> None:
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            with Interruption() as interruption:
                os.kill(os.getpid(), signal.SIGHUP)
                interruption.check()
        finally:
            signal.signal(signal.SIGHUP, before)


class TestAProcessThatWaitsForItsInput:
    """It makes no progress, so that only the insisting ends it."""

    @pytest.mark.parametrize("number", SIGNALS)
    @pytest.mark.parametrize("sent", [1_000_000, 40_000_000], ids=["little", "much"])
    def test_ends_with_130_and_leaves_nothing(
        self, here: Here, tmp_path: Path, number: signal.Signals, sent: int
    ) -> None:
        """With much input, threads are at work as well."""
        holding = tmp_path / "holding"
        holding.mkdir()
        process = subprocess.Popen(
            [*PROGRAM, "--local-store", str(here.store), "encrypt", "-", "-k", KEY, "-o", "out"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(holding)},
        )
        assert process.stdin is not None
        # More than a pipe holds: when this returns, the job is reading.
        process.stdin.write(bytes(sent))
        process.stdin.flush()
        process.send_signal(number)
        assert process.wait(timeout=30) == 130
        out, err = process.communicate()
        assert out == b""
        assert b"Traceback" not in err
        assert b"Interrupted" in err
        assert here.listing() == {}
        assert list(holding.iterdir()) == []
