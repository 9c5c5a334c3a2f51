"""The keys and aliases of a connection, loading in the background.

ListKeys and ListAliases stream in side by side, page by page, to the end. DescribeKey is asked
only for the keys that somebody looks at, newest request first. What cannot be described stays,
with the reason. Readers look at `entry`; listeners hear of each change from a worker thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from threading import Lock
from typing import Final

from sealscope.errors import SealscopeError
from sealscope.kms.inventory.entry import KeyEntry
from sealscope.kms.inventory.events import Listener, LoadStarted
from sealscope.kms.inventory.listeners import Listeners
from sealscope.kms.inventory.load import Load, Timing
from sealscope.kms.inventory.pace import DESCRIBES_PER_SECOND, Pace
from sealscope.kms.inventory.running import Ending, Running
from sealscope.kms.inventory.source import KeySource
from sealscope.kms.inventory.wishes import DESCRIPTION
from sealscope.kms.keys import Alias

DESCRIBE_THREADS: Final = 4
"""Measured: four threads on one client reach full speed without being throttled."""


class Inventory:
    """Keys and aliases as far as they are loaded. Safe to use from any thread.

    Needs kms:ListKeys, kms:ListAliases, kms:DescribeKey, kms:GetKeyRotationStatus; each that is
    missing leaves its part empty, with the reason.

    Args:
        source: where to ask.
        describe_threads: DescribeKey calls at a time.
        per_second: DescribeKey calls in any second at most, and as many GetKeyRotationStatus;
            None for no cap, which only a local KMS should have.
        timing: how time is told and waited for.
    """

    def __init__(
        self,
        source: KeySource,
        *,
        describe_threads: int = DESCRIBE_THREADS,
        per_second: float | None = DESCRIBES_PER_SECOND,
        timing: Timing | None = None,
    ) -> None:
        self._source = source
        self._describe_threads = describe_threads
        self._per_second = per_second
        self._timing = timing or Timing()
        self._lock = Lock()
        self._listeners = Listeners(lambda: self.generation)
        self._running = self._begin(0)
        self._ending: list[Ending] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be told of changes, in a worker thread; the result ends it."""
        return self._listeners.add(listener)

    @property
    def generation(self) -> int:
        """The number of the current load, 0 before the first; events of others are stale.

        No two loads of a process have the same number, be they of one inventory or of two.
        """
        return self._running.load.generation

    @property
    def pace(self) -> Pace:
        """How fast keys are asked about, and whether KMS throttles."""
        load = self._running.load
        with load.changed:
            return load.pace()

    @property
    def stopped(self) -> SealscopeError | None:
        """Why no key can be described until somebody signs in; None when that is not so."""
        return self._running.load.stopped

    def load(self) -> int:
        """Forget everything and list again; the new generation."""
        with self._lock:
            running = self._replace(self._begin(None))
        generation = running.load.generation
        self._listeners.tell(LoadStarted(generation))
        running.list_all()
        return generation

    def switch(self, source: KeySource, *, per_second: float | None) -> int:
        """Go on with another connection: forget everything and list there; the new generation."""
        with self._lock:
            self._source = source
            self._per_second = per_second
        return self.load()

    def resume(self) -> None:
        """Ask again after somebody has signed in."""
        load = self._running.load
        with load.changed:
            load.stopped = None
            load.resumed += 1
            waiting = load.wishes.waiting(DESCRIPTION)
            load.changed.notify_all()
        self._listeners.tell_described(load.generation, waiting)

    def close(self) -> None:
        """Stop; answers still under way are dropped, nobody waits for them."""
        self._listeners.close()
        with self._lock:
            self._replace(self._begin(None)).end()

    def ended(self, patience: float) -> bool:
        """Whether, after `close`, its calls are over within `patience` seconds."""
        deadline = time.monotonic() + patience
        return all(ending.ended(deadline) for ending in self._ending)

    # Reading. None of these copies what is known of a key.

    def key_ids(self, start: int = 0) -> tuple[str, ...]:
        """The keys listed so far, in KMS's order, without the first `start` of them."""
        load = self._running.load
        with load.changed:
            return tuple(islice(load.listed.key_ids(), start, None))

    def key_count(self) -> int:
        """Keys listed so far."""
        return len(self._running.load.listed)

    def alias_count(self) -> int:
        """Aliases listed so far."""
        return self._running.load.listed.alias_count()

    def described_count(self) -> int:
        """Keys about which KMS has been asked so far, refused ones included."""
        return len(self._running.load.known)

    def entry(self, key_id: str) -> KeyEntry | None:
        """What is known of a key, by id or ARN; None when it has not been listed or looked up."""
        load = self._running.load
        with load.changed:
            return load.entry(key_id)

    def entries(self, key_ids: Iterable[str]) -> list[KeyEntry]:
        """What is known of these keys; those that are not known are left out."""
        load = self._running.load
        with load.changed:
            return [entry for key_id in key_ids if (entry := load.entry(key_id)) is not None]

    def aliases_of(self, key_id: str) -> tuple[Alias, ...]:
        """The aliases listed so far of a key, by id or ARN."""
        load = self._running.load
        with load.changed:
            return load.listed.aliases_of(load.name(key_id))

    # Asking.

    def describe(
        self,
        key_ids: Sequence[str],
        *,
        asker: str = "list",
        again: bool = False,
        rotation: bool = True,
    ) -> None:
        """Ask for the descriptions and rotation of these keys, by id or ARN, first one first.

        This replaces what the same asker wanted before and has not begun: what has been
        scrolled away is not asked for. The newest asker comes first.

        Args:
            key_ids: the keys on the screen.
            asker: who wants them.
            again: ask also for what is known already.
            rotation: ask also for the rotation of each, after its description.
        """
        running = self._running
        load = running.load
        with load.changed:
            if load.is_over:
                return
            load.want(key_ids, asker=asker, again=again, rotation=rotation)
            running.serve_wishes()

    def _begin(self, generation: int | None) -> Running:
        load = Load(self._source, self._per_second, self._timing, generation)
        return Running(load, self._listeners, self._describe_threads)

    def _replace(self, running: Running) -> Running:
        """Make this the current load, and end the one before."""
        before, self._running = self._running, running
        self._ending = [each for each in (*self._ending, before.end()) if not each.is_over]
        return running
