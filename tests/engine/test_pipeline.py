"""The pipeline settles batches in order, whatever the order in which they are done."""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from operator import gt, ne
from typing import BinaryIO, cast

import pytest

from sealscope import errors
from sealscope.engine.crew import Crew
from sealscope.engine.lane import Lane
from sealscope.engine.pipeline import Pipeline
from sealscope.engine.streams import ByteInput, ByteOutput
from tests.engine.ends import ENDS, SINKS, SOURCES, FileInMemory

BATCH = 8
CREW = Crew(threads=4, batches=8, takes_turns=False)


class Inverting:
    """A codec that inverts bytes; a hook runs in the thread before each batch.

    Attributes:
        most: how many batches it had in its hands at a time.
    """

    input_bytes = output_bytes = BATCH

    def __init__(
        self, hook: Callable[[int], bool] = lambda _: True, *, seals: bool = False
    ) -> None:
        self._hook = hook
        self.seals = seals
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def code(self, index: int, data: memoryview, out: memoryview) -> bool:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            clean = self._hook(index)
            out[:] = inverted(data)
            return clean
        finally:
            with self._lock:
                self._now -= 1


def inverted(data: bytes | memoryview) -> bytes:
    return bytes(255 - byte for byte in data)


def content(batches: int) -> bytes:
    return b"".join(index.to_bytes(BATCH, "big") for index in range(batches))


class Run:
    """One run of a pipeline, and all that it told."""

    def __init__(
        self,
        codec: Inverting,
        data: bytes,
        ends: tuple[str, str] = ("file", "file"),
        *,
        crew: Crew = CREW,
        signed: bool = True,
    ) -> None:
        self.source = ByteInput(SOURCES[ends[0]](data))
        self.raw = SINKS[ends[1]]()
        self.sink = ByteOutput(cast("BinaryIO", self.raw))
        self.observed = bytearray()
        self.progress: list[int] = []
        self.shown = inverted if codec.seals else bytes
        pipeline = Pipeline(
            codec,
            self.source,
            self.sink,
            observe=self.observed.extend if signed else None,
            progress=self.progress.append,
        )
        before = set(threading.enumerate())
        try:
            self.done = pipeline.run(crew)
        finally:
            assert set(threading.enumerate()) == before

    def check(self, data: bytes, batches: int) -> None:
        """Everything stands right behind so many batches."""
        size = batches * BATCH
        assert self.done == batches
        assert self.raw.getvalue() == inverted(data[:size])
        assert bytes(self.observed) in {self.shown(data[:size]), b""}
        assert self.progress == [BATCH * (index + 1) for index in range(batches)]
        assert self.sink.written == self.source.offset == size
        rest = bytearray(len(data) + 1)
        assert bytes(rest[: self.source.fill(memoryview(rest))]) == data[size:]
        self.sink.write(b"next")
        assert self.raw.getvalue() == inverted(data[:size]) + b"next"


@pytest.mark.parametrize("ends", ENDS, ids="-".join)
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
class TestTheClean:
    def test_are_all_done(self, ends: tuple[str, str], signed: bool) -> None:
        for batches in (0, 1, 2, 7, 8, 9, 40):
            for more in (b"", b"1234567"):
                data = content(batches) + more
                for seals in (False, True):
                    run = Run(Inverting(seals=seals), data, ends, signed=signed)
                    run.check(data, batches)

    def test_end_before_the_first_that_is_not(self, ends: tuple[str, str], signed: bool) -> None:
        data = content(30) + b"123"
        for dirty in range(30):
            codec = Inverting(partial(ne, dirty))
            Run(codec, data, ends, signed=signed).check(data, dirty)

    def test_end_there_also_if_it_is_the_last_to_be_found(
        self, ends: tuple[str, str], signed: bool
    ) -> None:
        """Seven further batches are done meanwhile, and nothing of them may stay."""
        for dirty in (0, 3, 21):
            others = threading.Semaphore(0)

            def hook(index: int, dirty: int = dirty, others: threading.Semaphore = others) -> bool:
                if index == dirty:
                    return not all(others.acquire() for _ in range(CREW.batches - 1))
                if index > dirty:
                    others.release()
                return True

            data = content(40)
            Run(Inverting(hook), data, ends, signed=signed).check(data, dirty)

    def test_are_done_in_any_order(self, ends: tuple[str, str], signed: bool) -> None:
        for seed in range(20):
            chance = random.Random(seed)

            def hook(_: int, chance: random.Random = chance) -> bool:
                for _turn in range(chance.choice((0, 0, 1, 10, 100))):
                    os.sched_yield()
                return True

            data = content(60)
            crew = Crew(chance.randint(1, 6), chance.randint(2, 9), chance.random() < 0.3)
            Run(Inverting(hook), data, ends, crew=crew, signed=signed).check(data, 60)

    def test_wait_for_their_turn_if_the_first_takes_longest(
        self, ends: tuple[str, str], signed: bool
    ) -> None:
        for slow in (0, 5, 20):
            others = threading.Semaphore(0)

            def hook(index: int, slow: int = slow, others: threading.Semaphore = others) -> bool:
                if slow < index < slow + CREW.batches:
                    others.release()
                if index == slow:
                    return all(others.acquire() for _ in range(CREW.batches - 1))
                return True

            data = content(40)
            Run(Inverting(hook), data, ends, signed=signed).check(data, 40)


def yield_the_core(_: int) -> bool:
    os.sched_yield()
    return True


class TestWhatIsSealed:
    def test_is_never_sealed_twice(self) -> None:
        """A batch that is read in vain, before one that is not, shows that the file changes."""
        sealed = threading.Event()

        class Growing(FileInMemory):
            def read_at(self, buffer: memoryview, offset: int) -> int:
                if offset == 5 * BATCH:
                    sealed.wait()
                    return 0
                return super().read_at(buffer, offset)

        def hook(index: int) -> bool:
            if index > 5:
                sealed.set()
            return True

        for seals in (True, False):
            sealed.clear()
            source, sink = ByteInput(Growing(content(40))), ByteOutput(FileInMemory())
            pipeline = Pipeline(Inverting(hook, seals=seals), source, sink)
            if seals:
                with pytest.raises(errors.SourceChanged):
                    pipeline.run(CREW)
            else:
                assert pipeline.run(CREW) == 5

    def test_may_end_where_the_numbers_end(self) -> None:
        codec = Inverting(partial(gt, 5), seals=True)
        Run(codec, content(40)).check(content(40), 5)


class TestTheCrew:
    def test_has_no_more_batches_in_hand_than_threads(self) -> None:
        together = threading.Barrier(CREW.threads)
        codec = Inverting(lambda _: together.wait() >= 0)
        Run(codec, content(40)).check(content(40), 40)
        assert codec.most == CREW.threads

    def test_takes_turns_where_it_is_told_to(self) -> None:
        codec = Inverting(yield_the_core)
        crew = Crew(4, 8, takes_turns=True)
        Run(codec, content(40), crew=crew).check(content(40), 40)
        assert codec.most == 1


class FaultError(Exception):
    """What no module of ours raises."""


def fail(*_: object) -> int:
    raise FaultError


def fail_at(at: int, index: int) -> bool:
    return index != at or bool(fail())


class TestAFailure:
    @pytest.mark.parametrize("ends", ENDS, ids="-".join)
    def test_of_the_codec_goes_through(self, ends: tuple[str, str]) -> None:
        for at in (0, 1, 7, 30):
            with pytest.raises(FaultError):
                Run(Inverting(partial(fail_at, at)), content(40), ends)

    def test_comes_after_what_is_wrong_before_it(self) -> None:
        """The error is told that stands first in the file, not the one that came first."""
        failed = threading.Event()

        def hook(index: int) -> bool:
            if index == 6:
                failed.set()
                fail()
            return index != 5 or not failed.wait()

        data = content(40)
        Run(Inverting(hook), data).check(data, 5)

    def test_of_the_observer_goes_through(self) -> None:
        for at in (1, 2, 10, 40):
            calls: Counter[str] = Counter()

            def observe(_: object, at: int = at, calls: Counter[str] = calls) -> None:
                calls["all"] += 1
                if calls["all"] == at:
                    fail()

            source, sink = ByteInput(FileInMemory(content(40))), ByteOutput(FileInMemory())
            with pytest.raises(FaultError):
                Pipeline(Inverting(), source, sink, observe=observe).run(CREW)
            assert names().isdisjoint({"frames", "signature"})

    @pytest.mark.parametrize("source_kind", ["file", "stream"])
    def test_of_a_read_comes_when_all_before_it_is_done(self, source_kind: str) -> None:
        class Failing(FileInMemory):
            def read_at(self, buffer: memoryview, offset: int) -> int:
                return fail() if offset >= 20 * BATCH else super().read_at(buffer, offset)

        class FailingStream(FileInMemory):
            read_at = None  # type: ignore[assignment]

            def readinto1(self, buffer: memoryview) -> int:  # type: ignore[override]
                return fail() if self.tell() >= 20 * BATCH else super().readinto1(buffer)

        kind = Failing if source_kind == "file" else FailingStream
        progress: list[int] = []
        source, sink = ByteInput(kind(content(40))), ByteOutput(FileInMemory())
        with pytest.raises(FaultError):
            Pipeline(Inverting(), source, sink, progress=progress.append).run(CREW)
        assert progress == [BATCH * (index + 1) for index in range(20)]

    def test_of_a_write_in_the_callers_thread_goes_through(self) -> None:
        class Full:
            write = staticmethod(fail)

        source, sink = ByteInput(FileInMemory(content(40))), ByteOutput(cast("BinaryIO", Full()))
        with pytest.raises(FaultError):
            Pipeline(Inverting(), source, sink).run(CREW)
        assert "frames" not in names()


def names() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


class TestALane:
    def test_ends_its_threads_before_an_interrupt_goes_through(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Otherwise files would be closed while a thread still writes to them."""
        lane: Lane[int] = Lane("interrupted", lambda _: None)
        assert lane.start(3) == 3
        join, calls = threading.Thread.join, iter((True, False, True, False))

        def interrupted(thread: threading.Thread, timeout: float | None = None) -> None:
            if next(calls, False):
                raise KeyboardInterrupt
            join(thread, timeout)

        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "join", interrupted)
            with pytest.raises(KeyboardInterrupt):
                lane.halt()
        assert "interrupted" not in names()

    def test_can_be_left_when_an_interrupt_comes_while_its_threads_start(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        start, calls = threading.Thread.start, iter((True, False))

        def interrupted(thread: threading.Thread) -> None:
            if not next(calls):
                raise KeyboardInterrupt
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", interrupted)
        lane: Lane[int] = Lane("half", lambda _: None)
        with pytest.raises(KeyboardInterrupt), lane:
            lane.start(2)
        assert "half" not in names()

    def test_leaves_out_what_is_queued_when_it_is_halted(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun, waited_for = threading.Event(), threading.Event()
        done: list[int] = []

        def work(number: int) -> None:
            begun.set()
            waited_for.wait()
            done.append(number)

        lane = Lane("halted", work)
        lane.start(1)
        for number in range(5):
            lane.put(number)
        begun.wait()
        join = threading.Thread.join

        def then_join(thread: threading.Thread, timeout: float | None = None) -> None:
            waited_for.set()
            join(thread, timeout)

        monkeypatch.setattr(threading.Thread, "join", then_join)
        lane.halt()
        assert done == [0]

    def test_does_all_that_is_queued_when_it_is_finished(self) -> None:
        done: list[int] = []
        lane = Lane("finished", done.append)
        lane.start(1)
        for number in range(100):
            lane.put(number)
        lane.finish()
        assert done == list(range(100))
