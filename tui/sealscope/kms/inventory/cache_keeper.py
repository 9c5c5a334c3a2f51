"""Writing what a load has brought into the disk cache, some time after it came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar

from sealscope.kms.inventory.cache import CachedKey, CachedLists, DiskCache
from sealscope.kms.inventory.lists import BOTH
from sealscope.kms.inventory.load import Load
from sealscope.kms.keys import Alias, KeyRef

COLLECTING: Final = 1.0
"""Seconds for which descriptions are collected before they are written."""

_PER_SECOND: Final = 2000  # descriptions: a long file is written less often
_ROWS: Final = 1000

Item = TypeVar("Item")


class CacheKeeper:
    """Keeps the lists of a load once both are complete, and the descriptions as they come."""

    def __init__(self, load: Load, cache: DiskCache) -> None:
        self._load = load
        self._cache = cache

    def wait(self) -> bool:
        """Wait until there is something to keep; False when the load is over."""
        load = self._load
        with load.changed:
            while not load.unsaved and not load.is_over:
                load.changed.wait()
            pause = max(COLLECTING, len(load.known) / _PER_SECOND)
        return not load.wait(pause)

    def keep(self) -> None:
        """Write what is not on the disk yet.

        Raises:
            FileError: it cannot be written.
        """
        cache = self._cache
        load = self._load
        with load.changed:
            unsaved, load.unsaved = load.unsaved, set()
            listed_at = dict(load.listed_at)
            known = list(load.known.items())
        if "lists" in unsaved and len(listed_at) == len(BOTH):
            cache.keep_lists(self._lists(min(listed_at.values())))
        if "keys" in unsaved:
            keys = (
                CachedKey(name, each.described_at, each.description, each.rotation)
                for name, each in known
                if each.description is not None and each.described_at is not None
            )
            cache.keep_keys(keys, load.timing.now())

    def _lists(self, fetched: datetime) -> CachedLists:
        """Both lists, copied a little at a time: an event loop must not wait for the whole.

        What changes meanwhile is noted as unsaved, and written the next time.
        """
        load, listed = self._load, self._load.listed
        with load.changed:
            key_ids, owners = tuple(listed.key_ids()), tuple(listed.alias_owners())
        keys: list[KeyRef] = []
        aliases: list[Alias] = []
        for page in _pages(key_ids):
            with load.changed:
                keys += [KeyRef(key_id, arn) for key_id in page if (arn := listed.arn(key_id))]
        for page in _pages(owners):
            with load.changed:
                aliases += [alias for key_id in page for alias in listed.aliases_of(key_id)]
        return CachedLists(fetched, tuple(keys), tuple(aliases))


def _pages(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [items[start : start + _ROWS] for start in range(0, len(items), _ROWS)]
