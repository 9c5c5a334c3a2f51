"""One load of an inventory: what it has brought so far, and what it still has to ask.

Each load has an object of its own, and so have its threads. What an earlier load, or one of
another connection, still answers goes into an object that nobody reads any more: the rows of two
connections cannot mix.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Condition
from typing import Final

from sealscope.errors import SealscopeError
from sealscope.kms.inventory.entry import KeyEntry, bare_key_id
from sealscope.kms.inventory.listed import Listed
from sealscope.kms.inventory.pace import Pace, RateCap
from sealscope.kms.inventory.source import KeySource
from sealscope.kms.inventory.wishes import DESCRIPTION, ROTATION, Wishes
from sealscope.kms.keys import KeyDescription, RotationStatus

_numbers: Final = itertools.count(1)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Timing:
    """How time is told and waited for; tests bring their own.

    Attributes:
        clock: seconds, rising.
        wait: lets a condition wait for so many seconds at most.
        now: the time of day.
    """

    clock: Callable[[], float] = time.monotonic
    wait: Callable[[Condition, float], object] = Condition.wait
    now: Callable[[], datetime] = _now


@dataclass(slots=True)
class Known:
    """What KMS told of one key when it was asked about it."""

    description: KeyDescription | None = None
    described_at: datetime | None = None
    error: SealscopeError | None = None
    rotation: RotationStatus | None = None
    rotation_error: SealscopeError | None = None


class Load:
    """What is known, behind one lock: `changed`.

    Args:
        source: where this load asks.
        per_second: DescribeKey calls in a second at most; None for no cap.
        generation: its number, which no other load of the process has; 0 before the first.

    Attributes:
        stopped: why nothing can be described until somebody signs in.
        resumed: how often somebody has.
        is_over: whether nobody wants it any more; waits end then.
        list_waits: lists that wait because KMS throttled them.
        listed_at: when KMS told each of the lists that are complete, "keys" and "aliases".
        unsaved: what the disk cache does not have yet, "lists" and "keys".
    """

    def __init__(
        self,
        source: KeySource,
        per_second: float | None,
        timing: Timing,
        generation: int | None = None,
    ) -> None:
        self.source = source
        self.generation = next(_numbers) if generation is None else generation
        self.timing = timing
        self.changed = Condition()
        self.listed = Listed()
        self.known: dict[str, Known] = {}
        self.wishes = Wishes()
        self.asked: set[tuple[str, str]] = set()
        self.caps = {
            DESCRIPTION: RateCap(per_second, timing.clock),
            ROTATION: RateCap(per_second, timing.clock),
        }
        self.stopped: SealscopeError | None = None
        self.resumed = 0
        self.is_over = False
        self.list_waits: set[str] = set()
        self.listed_at: dict[str, datetime] = {}
        self.unsaved: set[str] = set()
        self._pace_told = self.pace()

    def end(self) -> None:
        """Nobody wants it any more: let every wait end."""
        with self.changed:
            self.is_over = True
            self.changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait, unless the load is over first; whether it is over."""
        clock = self.timing.clock
        deadline = clock() + seconds
        with self.changed:
            while not self.is_over and (left := deadline - clock()) > 0:
                self.timing.wait(self.changed, left)
            return self.is_over

    # With `changed` held.

    def name(self, key: str) -> str:
        """What a key is known by: its id when it is listed, else its ARN.

        A multi-Region key has the same id in every Region, and another account's key is not in
        the list; neither may be taken for the listed one.
        """
        bare = bare_key_id(key)
        return bare if bare == key or self.listed.arn(bare) == key else key

    def entry(self, key: str) -> KeyEntry | None:
        """What is known of a key; None when it has not been listed or looked up."""
        name = self.name(key)
        arn = self.listed.arn(name)
        known = self.known.get(name)
        if known is None:
            if arn is None:
                return None
            aliases = self.listed.aliases_of(name)
            return KeyEntry(name, arn, aliases, error=self.stopped)
        described = known.description
        return KeyEntry(
            key_id=name,
            arn=arn or (described.arn if described else key),
            aliases=self.listed.aliases_of(name),
            description=described,
            rotation=known.rotation,
            error=known.error,
            rotation_error=known.rotation_error,
            described_at=known.described_at,
        )

    def want(self, key_ids: Iterable[str], *, asker: str, again: bool, rotation: bool) -> None:
        """Wish to know more of these keys, instead of what the asker wished for before."""
        keys = {key: self.name(key) for key in key_ids}
        if again:
            self.asked.difference_update(
                (what, name) for what in self.caps for name in keys.values()
            )
        undescribed = [key for key, name in keys.items() if (DESCRIPTION, name) not in self.asked]
        unrotated = [
            key
            for key, name in keys.items()
            if rotation and self._is_described(name) and (ROTATION, name) not in self.asked
        ]
        self.wishes.replace(
            asker,
            descriptions=undescribed,
            # Those to be described are asked for their rotation after that.
            rotations=[] if again else unrotated,
            rotation_of=list(keys.values()) if rotation else (),
        )

    def distrust(self, key: str) -> None:
        """Keep what is known of a key out of the disk cache until it has been asked again."""
        known = self.known.get(self.name(key))
        if known is not None:
            known.described_at = None
            self.unsaved.add("keys")

    def _is_described(self, name: str) -> bool:
        known = self.known.get(name)
        return known is not None and known.description is not None

    def pace(self) -> Pace:
        """How fast keys are asked about now."""
        slowed = any(cap.is_slowed for cap in self.caps.values())
        return Pace(slowed or bool(self.list_waits), self.caps[DESCRIPTION].per_second)

    def new_pace(self) -> Pace | None:
        """The pace, when it is another than at the last time."""
        pace = self.pace()
        if pace == self._pace_told:
            return None
        self._pace_told = pace
        return pace
