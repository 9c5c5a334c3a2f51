"""Values that are longer than a row: the first piece in the row, the rest in rows below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.content import Content

from sealscope.app.display import MUTED, content, line

MOST_PIECES: Final = 12
"""Rows one value may take; the copy key still takes all of it."""


@dataclass(frozen=True)
class MoreRow:
    """A further piece of the value above."""

    piece: Content
    indent: int
    selectable: bool = False

    def draw(self, width: int) -> Content:
        """The piece, below the value's beginning."""
        del width
        return line(" " * self.indent, self.piece)


def pieces(text: str, room: int, style: str = "") -> list[Content]:
    """Text in pieces of at most `room` cells, at least one and at most `MOST_PIECES`."""
    wrapped = content(text, style).wrap(max(8, room))
    if len(wrapped) > MOST_PIECES:
        wrapped = [*wrapped[: MOST_PIECES - 1], content("… (y copies all of it)", MUTED)]
    return wrapped or [content("")]
