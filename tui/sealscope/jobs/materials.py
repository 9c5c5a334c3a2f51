"""Where the data keys of a run come from: one materials manager for all of its files.

Made once, so that key files are read and aliases resolved once, and a cache serves all files.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from sealscope.engine.managers import DefaultManager, MaterialsManager
from sealscope.jobs.keyrings import opening_keyring, sealing_keyring
from sealscope.jobs.request import OpenOptions, SealOptions
from sealscope.kms.facade import KmsGate

if TYPE_CHECKING:
    from sealscope.engine.cache_counters import CacheCounters
    from sealscope.engine.caching import CachingManager


class Materials:
    """The materials manager of some options, made when it is first needed.

    Safe to use from any thread.

    Args:
        options: of the files that will share it.
        gate: where KMS calls go; None where the options name no KMS key.
    """

    def __init__(self, options: SealOptions | OpenOptions, gate: KmsGate | None) -> None:
        self._options = options
        self._gate = gate
        self._lock = Lock()
        self._manager: MaterialsManager | None = None
        self._caching: CachingManager | None = None

    @property
    def manager(self) -> MaterialsManager:
        """The manager; what keeps it from being made may be gone at the next attempt.

        To open with KMS keys that are not named by ARN needs kms:DescribeKey here.

        Raises:
            UsageError: the keys cannot be used as they were named.
            KmsError: a key could not be resolved.
        """
        with self._lock:
            if self._manager is None:
                self._manager = self._make()
            return self._manager

    @property
    def counters(self) -> CacheCounters | None:
        """What the cache did so far; None without one."""
        return None if self._caching is None else self._caching.counters

    def _make(self) -> MaterialsManager:
        options, gate = self._options, self._gate
        if isinstance(options, SealOptions):
            manager = DefaultManager(sealing_keyring(options, gate))
        else:
            manager = DefaultManager(opening_keyring(options, gate, gate))
        if options.caching is None:
            return manager
        # Loaded here, as most runs have no cache.
        from sealscope.engine.caching import CachingManager

        limits = options.caching
        self._caching = CachingManager.with_own_cache(
            manager,
            max_age=limits.max_age,
            max_bytes=limits.max_bytes,
            max_messages=limits.max_messages,
        )
        return self._caching
