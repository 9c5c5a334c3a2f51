"""What a cache of data keys did, told on standard error after a run."""

from __future__ import annotations

from sealscope.cli.output import note
from sealscope.jobs.materials import Materials
from sealscope.jobs.request import OpenOptions, SealOptions


def tell_of_cache(options: SealOptions | OpenOptions, materials: Materials, files: int) -> None:
    """Say how often the wrapping keys were asked; nothing where there was no cache."""
    counters = materials.counters
    if counters is not None:
        from sealscope.jobs.cache_report import cache_report

        for words in cache_report(options, counters, files):
            note("sealscope: {}", words)
