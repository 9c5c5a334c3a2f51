"""The keys and aliases of a connection, loading in the background."""

from sealscope.kms.inventory.entry import KeyEntry, bare_key_id
from sealscope.kms.inventory.events import (
    AliasesPageLoaded,
    CacheShown,
    DescribingStopped,
    Event,
    KeysDescribed,
    KeysGone,
    KeysPageLoaded,
    Listener,
    ListFailed,
    ListFinished,
    LoadStarted,
    PaceChanged,
)
from sealscope.kms.inventory.inventory import DESCRIBE_THREADS, Inventory
from sealscope.kms.inventory.load import Timing
from sealscope.kms.inventory.opening import disk_cache_of
from sealscope.kms.inventory.pace import DESCRIBES_PER_SECOND, Pace
from sealscope.kms.inventory.source import KeySource

__all__ = [
    "DESCRIBES_PER_SECOND",
    "DESCRIBE_THREADS",
    "AliasesPageLoaded",
    "CacheShown",
    "DescribingStopped",
    "Event",
    "Inventory",
    "KeyEntry",
    "KeySource",
    "KeysDescribed",
    "KeysGone",
    "KeysPageLoaded",
    "ListFailed",
    "ListFinished",
    "Listener",
    "LoadStarted",
    "Pace",
    "PaceChanged",
    "Timing",
    "bare_key_id",
    "disk_cache_of",
]
