"""Where files are kept: by the system's own rules, for their owner only."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from sealscope.config import (
    cache_folder,
    data_folder,
    inventory_cache_folder,
    local_store_path,
    private_folder,
)
from sealscope.errors import OutputFailed
from tests.faults import fault
from tests.outputs import umask

xdg = pytest.mark.skipif(sys.platform == "darwin", reason="macOS has folders of its own")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@xdg
class TestFolders:
    def test_are_below_the_home_folder_when_nothing_is_said(self, empty_home: Path) -> None:
        assert data_folder() == empty_home / ".local" / "share" / "sealscope"
        assert cache_folder() == empty_home / ".cache" / "sealscope"
        assert inventory_cache_folder() == cache_folder() / "inventory"
        assert mode(inventory_cache_folder()) == 0o700

    def test_are_where_the_xdg_variables_say(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

        assert data_folder() == tmp_path / "data" / "sealscope"
        assert cache_folder() == tmp_path / "cache" / "sealscope"

    def test_are_made_for_their_owner_only_parents_included(self, empty_home: Path) -> None:
        with umask(0):
            folder = data_folder()

        assert mode(folder) == 0o700
        assert mode(empty_home / ".local") == mode(empty_home / ".local" / "share") == 0o700


class TestAPrivateFolder:
    def test_that_exists_keeps_its_mode(self, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        folder.chmod(0o750)

        assert private_folder(folder) == folder
        assert mode(folder) == 0o750

    def test_may_be_asked_for_twice(self, tmp_path: Path) -> None:
        assert private_folder(tmp_path / "a" / "b") == private_folder(tmp_path / "a" / "b")

    @pytest.mark.parametrize("name", ["file", "file/below", "dangling", "dangling/below", "loop"])
    def test_that_cannot_be_made_is_told(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "file").write_bytes(b"")
        (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
        (tmp_path / "loop").symlink_to(tmp_path / "loop")

        with pytest.raises(
            OutputFailed, match=str(tmp_path / name.split("/", maxsplit=1)[0])
        ) as caught:
            private_folder(tmp_path / name)
        assert caught.value.hint

    @pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
    @pytest.mark.parametrize("call", ["mkdir", "stat"])
    def test_nor_what_the_system_refuses(self, tmp_path: Path, number: int, call: str) -> None:
        with fault(number, 1, (call,)), pytest.raises(OutputFailed) as caught:
            private_folder(tmp_path / "a" / "b")
        assert os.strerror(number) in caught.value.detail


class TestTheLocalStore:
    @xdg
    def test_is_in_the_data_folder_by_itself(self, empty_home: Path) -> None:
        expected = empty_home / ".local" / "share" / "sealscope" / "local-kms.sqlite3"

        assert local_store_path() == expected
        assert mode(expected.parent) == 0o700
        assert not expected.exists()

    def test_is_where_its_variable_says_and_nothing_is_made(
        self, tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SEALSCOPE_LOCAL_STORE", str(tmp_path / "no" / "store"))

        assert local_store_path() == tmp_path / "no" / "store"
        assert list(tmp_path.iterdir()) == []
        assert list(empty_home.iterdir()) == []

    def test_may_be_named_from_the_home_folder(
        self, empty_home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SEALSCOPE_LOCAL_STORE", "~/store")
        assert local_store_path() == empty_home / "store"

        monkeypatch.setenv("SEALSCOPE_LOCAL_STORE", "~no-such-user/store")
        assert local_store_path() == Path("~no-such-user/store")
