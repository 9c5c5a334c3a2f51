"""What the command line lets out of a message that fails: nothing, unless it is told to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate
from tests.cli.calling import KEY, Here
from tests.engine.early_threads import start_threads_early
from tests.jobs.damaged import (
    BADLY_SIGNED,
    FAILING,
    FRAMES,
    LARGE_FRAMES,
    SMALL_FRAMES,
    InFrames,
    Signed,
)
from tests.outputs import open_below

OPEN = ("-k", KEY)
OLD = b"what an earlier run left"
LARGE = (12 << 20) + 7
"""More than is held in memory before it is verified."""
SHAPES = {"small": (1000, 64), "large": (LARGE, 128 << 10), "without frames": (LARGE, 0)}


@pytest.fixture(autouse=True)
def threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    return start_threads_early(monkeypatch, 2 << 20)


@pytest.fixture
def gate(here: Here) -> Iterator[KmsGate]:
    connection = connect(Target(local_store=here.store))
    yield KmsGate(connection)
    connection.close()


def check_files(here: Here, message: bytes) -> None:
    """To a new name, and over an old output."""
    here.make("message", message)
    here.make("old", OLD)
    before = here.listing()
    touched = (here.folder / "old").stat()
    for words in ((), ("-o", "old", "--overwrite")):
        done = here.call("decrypt", "message", *OPEN, *words)
        assert (done.status, done.stdout) == (1, b"")
        assert done.err.startswith("sealscope: ")
        assert here.listing() == before
        assert open_below(here.folder) == []
    now = (here.folder / "old").stat()
    assert (now.st_ino, now.st_mtime_ns) == (touched.st_ino, touched.st_mtime_ns)


def check_streams(here: Here, message: bytes) -> None:
    """From a file and from standard input."""
    here.make("message", message)
    before = here.listing()
    for done in (
        here.call("decrypt", "message", *OPEN, "-o", "-"),
        here.call("decrypt", "-", *OPEN, stdin=message),
    ):
        assert (done.status, done.stdout) == (1, b"")
        assert done.err.startswith("sealscope: ")
    assert here.listing() == before


def check_told_to(here: Here, message: bytes, content: bytes) -> bytes:
    """What comes out where it may: the beginning of the content, and an exit status of 1."""
    done = here.call("decrypt", "-", *OPEN, "--allow-unverified-stream", stdin=message)
    assert done.status == 1
    assert len(done.stdout) < len(content)
    assert content.startswith(done.stdout)
    return done.stdout


@pytest.mark.parametrize("shape", SHAPES)
class TestBadSignatures:
    def test_leave_no_file(self, here: Here, gate: KmsGate, shape: str) -> None:
        signed = Signed.of(gate, *SHAPES[shape], 0x0578)
        for change in BADLY_SIGNED.values():
            check_files(here, change(signed))

    def test_leave_standard_output_empty(self, here: Here, gate: KmsGate, shape: str) -> None:
        signed = Signed.of(gate, *SHAPES[shape], 0x0578)
        for change in BADLY_SIGNED.values():
            check_streams(here, change(signed))

    def test_let_verified_frames_out_when_they_are_told_to(
        self, here: Here, gate: KmsGate, shape: str
    ) -> None:
        signed = Signed.of(gate, *SHAPES[shape], 0x0578)
        released = {
            check_told_to(here, change(signed), signed.content) for change in BADLY_SIGNED.values()
        }
        assert all(released) == bool(signed.frame_length)


@pytest.mark.parametrize("suite_id", [0x0478, 0x0578], ids=lambda suite: f"{suite:04x}")
class TestAFailingFrame:
    @pytest.mark.parametrize("frame_length", [SMALL_FRAMES, LARGE_FRAMES])
    @pytest.mark.parametrize("how", FAILING)
    def test_here_and_there_leaves_nothing(
        self,
        here: Here,
        gate: KmsGate,
        *,
        threads: list[int],
        suite_id: int,
        frame_length: int,
        how: str,
    ) -> None:
        message = InFrames.of(gate, frame_length, suite_id)
        threads.clear()  # they have sealed it too
        for k in (150, FRAMES):
            check_files(here, FAILING[how](message, k))
        assert (max(threads, default=0) > 4) == (frame_length == LARGE_FRAMES)
        check_streams(here, FAILING[how](message, FRAMES))

    @pytest.mark.exhaustive
    @pytest.mark.parametrize("frame_length", [SMALL_FRAMES, LARGE_FRAMES])
    @pytest.mark.parametrize("how", FAILING)
    def test_anywhere_leaves_nothing(
        self, here: Here, gate: KmsGate, suite_id: int, frame_length: int, how: str
    ) -> None:
        message = InFrames.of(gate, frame_length, suite_id)
        for k in range(1, FRAMES + 1, 1 if frame_length == SMALL_FRAMES else 5):
            check_files(here, FAILING[how](message, k))
            check_streams(here, FAILING[how](message, k))
            check_told_to(here, FAILING[how](message, k), message.content)


class TestAGoodMessage:
    def test_comes_out_whole_whether_or_not_it_may_come_unverified(self, here: Here) -> None:
        content = os.urandom(300_000)
        message = here.sealed(content)
        for words in ((), ("--allow-unverified-stream",)):
            done = here.call("decrypt", "-", *OPEN, *words, stdin=message)
            assert (done.status, done.stdout) == (0, content)

    def test_leaves_no_temporary_file(self, here: Here, tmp_path: Path) -> None:
        holding = tmp_path / "holding"
        holding.mkdir()
        message = here.sealed(os.urandom(LARGE))
        environment = {"TMPDIR": str(holding)}
        done = here.process("decrypt", "-", *OPEN, stdin=message, environment=environment)
        assert (done.status, len(done.stdout)) == (0, LARGE)
        assert list(holding.iterdir()) == []


@pytest.mark.parametrize("tail", [b"\0", bytes(64), bytes(1 << 20)])
def test_bytes_behind_a_message_keep_it_in(here: Here, tail: bytes) -> None:
    for suite in ("0478", "0578"):
        message = here.sealed(b"content", "--suite", suite) + tail
        check_files(here, message)
        check_streams(here, message)
