"""Contenders take turns, write to new files, and are measured once warm."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.rounds import Contender, command, make_file, take_turns, touch_memory


class TestTakingTurns:
    def test_begins_with_a_round_that_does_not_count_and_then_alternates(self) -> None:
        order: list[str] = []
        taken = take_turns(
            [
                Contender("often", lambda: order.append("often"), None, 3),
                Contender("seldom", lambda: order.append("seldom"), None, 1),
            ],
            prepare=lambda: order.append("ready"),
        )
        turns = [name for name in order if name != "ready"]
        assert turns == ["often", "seldom", "often", "seldom", "often", "often"]
        assert order[::2] == ["ready"] * len(turns)
        assert set(taken) == {"often", "seldom"}

    def test_gives_everybody_a_new_file(self, tmp_path: Path) -> None:
        output = tmp_path / "output"

        def write() -> None:
            with output.open("xb") as file:  # fails when the file is there
                file.write(b"content")

        output.write_bytes(b"of an earlier run")
        take_turns([Contender("one", write, output, 2), Contender("two", write, output, 2)])
        assert not output.exists()

    def test_leaves_the_last_output_when_asked(self, tmp_path: Path) -> None:
        output = tmp_path / "output"
        content = iter([b"warm", b"first", b"last"])
        work = Contender("one", lambda: output.write_bytes(next(content)), output, 2, keep=True)
        take_turns([work])
        assert output.read_bytes() == b"last"

    def test_of_nobody_takes_no_time(self) -> None:
        assert take_turns([]) == {}


class TestFiles:
    @pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1])
    def test_have_the_size_that_was_asked_for(self, tmp_path: Path, size: int) -> None:
        make_file(tmp_path / "file", size)
        assert (tmp_path / "file").stat().st_size == size

    def test_touching_memory_leaves_nothing(self, tmp_path: Path) -> None:
        touch_memory(tmp_path, 3 << 20)
        assert os.listdir(tmp_path) == []


def test_a_program_that_fails_ends_the_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        command([sys.executable, "-c", "raise SystemExit(1)"], {})()
