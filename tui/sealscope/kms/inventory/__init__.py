"""The keys and aliases of a connection, loading in the background."""

from sealscope.kms.inventory.entry import KeyEntry, bare_key_id
from sealscope.kms.inventory.events import (
    AliasesPageLoaded,
    DescribingStopped,
    Event,
    KeysDescribed,
    KeysPageLoaded,
    Listener,
    ListFailed,
    ListFinished,
    LoadStarted,
    PaceChanged,
)
from sealscope.kms.inventory.inventory import DESCRIBE_THREADS, Inventory
from sealscope.kms.inventory.load import Timing
from sealscope.kms.inventory.pace import DESCRIBES_PER_SECOND, Pace
from sealscope.kms.inventory.source import KeySource

__all__ = [
    "DESCRIBES_PER_SECOND",
    "DESCRIBE_THREADS",
    "AliasesPageLoaded",
    "DescribingStopped",
    "Event",
    "Inventory",
    "KeyEntry",
    "KeySource",
    "KeysDescribed",
    "KeysPageLoaded",
    "ListFailed",
    "ListFinished",
    "Listener",
    "LoadStarted",
    "Pace",
    "PaceChanged",
    "Timing",
    "bare_key_id",
]
