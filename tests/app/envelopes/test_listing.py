"""A folder is read once, in a bounded way, and envelopes are known by their bytes."""

import os
from pathlib import Path

import pytest

from sealscope.app.envelopes import listing
from sealscope.app.envelopes.listing import EntryKind, Mark, list_folder, mark, marks
from sealscope.errors import SourceUnreadable


class TestListingAFolder:
    def test_folders_come_first_then_names_without_regard_to_case(self, tmp_path: Path) -> None:
        for name in ("b.txt", "A.txt", "c.txt"):
            (tmp_path / name).write_bytes(b"x")
        (tmp_path / "zoo").mkdir()
        names = [entry.path.name for entry in list_folder(tmp_path).entries]
        assert names == ["zoo", "A.txt", "b.txt", "c.txt"]

    def test_hidden_names_are_listed_on_demand_only(self, tmp_path: Path) -> None:
        (tmp_path / ".secret").write_bytes(b"x")
        (tmp_path / "open").write_bytes(b"x")
        found = list_folder(tmp_path)
        assert [entry.path.name for entry in found.visible(hidden=False)] == ["open"]
        assert len(found.visible(hidden=True)) == 2

    def test_a_link_counts_as_what_it_leads_to(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "link").symlink_to("folder")
        link = next(e for e in list_folder(tmp_path).entries if e.path.name == "link")
        assert (link.kind, link.is_link) == (EntryKind.FOLDER, True)

    def test_a_dangling_link_says_why_it_leads_nowhere(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("nowhere")
        (entry,) = list_folder(tmp_path).entries
        assert entry.kind is EntryKind.OTHER
        assert entry.problem == "No such file or directory"

    def test_a_pipe_is_neither_file_nor_folder(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        (entry,) = list_folder(tmp_path).entries
        assert (entry.kind, entry.size) == (EntryKind.OTHER, None)

    def test_a_missing_folder_is_an_error_of_ours(self, tmp_path: Path) -> None:
        with pytest.raises(SourceUnreadable):
            list_folder(tmp_path / "missing")

    def test_a_huge_folder_is_cut_and_says_so(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listing, "MAX_ENTRIES", 3)
        for number in range(5):
            (tmp_path / str(number)).touch()
        found = list_folder(tmp_path)
        assert (len(found.entries), found.is_cut) == (3, True)

    def test_a_folder_of_exactly_the_limit_is_whole(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listing, "MAX_ENTRIES", 3)
        for number in range(3):
            (tmp_path / str(number)).touch()
        assert not list_folder(tmp_path).is_cut


class TestMarkingEnvelopes:
    def test_the_name_never_decides(self, tmp_path: Path) -> None:
        liar = tmp_path / "report.encrypted"
        liar.write_bytes(b"just a text, whatever its name says")
        assert mark(liar) is Mark.PLAIN

    def test_an_empty_file_is_no_envelope(self, tmp_path: Path) -> None:
        (tmp_path / "empty").touch()
        assert mark(tmp_path / "empty") is Mark.PLAIN

    def test_the_work_stops_when_it_is_told_to(self, tmp_path: Path) -> None:
        (tmp_path / "one").write_bytes(b"x")
        (tmp_path / "two").write_bytes(b"x")
        assert list(marks(list_folder(tmp_path).entries, stop=lambda: True)) == []

    def test_folders_are_left_out_and_files_of_every_size_are_not(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        with (tmp_path / "large").open("wb") as large:
            large.truncate(1 << 33)
        (tmp_path / "small").write_bytes(b"x" * 10)
        assert [p.name for p, _ in marks(list_folder(tmp_path).entries)] == ["large", "small"]
