"""EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from sealscope.kms.local import rows
from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.faults import invalid, wrong_state
from sealscope.kms.local.records import DAY_MS, KeyRecord, to_seconds


def enable_key(call: Call, params: Params) -> None:
    """EnableKey."""
    _set_state(call, params, "Enabled")


def disable_key(call: Call, params: Params) -> None:
    """DisableKey."""
    _set_state(call, params, "Disabled")


def schedule_key_deletion(call: Call, params: Params) -> Params:
    """ScheduleKeyDeletion: in 7 to 30 days everything the key ever encrypted is lost."""
    days = int(params.get("PendingWindowInDays", 30))
    if not 7 <= days <= 30:
        bound = "greater than or equal to 7" if days < 7 else "less than or equal to 30"
        raise invalid(
            f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to"
            f" satisfy constraint: Member must have value {bound}"
        )
    with call.writing() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        call.require_not(key, "PendingDeletion")
        date = call.now + days * DAY_MS
        fresh = replace(key, state="PendingDeletion", deletion_date=date, deletion_window=days)
        rows.update_key(connection, fresh)
    return {
        "KeyId": call.arn(key),
        "DeletionDate": to_seconds(date),
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": days,
    }


def cancel_key_deletion(call: Call, params: Params) -> Params:
    """CancelKeyDeletion: the key comes back disabled."""
    with call.writing() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        if key.state != "PendingDeletion":
            raise wrong_state(f"{call.arn(key)} is not pending deletion.")
        state = "Disabled" if has_all_material(connection, key) else "PendingImport"
        fresh = replace(key, state=state, deletion_date=None, deletion_window=None)
        rows.update_key(connection, fresh)
    return {"KeyId": call.arn(key)}


def has_all_material(connection: sqlite3.Connection, key: KeyRecord) -> bool:
    """Whether no generation that the key needs is waiting for its import."""
    needed = [m for m in rows.materials(connection, key.id) if m.state != "PENDING_ROTATION"]
    return bool(needed) and all(material.wrapped is not None for material in needed)


def _set_state(call: Call, params: Params, state: str) -> None:
    with call.writing() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        call.require_not(key, "PendingDeletion", "PendingImport")
        rows.update_key(connection, replace(key, state=state))
