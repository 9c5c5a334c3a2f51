"""One measured figure beside its goal, and how ratios become figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SKIPPED: Final = "skipped"


@dataclass(frozen=True)
class Figure:
    """One measured figure against its goal.

    Attributes:
        name: the same in every run, so that runs can be compared.
        goal: in words; empty when there is none.
        met: None when there is no goal, or when nothing was measured.
        seconds: what the value was made of, in words: the seconds behind a ratio.
    """

    name: str
    value: str
    goal: str = ""
    met: bool | None = None
    seconds: str = ""

    @property
    def verdict(self) -> str:
        """Met or not; information has no verdict, and what was skipped says so."""
        if self.value == SKIPPED:
            return SKIPPED
        if self.met is None:
            return "for information"
        return "met" if self.met else "NOT MET"


@dataclass(frozen=True)
class Medians:
    """The median seconds of each contender of a round, and who could not take part.

    Attributes:
        absent: why a contender is missing, by its name.
    """

    seconds: Mapping[str, float]
    absent: Mapping[str, str]

    def at_most(self, name: str, ours: str, base: str, limit: float) -> Figure:
        """Ours may take `limit` times as long as the base."""
        goal = f"at most {limit:g} x {base}"
        pair = self._pair(ours, base)
        if isinstance(pair, str):
            return Figure(name, SKIPPED, goal, None, pair)
        mine, theirs = pair
        ratio = mine / theirs
        return Figure(name, f"{ratio:.2f} x", goal, ratio <= limit, shown(mine, theirs))

    def at_least(self, name: str, ours: str, peer: str, limit: float) -> Figure:
        """Ours must be `limit` times as fast as the peer."""
        goal = f"at least {limit:g} x as fast as {peer}"
        pair = self._pair(ours, peer)
        if isinstance(pair, str):
            return Figure(name, SKIPPED, goal, None, pair)
        mine, theirs = pair
        ratio = theirs / mine
        return Figure(name, f"{ratio:.1f} x", goal, ratio >= limit, shown(mine, theirs))

    def information(self, name: str, one: str, other: str) -> Figure:
        """How long one takes in terms of another, without a goal."""
        pair = self._pair(one, other)
        if isinstance(pair, str):
            return Figure(name, SKIPPED, seconds=pair)
        first, second = pair
        return Figure(name, f"{first / second:.2f} x", seconds=shown(first, second))

    def _pair(self, one: str, other: str) -> tuple[float, float] | str:
        """The seconds of both, or why there are none."""
        missing = {self.absent[name]: None for name in (one, other) if name in self.absent}
        return "; ".join(missing) or (self.seconds[one], self.seconds[other])


def shown(one: float, other: float) -> str:
    """Two durations, ours first: `0.412 s / 4.31 s`."""
    return f"{one:.3g} s / {other:.3g} s"
