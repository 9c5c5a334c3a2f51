"""A listener that tests wait with, and an inventory on the strict KMS."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sealscope.kms.inventory import (
    Event,
    Inventory,
    KeysDescribed,
    ListFailed,
    ListFinished,
    LoadStarted,
    Timing,
)
from tests.kms.strict import Contents, FakeClock, StrictClient, StrictConnection

PATIENCE = 20


class Ear:
    """Collects events and waits for them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = threading.Condition()

    def __call__(self, event: Event) -> None:
        """Hear."""
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Wait until what has been heard makes it true."""
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE), self.events

    def of(self, kind: type[Any]) -> list[Any]:
        """The events of a kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    def finished(self) -> bool:
        """Whether both lists of the newest load have ended."""
        starts = [at for at, event in enumerate(self.events) if isinstance(event, LoadStarted)]
        latest = self.events[starts[-1] :] if starts else self.events
        return sum(isinstance(event, ListFinished | ListFailed) for event in latest) == 2

    def described(self) -> set[str]:
        """The keys of which more has become known."""
        return {key for event in self.of(KeysDescribed) for key in event.key_ids}


class Desk:
    """An inventory on a strict KMS, with a listener.

    Args:
        kms: what is asked.
        loaded: whether to list everything at once.
        settings: the inventory's.
    """

    def __init__(self, kms: StrictClient, **settings: Any) -> None:
        self.kms = kms
        self.clock: FakeClock = kms.clock
        self.ear = Ear()
        timing = Timing(clock=self.clock, wait=lambda _, seconds: self.clock.wait(seconds))
        settings.setdefault("timing", timing)
        self.inventory = Inventory(StrictConnection(kms).gate(), **settings)
        self.inventory.subscribe(self.ear)

    def load(self) -> None:
        """List everything, to the end."""
        self.inventory.load()
        self.ear.wait_for(self.ear.finished)

    def known(self, key: str) -> bool:
        """Whether the key's rotation, which comes last, is known, or why something is not."""
        entry = self.inventory.entry(key)
        if entry is None:
            return False
        return any((entry.rotation, entry.rotation_error, entry.error))

    def describe(self, *keys: str, **how: Any) -> None:
        """Describe keys and wait until all of it is known."""
        self.inventory.describe(keys, **how)
        self.ear.wait_for(lambda: all(self.known(key) for key in keys))


@contextmanager
def desk(kms: StrictClient | None = None, **settings: Any) -> Iterator[Desk]:
    """An inventory that has listed everything; its threads end with the block."""
    made = Desk(kms or StrictClient(Contents.of(3, 2)), **settings)
    try:
        made.load()
        yield made
    finally:
        made.inventory.close()
