"""Names of keys as they are typed, and the one to propose."""

from __future__ import annotations

import re

from sealscope.kms.inventory import Inventory, KeyEntry

_SEPARATORS = re.compile(r"[\s,]+")


def split_names(text: str) -> tuple[str, ...]:
    """Names separated by spaces or commas, which no name of a key can hold; doubles left out."""
    return tuple(dict.fromkeys(name for name in _SEPARATORS.split(text) if name))


def name_of(entry: KeyEntry) -> str:
    """The shortest name that KMS understands: an alias, else the id."""
    return entry.aliases[0].name if entry.aliases else entry.key_id


def default_key(inventory: Inventory) -> str:
    """The alias of the only key there is; empty when there are none or several."""
    entries = [entry for key_id in inventory.key_ids() if (entry := inventory.entry(key_id))]
    own = [entry for entry in entries if not name_of(entry).startswith("alias/aws/")]
    # A key without an alias may be one whose alias has not been listed yet.
    return name_of(own[0]) if len(own) == 1 and own[0].aliases else ""
