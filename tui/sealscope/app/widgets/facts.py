"""Names and values below each other, with long values wrapped under themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from sealscope.app.display import MUTED, Part, line, lines

LABEL_CELLS: Final = 12


@dataclass(frozen=True)
class Fact:
    """One line: a name and what it is; a fact without a name fills the whole width."""

    name: str
    value: Part


class Facts(Widget):
    """A list of facts, as high as it needs to be for its width."""

    DEFAULT_CSS = """
    Facts { height: auto; width: 1fr; }
    """

    def __init__(self, *, label_cells: int = LABEL_CELLS) -> None:
        super().__init__()
        self._label_cells = label_cells
        self._facts: tuple[Fact, ...] = ()
        self._wrapped: tuple[int, list[Content]] = (0, [])

    def set(self, facts: Iterable[Fact]) -> None:
        """Show other facts."""
        self._facts = tuple(facts)
        self._wrapped = (0, [])
        self.refresh(layout=True)

    def render(self) -> Content:
        """All facts, wrapped to the width at hand."""
        return lines(self._lines(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the facts take at this width."""
        del container, viewport
        return len(self._lines(width))

    def _lines(self, width: int) -> list[Content]:
        # Asked for the height and for the picture; a long policy is wrapped once only.
        if self._wrapped[0] != width:
            found = [
                part for fact in self._facts for part in fact_lines(fact, width, self._label_cells)
            ]
            self._wrapped = (width, found)
        return self._wrapped[1]


def fact_lines(fact: Fact, width: int, label_cells: int = LABEL_CELLS) -> Iterator[Content]:
    """One fact in lines of at most `width` cells."""
    value = line(fact.value)
    if not fact.name:
        yield from value.wrap(width) if width > 0 else ()
        return
    room = max(8, width - label_cells - 1)
    label = fact.name
    for part in value.wrap(room) or [value]:
        yield line((label.ljust(label_cells), MUTED), " ", part)
        label = ""
