"""The README's table is made from a run of the benchmark."""

from __future__ import annotations

import pytest

from tests.bench.figure import Figure
from tests.bench.readme_table import BEGIN, END, render, replaced, rows


class TestRendering:
    made = render(
        {"a part": [Figure("work | more", "2 x", "at most 1 x", met=False, seconds="2 s / 1 s")]},
        date="2026-01-31",
        machine={"processor": "fast", "Python": "3.11"},
        how="in turns",
    )

    def test_says_when_how_and_on_what(self) -> None:
        assert self.made.startswith("2026-01-31, in turns. processor fast; Python 3.11.\n\n|")

    def test_gives_each_figure_a_row(self) -> None:
        last = self.made.splitlines()[-1]
        expected_row = r"| a part | work \| more | at most 1 x | 2 x | 2 s / 1 s | NOT MET |"
        assert last == expected_row

    def test_is_read_back_row_by_row(self) -> None:
        (row,) = rows(f"{BEGIN}\n{self.made}\n{END}")
        cells = ("a part", r"work \| more", "at most 1 x", "2 x", "2 s / 1 s", "NOT MET")
        assert row == cells

    def test_replaces_only_what_is_between_the_markers(self) -> None:
        readme = f"before\n{BEGIN}\nold\n{END}\nafter\n"
        assert replaced(readme, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"

    @pytest.mark.parametrize(
        "readme", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{END}"]
    )
    def test_needs_both_markers_once(self, readme: str) -> None:
        with pytest.raises(ValueError, match="bench"):
            replaced(readme, "new")
