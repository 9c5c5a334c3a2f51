"""Reading an inventory: nothing here asks KMS, and nothing copies what is known of all keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Final

from sealscope.errors import SealscopeError
from sealscope.kms.inventory.entry import KeyEntry
from sealscope.kms.inventory.lists import BOTH
from sealscope.kms.inventory.pace import Pace
from sealscope.kms.inventory.running import Running
from sealscope.kms.keys import Alias

_AT_ONCE: Final = 1000


class Reader:
    """What is known now. Safe to use from any thread."""

    _running: Running

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

    @property
    def listed_at(self) -> datetime | None:
        """When KMS told the older one of the lists; None until both are complete."""
        load = self._running.load
        with load.changed:
            told = load.listed_at.values()
            return min(told) if len(told) == len(BOTH) else None

    @property
    def cache_problem(self) -> SealscopeError | None:
        """Why nothing is kept on the disk; None when it is, or when that is not wanted."""
        return self._running.caching.problem

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
        found: list[KeyEntry] = []
        wanted = iter(key_ids)
        # A little at a time: the threads that load must not wait for the whole.
        while some := tuple(islice(wanted, _AT_ONCE)):
            with load.changed:
                found += [entry for key_id in some if (entry := load.entry(key_id)) is not None]
        return found

    def aliases_of(self, key_id: str) -> tuple[Alias, ...]:
        """The aliases listed so far of a key, by id or ARN."""
        load = self._running.load
        with load.changed:
            return load.listed.aliases_of(load.name(key_id))
