"""What a cache of data keys did in a run, in words."""

from __future__ import annotations

from sealscope.engine.cache_counters import CacheCounters
from sealscope.jobs.request import OpenOptions, SealOptions


def cache_report(
    options: SealOptions | OpenOptions, counters: CacheCounters, files: int
) -> tuple[str, ...]:
    """How often the wrapping keys were asked for how many files, and why a cache could not help.

    Args:
        options: of the run.
        counters: of its cache.
        files: that were worked on.
    """
    asked = sum(counters.misses.values()) + sum(counters.bypasses.values())
    words = f"data keys: {_asked(options, asked)} for {_count(files, 'file')}"
    reasons = [
        f"caching could not help with {_count(count, 'file')}: {reason.value}"
        for reason, count in counters.bypasses.items()
    ]
    if not reasons and files > 1 and not counters.hits:
        reasons = [_never_shared(options)]
    return (words, *reasons)


def _asked(options: SealOptions | OpenOptions, count: int) -> str:
    if isinstance(options, SealOptions):
        return _count(count, "GenerateDataKey call") if options.keys else f"{count} made"
    return f"{count} opened"


def _never_shared(options: SealOptions | OpenOptions) -> str:
    if isinstance(options, SealOptions):
        return "caching did not help: its limits let no two files share a data key"
    return "caching did not help: no two files were encrypted under the same data key"


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
