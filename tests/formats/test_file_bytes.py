"""A file is looked at here and there: where its parts lie is found without reading its body."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscope.engine.frames import FINAL_PREFIX
from sealscope.engine.suites import SUITES
from sealscope.errors import SourceUnreadable
from sealscope.files import open_source
from sealscope.formats.file_bytes import HEAD_BYTES, TAIL_BYTES, FileBytes
from sealscope.formats.recognise import describe
from tests.engine.fake_kms import FakeKms
from tests.engine.messages import Pipe, seal

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SIZE = 3_000_000
FRAME = 65_536


class Watched(io.FileIO):
    """A file that notes which of its bytes were read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.parts: list[range] = []

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        at = self.tell()
        count = super().readinto(buffer) or 0
        self.parts.append(range(at, at + count))
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError(f"{size} bytes were read past the place where errors are translated")

    def as_stream(self) -> BinaryIO:
        """Buffered as a source is."""
        return io.BufferedReader(self, 1 << 20)

    @property
    def bytes_read(self) -> int:
        return sum(map(len, self.parts))


class Failing(Watched):
    """A file on a failing disk."""

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        raise SourceUnreadable("The input cannot be read", f"{len(memoryview(buffer))} bytes")


class BytePipe(Pipe):
    def seekable(self) -> bool:
        return False


def message(suite: int, size: int, *, pairs: int = 1) -> bytes:
    kms = FakeKms()
    made, _ = seal(
        kms,
        bytes(size),
        keys=[kms.create_key()],
        context={f"name {number}": "x" * 100 for number in range(pairs)},
        suite=SUITES[suite],
        frame_length=FRAME,
    )
    return made


@pytest.mark.parametrize("suite", [0x0478, 0x0578])
class TestTheBody:
    @pytest.mark.parametrize("fields", [False, True])
    def test_is_not_read_however_long_it_is(self, tmp_path: Path, suite: int, fields: bool) -> None:
        path = tmp_path / "m"
        path.write_bytes(message(suite, SIZE))
        file = Watched(path)

        with file.as_stream() as stream:
            found = describe(stream, fields=fields)

        assert found.content.length == SIZE
        assert file.bytes_read <= HEAD_BYTES + TAIL_BYTES + FINAL_PREFIX
        last = found.sizes.header + found.sizes.body - SIZE % FRAME - FINAL_PREFIX - 16
        inside = range(HEAD_BYTES, last)
        assert all(part[0] not in inside and part[-1] not in inside for part in file.parts)

    def test_is_hardly_read_behind_a_long_header(self, tmp_path: Path, suite: int) -> None:
        path = tmp_path / "m"
        path.write_bytes(message(suite, SIZE, pairs=300))
        file = Watched(path)

        with file.as_stream() as stream:
            found = describe(stream, fields=False)

        assert found.sizes.header > 30_000
        assert file.bytes_read < 2 * found.sizes.header + HEAD_BYTES

    def test_is_described_alike_with_fields_and_without(self, suite: int) -> None:
        made = message(suite, 100_000)

        whole = describe(io.BytesIO(made))
        short = describe(io.BytesIO(made), fields=False)

        assert whole.fields
        assert short == replace(whole, fields=())


class TestReading:
    @given(
        st.integers(0, 3000),
        st.lists(st.tuples(st.integers(0, 3100), st.integers(0, 3100)), min_size=1, max_size=4),
    )
    def test_gives_the_bytes_that_are_there(self, size: int, looks: list[tuple[int, int]]) -> None:
        content = bytes(number % 251 for number in range(size))
        pipe = cast("BinaryIO", BytePipe(content, 500))
        buffered = cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", io.BytesIO(content)), 7))

        for data in map(FileBytes, (io.BytesIO(content), buffered, pipe)):
            assert data.size == size
            for offset, count in looks:
                assert data.read_at(offset, count) == content[offset : offset + count]

    def test_gives_what_is_left_of_a_file_that_was_cut_short_meanwhile(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "f"
        path.write_bytes(bytes(5000))
        with open_source(path) as source:
            path.write_bytes(bytes(2000))
            data = FileBytes(source.stream, source.size)
            assert data.read_at(1990, 100) == bytes(10)
            assert data.read_at(4990, 10) == b""

    def test_tells_a_failure_as_the_source_does(self, tmp_path: Path) -> None:
        path = tmp_path / "m"
        path.write_bytes(message(0x0478, 10))
        with Failing(path).as_stream() as stream, pytest.raises(SourceUnreadable):
            describe(stream)
