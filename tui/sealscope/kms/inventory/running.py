"""A load at work: its threads, which end with it."""

from __future__ import annotations

import time
from typing import Final

from sealscope.kms.inventory.caching import Caching, OpenCache
from sealscope.kms.inventory.describer import Describer
from sealscope.kms.inventory.listeners import Listeners
from sealscope.kms.inventory.lists import Lists
from sealscope.kms.inventory.load import Load
from sealscope.kms.threads import DaemonThreads

_LISTS: Final = 2


class Running:
    """A load and its threads, started when there is something to do.

    Args:
        describe_threads: DescribeKey calls at a time.
        open_cache: None for a load without a disk cache.
        restores: whether to show first what the disk cache holds.
    """

    def __init__(
        self,
        load: Load,
        listeners: Listeners,
        describe_threads: int,
        *,
        open_cache: OpenCache | None,
        restores: bool,
    ) -> None:
        self.load = load
        self.caching = Caching(
            load,
            open_cache,
            restores=restores,
            tell=listeners.tell,
            tell_described=listeners.tell_described,
        )
        self._open_cache = open_cache
        self._listeners = listeners
        self._describe_threads = describe_threads
        self._is_describing = False
        self._lists = DaemonThreads(_LISTS, "kms-list")
        self._describers = DaemonThreads(describe_threads, "kms-describe")
        self._cachers = DaemonThreads(1, "kms-cache")
        self._others = DaemonThreads(1, "kms-aliases")
        self._follower = Lists(load, listeners.tell, self.caching.must_ask)

    def list_all(self) -> None:
        """Follow both lists."""
        if self._open_cache is not None:
            self._cachers.submit(self.caching.serve)
        self._lists.submit(self._follower.follow_keys)
        self._lists.submit(self._follower.follow_aliases)

    def list_aliases_of(self, key: str) -> None:
        """Ask again for the aliases of one key."""
        self._others.submit(lambda: self._follower.follow_aliases_of(key))

    def serve_wishes(self) -> None:
        """Ask what is wished for; with the load's lock held."""
        if not self._is_describing and self.load.wishes:
            self._is_describing = True
            listeners = self._listeners
            describer = Describer(self.load, listeners.tell, listeners.tell_described)
            for _ in range(self._describe_threads):
                self._describers.submit(describer.serve)
        self.load.changed.notify_all()

    def end(self) -> Ending:
        """Let the threads end; what they still answer goes nowhere."""
        self.load.end()
        pools = (self._lists, self._describers, self._cachers, self._others)
        for pool in pools:
            pool.close()
        return Ending(pools)


class Ending:
    """The threads of a load that is over; nothing else of it is kept."""

    def __init__(self, pools: tuple[DaemonThreads, ...]) -> None:
        self._pools = pools

    @property
    def is_over(self) -> bool:
        """Whether they have ended."""
        return not any(pool.is_alive for pool in self._pools)

    def ended(self, deadline: float) -> bool:
        """Whether they end until then, by `time.monotonic`."""
        return all(pool.ended(max(0.0, deadline - time.monotonic())) for pool in self._pools)
