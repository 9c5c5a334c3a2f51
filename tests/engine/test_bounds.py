"""What a message may cost its reader: memory follows the bytes that are there, not their claims."""

from __future__ import annotations

import io
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sealscope import errors
from sealscope.engine.body_writer import BodyWriter
from sealscope.engine.frames import FrameCipher
from sealscope.engine.limits import MAX_SEQUENCE_NUMBER, ReadLimits
from sealscope.engine.streams import ByteInput, ByteOutput
from sealscope.engine.suites import SUITES
from sealscope.secret import SecretBytes
from tests.engine.fake_kms import FakeKms
from tests.engine.forge import Forge
from tests.engine.messages import open_with, seal

MEBIBYTE = 1 << 20


@contextmanager
def memory_below(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


class TestFrames:
    @pytest.mark.parametrize("tail", [b"", bytes(1000), bytes(3 * MEBIBYTE)])
    def test_a_regular_frame_of_4_gib_that_is_not_there_is_cut_short(self, tail: bytes) -> None:
        forge = Forge(frame_length=0xFFFFFFFF)
        message = forge.but(body=b"\x00\x00\x00\x01" + tail).message()
        with memory_below(16 * MEBIBYTE), pytest.raises(errors.Truncated):
            forge.open_bytes(message)

    def test_a_frame_beyond_what_may_be_held_is_refused(self) -> None:
        forge = Forge(frame_length=3 * MEBIBYTE, parts=(bytes(3 * MEBIBYTE), b""))
        limits = ReadLimits(max_buffered_bytes=2 * MEBIBYTE)
        with pytest.raises(errors.LimitExceeded):
            forge.open(limits=limits)
        final = Forge(frame_length=3 * MEBIBYTE, parts=(bytes(3 * MEBIBYTE),))
        with pytest.raises(errors.LimitExceeded):
            final.open(limits=limits)

    @pytest.mark.parametrize("parts", [(1000, 0), (1000, 1000), (1000,), (999,)])
    def test_a_frame_as_long_as_the_bound_is_read(self, parts: tuple[int, ...]) -> None:
        forge = Forge(frame_length=1000, parts=tuple(map(bytes, parts)))
        assert forge.open(limits=ReadLimits(max_buffered_bytes=1000))[0] == forge.plaintext
        limits = ReadLimits(max_buffered_bytes=parts[0] - 1)
        with pytest.raises(errors.LimitExceeded, match=f"{parts[0]} bytes.*{parts[0] - 1}"):
            forge.open(limits=limits)

    def test_a_small_bound_on_what_is_held_still_reads_small_frames(self) -> None:
        forge = Forge(parts=(bytes(16),) * 50 + (b"end",))
        assert forge.open(limits=ReadLimits(max_buffered_bytes=100))[0] == forge.plaintext

    def test_writing_the_longest_frames_takes_no_more_than_the_input(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        with memory_below(8 * MEBIBYTE):
            message, _ = seal(kms, b"small", keys=[key], frame_length=2**31 - 1)
            assert open_with(kms, message, keys=[key])[0] == b"small"


class TestNumbers:
    def test_the_last_number_is_left_for_the_final_frame(self) -> None:
        sink = io.BytesIO()
        cipher = FrameCipher(SecretBytes(bytes(32)), bytes(32))
        writer = BodyWriter(cipher, 1 << 20, ByteOutput(sink))
        writer.frames = MAX_SEQUENCE_NUMBER - 2
        writer.copy(ByteInput(io.BytesIO(bytes(1 << 20))))
        written, second = sink.getvalue(), (1 << 20) + 32
        assert written[:8] == b"\xff\xff\xff\xfe" + bytes(4)
        assert written[second : second + 8] == b"\xff" * 8

    def test_more_frames_than_numbers_are_refused(self) -> None:
        cipher = FrameCipher(SecretBytes(bytes(32)), bytes(32))
        writer = BodyWriter(cipher, 16, ByteOutput(io.BytesIO()))
        writer.frames = MAX_SEQUENCE_NUMBER - 1
        with pytest.raises(errors.LimitExceeded):
            writer.copy(ByteInput(io.BytesIO(bytes(16))))


FLAT_MEMORY = """
import io, sys
from sealscope.engine.decrypt import decrypt
from sealscope.engine.encrypt import encrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.suites import SUITES
from tests.engine.fake_kms import FakeKms

size, frame_length, suite, path = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]

class Zeros(io.RawIOBase):
    left = size
    def readable(self): return True
    def readinto(self, target):
        count = min(len(target), self.left)
        target[:count] = bytes(count)
        self.left -= count
        return count

class Nothing(io.RawIOBase):
    taken = 0
    def writable(self): return True
    def write(self, data):
        self.taken += len(data)
        return len(data)

kms = FakeKms()
key = kms.create_key()
with open(path, "wb") as sink:
    materials = DefaultManager(KmsKeyring.wrapping(kms, [key]))
    options = {"suite": SUITES[suite], "frame_length": frame_length}
    encrypt(Zeros(), sink, materials=materials, **options)
sink = Nothing()
with open(path, "rb") as source:
    decrypt(source, sink, materials=DefaultManager(KmsKeyring.strict(kms, [key])))
assert sink.taken == size
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def peak_of(size: int, frame_length: int, suite_id: int, folder: Path) -> int:
    """The most memory a process ever had that encrypts and decrypts so much, in bytes."""
    if not Path("/proc/self/status").exists():
        pytest.skip("peak memory is read from /proc")
    answer = subprocess.run(
        [
            sys.executable,
            "-c",
            FLAT_MEMORY,
            str(size),
            str(frame_length),
            str(suite_id),
            str(folder / "message"),
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    return int(answer.stdout) * 1024


@pytest.mark.parametrize("frame_length", [128 << 10, 4 << 20])
def test_memory_does_not_grow_with_the_input(frame_length: int, tmp_path: Path) -> None:
    assert peak_of(200 * MEBIBYTE, frame_length, 0x0478, tmp_path) < 100 * MEBIBYTE


@pytest.mark.exhaustive
@pytest.mark.parametrize("suite_id", [0x0478, 0x0578])
@pytest.mark.parametrize("frame_length", [4096, 128 << 10, 4 << 20])
def test_a_gibibyte_takes_less_than_150_mebibytes(
    suite_id: int, frame_length: int, tmp_path: Path
) -> None:
    assert suite_id in SUITES
    assert peak_of(1 << 30, frame_length, suite_id, tmp_path) < 150 * MEBIBYTE
