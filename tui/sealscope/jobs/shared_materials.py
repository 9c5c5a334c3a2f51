"""Jobs that come one by one and share data keys, where their options ask for caching."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final

from sealscope.jobs.materials import Materials
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import OpenOptions, Request, SealOptions
from sealscope.jobs.work import Progress, perform
from sealscope.kms.facade import KmsGate

KEPT: Final = 8
"""Different options whose data keys are kept: each holds secrets."""

Options = SealOptions | OpenOptions


class SharedMaterials:
    """Does jobs; those of the same options share a cache, if the options have one.

    Safe to use from any thread. Key files and aliases are looked up anew once what was made of
    them is older than any data key may be.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kept: OrderedDict[Options, tuple[float, Materials]] = OrderedDict()

    def __call__(
        self, request: Request, gate: KmsGate, *, progress: Progress | None = None
    ) -> Outcome:
        """Do one job; see `sealscope.jobs.work.perform`."""
        materials = self._of(request.options, gate)
        return perform(request, gate, materials=materials, progress=progress)

    def _of(self, options: Options, gate: KmsGate) -> Materials:
        if options.caching is None:
            return Materials(options, gate)
        now = self._clock()
        with self._lock:
            made_at, materials = self._kept.pop(options, (now, Materials(options, gate)))
            if now - made_at > options.caching.max_age:
                made_at, materials = now, Materials(options, gate)
            self._kept[options] = made_at, materials
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return materials
