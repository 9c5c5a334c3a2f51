"""Writing: a name holds what it held before, or the whole verified output; never less."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from sealscope.engine.positional import PositionalSink
from sealscope.errors import (
    Cancelled,
    OutputExists,
    OutputFailed,
)
from sealscope.files import abandon_unfinished, open_output, open_source
from tests.faults import fault
from tests.hostile import HOSTILE_BYTES, HOSTILE_NAMES
from tests.outputs import NEW, OLD, mode, names, open_below, umask, write


class TestPublishing:
    def test_the_name_appears_only_with_everything_in_it(
        self, tmp_path: Path, temporary: str
    ) -> None:
        path = tmp_path / "out"
        with open_output(path) as output:
            output.stream.write(NEW)
            output.stream.flush()
            assert not path.exists()
            output.publish()

        assert path.read_bytes() == NEW
        assert names(tmp_path) == ["out"]

    def test_an_empty_output_is_an_output(self, tmp_path: Path, temporary: str) -> None:
        write(tmp_path / "out", b"")

        assert (tmp_path / "out").read_bytes() == b""

    def test_leaving_without_publishing_leaves_nothing(
        self, tmp_path: Path, temporary: str
    ) -> None:
        with open_output(tmp_path / "out") as output:
            output.stream.write(NEW)

        assert names(tmp_path) == []

    def test_so_does_leaving_by_an_exception(self, tmp_path: Path, temporary: str) -> None:
        def interrupted() -> None:
            with open_output(tmp_path / "out") as output:
                output.stream.write(NEW)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()

        assert names(tmp_path) == []
        assert open_below(tmp_path) == []

    def test_what_is_written_can_be_large(self, tmp_path: Path, temporary: str) -> None:
        block = bytes(range(256)) * 4096
        with open_output(tmp_path / "out") as output:
            for _ in range(5):
                output.stream.write(block)
            output.publish()

        assert (tmp_path / "out").read_bytes() == block * 5

    def test_a_name_without_a_folder_is_in_the_working_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, temporary: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        write(Path("out"))

        assert (tmp_path / "out").read_bytes() == NEW

    def test_nothing_stays_open(self, tmp_path: Path, temporary: str) -> None:
        write(tmp_path / "out")
        with pytest.raises(OutputExists):
            write(tmp_path / "out")

        assert open_below(tmp_path) == []


class TestAnAbandonedOutput:
    """Its thread hangs while the process ends."""

    def test_leaves_nothing_and_publishes_nothing(self, tmp_path: Path, temporary: str) -> None:
        path = tmp_path / "out"
        with open_output(path) as output:
            output.stream.write(b"content")
            abandon_unfinished()
            assert names(tmp_path) == []
            with pytest.raises(Cancelled):
                output.publish()
        assert names(tmp_path) == []

    def test_leaves_the_one_that_was_there(self, tmp_path: Path, temporary: str) -> None:
        path = tmp_path / "out"
        path.write_bytes(b"old")
        with open_output(path, overwrite=True) as output:
            abandon_unfinished()
            with pytest.raises(Cancelled):
                output.publish()
        assert path.read_bytes() == b"old"
        assert names(tmp_path) == ["out"]

    def test_is_none_that_was_published(self, tmp_path: Path, temporary: str) -> None:
        path = tmp_path / "out"
        with open_output(path) as output:
            output.stream.write(b"content")
            output.publish()
            abandon_unfinished()
        assert path.read_bytes() == b"content"


class TestAnExistingOutput:
    def test_is_refused_and_stays_as_it_is(self, tmp_path: Path, temporary: str) -> None:
        path = tmp_path / "out"
        path.write_bytes(OLD)

        with pytest.raises(OutputExists, match="out"):
            write(path)
        assert path.read_bytes() == OLD
        assert names(tmp_path) == ["out"]

    def test_also_when_it_appears_while_we_write(self, tmp_path: Path, temporary: str) -> None:
        path = tmp_path / "out"
        with open_output(path) as output:
            output.stream.write(NEW)
            path.write_bytes(OLD)
            with pytest.raises(OutputExists):
                output.publish()

        assert path.read_bytes() == OLD
        assert names(tmp_path) == ["out"]

    def test_is_replaced_in_one_step_when_that_was_asked_for(
        self, tmp_path: Path, temporary: str
    ) -> None:
        path = tmp_path / "out"
        path.write_bytes(OLD)
        with path.open("rb") as reader:
            write(path, overwrite=True)
            assert reader.read() == OLD, "who had it open still reads the old file"

        assert path.read_bytes() == NEW
        assert names(tmp_path) == ["out"]

    def test_its_other_names_keep_the_old_content(self, tmp_path: Path, temporary: str) -> None:
        path = tmp_path / "out"
        path.write_bytes(OLD)
        os.link(path, tmp_path / "other")
        write(path, overwrite=True)

        assert (tmp_path / "other").read_bytes() == OLD

    def test_replacing_is_also_fine_when_there_is_nothing(
        self, tmp_path: Path, temporary: str
    ) -> None:
        write(tmp_path / "out", overwrite=True)

        assert (tmp_path / "out").read_bytes() == NEW

    def test_replacing_discarded_leaves_it_as_it_is(self, tmp_path: Path, temporary: str) -> None:
        path = tmp_path / "out"
        path.write_bytes(OLD)
        with open_output(path, overwrite=True) as output:
            output.stream.write(NEW)

        assert path.read_bytes() == OLD


class TestPermissions:
    @pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
    @pytest.mark.parametrize("source_mode", [0o400, 0o600, 0o640, 0o644, 0o666, 0o755, 0o4777])
    @pytest.mark.parametrize("exists", [False, True])
    def test_are_never_wider_than_the_source_and_never_wide_while_writing(
        self, tmp_path: Path, mask: int, source_mode: int, exists: bool, temporary: str
    ) -> None:
        source_path, path = tmp_path / "in", tmp_path / "out"
        source_path.write_bytes(OLD)
        source_path.chmod(source_mode)
        if exists:
            path.write_bytes(OLD)
            path.chmod(0o666)

        with (
            umask(mask),
            open_source(source_path) as source,
            open_output(path, source=source, overwrite=exists) as output,
        ):
            output.stream.write(NEW)
            output.stream.flush()
            while_writing = stat.S_IMODE(os.fstat(output.stream.fileno()).st_mode)
            named_while_writing = [mode(file) for file in tmp_path.glob(".sealscope-*")]
            output.publish()
            assert os.umask(mask) == mask, "the process's own mask is as it was"

        assert while_writing == 0o600
        assert named_while_writing == ([0o600] if temporary == "named" else [])
        assert mode(path) == source_mode & 0o666 & ~mask

    def test_without_a_source_are_for_the_owner_only(self, tmp_path: Path, temporary: str) -> None:
        with umask(0):
            write(tmp_path / "out")

        assert mode(tmp_path / "out") == 0o600

    def test_a_mask_that_forbids_everything_does_not_stop_us(
        self, tmp_path: Path, temporary: str
    ) -> None:
        with umask(0o777):
            write(tmp_path / "out")

        assert mode(tmp_path / "out") == 0o600

    def test_of_folders_made_on_the_way_are_for_the_owner_only(self, tmp_path: Path) -> None:
        with umask(0), open_output(tmp_path / "a" / "b" / "out", root=tmp_path) as output:
            output.publish()

        assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


class TestNames:
    @pytest.mark.parametrize("name", HOSTILE_BYTES)
    def test_that_are_no_text_are_written_and_read_as_they_are(
        self, tmp_path: Path, name: bytes, temporary: str
    ) -> None:
        path = tmp_path / os.fsdecode(name)
        write(path)

        assert os.listdir(os.fsencode(tmp_path)) == [name]
        with open_source(path) as source:
            assert source.stream.read() == NEW

    def test_that_are_hostile_are_written_each_as_its_own_file(
        self, tmp_path: Path, temporary: str
    ) -> None:
        for number, name in enumerate(HOSTILE_NAMES):
            write(tmp_path / name, str(number).encode())

        for number, name in enumerate(HOSTILE_NAMES):
            with open_source(tmp_path / name) as source:
                assert source.stream.read() == str(number).encode()

    def test_of_255_bytes_leave_room_for_the_temporary(
        self, tmp_path: Path, temporary: str
    ) -> None:
        write(tmp_path / ("n" * 255))
        write(tmp_path / ("n" * 255), OLD, overwrite=True)

        assert (tmp_path / ("n" * 255)).read_bytes() == OLD

    def test_that_differ_only_in_case_or_in_composition_are_not_mixed_up(
        self, tmp_path: Path, temporary: str
    ) -> None:
        for name in ("name", "Name", "caf\u00e9", "cafe\u0301"):
            if (tmp_path / name).exists():  # this file system takes them for one
                with pytest.raises(OutputExists):
                    write(tmp_path / name, name.encode())
            else:
                write(tmp_path / name, name.encode())
                assert (tmp_path / name).read_bytes() == name.encode()


class TestWritingAtAnOffset:
    """What the threads that seal and open parts of one file use."""

    def test_fills_gaps_and_leaves_the_stream_where_it_is(
        self, tmp_path: Path, temporary: str
    ) -> None:
        path = tmp_path / "out"
        with open_output(path) as output:
            stream = output.stream
            assert isinstance(stream, PositionalSink)
            stream.write(b"head")
            stream.write_at(memoryview(b"tail"), 8)
            stream.write_at(memoryview(b"body"), 4)
            assert stream.tell() == 4
            output.publish()
        assert path.read_bytes() == b"headbodytail"

    def test_can_be_cut_off_again(self, tmp_path: Path, temporary: str) -> None:
        path = tmp_path / "out"
        with open_output(path) as output:
            stream = output.stream
            assert isinstance(stream, PositionalSink)
            stream.write_at(memoryview(NEW), 0)
            stream.truncate(5)
            stream.seek(5)
            stream.write(b"end")
            output.publish()
        assert path.read_bytes() == NEW[:5] + b"end"

    def test_writes_all_where_the_system_takes_little(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pwrite = os.pwrite
        monkeypatch.setattr(os, "pwrite", lambda file, data, at: pwrite(file, data[:7], at))
        path = tmp_path / "out"
        with open_output(path) as output:
            assert isinstance(output.stream, PositionalSink)
            output.stream.write_at(memoryview(NEW), 0)
            output.publish()
        assert path.read_bytes() == NEW

    @pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EFBIG])
    def test_fails_as_the_stream_does(self, tmp_path: Path, number: int) -> None:
        path = tmp_path / "out"
        with open_output(path) as output:
            assert isinstance(output.stream, PositionalSink)
            with fault(number, 1, ("pwrite",)), pytest.raises(OutputFailed) as caught:
                output.stream.write_at(memoryview(NEW), 0)
            with pytest.raises(OutputFailed, match="cannot be written"):
                output.stream.truncate(-1)
        assert str(path) in caught.value.detail
        assert names(tmp_path) == []

    def test_is_missing_where_the_system_cannot(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(os, "pwrite")
        with open_output(tmp_path / "out") as output:
            assert not isinstance(output.stream, PositionalSink)
            output.stream.write(NEW)
            output.publish()
        assert (tmp_path / "out").read_bytes() == NEW
