"""What was listed and described, kept on the disk for the next start.

It is for showing lists sooner, and nothing else: what seals, opens or re-wraps asks KMS. The
local KMS has none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Final

from sealscope.kms.inventory.cache_codec import from_json, shape, to_json
from sealscope.kms.inventory.cache_file import CacheFile, CacheUnusableError
from sealscope.kms.keys import Alias, KeyDescription, KeyRef, RotationStatus

LISTS_TTL: Final = timedelta(minutes=5)
"""Younger lists are shown without asking KMS again."""

METADATA_TTL: Final = timedelta(minutes=15)
"""Younger descriptions are shown without asking KMS again."""

KEPT: Final = timedelta(days=1)
"""Older rows are not shown at all."""

MOST_KEYS: Final = 250_000
MOST_DESCRIPTIONS: Final = 20_000
MOST_PLACES: Final = 32
"""Accounts and Regions that the folder keeps; the ones that were used last."""

_AHEAD: Final = timedelta(minutes=1)
_SUFFIX: Final = ".jsonl"


@dataclass(frozen=True)
class CachePlace:
    """Whose keys a cache holds.

    Attributes:
        endpoint: the address that was asked.
    """

    endpoint: str
    account: str
    region: str


ListPage = tuple[tuple[KeyRef, ...], tuple[Alias, ...]]


@dataclass(frozen=True)
class CachedLists:
    """Both lists, as they were at a time."""

    fetched: datetime
    keys: tuple[KeyRef, ...]
    aliases: tuple[Alias, ...]


@dataclass(frozen=True, slots=True)
class CachedKey:
    """What was known of one key."""

    key_id: str
    described_at: datetime
    description: KeyDescription
    rotation: RotationStatus | None


class DiskCache:
    """The cache of one endpoint, account and Region.

    Args:
        folder: where the caches of all of them are; it exists.
    """

    def __init__(self, folder: Path, place: CachePlace) -> None:
        named = json.dumps([place.endpoint, place.account, place.region]).encode()
        name = hashlib.sha256(named).hexdigest()[:32]
        head = {
            "sealscope": "inventory",
            "endpoint": place.endpoint,
            "account": place.account,
            "region": place.region,
        }
        self._folder = folder
        self._lists = CacheFile(
            folder / f"{name}.lists{_SUFFIX}", {**head, "rows": shape(KeyRef) + shape(Alias)}
        )
        self._keys = CacheFile(folder / f"{name}.keys{_SUFFIX}", {**head, "rows": shape(CachedKey)})

    def lists_fetched(self, now: datetime) -> datetime | None:
        """When the lists were fetched, by a first look; None when there are none to show."""
        fetched = self._lists.fetched()
        return fetched if fetched is not None and _is_kept(fetched, now) else None

    def list_pages(self) -> Iterator[ListPage]:
        """The lists, some keys and aliases at a time.

        Raises:
            CacheUnusableError: they are not to be trusted, nor is what came before.
        """
        _, pages = self._lists.read()
        for rows in pages:
            try:
                keys = tuple(from_json(KeyRef, row[1:]) for row in rows if row[0] == "key")
                aliases = tuple(from_json(Alias, row[1:]) for row in rows if row[0] == "alias")
            except ValueError as error:
                raise CacheUnusableError("a row of another kind") from error
            if len(keys) + len(aliases) != len(rows):
                raise CacheUnusableError("a row of another kind")
            yield keys, aliases

    def keys(self, now: datetime) -> list[CachedKey]:
        """The descriptions that are not too old; none when the file is not to be trusted."""
        try:
            _, pages = self._keys.read()
            found = [from_json(CachedKey, row) for rows in pages for row in rows]
        except (CacheUnusableError, ValueError):
            return []
        return [key for key in found if _is_kept(key.described_at, now)]

    def keep_lists(self, lists: CachedLists) -> bool:
        """Replace the lists; False when there are too many keys and aliases.

        Raises:
            FileError: they cannot be written.
        """
        if len(lists.keys) + len(lists.aliases) > MOST_KEYS:
            return False
        self._remove_unused()
        keys = (["key", *to_json(key)] for key in lists.keys)
        aliases = (["alias", *to_json(alias)] for alias in lists.aliases)
        return self._lists.write(lists.fetched, chain(keys, aliases))

    def keep_keys(self, keys: Iterable[CachedKey], now: datetime) -> bool:
        """Replace the descriptions by the newest of these.

        Raises:
            FileError: they cannot be written.
        """
        newest = sorted(keys, key=lambda key: key.described_at)[-MOST_DESCRIPTIONS:]
        return self._keys.write(now, (to_json(key) for key in newest))

    def _remove_unused(self) -> None:
        """Remove what other places have not used for a while, beyond a number of them."""
        files = sorted(self._folder.glob(f"*{_SUFFIX}"), key=_modified, reverse=True)
        for each in files[2 * MOST_PLACES :]:
            each.unlink(missing_ok=True)


def _is_kept(fetched: datetime, now: datetime) -> bool:
    # A time to come is no age.
    return now - KEPT <= fetched <= now + _AHEAD


def _modified(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return 0.0
