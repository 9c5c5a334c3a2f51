"""How fast keys are asked about: a cap of our own, and slower when KMS throttles.

The quotas of KMS are shared by all of an account in a Region. The cap keeps a look at the list
from taking calls away from production services.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

DESCRIBES_PER_SECOND: Final = 50.0
"""AWS takes 2,000 a second of an account and Region."""

_UNCAPPED: Final = 100.0  # where to begin when an endpoint without a cap throttles
_SLOWEST: Final = 1.0
_SLOWER: Final = 0.5
_FASTER: Final = 1.5


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the inventory asks now.

    Attributes:
        throttled: whether KMS said that there were too many calls, a moment ago.
        per_second: DescribeKey calls in a second at most; None when there is no cap.
    """

    throttled: bool = False
    per_second: float | None = DESCRIBES_PER_SECOND


class RateCap:
    """At most so many calls in any second. Not safe to share without a lock.

    Args:
        per_second: None for no cap, until KMS throttles.
        clock: seconds, rising.
    """

    def __init__(self, per_second: float | None, clock: Callable[[], float]) -> None:
        self._full = per_second
        self._now = per_second
        self._clock = clock
        self._taken: deque[float] = deque()
        self._not_before = 0.0
        self._changed_at = 0.0

    @property
    def per_second(self) -> float | None:
        """Calls in a second at most, now."""
        return self._now

    @property
    def is_slowed(self) -> bool:
        """Whether KMS has throttled and full speed has not been reached again."""
        return self._now != self._full

    def until_free(self) -> float:
        """Seconds until the next call may begin; 0 when it may now."""
        if self._now is None:
            return 0.0
        now = self._clock()
        while self._taken and self._taken[0] <= now - 1:
            self._taken.popleft()
        waiting = max(0.0, self._not_before - now)
        if len(self._taken) >= int(self._now):
            waiting = max(waiting, self._taken[-int(self._now)] + 1 - now)
        return waiting

    def take(self) -> None:
        """Count a call that begins."""
        if self._now is not None:
            self._taken.append(self._clock())

    def throttled(self) -> None:
        """Be half as fast from now on, after a second's rest."""
        now = self._clock()
        if self.is_slowed and now < self._not_before:
            return  # calls that were under way together are throttled together
        self._now = max(_SLOWEST, _SLOWER * (self._now or _UNCAPPED))
        self._not_before = now + 1
        self._changed_at = self._not_before

    def answered(self) -> None:
        """Be a little faster again after each second in which KMS answers."""
        now = self._clock()
        if self._now is None or not self.is_slowed or now < self._changed_at + 1:
            return
        self._changed_at = now
        faster = self._now * _FASTER
        full = _UNCAPPED if self._full is None else self._full
        self._now = self._full if faster >= full else faster
