"""Many batches at a time come to the same message, the same plaintext and the same progress."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sealscope import errors
from sealscope.engine import body, body_writer, crew, pipeline
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.files import open_output, open_source
from tests.engine.ends import (
    BATCH,
    ENDS,
    Coding,
    FileInMemory,
    Outcome,
    between,
    one_after_the_other,
    opening,
    outcome,
    sealing,
    small_batches,
)
from tests.engine.forge import Forge

__all__ = ["small_batches"]

pytestmark = pytest.mark.usefixtures("small_batches")

FRAME_LENGTHS = (1, 7, 16, 100, 128, 255, 256, 257, 1000)
UNSIGNED, SIGNED = SUITES[0x0478], SUITES[0x0578]
BOTH = pytest.mark.parametrize("suite", [UNSIGNED, SIGNED], ids=lambda suite: suite.hex_id)


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def sizes(frame_length: int, batches: int = 12) -> list[int]:
    """Around every boundary of a frame and of a batch that matters, early and late."""
    batch = max(1, BATCH // frame_length) * frame_length
    marks = {0, frame_length, batch, 2 * batch, 3 * batch, batches * batch}
    marks |= {batches * batch + frame_length, (batches + 1) * batch - frame_length}
    return sorted({mark + by for mark in marks for by in (-1, 0, 1) if mark + by >= 0})


def in_order(coding: Coding, data: bytes) -> Outcome:
    with one_after_the_other():
        return outcome(coding, data)


def message_of(suite: AlgorithmSuite, frame_length: int, data: bytes) -> bytes:
    sealed = in_order(sealing(suite, frame_length, valid=True), data).written
    assert sealed is not None
    return sealed


@pytest.fixture(autouse=True)
def batches_done(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many batches each pipeline did, so that no test passes without threads."""
    done: list[int] = []
    real = pipeline.Pipeline.run

    def run(self: pipeline.Pipeline, members: crew.Crew) -> int:
        done.append(0)
        done[-1] = real(self, members)
        return done[-1]

    monkeypatch.setattr(pipeline.Pipeline, "run", run)
    yield done
    assert done


class TestTheSameBytes:
    @BOTH
    @pytest.mark.parametrize("frame_length", FRAME_LENGTHS)
    def test_are_sealed_from_and_to_every_kind_of_stream(
        self, suite: AlgorithmSuite, frame_length: int, batches_done: list[int]
    ) -> None:
        seal = sealing(suite, frame_length)
        for size in sizes(frame_length):
            expected = in_order(seal, content(size))
            assert expected.error is None
            for ends in ENDS:
                assert outcome(seal, content(size), ends) == expected
        assert max(batches_done) >= 10

    @BOTH
    @pytest.mark.parametrize("frame_length", FRAME_LENGTHS)
    def test_are_opened_from_and_to_every_kind_of_stream(
        self, suite: AlgorithmSuite, frame_length: int, batches_done: list[int]
    ) -> None:
        open_ = opening(suite)
        for size in sizes(frame_length):
            message = message_of(suite, frame_length, content(size))
            expected = in_order(open_, message)
            assert expected.written == content(size)
            for ends in ENDS:
                assert outcome(open_, message, ends) == expected
        assert max(batches_done) >= 8

    @pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.hex_id)
    def test_come_with_every_suite(self, suite: AlgorithmSuite) -> None:
        data = content(12 * BATCH + 5)
        seal = sealing(suite, 16)
        assert outcome(seal, data) == in_order(seal, data)
        message = message_of(suite, 16, data)
        assert outcome(opening(suite), message).written == data

    @pytest.mark.parametrize("turns", [1, 1 << 20], ids=["all at once", "in turns"])
    def test_come_whether_frames_are_short_or_long(
        self, turns: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(crew, "SHORT_FRAME_BYTES", turns)
        data = content(20 * BATCH + 5)
        message = message_of(SIGNED, 16, data)
        assert outcome(opening(SIGNED), message).written == data

    @pytest.mark.parametrize("granted", [0, 1, 2, 3])
    @BOTH
    def test_come_when_the_system_grants_few_threads(
        self, granted: int, suite: AlgorithmSuite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data = content(12 * BATCH)
        message = message_of(suite, 16, data)
        start, left = threading.Thread.start, iter(range(granted))

        def grudging(thread: threading.Thread) -> None:
            if next(left, None) is None:
                raise RuntimeError("can't start new thread")
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", grudging)
        assert outcome(opening(suite), message).written == data

    def test_come_when_every_read_is_short(self) -> None:
        class Short(FileInMemory):
            def read_at(self, buffer: memoryview, offset: int) -> int:
                return super().read_at(buffer[:11], offset)

        data = content(12 * BATCH + 3)
        sink = FileInMemory()
        opening(SIGNED)(Short(message_of(SIGNED, 16, data)), sink, lambda _: None)
        assert sink.getvalue() == data

    def test_come_from_the_middle_of_one_file_to_the_middle_of_another(self) -> None:
        data = content(12 * BATCH + 3)
        message = message_of(UNSIGNED, 16, data)
        source, sink = FileInMemory(b"before" + message), FileInMemory(b"above")
        source.seek(6)
        sink.seek(5)
        opening(UNSIGNED)(source, sink, lambda _: None)
        assert sink.getvalue() == b"above" + data

    def test_come_from_another_writer_whose_final_frame_is_full(self) -> None:
        for frames in (1, 15, 16, 17, 64, 65):
            parts = tuple(content(16 * frames)[at : at + 16] for at in range(0, 16 * frames, 16))
            message = Forge(parts=parts).message()
            assert outcome(opening(UNSIGNED), message).written == content(16 * frames)


class TestFewBytes:
    @pytest.mark.parametrize("source", ["file", "stream"])
    def test_are_not_worth_starting_threads(
        self, source: str, batches_done: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for module in (body, body_writer, pipeline):
            monkeypatch.setattr(module, "WORTHWHILE_BYTES", 4 * BATCH)
        few, many = 4 * BATCH, 9 * BATCH
        for size in (few, many):
            data = content(size)
            assert outcome(sealing(SIGNED, 16), data, (source, "file")).error is None
            assert bool(batches_done) == (size == many or source == "stream")


class TestFilesThroughTheGate:
    @BOTH
    def test_come_back_as_they_were(self, suite: AlgorithmSuite, tmp_path: Path) -> None:
        for size in (0, 1, 12 * BATCH, 12 * BATCH + 7):
            plain = tmp_path / str(size)
            plain.write_bytes(content(size))
            sealed, opened = plain.with_suffix(".sealed"), plain.with_suffix(".opened")
            through_the_gate(plain, sealed, sealing(suite, 16, valid=True))
            through_the_gate(sealed, opened, opening(suite))
            assert opened.read_bytes() == content(size)

    def test_with_holes_come_back_as_they_were(self, tmp_path: Path) -> None:
        plain, sealed, opened = (tmp_path / name for name in ("plain", "sealed", "opened"))
        with plain.open("wb") as file:
            file.seek(8192)
            file.write(b"middle")
            file.truncate(20000)
        through_the_gate(plain, sealed, sealing(UNSIGNED, 16))
        through_the_gate(sealed, opened, opening(UNSIGNED))
        assert opened.read_bytes() == bytes(8192) + b"middle" + bytes(20000 - 8198)


def through_the_gate(plain: Path, target: Path, coding: Coding) -> None:
    with open_source(plain) as source, open_output(target, source=source) as output:
        coding(source.stream, output.stream, lambda _: None)
        source.verify_unchanged()
        output.publish()


class Restless(FileInMemory):
    """A source that changes its length just before one of the reads at an offset."""

    def __init__(self, data: bytes, at: int, change: Callable[[bytes], bytes]) -> None:
        super().__init__(data)
        self._left = at
        self._change = change

    def read_at(self, buffer: memoryview, offset: int) -> int:
        with self._one_at_a_time:
            self._left -= 1
            if self._left == 0:
                changed = self._change(self.getvalue())
                here = self.tell()
                self.seek(0)
                self.truncate()
                self.write(changed)
                self.seek(here)
        return super().read_at(buffer, offset)


class TestASourceThatChanges:
    """The file gate refuses it afterwards; until then the message is whole and nothing hangs."""

    @BOTH
    @pytest.mark.parametrize("length", [0, BATCH, 5 * BATCH + 1, 30 * BATCH + 1])
    def test_is_sealed_as_far_as_it_was_read(self, suite: AlgorithmSuite, length: int) -> None:
        data, longer = content(12 * BATCH + 1), content(12 * BATCH + 1) + bytes(20 * BATCH)
        for at in range(1, 14):
            source, sink = Restless(data, at, lambda _: longer[:length]), FileInMemory()
            try:
                sealing(suite, 16, valid=True)(source, sink, lambda _: None)
            except errors.SourceChanged:
                continue  # it ended in one batch and not in a later one
            opened = outcome(opening(suite), sink.getvalue())
            assert opened.written is not None
            assert longer.startswith(opened.written)

    @BOTH
    @pytest.mark.parametrize("length", [0, 200, 5 * BATCH + 1])
    def test_is_not_opened_when_it_is_cut(self, suite: AlgorithmSuite, length: int) -> None:
        message = message_of(suite, 16, content(12 * BATCH + 1))
        for at in range(2, 15):  # the first read only looks whether the file goes on
            source = Restless(message, at, lambda data: data[:length])
            with pytest.raises(errors.Truncated):
                opening(suite)(source, FileInMemory(), lambda _: None)


def test_nothing_of_later_batches_stays_beyond_the_end() -> None:
    """A source that is longer while the threads read it than it is in the end."""
    data = content(6 * BATCH)
    ends_early, goes_on = (message_of(UNSIGNED, 16, data + more) for more in (b"", bytes(6000)))
    written_beyond = threading.Event()

    class Shrinking(FileInMemory):
        def read_at(self, buffer: memoryview, offset: int) -> int:
            at_the_end = offset < len(ends_early) <= offset + len(buffer)
            # This batch ends what the threads do, but only when they are far beyond it.
            return 0 if at_the_end and written_beyond.wait() else super().read_at(buffer, offset)

        def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
            self.truncate(len(ends_early))
            super().seek(0)
            self.write(ends_early)
            return super().seek(offset, whence)

    class Sink(FileInMemory):
        def write_at(self, data: memoryview, offset: int) -> None:
            super().write_at(data, offset)
            if offset > 7 * BATCH:
                written_beyond.set()

    source, sink = Shrinking(goes_on), Sink()
    opening(UNSIGNED)(source, sink, lambda _: None)
    assert sink.getvalue() == data


def codings(suite: AlgorithmSuite, data: bytes) -> list[tuple[Coding, bytes]]:
    """Both ways, with what goes in."""
    return [(sealing(suite, 16), data), (opening(suite), message_of(suite, 16, data))]


class TestCancelling:
    @BOTH
    @pytest.mark.parametrize("kind", [errors.Cancelled, KeyboardInterrupt])
    def test_at_any_moment_ends_all_threads_and_goes_through(
        self, suite: AlgorithmSuite, kind: type[BaseException]
    ) -> None:
        threads = set(threading.enumerate())
        for coding, data in codings(suite, content(12 * BATCH + 3)):
            whole = outcome(coding, data).progress
            for ends in (("file", "file"), ("stream", "stream")):
                for at in range(1, len(whole) + 1):
                    seen: list[int] = []

                    def stop(done: int, at: int = at, seen: list[int] = seen) -> None:
                        seen.append(done)
                        if len(seen) == at:
                            raise kind

                    with pytest.raises(kind):
                        between(coding, data, ends, stop)
                    assert set(threading.enumerate()) == threads
                    assert tuple(seen) == whole[:at]
