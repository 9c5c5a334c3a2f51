"""What a cache of data keys did, counted and in words."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Miss(Enum):
    """Why a message needed a data key of its own, which others then shared."""

    NOTHING_CACHED = "no data key was cached for its encryption context and suite"
    TOO_OLD = "the cached data key was too old"
    USED_FOR_TOO_MANY_MESSAGES = "the cached data key had been used for enough messages"
    USED_FOR_TOO_MANY_BYTES = "the cached data key could not take so many more bytes"


class Bypass(Enum):
    """Why a message could not share a data key at all."""

    SUITE = "its suite uses the data key itself for the content, so no two messages may share one"
    UNKNOWN_LENGTH = "its length was not known in advance, and no number of bytes was set aside"
    TOO_LONG = "it is longer than all that one data key may encrypt"


@dataclass(frozen=True, slots=True)
class CacheCounters:
    """Counts at one moment; every message is one of hit, miss, bypass or shared failure.

    Attributes:
        hits: messages that got a data key made or opened for another one, also those that
            waited for it.
        misses: messages for which the wrapping keys were asked, also in vain.
        bypasses: messages that were kept from the cache.
        shared_failures: messages that failed because the call they waited for did.
        kms_calls_saved: calls that the hits would have made.
    """

    hits: int
    misses: Mapping[Miss, int]
    bypasses: Mapping[Bypass, int]
    shared_failures: int
    kms_calls_saved: int


class Tally:
    """Counts what happens in any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hits = 0
        self._misses: Counter[Miss] = Counter()
        self._bypasses: Counter[Bypass] = Counter()
        self._shared_failures = 0
        self._kms_calls_saved = 0

    def hit(self, kms_calls_saved: int) -> None:
        """A message shared a data key."""
        with self._lock:
            self._hits += 1
            self._kms_calls_saved += kms_calls_saved

    def miss(self, reason: Miss) -> None:
        """A message is about to ask for a data key that can be shared."""
        with self._lock:
            self._misses[reason] += 1

    def bypass(self, reason: Bypass) -> None:
        """A message is about to ask for a data key of its own."""
        with self._lock:
            self._bypasses[reason] += 1

    def shared_failure(self) -> None:
        """A message failed with the call it waited for."""
        with self._lock:
            self._shared_failures += 1

    def counters(self) -> CacheCounters:
        """All counts, of the same moment."""
        with self._lock:
            return CacheCounters(
                self._hits,
                MappingProxyType(dict(self._misses)),
                MappingProxyType(dict(self._bypasses)),
                self._shared_failures,
                self._kms_calls_saved,
            )
