"""The README's table of figures, made from a run and put between its two markers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tests.bench.figure import Figure

BEGIN: Final = "<!-- bench: made by `python -m tests.bench --readme` -->"
END: Final = "<!-- bench: end -->"
HEAD: Final = ("part", "work", "goal", "measured", "behind it", "")
_WIDE_CHARACTERS: Final = {"|": "\\|", "\n": " "}


def render(
    measured: Mapping[str, Sequence[Figure]], *, date: str, machine: Mapping[str, str], how: str
) -> str:
    """The section as Markdown: when and on what, then a row for each figure.

    Args:
        measured: the figures of each part.
        how: sizes and counts of runs, in words.
    """
    described = "; ".join(f"{name} {value}" for name, value in machine.items())
    lines = [f"{date}, {how}. {described}.", "", row(HEAD), row(["---"] * len(HEAD))]
    for part, figures in measured.items():
        for each in figures:
            cells = (part, each.name, each.goal, each.value, each.seconds, each.verdict)
            lines.append(row(cells))
    return "\n".join(lines)


def row(cells: Sequence[str]) -> str:
    """A line of a table; what would end a cell is escaped."""
    return "| " + " | ".join(cell.translate(_ESCAPES) for cell in cells) + " |"


_ESCAPES: Final = str.maketrans(_WIDE_CHARACTERS)


def replaced(readme: str, section: str) -> str:
    """The README with another section between its markers.

    Raises:
        ValueError: the markers are not there, once each and in order.
    """
    if readme.count(BEGIN) != 1 or readme.count(END) != 1:
        msg = f"the README must hold {BEGIN} and {END} once each"
        raise ValueError(msg)
    before, _, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        msg = f"{END} comes before {BEGIN}"
        raise ValueError(msg)
    return f"{before}{BEGIN}\n{section}\n{END}{after}"


def rows(readme: str) -> list[tuple[str, ...]]:
    """The rows between the markers, without the head."""
    section = readme.partition(BEGIN)[2].partition(END)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [tuple(cell.strip() for cell in line[2:-2].split(" | ")) for line in lines[2:]]
