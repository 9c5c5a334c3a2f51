"""Folders made for results that never came go away again."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscope.jobs.new_folders import without_empty_new_folders


def test_a_new_folder_without_a_result_is_removed(tmp_path: Path) -> None:
    with without_empty_new_folders([tmp_path / "new" / "deep" / "file"]):
        (tmp_path / "new" / "deep").mkdir(parents=True)
    assert list(tmp_path.iterdir()) == []


def test_a_new_folder_with_a_result_stays(tmp_path: Path) -> None:
    with without_empty_new_folders([tmp_path / "new" / "a" / "file", tmp_path / "new" / "b" / "x"]):
        (tmp_path / "new" / "a").mkdir(parents=True)
        (tmp_path / "new" / "b").mkdir(parents=True)
        (tmp_path / "new" / "a" / "file").write_bytes(b"")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "file", "new"]


def test_an_empty_folder_that_was_there_before_stays(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with without_empty_new_folders([tmp_path / "old" / "file"]):
        pass
    assert (tmp_path / "old").is_dir()


def test_they_go_also_when_the_work_breaks(tmp_path: Path) -> None:
    def work() -> None:
        with without_empty_new_folders([tmp_path / "new" / "file"]):
            (tmp_path / "new").mkdir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert list(tmp_path.iterdir()) == []
