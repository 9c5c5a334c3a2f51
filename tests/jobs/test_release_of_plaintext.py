"""Plaintext that was not verified to its end is nowhere afterwards.

Not under its name, not in a temporary, not on a stream; and what was there before is untouched.
Small messages are read by one thread, large ones by several.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from sealscope import errors
from sealscope.jobs.materials import Materials
from sealscope.jobs.request import DecryptRequest, OpenOptions
from sealscope.jobs.stream import decrypt_stream
from sealscope.jobs.work import perform
from sealscope.kms.facade import KmsGate
from tests.engine.early_threads import start_threads_early
from tests.jobs.damaged import (
    BADLY_SIGNED,
    FAILING,
    FIRST_KEY,
    FRAMES,
    LARGE_FRAMES,
    SMALL_FRAMES,
    InFrames,
    Signed,
)
from tests.outputs import open_below

OPEN = OpenOptions(keys=(FIRST_KEY,), commitment_policy="require-encrypt-allow-decrypt")
OLD = b"what an earlier run left"
LARGE = (6 << 20) + 7
LONG_BLOCK = (17 << 20) + 7
"""Content of a message without frames that is not held in memory, but read twice."""
SHAPES = {
    "small": (1000, 64),
    "large": (LARGE, 128 << 10),
    "small, without frames": (1000, 0),
    "large, without frames": (LONG_BLOCK, 0),
}
KINDS = {"changed": "BodyNotAuthentic", "dropped": "SequenceError", "cut": "Truncated"}


class Before:
    """A folder with an output of an earlier run, and everything one can see of it."""

    def __init__(self, folder: Path, gate: KmsGate) -> None:
        self.folder = folder
        self.gate = gate
        self.materials = Materials(OPEN, gate)
        self.message = folder / "message"
        self.message.write_bytes(b"")
        self.old = folder / "old"
        self.old.write_bytes(OLD)
        self._old = self.old.stat()

    def check(self) -> None:
        """That nothing came, nothing stayed open, and nothing that was there was touched."""
        assert sorted(os.listdir(self.folder)) == ["message", "old"]
        assert self.old.read_bytes() == OLD
        now = self.old.stat()
        for field in ("st_ino", "st_mode", "st_nlink", "st_mtime_ns", "st_ctime_ns"):
            assert getattr(now, field) == getattr(self._old, field), field
        assert open_below(self.folder) == []

    def refused(self, message: bytes) -> str:
        """What decrypting ends with, to a new name and over the old output."""
        self.message.write_bytes(message)
        kinds = set()
        for name, overwrite in (("new", False), ("old", True)):
            request = DecryptRequest(self.message, self.folder / name, OPEN, overwrite=overwrite)
            with pytest.raises(errors.EnvelopeError) as caught:
                perform(request, self.gate, materials=self.materials)
            self.check()
            kinds.add(caught.value.kind)
        (kind,) = kinds
        return kind


@pytest.fixture
def before(folder: Path, gate: KmsGate) -> Before:
    return Before(folder, gate)


@pytest.fixture
def materials(gate: KmsGate) -> Materials:
    return Materials(OPEN, gate)


@pytest.fixture(autouse=True)
def threads_used(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many batches threads read, each time that they did."""
    return start_threads_early(monkeypatch, 2 << 20)


class TestBadSignatures:
    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize(
        "suite_id",
        [
            pytest.param(0x0214, marks=pytest.mark.exhaustive),
            pytest.param(0x0346, marks=pytest.mark.exhaustive),
            pytest.param(0x0378, marks=pytest.mark.exhaustive),
            0x0578,
        ],
        ids=lambda suite: f"{suite:04x}",
    )
    def test_publish_nothing_and_touch_nothing(
        self, before: Before, suite_id: int, shape: str, temporary: str
    ) -> None:
        signed = Signed.of(before.gate, *SHAPES[shape], suite_id)
        kinds = {how: before.refused(change(signed)) for how, change in BADLY_SIGNED.items()}
        assert kinds.pop("missing") == "Truncated"
        assert set(kinds.values()) == {"SignatureInvalid"}

    @pytest.mark.parametrize("shape", SHAPES)
    def test_let_nothing_onto_a_stream(
        self, gate: KmsGate, materials: Materials, shape: str
    ) -> None:
        signed = Signed.of(gate, *SHAPES[shape], 0x0578)
        for change in BADLY_SIGNED.values():
            sink = io.BytesIO()
            with pytest.raises(errors.EnvelopeError):
                decrypt_stream(io.BytesIO(change(signed)), sink, OPEN, materials.manager)
            assert sink.getvalue() == b""

    @pytest.mark.parametrize("shape", SHAPES)
    def test_keep_the_last_frame_back_where_a_stream_may_go_unverified(
        self, gate: KmsGate, materials: Materials, shape: str
    ) -> None:
        size, frame_length = SHAPES[shape]
        signed = Signed.of(gate, size, frame_length, 0x0578)
        whole = size // frame_length * frame_length if frame_length else 0
        for change in BADLY_SIGNED.values():
            sink, source = io.BytesIO(), io.BytesIO(change(signed))
            with pytest.raises(errors.EnvelopeError):
                decrypt_stream(source, sink, OPEN, materials.manager, allow_unverified=True)
            assert sink.getvalue() == signed.content[:whole]


def check_frames(before: Before, message: InFrames, frames: Iterable[int]) -> None:
    for how, change in FAILING.items():
        for k in frames:
            allowed = {KINDS[how]}
            if (how, k) == ("dropped", FRAMES):
                allowed.add("Truncated")  # what follows is a signature, or nothing
            assert before.refused(change(message, k)) in allowed, (how, k)


@pytest.mark.parametrize("suite_id", [0x0478, 0x0578], ids=lambda suite: f"{suite:04x}")
class TestAFailingFrame:
    """Of 256, each one in turn: changed, dropped, or the end of the file."""

    def test_of_a_small_message_publishes_nothing(
        self, before: Before, suite_id: int, threads_used: list[int]
    ) -> None:
        message = InFrames.of(before.gate, SMALL_FRAMES, suite_id)
        check_frames(before, message, [*range(1, FRAMES, 9), FRAMES])
        assert threads_used == []

    def test_of_a_large_message_publishes_nothing(
        self, before: Before, suite_id: int, threads_used: list[int]
    ) -> None:
        message = InFrames.of(before.gate, LARGE_FRAMES, suite_id)
        threads_used.clear()  # they have sealed it too
        check_frames(before, message, [1, 140, 255, 256])
        assert max(threads_used) > 4

    @pytest.mark.exhaustive
    @pytest.mark.parametrize("quarter", range(4))
    @pytest.mark.parametrize("frame_length", [SMALL_FRAMES, LARGE_FRAMES])
    @pytest.mark.usefixtures("temporary")
    def test_publishes_nothing_wherever_it_is(
        self, before: Before, suite_id: int, frame_length: int, quarter: int
    ) -> None:
        message = InFrames.of(before.gate, frame_length, suite_id)
        check_frames(before, message, range(1 + quarter, FRAMES + 1, 4))

    def test_lets_nothing_onto_a_stream(
        self, gate: KmsGate, materials: Materials, suite_id: int
    ) -> None:
        for frame_length, frames in ((SMALL_FRAMES, range(1, 257, 17)), (LARGE_FRAMES, (1, 256))):
            message = InFrames.of(gate, frame_length, suite_id)
            for change in FAILING.values():
                for k in frames:
                    sink, source = io.BytesIO(), io.BytesIO(change(message, k))
                    with pytest.raises(errors.EnvelopeError):
                        decrypt_stream(source, sink, OPEN, materials.manager)
                    assert sink.getvalue() == b""

    def test_ends_a_stream_that_may_go_unverified_before_itself(
        self, gate: KmsGate, materials: Materials, suite_id: int
    ) -> None:
        message = InFrames.of(gate, SMALL_FRAMES, suite_id)
        for change in FAILING.values():
            for k in range(1, FRAMES + 1, 15):
                sink, source = io.BytesIO(), io.BytesIO(change(message, k))
                with pytest.raises(errors.EnvelopeError):
                    decrypt_stream(source, sink, OPEN, materials.manager, allow_unverified=True)
                released = sink.getvalue()
                assert message.content.startswith(released)
                # A batch of frames comes out together, and only if its own tags are right.
                assert len(released) in {0, (k - 1) * SMALL_FRAMES}


class TestAMessageThatIsRight:
    """Without it all of the above could be refused for another reason."""

    @pytest.mark.parametrize("shape", SHAPES)
    def test_is_published(
        self, gate: KmsGate, folder: Path, materials: Materials, shape: str
    ) -> None:
        signed = Signed.of(gate, *SHAPES[shape], 0x0578)
        (folder / "message").write_bytes(signed.message)
        request = DecryptRequest(folder / "message", folder / "new", OPEN)
        perform(request, gate, materials=materials)
        assert (folder / "new").read_bytes() == signed.content

    @pytest.mark.parametrize("frame_length", [SMALL_FRAMES, LARGE_FRAMES])
    def test_of_256_frames_is_published_over_an_old_output(
        self, before: Before, frame_length: int
    ) -> None:
        message = InFrames.of(before.gate, frame_length, 0x0478)
        before.message.write_bytes(message.message)
        request = DecryptRequest(before.message, before.old, OPEN, overwrite=True)
        perform(request, before.gate, materials=before.materials)
        assert before.old.read_bytes() == message.content
        assert message.place(FRAMES).stop == len(message.message)
