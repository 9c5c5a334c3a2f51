"""Every bit and every cut: no change to a message goes unseen, and none is told in foreign words.

The normal run takes a fixed sample of the bits, in strides without a factor in common with 8,
so that each of a byte's bits has its turn. All of them, and all cuts, are behind
`-m exhaustive`.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sealscope import errors
from sealscope.engine import body, crew
from sealscope.engine.frames import REGULAR_OVERHEAD
from sealscope.engine.header import parse_header
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import SUITES
from sealscope.files import open_output, open_source
from tests.engine.early_threads import start_threads_early
from tests.engine.sample_messages import SAMPLES, Sample, Sealed, check_told
from tests.outputs import names, open_below

all_samples = pytest.mark.parametrize("sample", SAMPLES, ids=str)


class TestTheSamples:
    def test_are_sixteen_of_every_suite_and_shape(self) -> None:
        assert len(SAMPLES) == 16
        assert len({sample.suite_id for sample in SAMPLES}) == 11
        assert {sample.frame_length for sample in SAMPLES} == {0, 16, 128, 4096}
        assert {sample.pairs for sample in SAMPLES} == {0, 1, 3}
        assert {sample.recipients for sample in SAMPLES} == {1, 3}

    def test_have_more_than_120000_bits_and_12000_cuts(self) -> None:
        total = sum(len(sample.sealed().message) for sample in SAMPLES)
        assert 8 * total >= 120_000
        assert total >= 12_000

    @all_samples
    def test_open_as_they_are(self, sample: Sample) -> None:
        assert sample.sealed().opens()


def check_flips(sealed: Sealed, first: int, step: int) -> None:
    for bit, changed in sealed.flips(first, step):
        assert sealed.refusal(changed, f"bit {bit} flipped") in sealed.allowed(bit), bit


def check_cuts(sealed: Sealed, step: int = 1) -> None:
    for length in range(0, len(sealed.message), step):
        cut = sealed.message[:length]
        assert sealed.refusal(cut, f"{length} bytes of it") == "Truncated", length


@all_samples
class TestInMemory:
    def test_a_bit_here_and_there(self, sample: Sample) -> None:
        """At least one of every second byte of the shorter ones."""
        check_flips(sample.sealed(), first=0, step=15 if sample.size < 1000 else 73)

    def test_a_cut_here_and_there(self, sample: Sample) -> None:
        check_cuts(sample.sealed(), step=5 if sample.size < 1000 else 23)

    @pytest.mark.exhaustive
    @pytest.mark.parametrize("eighth", range(8))
    def test_every_bit(self, sample: Sample, eighth: int) -> None:
        check_flips(sample.sealed(), first=eighth, step=8)

    @pytest.mark.exhaustive
    def test_every_cut(self, sample: Sample) -> None:
        check_cuts(sample.sealed())


class Folder:
    """A folder with a message in it, and beside it the output of an earlier run.

    Args:
        path: of the folder, which is made.
        sealed: the message.
    """

    OLD = b"what an earlier run left"

    def __init__(self, path: Path, sealed: Sealed) -> None:
        path.mkdir()
        self.path = path
        self.sealed = sealed
        self.message = path / "message"
        self.message.write_bytes(sealed.message)
        self.old = path / "old"
        self.old.write_bytes(self.OLD)

    def open(self) -> None:
        """Decrypt the message over the old output, and throw that away too."""
        with (
            open_source(self.message) as source,
            open_output(self.old, source=source, overwrite=True) as output,
        ):
            self.sealed.open(source.stream, output.stream)

    def refusal(self, what: str) -> errors.EnvelopeError:
        """What decrypting ends with; afterwards nothing is there that was not there before."""
        try:
            self.open()
        except errors.EnvelopeError as error:
            check_told(error)
            assert names(self.path) == ["message", "old"]
            assert self.old.read_bytes() == self.OLD
            assert open_below(self.path) == []
            return error
        msg = f"{self.sealed.sample}: {what} was accepted"
        raise AssertionError(msg)

    def flip(self, bit: int) -> None:
        """Flip a bit of the message where it lies; twice is as if never."""
        with self.message.open("r+b") as file:
            file.seek(bit // 8)
            (byte,) = file.read(1)
            file.seek(bit // 8)
            file.write(bytes([byte ^ 1 << bit % 8]))

    def check_flips(self, bits: Iterable[int]) -> None:
        for bit in bits:
            self.flip(bit)
            refusal = self.refusal(f"bit {bit} flipped")
            assert refusal.kind in self.sealed.allowed(bit), bit
            self.flip(bit)

    def check_cuts(self, lengths: Iterable[int]) -> None:
        """Cut the message shorter and shorter; it does not come back."""
        for length in sorted(lengths, reverse=True):
            os.truncate(self.message, length)
            assert self.refusal(f"{length} bytes of it").kind == "Truncated", length


@all_samples
class TestThroughTheFileGate:
    """The same files are left as there were before, and nothing stays open."""

    def test_few_bits_and_few_cuts(self, sample: Sample, tmp_path: Path, temporary: str) -> None:
        folder = Folder(tmp_path / "files", sample.sealed())
        size = len(folder.sealed.message)
        folder.check_flips(range(0, 8 * size, size // 4 | 1))
        folder.check_cuts(range(0, size, size // 16))

    @pytest.mark.exhaustive
    def test_one_bit_of_every_byte_and_every_cut(
        self, sample: Sample, tmp_path: Path, temporary: str
    ) -> None:
        folder = Folder(tmp_path / "files", sample.sealed())
        size = len(folder.sealed.message)
        folder.check_flips(range(0, 8 * size, 9))
        folder.check_cuts(range(size))


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many batches threads opened, each time; they begin after `THREADS_AFTER` bytes."""
    return start_threads_early(monkeypatch, THREADS_AFTER)


@pytest.fixture
def short_is_long(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The same for messages of a few frames: one or two of them are a batch."""
    monkeypatch.setattr(body, "BATCH_BYTES", 100)
    return start_threads_early(monkeypatch, 0)


IN_FRAMES = [sample for sample in SAMPLES if 0 < sample.frame_length < 4096]


@pytest.mark.parametrize("sample", IN_FRAMES, ids=str)
class TestFramesThatThreadsOpen:
    """Whoever opens the frames, the same is refused in the same words."""

    def test_are_opened_by_threads_here(
        self, sample: Sample, tmp_path: Path, short_is_long: list[int]
    ) -> None:
        Folder(tmp_path / "files", sample.sealed()).open()
        assert sum(short_is_long) > 1

    def test_few_bits_and_few_cuts(
        self, sample: Sample, tmp_path: Path, short_is_long: list[int]
    ) -> None:
        sealed = sample.sealed()
        check_flips(sealed, first=5, step=97)
        folder = Folder(tmp_path / "files", sealed)
        size = len(sealed.message)
        folder.check_flips(range(3, 8 * size, size // 4 | 1))
        folder.check_cuts(range(0, size, size // 16))

    @pytest.mark.exhaustive
    @pytest.mark.parametrize("half", ["memory", "files"])
    def test_every_bit_and_every_cut(
        self, sample: Sample, tmp_path: Path, short_is_long: list[int], half: str
    ) -> None:
        sealed = sample.sealed()
        if half == "memory":
            check_flips(sealed, first=0, step=1)
            check_cuts(sealed)
            return
        folder = Folder(tmp_path / "files", sealed)
        folder.check_flips(range(8 * len(sealed.message)))
        folder.check_cuts(range(len(sealed.message)))


KIBIBYTE = 1 << 10
THREADS_AFTER = 4 << 20
LONG = (9 << 20) + 5


@dataclass(frozen=True)
class Long:
    """A message long enough for threads, and where its frames lie."""

    suite_id: int
    frame_length: int

    def __str__(self) -> str:
        return f"{self.suite_id:04x}-{self.frame_length // KIBIBYTE}K"

    def sample(self) -> Sample:
        return Sample(self.suite_id, self.frame_length, 1, 1, LONG)

    @property
    def frames(self) -> int:
        return LONG // self.frame_length + 1

    def start(self, message: bytes, frame: int) -> int:
        header = parse_header(ByteInput(io.BytesIO(message)))
        step = self.frame_length + REGULAR_OVERHEAD
        return len(header.raw) + header.auth_bytes + (frame - 1) * step

    def fields(self, message: bytes, frame: int) -> dict[int, str]:
        """A byte of each field of a frame, and the error that a change of it ends with."""
        at = self.start(message, frame)
        if frame == self.frames:  # end marker, number, IV, length, content, tag
            # Without the marker it is a regular frame, and too short for one.
            kinds = ("Truncated", "SequenceError", "BodyNotAuthentic", "Malformed")
            found = dict(zip((at, at + 4, at + 8, at + 20), kinds, strict=True))
            return {**found, at + 24: "BodyNotAuthentic", at + 30: "BodyNotAuthentic"}
        content, tag = at + 16, at + 16 + self.frame_length
        authenticated = (at + 4, content, (content + tag) // 2, tag - 1, tag, tag + 15)
        return {at: "SequenceError", **dict.fromkeys(authenticated, "BodyNotAuthentic")}

    def check(self, folder: Folder, frames: Iterable[int], *, footer_step: int = 9) -> None:
        message = folder.sealed.message
        for frame in frames:
            for at, kind in self.fields(message, frame).items():
                folder.flip(8 * at)
                refusal = folder.refusal(f"byte {at} changed")
                assert refusal.kind == kind, at
                if kind != "Malformed":
                    assert re.search(rf"\bframe {frame}\b", refusal.detail), refusal.detail
                folder.flip(8 * at)
        folder.open()
        folder.check_flips(range(8 * folder.sealed.footer, 8 * len(message), footer_step))
        boundaries = {self.start(message, frame) for frame in frames}
        folder.check_cuts(at + more for at in boundaries for more in (-1, 0, 1))


class TestLongMessages:
    """Frames of a message that is long enough for threads, each changed and each cut off."""

    @pytest.mark.parametrize("long", [Long(0x0478, 128 << 10), Long(0x0578, 32 << 10)], ids=str)
    def test_few_frames(self, long: Long, tmp_path: Path, threads: list[int]) -> None:
        folder = Folder(tmp_path / "files", long.sample().sealed())
        folder.open()
        assert threads[0] >= 4
        # The first ones, those about where threads take over, and the last ones.
        handed_over = THREADS_AFTER // long.frame_length
        last = long.frames
        frames = [1, handed_over, handed_over + 1, 3 * last // 4, last - 1, last]
        long.check(folder, frames, footer_step=97)

    def test_few_frames_of_one_that_is_long_enough_by_itself(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        threads = start_threads_early(monkeypatch, crew.WORTHWHILE_BYTES)
        sample = Sample(0x0478, 1 << 20, 0, 1, 2 * crew.WORTHWHILE_BYTES + (5 << 20))
        folder = Folder(tmp_path / "files", sample.sealed())
        folder.open()
        assert max(threads) >= 4
        size = len(folder.sealed.message)
        folder.check_flips(8 * at for at in (size // 2, size * 2 // 3, size - (2 << 20), size - 9))
        folder.check_cuts([size * 2 // 3, size - (1 << 20), size - 1])

    @pytest.mark.exhaustive
    @pytest.mark.parametrize("part", range(4))
    @pytest.mark.parametrize("frame_length", [4 << 10, 32 << 10, 128 << 10, 1 << 20])
    @pytest.mark.parametrize("suite_id", [0x0014, 0x0178, 0x0378, 0x0478, 0x0578])
    def test_every_frame(
        self,
        suite_id: int,
        frame_length: int,
        part: int,
        tmp_path: Path,
        threads: list[int],
    ) -> None:
        """Of 4 KiB frames every seventh: there are 2,305 of them."""
        long = Long(suite_id, frame_length)
        folder = Folder(tmp_path / "files", long.sample().sealed())
        long.check(folder, range(1 + part, long.frames + 1, 4 * (7 if long.frames > 1000 else 1)))
        assert max(threads) >= 4


class TestLongMessagesWithoutFrames:
    """What is too long to be held is verified, and verified again while it is written."""

    SIZE = (17 << 20) + 5

    @pytest.mark.parametrize(
        ("suite_id", "count"),
        [
            (0x0478, 5),
            (0x0578, 2),
            *(pytest.param(suite_id, 40, marks=pytest.mark.exhaustive) for suite_id in SUITES),
        ],
    )
    def test_are_refused_wherever_they_are_changed_or_cut(
        self, suite_id: int, count: int, tmp_path: Path
    ) -> None:
        sealed = Sample(suite_id, 0, 1, 1, self.SIZE).sealed()
        folder = Folder(tmp_path / "files", sealed)
        folder.open()
        end = sealed.footer
        block = end - 16 - self.SIZE - 20
        # IV, length, content, tag
        changed = [block, block + 11, block + 19, block + 20, end - 17, end - 16, end - 1]
        changed += range(block + 20, end, self.SIZE // count)
        folder.check_flips(8 * at + at % 8 for at in changed)
        folder.check_flips(range(8 * end, 8 * len(sealed.message), 833 // count))
        folder.check_cuts([end - 1, end - 17, block + 20, block, *changed[-3:]])
