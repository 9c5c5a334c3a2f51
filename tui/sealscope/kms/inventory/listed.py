"""The keys and aliases as they were listed, in little memory.

A hundred thousand ARNs differ only in their ends, so that the parts they share are kept once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sealscope.kms.keys import Alias, KeyRef

_Stored = tuple[str, str, datetime | None, datetime | None]
"""An alias: its name, what stands before it in its ARN, created, updated."""


class Listed:
    """What ListKeys and ListAliases told. Not safe to share without a lock."""

    def __init__(self) -> None:
        # Key id -> what stands before it in its ARN; in KMS's order.
        self._keys: dict[str, str] = {}
        self._aliases: dict[str, tuple[_Stored, ...]] = {}
        self._targets: dict[str, str | None] = {}
        # What an older list named and this one has not yet.
        self._old_keys: set[str] = set()
        self._old_aliases: set[str] = set()

    def restore_keys(self, keys: Iterable[KeyRef]) -> tuple[str, ...]:
        """Take in keys of an older list; the ids that were not known."""
        fresh = [key for key in keys if key.key_id not in self._keys]
        ids = self.add_keys(fresh)
        self._old_keys.update(ids)
        return ids

    def restore_aliases(self, aliases: Iterable[Alias]) -> tuple[str, ...]:
        """Take in aliases of an older list; the keys whose aliases are others now."""
        fresh = [alias for alias in aliases if alias.name not in self._targets]
        changed = self.add_aliases(fresh)
        self._old_aliases.update(alias.name for alias in fresh)
        return changed

    def drop_old_keys(self) -> tuple[str, ...]:
        """Forget the keys that only the older list named; their ids."""
        gone, self._old_keys = tuple(self._old_keys), set()
        for key_id in gone:
            del self._keys[key_id]
        return gone

    def drop_old_aliases(self) -> tuple[str, ...]:
        """Forget the aliases that only the older list named; the keys that had them."""
        gone, self._old_aliases = self._old_aliases, set()
        return tuple(dict.fromkeys(key for name in gone for key in self._withdraw(name)))

    def add_keys(self, keys: Iterable[KeyRef]) -> tuple[str, ...]:
        """Take in a page of ListKeys; the ids in it."""
        ids: list[str] = []
        for key in keys:
            head, found, rest = key.arn.rpartition(key.key_id)
            # An ARN that does not end in the id (which AWS never sends) is kept whole.
            self._keys[key.key_id] = sys.intern(head if found and not rest else f"{key.arn}\n")
            self._old_keys.discard(key.key_id)
            ids.append(key.key_id)
        return tuple(ids)

    def add_aliases(self, aliases: Iterable[Alias]) -> tuple[str, ...]:
        """Take in a page of ListAliases; the keys whose aliases are others now.

        An alias that is known already has moved: it is taken from the key it pointed to.
        """
        changed: dict[str, None] = {}
        for alias in aliases:
            name = alias.name
            self._old_aliases.discard(name)
            if name in self._targets:
                changed |= dict.fromkeys(self._withdraw(name))
            target = alias.target_key_id or None
            self._targets[name] = target
            if target is None:
                continue
            known = self._aliases.get(target, ())
            head = alias.arn.removesuffix(name)
            prefix = sys.intern(head if head != alias.arn else f"{alias.arn}\n")
            stored = (name, prefix, _in_utc(alias.created), _in_utc(alias.updated))
            self._aliases[target] = (*known, stored)
            changed[target] = None
        return tuple(changed)

    def replace_aliases(self, key_id: str, aliases: Sequence[Alias]) -> tuple[str, ...]:
        """Take in all aliases that a key has now; the keys whose aliases are others now."""
        names = {alias.name for alias in aliases}
        gone = [stored[0] for stored in self._aliases.get(key_id, ()) if stored[0] not in names]
        for name in gone:
            self._withdraw(name)
            self._old_aliases.discard(name)
        return tuple(dict.fromkeys((*self.add_aliases(aliases), key_id)))

    def _withdraw(self, name: str) -> tuple[str, ...]:
        before = self._targets.pop(name)
        if before is None:
            return ()
        self._aliases[before] = tuple(each for each in self._aliases[before] if each[0] != name)
        return (before,)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._keys

    def key_ids(self) -> Iterable[str]:
        """The keys, in KMS's order."""
        return self._keys

    def alias_owners(self) -> Iterable[str]:
        """The keys that have aliases, be they listed or not."""
        return self._aliases

    def alias_count(self) -> int:
        """How many aliases there are, also those without a key."""
        return len(self._targets)

    def arn(self, key_id: str) -> str | None:
        """The ARN of a listed key."""
        head = self._keys.get(key_id)
        return None if head is None else _joined(head, key_id)

    def aliases_of(self, key_id: str) -> tuple[Alias, ...]:
        """The aliases of a key."""
        return tuple(
            Alias(name, _joined(head, name), key_id, created, updated)
            for name, head, created, updated in self._aliases.get(key_id, ())
        )


def _joined(head: str, end: str) -> str:
    return head[:-1] if head.endswith("\n") else head + end


def _in_utc(moment: datetime | None) -> datetime | None:
    # Each time that KMS tells comes with a time zone object of its own.
    return None if moment is None else moment.astimezone(UTC)
