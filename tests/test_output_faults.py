"""Writing while the operating system refuses: each of its calls, with each error."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from sealscope.errors import (
    OutputExists,
    OutputFailed,
    SealscopeError,
)
from sealscope.files import open_output
from tests.faults import CALLS, ERRNOS, fault
from tests.outputs import NEW, OLD, names, open_below, refusal, write


class TestWhateverTheSystemRefuses:
    """Each call of the operating system fails once, with each error."""

    @pytest.mark.parametrize("number", ERRNOS, ids=errno.errorcode.get)
    @pytest.mark.parametrize(("exists", "overwrite"), [(False, False), (False, True), (True, True)])
    def test_the_name_is_whole_and_nothing_is_left(
        self, tmp_path: Path, temporary: str, number: int, exists: bool, overwrite: bool
    ) -> None:
        for at in range(1, 60):
            path = tmp_path / str(at) / "out"
            path.parent.mkdir()
            if exists:
                path.write_bytes(OLD)
            with fault(number, at) as one:
                error = refusal(partial(write, path, overwrite=overwrite))
            self.check(path, error, existed=exists, number=number)
            if not one.reached:
                break
        assert at > 6
        assert error is None

    def check(
        self, path: Path, error: SealscopeError | None, *, existed: bool, number: int
    ) -> None:
        data = path.read_bytes() if path.exists() else None
        left = [name for name in names(path.parent) if name != path.name]
        assert open_below(path.parent) == []
        if error is None:
            assert data == NEW
            assert left == []
            return
        assert isinstance(error, OutputFailed)
        assert os.strerror(number) in error.detail
        if error.title == "A temporary file cannot be removed":
            assert left
            assert left[0] in error.detail
        else:
            assert str(path) in error.detail
            assert left == []
            unconfirmed = existed and error.title.startswith("The output was replaced")
            assert data == (NEW if unconfirmed else OLD if existed else None)

    @pytest.mark.parametrize("number", ERRNOS, ids=errno.errorcode.get)
    def test_making_folders_on_the_way_fails_as_clearly(
        self, tmp_path: Path, temporary: str, number: int
    ) -> None:
        def publish(path: Path) -> None:
            with open_output(path, root=tmp_path) as output:
                output.stream.write(NEW)
                output.publish()

        for at in range(1, 60):
            folder = tmp_path / str(at)
            with fault(number, at) as one:
                error = refusal(partial(publish, folder / "b" / "out"))
            left = [file.name for file in folder.rglob("*") if file.is_file()]
            if error is None:
                assert left == ["out"]
            else:
                assert os.strerror(number) in error.detail
                assert left == [] or error.title == "A temporary file cannot be removed"
            if not one.reached:
                break
        assert at > 8
        assert error is None
        assert open_below(tmp_path) == []

    def test_closing_may_fail_without_a_trace(
        self, tmp_path: Path, temporary: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was published is on the disk already; what was not is not wanted."""
        with open_output(tmp_path / "out") as output:
            output.stream.write(NEW)
            os.close(output.stream.fileno())  # so that closing it again fails with EBADF

        assert names(tmp_path) == []

    def test_where_there_are_no_hard_links_the_name_is_taken_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
        for number in (errno.EPERM, errno.EOPNOTSUPP):
            path = tmp_path / str(number)
            with fault(number, 1, ("link",)) as one:
                write(path)
            assert one.reached
            assert path.read_bytes() == NEW
        with fault(errno.EPERM, 1, ("link",)), pytest.raises(OutputExists):
            self.write_while_another_appears(path.with_name("out"))
        assert path.with_name("out").read_bytes() == OLD
        assert [name for name in names(tmp_path) if name.startswith(".")] == []

    def write_while_another_appears(self, path: Path) -> None:
        with open_output(path) as output:
            output.stream.write(NEW)
            path.write_bytes(OLD)
            output.publish()

    def test_and_given_back_when_the_move_fails(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
        with (
            fault(errno.EPERM, 1, ("link",)),
            fault(errno.EIO, 1, ("rename",)),
            pytest.raises(OutputFailed),
        ):
            write(tmp_path / "out")

        assert names(tmp_path) == []

    def test_where_folders_cannot_be_flushed_the_output_is_published_all_the_same(
        self, tmp_path: Path, temporary: str
    ) -> None:
        with fault(errno.EINVAL, 2, ("fsync",)) as one:
            write(tmp_path / "out")

        assert one.reached
        assert (tmp_path / "out").read_bytes() == NEW

    def test_where_unnamed_files_are_not_supported_a_named_one_serves(self, tmp_path: Path) -> None:
        for at in (1, 2):
            with fault(errno.EOPNOTSUPP, at, ("open",)), suppress(OutputFailed):
                write(tmp_path / str(at))

        assert (tmp_path / "2").read_bytes() == NEW
        assert [name for name in names(tmp_path) if name.startswith(".")] == []

    def test_the_faults_are_of_calls_that_exist(self) -> None:
        assert all(callable(getattr(os, name)) for name in CALLS)
