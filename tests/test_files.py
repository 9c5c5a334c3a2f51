"""The file gate: which names are taken for an output, and which never."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

import pytest

from sealscope.errors import (
    FileError,
    OutputExists,
    OutputFailed,
    UnsafeOutput,
)
from sealscope.files import check_output, check_replaceable, open_output, open_source
from tests.hostile import HOSTILE
from tests.outputs import NEW, OLD, names, open_below, write


class TestUnsafeOutputs:
    @pytest.fixture
    def victim(self, tmp_path: Path) -> Path:
        victim = tmp_path / "victim"
        victim.write_bytes(OLD)
        return victim

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_a_link_is_never_followed(self, victim: Path, overwrite: bool) -> None:
        link = victim.with_name("out")
        link.symlink_to(victim)

        with pytest.raises(UnsafeOutput, match="is a link"):
            write(link, overwrite=overwrite)
        assert victim.read_bytes() == OLD
        assert link.is_symlink()

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_nor_one_that_leads_nowhere(self, tmp_path: Path, overwrite: bool) -> None:
        link = tmp_path / "out"
        link.symlink_to(tmp_path / "nowhere")

        with pytest.raises(UnsafeOutput, match="is a link"):
            write(link, overwrite=overwrite)
        assert names(tmp_path) == ["out"]

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_nor_one_that_appears_while_we_write(
        self, victim: Path, overwrite: bool, temporary: str
    ) -> None:
        link = victim.with_name("out")
        with open_output(link, overwrite=overwrite) as output:
            output.stream.write(NEW)
            link.symlink_to(victim)
            with pytest.raises(UnsafeOutput if overwrite else OutputExists):
                output.publish()

        assert victim.read_bytes() == OLD
        assert link.is_symlink()
        assert names(victim.parent) == ["out", "victim"]

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_a_folder_is_no_output(self, tmp_path: Path, overwrite: bool) -> None:
        (tmp_path / "out").mkdir()

        with pytest.raises(UnsafeOutput, match="not a regular file"):
            write(tmp_path / "out", overwrite=overwrite)

    def test_nor_is_a_device(self) -> None:
        with pytest.raises(UnsafeOutput, match="not a regular file"):
            write(Path("/dev/null"), overwrite=True)

    def test_nor_is_a_pipe_and_nobody_waits_for_its_reader(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "out")

        with pytest.raises(UnsafeOutput, match="not a regular file"):
            write(tmp_path / "out", overwrite=True)

    @pytest.mark.parametrize("name", ["", ".", "..", "folder/..", "/"])
    def test_nor_is_a_name_that_is_none(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "folder").mkdir()

        with pytest.raises((UnsafeOutput, OutputExists)):
            write(tmp_path / name, overwrite=True)

    @pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
    def test_nor_is_a_name_that_no_file_can_have(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(UnsafeOutput, match="cannot be a file's name"):
            write(tmp_path / name)
        with pytest.raises(UnsafeOutput):
            write(tmp_path / name / "out")

    def test_a_name_that_is_too_long_is_told_as_such(self, tmp_path: Path) -> None:
        with pytest.raises(OutputFailed, match="too long"):
            write(tmp_path / ("n" * 256))

    def test_a_folder_that_is_not_there_is_told_as_such(self, tmp_path: Path) -> None:
        with pytest.raises(OutputFailed, match="does not exist"):
            write(tmp_path / "no" / "out")
        (tmp_path / "file").write_bytes(OLD)
        with pytest.raises(OutputFailed, match="does not exist"):
            write(tmp_path / "file" / "out")

    def test_a_form_can_ask_beforehand(self, victim: Path) -> None:
        victim.with_name("link").symlink_to(victim)

        check_output(victim.with_name("free"), source=None, overwrite=False)
        check_output(victim, source=None, overwrite=True)
        check_replaceable(victim)
        with pytest.raises(OutputExists):
            check_output(victim, source=None, overwrite=False)
        with pytest.raises(UnsafeOutput), open_source(victim) as source:
            check_output(victim, source=source, overwrite=True)
        with pytest.raises(UnsafeOutput):
            check_output(victim.with_name("link"), source=None, overwrite=True)
        with pytest.raises(UnsafeOutput):
            check_replaceable(victim.with_name("link"))
        with pytest.raises(OutputFailed):
            check_output(victim.with_name("no") / "out", source=None, overwrite=True)
        assert names(victim.parent) == ["link", "victim"]
        assert open_below(victim.parent) == []

    def test_asking_beforehand_also_tells_of_a_folder_that_may_not_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda *_, **__: False)  # root may write anywhere

        with pytest.raises(OutputFailed, match=os.strerror(errno.EACCES)):
            check_output(tmp_path / "out", source=None, overwrite=False)


class TestTheInputItself:
    @pytest.mark.parametrize("overwrite", [False, True])
    @pytest.mark.parametrize("name", ["in", "./in", "folder/../in", "hard", "folder/hard"])
    def test_is_refused_by_whatever_name(
        self, tmp_path: Path, name: str, overwrite: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "in"
        path.write_bytes(OLD)
        (tmp_path / "folder").mkdir()
        os.link(path, tmp_path / "hard")
        os.link(path, tmp_path / "folder" / "hard")
        monkeypatch.chdir(tmp_path)

        with (
            open_source(path) as source,
            pytest.raises(UnsafeOutput, match="the input itself"),
        ):
            open_output(Path(name), source=source, overwrite=overwrite)
        assert path.read_bytes() == OLD

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_also_through_links(self, tmp_path: Path, overwrite: bool) -> None:
        path = tmp_path / "in"
        path.write_bytes(OLD)
        (tmp_path / "link").symlink_to(path)
        (tmp_path / "folder").symlink_to(tmp_path)

        with open_source(tmp_path / "link") as source:
            for name in ("in", "link", "folder/in"):
                with pytest.raises(UnsafeOutput):
                    open_output(tmp_path / name, source=source, overwrite=overwrite)
        assert path.read_bytes() == OLD


class TestARoot:
    """Names that come from a header, a manifest or a folder walk stay below their folder."""

    @pytest.mark.parametrize(
        "name",
        [
            "../out",
            "a/../../out",
            "a/../b/../../out",
            "/etc/sealscope-out",
            "//etc/sealscope-out",
            "..",
            "a/..",
        ],
    )
    def test_names_that_lead_out_of_it_are_refused(self, tmp_path: Path, name: str) -> None:
        root = tmp_path / "root"
        root.mkdir()

        with pytest.raises(UnsafeOutput):
            open_output(root / name, root=root)
        assert names(tmp_path) == ["root"]
        assert names(root) == []

    @pytest.mark.parametrize("text", HOSTILE)
    def test_no_hostile_name_leads_out_of_it(self, tmp_path: Path, text: str) -> None:
        root = tmp_path / "root"
        root.mkdir()
        with suppress(FileError), open_output(root / text, root=root) as output:
            output.publish()

        assert names(tmp_path) == ["root"]
        assert all(file.resolve().is_relative_to(root) for file in root.rglob("*"))

    def test_folders_are_made_as_needed(self, tmp_path: Path, temporary: str) -> None:
        with open_output(tmp_path / "a" / "b" / "out", root=tmp_path) as output:
            output.stream.write(NEW)
            output.publish()

        assert (tmp_path / "a" / "b" / "out").read_bytes() == NEW

    def test_a_link_on_the_way_is_refused(self, tmp_path: Path) -> None:
        root, outside = tmp_path / "root", tmp_path / "outside"
        root.mkdir()
        outside.mkdir()
        (root / "a").symlink_to(outside)

        with pytest.raises(UnsafeOutput, match="is a link or a file"):
            open_output(root / "a" / "out", root=root)
        with pytest.raises(UnsafeOutput, match="is a link or a file"):
            open_output(root / "a" / "b" / "out", root=root)
        assert names(outside) == []
        assert open_below(tmp_path) == []

    def test_a_file_on_the_way_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(OLD)

        with pytest.raises(UnsafeOutput, match="is a link or a file"):
            open_output(tmp_path / "a" / "out", root=tmp_path)
