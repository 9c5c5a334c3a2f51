"""The options of `python -m tests.bench`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.bench.peers import Peers
from tests.bench.settings import Settings, parse, roomy_folder

PARTS = ("files", "memory")


class TestParsing:
    def test_by_default_measures_all_parts_with_a_gibibyte_five_times(self) -> None:
        asked = parse([], PARTS)
        assert (asked.parts, asked.size, asked.runs) == ((), 1 << 30, 5)
        assert (asked.folder, asked.peers, asked.make_peers, asked.json) == (None,) * 4
        assert asked.readme is False

    def test_takes_options_among_the_parts(self) -> None:
        asked = parse(["memory", "--size", "64", "files", "--runs", "3", "memory"], PARTS)
        assert (asked.parts, asked.size, asked.runs) == (("memory", "files"), 64 << 20, 3)

    @pytest.mark.parametrize(
        "words",
        [
            ["fils"],
            ["--size", "0"],
            ["--runs", "-1"],
            ["--size", "many"],
            ["--readme", "files"],
        ],
        ids=" ".join,
    )
    def test_refuses_what_it_does_not_know(
        self, words: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as ended:
            parse(words, PARTS)
        assert ended.value.code == 2
        assert "usage: python -m tests.bench" in capsys.readouterr().err

    def test_the_readme_takes_all_parts_also_by_name(self) -> None:
        assert parse(["--readme", *PARTS], PARTS).readme


class TestFolder:
    def test_in_memory_is_taken_when_it_has_room(self, tmp_path: Path) -> None:
        assert roomy_folder(1, tmp_path) == tmp_path

    def test_in_memory_is_not_taken_when_it_is_too_small_or_missing(self, tmp_path: Path) -> None:
        temporary = Path(tempfile.gettempdir())
        assert roomy_folder(1 << 60, tmp_path) == temporary
        assert roomy_folder(1, tmp_path / "missing") == temporary

    def test_that_is_named_must_be_there(self, tmp_path: Path) -> None:
        asked = parse(["--folder", str(tmp_path / "missing")], PARTS)
        with pytest.raises(FileNotFoundError, match="is no folder"):
            asked.settings()


@pytest.mark.parametrize(("runs", "cli_runs"), [(1, 1), (3, 3), (5, 3), (11, 3)])
def test_the_slow_peer_runs_three_times_or_less(runs: int, cli_runs: int, tmp_path: Path) -> None:
    assert Settings(1, runs, tmp_path, Peers()).cli_runs == cli_runs
