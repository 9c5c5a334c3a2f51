"""One load and the disk cache: what it shows from there first, and what it keeps there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sealscope.errors import SealscopeError
from sealscope.kms.inventory.asking import answer_or_error
from sealscope.kms.inventory.cache import (
    LISTS_TTL,
    METADATA_TTL,
    DiskCache,
)
from sealscope.kms.inventory.cache_file import CacheUnusableError
from sealscope.kms.inventory.cache_keeper import CacheKeeper
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

OpenCache = Callable[[], DiskCache]
"""Finds out whose keys these are, which may take a call of STS, and opens their cache.

It raises `SealscopeError` when there can be none.
"""

LONGEST_WAIT: Final = 0.3
"""Seconds for which the lists wait to hear how old the cache is, before they ask KMS."""


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
        self._is_showing = False
        self.problem: SealscopeError | None = None

    def must_ask(self) -> bool:
        """Wait for what the cache has to offer; whether KMS must be asked for the lists."""
        load = self._load
        deadline = load.timing.clock() + LONGEST_WAIT
        with load.changed:
            while self._must_ask is None and not load.is_over:
                left = deadline - load.timing.clock()
                if self._is_showing:
                    load.changed.wait()
                elif left <= 0:
                    self._must_ask = True
                else:
                    load.timing.wait(load.changed, left)
            return self._must_ask is not False

    def serve(self) -> None:
        """Show what is there, then keep what comes, until the load is over."""
        if self._open is None:
            return
        cache, self.problem = answer_or_error(self._open)
        if self._restores:
            self._restore(cache)
        if cache is None:
            return
        keeper = CacheKeeper(self._load, cache)
        while self.problem is None and keeper.wait():
            _, self.problem = answer_or_error(keeper.keep)

    def _restore(self, cache: DiskCache | None) -> None:
        """Show the lists; young ones stand for what KMS would answer."""
        load = self._load
        now = load.timing.now()
        fetched = None if cache is None else cache.lists_fetched(now)
        with load.changed:
            is_young = fetched is not None and now - fetched <= LISTS_TTL
            self._is_showing = is_young and self._must_ask is None
            if not self._is_showing:
                self._must_ask = True
            load.changed.notify_all()
        if cache is None:
            return
        is_whole = fetched is not None and self._show(cache, fetched)
        if self._is_showing:
            self._decide(fetched if is_whole else None)
        self._show_keys(cache)

    def _decide(self, fetched: datetime | None) -> None:
        """Take the lists that were shown for complete, or have KMS asked after all."""
        load = self._load
        with load.changed:
            self._must_ask = fetched is None
            self._is_showing = False
            if fetched is not None:
                load.listed_at.update(dict.fromkeys(BOTH, fetched))
            load.changed.notify_all()
        if fetched is not None:
            for what in BOTH:
                self._tell(ListFinished(load.generation, what))

    def _show(self, cache: DiskCache, fetched: datetime) -> bool:
        """Tell of the rows as if they were listed now; False when the file is not what it seemed.

        What KMS has listed already is left out, and what it did not list when it was complete.
        """
        load = self._load
        generation = load.generation
        self._tell(CacheShown(generation, fetched))
        try:
            for keys, aliases in cache.list_pages():
                if load.is_over:
                    return False
                with load.changed:
                    done = load.listed_at
                    ids = () if "keys" in done else load.listed.restore_keys(keys)
                    owners = () if "aliases" in done else load.listed.restore_aliases(aliases)
                if ids:
                    self._tell(KeysPageLoaded(generation, ids))
                if owners:
                    self._tell(AliasesPageLoaded(generation, owners))
        except CacheUnusableError:
            return False
        return True

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
