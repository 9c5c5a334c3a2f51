"""Reading: a regular file or a clear refusal, and no change goes unseen."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sealscope.engine.positional import PositionalSource
from sealscope.errors import (
    SourceChanged,
    SourceUnreadable,
)
from sealscope.files import open_source
from tests.faults import fault
from tests.outputs import NEW, OLD, open_below


def appended(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def cut(path: Path) -> None:
    os.truncate(path, 5)


def rewritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"X")


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(NEW)
    os.utime(other, ns=(10**18, 10**18))
    other.rename(path)


def refused_at_once(path: Path) -> SourceUnreadable:
    """The refusal, from a thread: one that waits for a writer must not hang the tests."""
    refusals: list[SourceUnreadable] = []

    def attempt() -> None:
        with pytest.raises(SourceUnreadable) as caught:
            open_source(path)
        refusals.append(caught.value)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(30)
    assert refusals, "still waiting"
    return refusals[0]


class TestSources:
    def test_are_read_whole_and_in_parts(self, tmp_path: Path) -> None:
        path = tmp_path / "in"
        path.write_bytes(NEW)
        path.chmod(0o640)
        with open_source(path) as source:
            assert source.path == path
            assert source.size == len(NEW)
            assert source.mode == 0o640
            assert source.stream.read(7) == NEW[:7]
            source.stream.seek(0)
            assert source.stream.read() == NEW
            source.verify_unchanged()
        assert open_below(tmp_path) == []

    def test_a_link_to_a_file_is_a_source(self, tmp_path: Path) -> None:
        (tmp_path / "in").write_bytes(NEW)
        (tmp_path / "link").symlink_to("in")

        with open_source(tmp_path / "link") as source:
            assert source.stream.read() == NEW
            source.verify_unchanged()

    @pytest.mark.parametrize(
        ("name", "title"),
        [
            ("missing", "There is no such file"),
            ("file/below", "There is no such file"),
            ("dangling", "There is no such file"),
            ("loop", "The file cannot be read"),
            ("folder", "The input is a folder"),
            ("pipe", "The input is not a regular file"),
            ("socket", "The file cannot be read"),
            ("a\0b", "There is no such file"),
            ("a\ud800b", "There is no such file"),
            ("n" * 256, "The file cannot be read"),
            ("/dev/null", "The input is not a regular file"),
            ("/dev/tty", None),
            ("", "The input is a folder"),
        ],
    )
    def test_anything_else_is_refused_without_waiting(
        self,
        tmp_path: Path,
        name: str,
        title: str | None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(tmp_path)  # a socket's path is short
        Path("file").write_bytes(OLD)
        Path("folder").mkdir()
        Path("dangling").symlink_to("nowhere")
        Path("loop").symlink_to("loop")
        os.mkfifo("pipe")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket")
            error = refused_at_once(Path(name))

        assert error.title == title or title is None
        assert open_below(tmp_path) == []
        assert str(Path(name)) in error.detail

    @pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
    def test_one_that_may_not_be_read_says_so(self, tmp_path: Path, number: int) -> None:
        path = tmp_path / "in"
        path.write_bytes(OLD)

        with (
            fault(number, 1, ("open",)),
            pytest.raises(SourceUnreadable, match="may not be read") as caught,
        ):
            open_source(path)
        assert caught.value.hint

    @pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
    def test_also_when_its_mode_forbids_it(self, tmp_path: Path) -> None:
        path = tmp_path / "in"
        path.write_bytes(OLD)
        path.chmod(0)

        with pytest.raises(SourceUnreadable, match="may not be read"):
            open_source(path)

    @pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs Linux's /proc")
    def test_a_read_that_fails_is_told_as_ours(self) -> None:
        """The first page of a process is never mapped: reading it is a real I/O error."""
        with open_source(Path("/proc/self/mem")) as source:
            with pytest.raises(SourceUnreadable, match="error"):
                source.stream.read(10)
            with pytest.raises(SourceUnreadable, match="error"):
                source.stream.read()


class TestASourceThatChanges:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "in"
        path.write_bytes(NEW)
        # Long ago, so that a change now is one for any clock.
        os.utime(path, ns=(10**18, 10**18))
        return path

    @pytest.mark.parametrize("change", [appended, cut, rewritten, replaced])
    def test_is_noticed(self, path: Path, change: Callable[[Path], None]) -> None:
        with open_source(path) as source:
            source.stream.read(10)
            source.verify_unchanged()
            change(path)
            with pytest.raises(SourceChanged, match=str(path)):
                source.verify_unchanged()

    def test_one_that_was_removed_has_still_been_read_whole(self, path: Path) -> None:
        with open_source(path) as source:
            path.unlink()
            assert source.stream.read() == NEW
            source.verify_unchanged()


def test_a_store_that_is_open_here_is_not_opened_as_a_file(tmp_path: Path) -> None:
    """Closing it again would drop SQLite's locks, and other programs could lose its keys."""
    from sealscope.kms.local import LocalStore

    path = tmp_path / "kms.sqlite3"
    store = LocalStore.open(path)
    link = tmp_path / "link"
    link.symlink_to(path)
    for name in (path, link, tmp_path / "kms.sqlite3-wal", tmp_path / "kms.sqlite3-shm"):
        with pytest.raises(SourceUnreadable, match="local key store"):
            open_source(name)
    store.close()
    with open_source(path) as source:
        assert source.size > 0


class TestReadingAtAnOffset:
    """What the threads that seal and open parts of one file use."""

    def test_answers_how_much_there_was(self, tmp_path: Path) -> None:
        path = tmp_path / "in"
        path.write_bytes(NEW)
        with open_source(path) as source:
            stream = source.stream
            assert isinstance(stream, PositionalSource)
            buffer = memoryview(bytearray(10))
            assert stream.read_at(buffer, 7) == 10
            assert buffer == NEW[7:17]
            assert stream.read_at(buffer, len(NEW) - 3) == 3
            assert buffer[:3] == NEW[-3:]
            assert stream.read_at(buffer, len(NEW)) == 0
            assert stream.read_at(buffer, len(NEW) + 1000) == 0

    def test_does_not_move_the_stream(self, tmp_path: Path) -> None:
        path = tmp_path / "in"
        path.write_bytes(NEW)
        with open_source(path) as source:
            stream = source.stream
            assert isinstance(stream, PositionalSource)
            assert source.stream.read(5) == NEW[:5]
            stream.read_at(memoryview(bytearray(100)), 50)
            assert source.stream.tell() == 5
            assert source.stream.read() == NEW[5:]

    @pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
    def test_fails_as_the_stream_does(self, tmp_path: Path, number: int) -> None:
        path = tmp_path / "in"
        path.write_bytes(NEW)
        with open_source(path) as source:
            assert isinstance(source.stream, PositionalSource)
            with fault(number, 1, ("preadv",)), pytest.raises(SourceUnreadable) as caught:
                source.stream.read_at(memoryview(bytearray(1)), 0)
        assert str(path) in caught.value.detail
        assert os.strerror(number) in caught.value.detail

    def test_is_missing_where_the_system_cannot(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(os, "preadv")
        path = tmp_path / "in"
        path.write_bytes(NEW)
        with open_source(path) as source:
            assert not isinstance(source.stream, PositionalSource)
            assert source.stream.read() == NEW
