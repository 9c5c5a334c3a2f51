"""The README's table has a row, with a verdict, for each figure of the benchmark."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from tests.bench import (
    inspect_speed,
    kms_calls,
    large_file,
    memory,
    parts,
    small_file,
    small_files,
    start_up,
)
from tests.bench.figure import Figure, Medians
from tests.bench.readme_table import HEAD, rows

README = Path(__file__).resolve().parents[2] / "README.md"
VERDICTS = {"met", "NOT MET", "skipped", "for information"}


def expected() -> dict[str, list[str]]:
    """The names of each part's figures, without measuring anything."""
    taken = Medians(defaultdict(lambda: 1.0), {})
    made: dict[str, list[Figure]] = {
        "files": [
            *(
                each
                for suite in large_file.GOALS
                for each in large_file.figures(suite, taken, taken)
            ),
            *large_file.age_figures(taken),
        ],
        "small-files": [small_files.figure(suite, taken) for suite in small_files.GOALS],
        "kms-calls": kms_calls.figures({}, None),
        "small-file": [small_file.figure(verb, taken) for verb in ("encrypt", "decrypt")],
        "inspect": [
            inspect_speed.figure(name, inspect_speed.ENVELOPES, 1)
            for name in ("inspect", "inspect --json")
        ],
        "start-up": start_up.figures(1, 1, 1, 1),
        "memory": [memory.figure(name, 1, 1) for name in memory.NAMES],
    }
    return {part: [figure.name for figure in figures] for part, figures in made.items()}


class TestTheReadme:
    table = rows(README.read_text(encoding="utf-8"))

    @pytest.mark.parametrize("part", expected())
    def test_has_a_row_for_each_figure(self, part: str) -> None:
        assert [row[1] for row in self.table if row[0] == part] == expected()[part]

    def test_has_rows_for_every_part(self) -> None:
        assert {row[0] for row in self.table} == set(parts.available()) - parts.NOT_IN_README

    def test_has_a_verdict_in_each_row(self) -> None:
        assert {len(row) for row in self.table} == {len(HEAD)}
        assert {row[-1] for row in self.table} <= VERDICTS

    def test_tells_the_seconds_behind_each_ratio(self) -> None:
        for row in self.table:
            assert row[4], row
