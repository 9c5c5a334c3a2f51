"""The keys and aliases of a connection, loading in the background.

ListKeys and ListAliases stream in side by side, page by page, to the end. DescribeKey is asked
only for the keys that somebody looks at, newest request first. What cannot be described stays,
with the reason. Readers look at `entry`; listeners hear of each change from a worker thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final

from sealscope.kms.inventory.caching import OpenCache
from sealscope.kms.inventory.events import KeysPageLoaded, Listener, LoadStarted
from sealscope.kms.inventory.listeners import Listeners
from sealscope.kms.inventory.load import Load, Timing
from sealscope.kms.inventory.pace import DESCRIBES_PER_SECOND
from sealscope.kms.inventory.reader import Reader
from sealscope.kms.inventory.running import Ending, Running
from sealscope.kms.inventory.source import KeySource
from sealscope.kms.inventory.wishes import DESCRIPTION
from sealscope.kms.keys import KeyRef

DESCRIBE_THREADS: Final = 4
"""Measured: four threads on one client reach full speed without being throttled."""


class Inventory(Reader):
    """Keys and aliases as far as they are loaded. Safe to use from any thread.

    Needs kms:ListKeys, kms:ListAliases, kms:DescribeKey, kms:GetKeyRotationStatus; each that is
    missing leaves its part empty, with the reason.

    Args:
        source: where to ask.
        describe_threads: DescribeKey calls at a time.
        per_second: DescribeKey calls in any second at most, and as many GetKeyRotationStatus;
            None for no cap, which only a local KMS should have.
        open_cache: opens the disk cache of this connection, in a thread; the first load shows
            what it holds, later ones only keep what they bring. None for no cache, which a
            local KMS must not have.
        timing: how time is told and waited for.
    """

    def __init__(
        self,
        source: KeySource,
        *,
        describe_threads: int = DESCRIBE_THREADS,
        per_second: float | None = DESCRIBES_PER_SECOND,
        open_cache: OpenCache | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._source = source
        self._open_cache = open_cache
        self._restores = True
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

    def load(self) -> int:
        """Forget everything and list again; the new generation."""
        with self._lock:
            running = self._replace(self._begin(None))
            self._restores = False
        generation = running.load.generation
        self._listeners.tell(LoadStarted(generation))
        running.list_all()
        return generation

    def switch(
        self,
        source: KeySource,
        *,
        per_second: float | None = DESCRIBES_PER_SECOND,
        open_cache: OpenCache | None = None,
    ) -> int:
        """Go on with another connection: forget everything and list there; the new generation."""
        with self._lock:
            self._source = source
            self._per_second = per_second
            self._open_cache = open_cache
            self._restores = True
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

    # Asking.

    def refresh(self, key_id: str) -> None:
        """Ask again for all that is known of a key, by id or ARN: somebody has just changed it."""
        running = self._running
        with running.load.changed:
            running.load.distrust(key_id)
        self.describe([key_id], asker=f"refresh {key_id}", again=True)
        running.list_aliases_of(key_id)

    def add(self, key: KeyRef) -> None:
        """Put a key that somebody has just created into the list, and ask about it."""
        load = self._running.load
        with load.changed:
            ids = load.listed.add_keys([key])
            load.unsaved.add("lists")
        self._listeners.tell(KeysPageLoaded(load.generation, ids))
        self.refresh(key.key_id)

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
        return Running(
            load,
            self._listeners,
            self._describe_threads,
            open_cache=self._open_cache,
            restores=self._restores,
        )

    def _replace(self, running: Running) -> Running:
        """Make this the current load, and end the one before."""
        before, self._running = self._running, running
        self._ending = [each for each in (*self._ending, before.end()) if not each.is_over]
        return running
