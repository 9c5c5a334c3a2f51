"""Which file is written where."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sealscope.errors import SourceUnreadable, UnsafeOutput, UsageError
from sealscope.jobs.plan import Planned, plan
from sealscope.jobs.request import Kind
from sealscope.jobs.walk import Refused, Skipped

ENCRYPT, DECRYPT = Kind.ENCRYPT, Kind.DECRYPT


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode("utf-8", "surrogateescape"))


def planned(
    kind: Kind, *sources: str, out: str | None = None, recursive: bool = False
) -> dict[str, str]:
    items = plan(kind, [Path(name) for name in sources], out=out, recursive=recursive)
    return {str(item.source): str(item.destination) for item in items if isinstance(item, Planned)}


def refused(
    kind: Kind, *sources: str, out: str | None = None, recursive: bool = False
) -> dict[str, Refused]:
    items = plan(kind, [Path(name) for name in sources], out=out, recursive=recursive)
    return {str(item.source): item for item in items if isinstance(item, Refused)}


@contextmanager
def somebody_else() -> Iterator[None]:
    """Root may read everything, so that root is left for a moment."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)


class TestWithoutAnOutputTheResultIsBesideItsSource:
    def test_encrypting_adds_the_suffix(self) -> None:
        make("a", "b/c.txt")
        assert planned(ENCRYPT, "a", "b/c.txt") == {
            "a": "a.encrypted",
            "b/c.txt": "b/c.txt.encrypted",
        }

    def test_decrypting_strips_the_suffix_or_adds_another(self) -> None:
        make("a.encrypted", "b", ".encrypted")
        assert planned(DECRYPT, "a.encrypted", "b", ".encrypted") == {
            "a.encrypted": "a",
            "b": "b.decrypted",
            ".encrypted": ".encrypted.decrypted",
        }

    @pytest.mark.parametrize("name", ["..encrypted", "...encrypted"])
    def test_what_is_left_of_a_name_never_names_a_folder(self, name: str) -> None:
        make(f"d/{name}", "d/good.encrypted")
        assert planned(DECRYPT, "d", recursive=True) == {
            f"d/{name}": f"d/{name}.decrypted",
            "d/good.encrypted": "d/good",
        }

    def test_a_missing_file_is_left_to_the_job_to_complain_about(self) -> None:
        assert planned(ENCRYPT, "missing") == {"missing": "missing.encrypted"}


class TestAnOutput:
    def test_names_a_file_for_one_input(self) -> None:
        make("a")
        assert planned(ENCRYPT, "a", out="sealed") == {"a": "sealed"}

    def test_names_a_folder_for_several_inputs(self) -> None:
        make("a", "x/b")
        assert planned(ENCRYPT, "a", "x/b", out="out") == {
            "a": "out/a.encrypted",
            "x/b": "out/b.encrypted",
        }

    def test_names_a_folder_when_one_is_there(self) -> None:
        make("a")
        Path("out").mkdir()
        assert planned(ENCRYPT, "a", out="out") == {"a": "out/a.encrypted"}

    def test_names_a_folder_when_it_ends_with_a_slash(self) -> None:
        make("a")
        assert planned(ENCRYPT, "a", out="new/") == {"a": "new/a.encrypted"}

    def test_that_is_a_file_cannot_take_several_inputs(self) -> None:
        make("a", "b", "out")
        with pytest.raises(UsageError):
            plan(ENCRYPT, [Path("a"), Path("b")], out="out")

    def test_cannot_be_a_file_for_a_folder(self) -> None:
        make("d/a", "out")
        with pytest.raises(UsageError):
            plan(ENCRYPT, [Path("d")], out="out", recursive=True)

    def test_folder_that_is_missing_is_made_below_the_nearest_one_that_is_there(self) -> None:
        make("a", "b")
        Path("there").mkdir()
        items = plan(ENCRYPT, [Path("a"), Path("b")], out="there/new/deep")
        roots = {item.root for item in items if isinstance(item, Planned)}
        assert roots == {Path("there")}


class TestAFolder:
    def test_is_refused_without_r(self) -> None:
        make("d/a")
        (item,) = refused(ENCRYPT, "d").values()
        assert isinstance(item.error, SourceUnreadable)
        assert "-r" in item.error.hint

    @pytest.mark.parametrize("name", [".", "..", "/", "d/.", "d/"])
    def test_is_refused_without_r_by_any_of_its_names(self, name: str) -> None:
        make("d/a")
        assert len(refused(ENCRYPT, name)) == 1

    def test_that_is_refused_does_not_stop_the_other_inputs(self) -> None:
        make("d/a", "b")
        assert planned(ENCRYPT, "d", "b") == {"b": "b.encrypted"}

    def test_is_walked_with_r_and_each_result_is_beside_its_source(self) -> None:
        make("d/a", "d/e/b", "d/e/f/c")
        assert planned(ENCRYPT, "d", recursive=True) == {
            "d/a": "d/a.encrypted",
            "d/e/b": "d/e/b.encrypted",
            "d/e/f/c": "d/e/f/c.encrypted",
        }

    def test_is_mirrored_below_the_output(self) -> None:
        make("d/a", "d/e/b")
        assert planned(ENCRYPT, "d", out="out", recursive=True) == {
            "d/a": "out/a.encrypted",
            "d/e/b": "out/e/b.encrypted",
        }

    def test_gives_the_root_that_no_result_may_leave(self) -> None:
        make("d/e/a")
        Path("out").mkdir()
        (item,) = plan(ENCRYPT, [Path("d")], out="out", recursive=True)
        assert isinstance(item, Planned)
        assert item.root == Path("out")

    def test_that_is_the_working_directory_can_be_walked(self) -> None:
        make("a", "e/b")
        assert planned(ENCRYPT, ".", recursive=True) == {
            "a": "a.encrypted",
            "e/b": "e/b.encrypted",
        }

    def test_holding_the_output_folder_is_walked_around_it(self) -> None:
        make("d/a", "d/out/old.encrypted")
        assert planned(ENCRYPT, "d", out="d/out", recursive=True) == {"d/a": "d/out/a.encrypted"}

    def test_walk_to_decrypt_takes_only_the_encrypted_files(self) -> None:
        make("d/a.encrypted", "d/plain", "d/e/b.encrypted", "d/e/.encrypted")
        assert planned(DECRYPT, "d", recursive=True) == {
            "d/a.encrypted": "d/a",
            "d/e/b.encrypted": "d/e/b",
        }

    def test_without_any_encrypted_file_says_so(self) -> None:
        make("d/plain")
        (item,) = refused(DECRYPT, "d", recursive=True).values()
        assert "no .encrypted files" in item.error.title

    def test_without_any_file_says_so(self) -> None:
        Path("d/e").mkdir(parents=True)
        (item,) = refused(ENCRYPT, "d", recursive=True).values()
        assert "no files" in item.error.title

    def test_walk_to_encrypt_beside_the_sources_skips_earlier_results(self) -> None:
        make("d/a", "d/b.encrypted")
        items = plan(ENCRYPT, [Path("d")], recursive=True)
        assert [type(item) for item in items] == [Planned, Skipped]

    @pytest.mark.parametrize("out", ["d", "./d/", "link"])
    def test_walk_whose_output_is_the_folder_itself_is_beside_the_sources(self, out: str) -> None:
        """Else each run would encrypt the results of the one before it."""
        make("d/a", "d/a.encrypted")
        os.symlink("d", "link")
        items = plan(ENCRYPT, [Path("d")], out=out, recursive=True)
        assert items == plan(ENCRYPT, [Path("d")], recursive=True)
        assert [type(item) for item in items] == [Planned, Skipped]

    def test_walk_to_encrypt_elsewhere_takes_everything(self) -> None:
        make("d/a", "d/b.encrypted")
        assert set(planned(ENCRYPT, "d", out="out", recursive=True)) == {"d/a", "d/b.encrypted"}


class TestAWalk:
    def test_never_follows_a_link(self) -> None:
        make("d/a", "outside/secret")
        Path("d/to-folder").symlink_to("../outside")
        Path("d/to-file").symlink_to("../outside/secret")
        Path("d/loop").symlink_to(".")
        items = plan(ENCRYPT, [Path("d")], recursive=True)
        skipped = {str(item.source): item.reason for item in items if isinstance(item, Skipped)}
        assert set(skipped) == {"d/to-folder", "d/to-file", "d/loop"}
        assert all("link" in reason for reason in skipped.values())
        assert planned(ENCRYPT, "d", recursive=True) == {"d/a": "d/a.encrypted"}

    def test_does_not_begin_at_a_link_either(self) -> None:
        make("outside/secret")
        Path("d").symlink_to("outside")
        (item,) = plan(ENCRYPT, [Path("d")], recursive=True)
        assert isinstance(item, Skipped)

    def test_skips_what_is_no_regular_file_with_a_reason(self) -> None:
        make("d/a")
        os.mkfifo("d/pipe")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("d/sock")
            items = plan(ENCRYPT, [Path("d")], recursive=True)
        skipped = {str(item.source): item.reason for item in items if isinstance(item, Skipped)}
        assert skipped == {"d/pipe": "a pipe", "d/sock": "a socket"}

    def test_goes_in_the_order_of_the_names(self) -> None:
        make("d/b", "d/a", "d/z/1", "d/c/2")
        assert list(planned(ENCRYPT, "d", recursive=True)) == ["d/a", "d/b", "d/c/2", "d/z/1"]

    def test_refuses_a_folder_that_may_not_be_read(self) -> None:
        make("d/e/a", "d/b")
        os.chmod(".", 0o755)
        os.chmod("d/e", 0)
        with somebody_else():
            assert set(refused(ENCRYPT, "d", recursive=True)) == {"d/e"}
            assert set(planned(ENCRYPT, "d", recursive=True)) == {"d/b"}

    @pytest.mark.parametrize(
        "name", ["-rf", "new\nline", "\x1b[2J", "ü", "a b", "*.txt", "x" * 245]
    )
    def test_takes_names_as_they_are(self, name: str) -> None:
        make(f"d/{name}")
        assert planned(ENCRYPT, "d", recursive=True) == {f"d/{name}": f"d/{name}.encrypted"}

    def test_takes_names_that_are_no_utf_8(self) -> None:
        name = os.fsdecode(b"caf\xe9")
        make(f"d/{name}")
        assert planned(ENCRYPT, "d", recursive=True) == {f"d/{name}": f"d/{name}.encrypted"}


class TestNoTwoFilesMeet:
    def test_the_second_of_two_inputs_with_one_output_is_refused(self) -> None:
        make("x/a", "y/a")
        assert planned(ENCRYPT, "x/a", "y/a", out="out") == {"x/a": "out/a.encrypted"}
        (item,) = refused(ENCRYPT, "x/a", "y/a", out="out").values()
        assert isinstance(item.error, UnsafeOutput)
        assert item.source == Path("y/a")

    def test_two_folders_that_hold_the_same_name_meet_too(self) -> None:
        make("x/a", "y/a", "y/b")
        assert set(planned(ENCRYPT, "x", "y", out="out", recursive=True)) == {"x/a", "y/b"}

    def test_one_file_by_two_names_meets_itself(self) -> None:
        make("a")
        assert len(planned(ENCRYPT, "a", "./x/../a")) == 1

    def test_an_output_that_is_an_input_of_the_same_run_is_refused(self) -> None:
        make("a", "a.encrypted")
        assert set(refused(ENCRYPT, "a", "a.encrypted")) == {"a"}

    def test_links_to_a_folder_hide_neither_an_input_nor_an_output(self) -> None:
        """With --overwrite, one item would destroy what the next one has to read."""
        make("d/a.encrypted", "d/a")
        os.symlink("d", "link")
        assert set(refused(DECRYPT, "d/a.encrypted", "link/a")) == {"d/a.encrypted"}
        assert set(refused(ENCRYPT, "d/a", "link/a")) == {"link/a"}

    def test_an_output_that_is_its_own_input_is_left_to_the_file_gate(self) -> None:
        make("a")
        assert planned(ENCRYPT, "a", out="a") == {"a": "a"}


class TestVerifying:
    """Nothing is written, so that nothing can be in the way."""

    def test_has_no_destinations(self, tmp_path: Path) -> None:
        sources = [tmp_path / "a.encrypted", tmp_path / "b", tmp_path / "b"]
        for source in sources:
            source.touch()
        assert plan(Kind.VERIFY, sources) == tuple(Planned(source, None) for source in sources)

    def test_walks_to_encrypted_files_only(self, tmp_path: Path) -> None:
        for name in ("a.encrypted", "a", "b"):
            (tmp_path / name).touch()
        items = plan(Kind.VERIFY, [tmp_path], recursive=True)
        assert [
            (item.source.name, item.destination) for item in items if isinstance(item, Planned)
        ] == [("a.encrypted", None)]
