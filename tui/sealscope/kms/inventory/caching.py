"""One load and the disk cache: what it shows from there first, and what it keeps there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from sealscope.errors import SealscopeError
from sealscope.kms.inventory.asking import answer_or_error
from sealscope.kms.inventory.cache import (
    LISTS_TTL,
    METADATA_TTL,
    CachedKey,
    CachedLists,
    DiskCache,
)
from sealscope.kms.inventory.events import (
    AliasesPageLoaded,
    CacheShown,
    Event,
    KeysPageLoaded,
    ListFinished,
)
from sealscope.kms.inventory.lists import BOTH
from sealscope.kms.inventory.load import Known, Load
from sealscope.kms.inventory.wishes import DESCRIPTION, ROTATION
from sealscope.kms.keys import KeyRef

OpenCache = Callable[[], DiskCache]
"""Finds out whose keys these are, which may take a call of STS, and opens their cache.

It raises `SealscopeError` when there can be none.
"""

LONGEST_WAIT: Final = 0.3
"""Seconds for which the lists wait to hear how old the cache is, before they ask KMS."""

COLLECTING: Final = 1.0
"""Seconds for which descriptions are collected before they are written."""

_PER_SECOND: Final = 2000  # descriptions: a long file is written less often
_ROWS: Final = 1000

Item = TypeVar("Item")


class Caching:
    """The cache's part in one load; its methods run in threads of their own.

    Args:
        open_cache: None for a load without one.
        restores: whether to show what is there, or only to keep what this load brings.
        tell_described: called with the generation and the keys of which more is known.

    Attributes:
        problem: why nothing is kept.
    """

    def __init__(
        self,
        load: Load,
        open_cache: OpenCache | None,
        *,
        restores: bool,
        tell: Callable[[Event], None],
        tell_described: Callable[[int, Sequence[str]], None],
    ) -> None:
        self._load = load
        self._open = open_cache
        self._restores = restores
        self._tell = tell
        self._tell_described = tell_described
        # Whether KMS must be asked for the lists; None until that is known.
        self._must_ask: bool | None = None if open_cache is not None and restores else True
        self.problem: SealscopeError | None = None

    def must_ask(self) -> bool:
        """Wait a little for the cache; whether KMS must be asked for the lists."""
        load = self._load
        deadline = load.timing.clock() + LONGEST_WAIT
        with load.changed:
            while self._must_ask is None and not load.is_over:
                left = deadline - load.timing.clock()
                if left <= 0:
                    self._must_ask = True
                    break
                load.timing.wait(load.changed, left)
            return self._must_ask is not False

    def serve(self) -> None:
        """Show what is there, then keep what comes, until the load is over."""
        if self._open is None:
            return
        cache, self.problem = answer_or_error(self._open)
        lists = None
        if cache is not None and self._restores:
            lists = cache.lists(self._load.timing.now())
        is_young = self._decide(lists)
        if lists is not None:
            self._show(lists, is_young=is_young)
        if cache is None:
            return
        if self._restores:
            self._show_keys(cache)
        while self.problem is None and self._wait_for_unsaved():
            _, self.problem = answer_or_error(lambda: self._keep(cache))

    def _decide(self, lists: CachedLists | None) -> bool:
        load = self._load
        with load.changed:
            if self._must_ask is None:
                young = lists is not None and load.timing.now() - lists.fetched <= LISTS_TTL
                self._must_ask = not young
                load.changed.notify_all()
            return not self._must_ask

    def _show(self, lists: CachedLists, *, is_young: bool) -> None:
        """Tell of the rows as if they were listed now, those that KMS has listed left out."""
        load = self._load
        generation = load.generation
        self._tell(CacheShown(generation, lists.fetched))
        for keys in _pages(lists.keys):
            with load.changed:
                # What the live list did not name when it was complete is gone.
                ids = () if "keys" in load.listed_at else load.listed.restore_keys(keys)
            if ids:
                self._tell(KeysPageLoaded(generation, ids))
        for aliases in _pages(lists.aliases):
            with load.changed:
                done = "aliases" in load.listed_at
                changed = () if done else load.listed.restore_aliases(aliases)
            if changed:
                self._tell(AliasesPageLoaded(generation, changed))
        if not is_young:
            return
        with load.changed:
            load.listed_at.update(dict.fromkeys(BOTH, lists.fetched))
        for what in BOTH:
            self._tell(ListFinished(generation, what))

    def _show_keys(self, cache: DiskCache) -> None:
        """Take in descriptions; the older ones are asked for again once somebody looks."""
        load = self._load
        now = load.timing.now()
        shown: list[str] = []
        for key in cache.keys(now):
            with load.changed:
                if key.key_id in load.known or (DESCRIPTION, key.key_id) in load.asked:
                    continue
                load.known[key.key_id] = Known(
                    key.description, key.described_at, None, key.rotation
                )
                if now - key.described_at <= METADATA_TTL:
                    load.asked.add((DESCRIPTION, key.key_id))
                    if key.rotation is not None:
                        load.asked.add((ROTATION, key.key_id))
            shown.append(key.key_id)
        if shown:
            self._tell_described(load.generation, shown)

    def _wait_for_unsaved(self) -> bool:
        load = self._load
        with load.changed:
            while not load.unsaved and not load.is_over:
                load.changed.wait()
            pause = max(COLLECTING, len(load.known) / _PER_SECOND)
        return not load.wait(pause)

    def _keep(self, cache: DiskCache) -> None:
        load = self._load
        with load.changed:
            unsaved, load.unsaved = load.unsaved, set()
            lists = self._lists() if "lists" in unsaved else None
            keys = [
                CachedKey(name, known.described_at, known.description, known.rotation)
                for name, known in load.known.items()
                if known.description is not None and known.described_at is not None
            ]
        if lists is not None:
            cache.keep_lists(lists)
        if "keys" in unsaved:
            cache.keep_keys(keys, load.timing.now())

    def _lists(self) -> CachedLists | None:
        """Both lists; None as long as one of them is not complete."""
        load, listed = self._load, self._load.listed
        if len(load.listed_at) < len(BOTH):
            return None
        keys = tuple(KeyRef(key_id, listed.arn(key_id) or "") for key_id in listed.key_ids())
        return CachedLists(min(load.listed_at.values()), keys, tuple(listed.aliases()))


def _pages(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [items[start : start + _ROWS] for start in range(0, len(items), _ROWS)]
