"""Finding the disk cache of a connection."""

from __future__ import annotations

from sealscope.config import inventory_cache_folder
from sealscope.kms.facade import KmsGate
from sealscope.kms.inventory.cache import CachePlace, DiskCache
from sealscope.kms.inventory.caching import OpenCache


def disk_cache_of(gate: KmsGate) -> OpenCache | None:
    """What opens the disk cache of a connection; None on a local KMS, whose store is on the disk.

    Opening it asks STS who calls, if that is not known yet: keys of two accounts must not mix.
    """
    if gate.is_local:
        return None

    def open_cache() -> DiskCache:
        place = CachePlace(gate.endpoint_url, gate.identity().account, gate.region)
        return DiskCache(inventory_cache_folder(), place)

    return open_cache
