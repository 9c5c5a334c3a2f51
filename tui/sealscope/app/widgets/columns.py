"""Which columns fit, and how wide they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

GAP: Final = 1


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        label: the header.
        width: cells it needs at least.
        priority: when room is short, the highest number goes first; 0 never goes.
        grow: share of the room that is left; 0 keeps the width.
        full: cells that show everything in it; taken first of the room that is left.
    """

    id: str
    label: str
    width: int
    priority: int = 0
    grow: int = 0
    full: int = 0


@dataclass(frozen=True)
class Placed:
    """A column that is shown.

    Attributes:
        index: its number among all columns.
        width: cells it gets.
    """

    index: int
    column: Column
    width: int


def place_columns(columns: Sequence[Column], room: int) -> tuple[Placed, ...]:
    """The columns that fit into `room` cells, in their order, with `GAP` between them."""
    kept = list(enumerate(columns))

    def needed() -> int:
        return sum(column.width for _, column in kept) + GAP * (len(kept) - 1)

    while len(kept) > 1 and needed() > room:
        least = max(kept, key=lambda item: (item[1].priority, item[0]))
        if least[1].priority == 0:
            break
        kept.remove(least)
    left = max(0, room - needed())
    wider: dict[int, int] = {}
    for index, column in kept:
        wider[index] = min(left, max(0, column.full - column.width))
        left -= wider[index]
    shares = sum(column.grow for _, column in kept)
    placed: list[Placed] = []
    for index, column in kept:
        extra = left * column.grow // shares if shares else 0
        left, shares = left - extra, shares - column.grow
        width = column.width + wider[index] + extra
        placed.append(Placed(index, column, min(width, max(1, room))))
    return tuple(placed)
