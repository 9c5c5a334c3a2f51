"""Which changes a key allows now, and why not the others.

What is said here spares a call that KMS would refuse; KMS has the last word.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sealscope.kms.inventory import KeyEntry
    from sealscope.kms.keys import KeyDescription

READ_ONLY: Final = "Read-only connection; see --write"
_DELETED: Final = ("PendingDeletion", "PendingReplicaDeletion")


class Act(Enum):
    """A change to a key; the value ends the id of its command."""

    NEW_ALIAS = "new_alias"
    MOVE_ALIAS = "move_alias"
    DELETE_ALIAS = "delete_alias"
    ENABLE = "enable"
    DISABLE = "disable"
    DESCRIBE = "describe"
    TAG = "tag"
    UNTAG = "untag"
    ROTATION_ON = "rotation_on"
    ROTATION_OFF = "rotation_off"
    ROTATE = "rotate"
    IMPORT = "import"
    DELETE = "delete"
    KEEP = "keep"


def why_not(act: Act, entry: KeyEntry, *, read_only: bool) -> str | None:
    """Why a change cannot be made; None when it can.

    Args:
        act: the change.
        entry: the key as far as it is known.
        read_only: whether the connection refuses all changes.
    """
    if read_only:
        return READ_ONLY
    key = entry.description
    if key is None:
        if entry.error is None:
            return "The key is still being described"
        return f"The key could not be described ({entry.error.title})"
    if key.manager == "AWS":
        return "AWS manages this key"
    return _by_state(act, key) or _by_kind(act, entry, key)


def _by_state(act: Act, key: KeyDescription) -> str | None:
    state = key.state
    if act is Act.KEEP:
        return None if state in _DELETED else "The key is not waiting to be deleted"
    if act in {Act.MOVE_ALIAS, Act.DELETE_ALIAS}:
        return None
    if state in _DELETED:
        return "It waits to be deleted; cancel that first"
    if act is Act.ENABLE and state != "Disabled":
        return "The key is enabled" if state == "Enabled" else f"The key's state is {state}"
    if act is Act.DISABLE and state != "Enabled":
        return "The key is disabled" if state == "Disabled" else f"The key's state is {state}"
    return None


def _by_kind(act: Act, entry: KeyEntry, key: KeyDescription) -> str | None:
    if act is Act.DELETE_ALIAS and not entry.aliases:
        return "The key has no alias"
    if act is Act.IMPORT and key.origin != "EXTERNAL":
        return "Not applicable: KMS made its material"
    if act in {Act.ROTATION_ON, Act.ROTATION_OFF, Act.ROTATE}:
        return _no_rotation(act, entry, key)
    return None


def _no_rotation(act: Act, entry: KeyEntry, key: KeyDescription) -> str | None:
    on_demand = act is Act.ROTATE
    if not key.is_symmetric or key.custom_key_store_id:
        return "Not applicable: KMS rotates no such keys"
    if key.origin == "EXTERNAL" and not on_demand:
        return "Not applicable: imported, so on demand only"
    if key.multi_region == "REPLICA":
        return "Not applicable: a replica follows its primary"
    if key.state != "Enabled":
        return f"KMS does not rotate a key in the state {key.state}"
    status = entry.rotation
    if act is Act.ROTATION_OFF and status is not None and not status.enabled:
        return "The key is not rotated by schedule"
    return None
