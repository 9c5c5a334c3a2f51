"""EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand, ListKeyRotations.

Automatic rotation itself is in `due`.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Final

from sealscope.kms.local import due, new_keys, rows
from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.faults import Fault, unsupported, wrong_state
from sealscope.kms.local.paging import page
from sealscope.kms.local.records import DAY_MS, KeyRecord, MaterialRecord, to_seconds

DEFAULT_PERIOD_DAYS: Final = 365
MAX_ON_DEMAND: Final = 25


def enable_key_rotation(call: Call, params: Params) -> None:
    """EnableKeyRotation; the first rotation is one period from now."""
    period = int(params.get("RotationPeriodInDays", DEFAULT_PERIOD_DAYS))
    with call.writing() as connection:
        key = _own_symmetric(call, connection, params)
        call.require_enabled(key)
        if key.rotation_period != period:
            date = call.now + period * DAY_MS
            rows.update_key(connection, replace(key, rotation_period=period, next_rotation=date))


def disable_key_rotation(call: Call, params: Params) -> None:
    """DisableKeyRotation."""
    with call.writing() as connection:
        key = _own_symmetric(call, connection, params)
        call.require_enabled(key)
        rows.update_key(connection, replace(key, rotation_period=None, next_rotation=None))


def get_key_rotation_status(call: Call, params: Params) -> Params:
    """GetKeyRotationStatus; a key pending deletion does not rotate."""
    with call.reading() as connection:
        key = _own_symmetric(call, connection, params)
    out: Params = {"KeyId": call.arn(key), "KeyRotationEnabled": False}
    if key.rotation_period is not None and key.state != "PendingDeletion":
        out["KeyRotationEnabled"] = True
        out["RotationPeriodInDays"] = key.rotation_period
        if key.next_rotation is not None:
            out["NextRotationDate"] = to_seconds(key.next_rotation)
    return out


def rotate_key_on_demand(call: Call, params: Params) -> Params:
    """RotateKeyOnDemand: new material at once; the automatic schedule stays as it is."""
    with call.writing() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        _require_symmetric(call, key)
        call.require_enabled(key)
        known = rows.materials(connection, key.id)
        if sum(material.rotation_type == "ON_DEMAND" for material in known) >= MAX_ON_DEMAND:
            raise Fault(
                "LimitExceededException",
                f"{call.arn(key)} has been rotated on demand {MAX_ON_DEMAND} times.",
            )
        if key.origin == "EXTERNAL":
            fresh = _imported(call, key, known)
        else:
            fresh = new_keys.aes_material(
                key.id,
                due.next_seq(connection, key.id),
                call.now,
                call.store.unlocked_root(connection),
                call.entropy,
            )
        due.rotate(connection, key, fresh, "ON_DEMAND", call.now)
    return {"KeyId": call.arn(key)}


def list_key_rotations(call: Call, params: Params) -> Params:
    """ListKeyRotations, oldest first."""
    everything = params.get("IncludeKeyMaterial") == "ALL_KEY_MATERIAL"
    with call.reading() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        _require_symmetric(call, key)
        known = rows.materials(connection, key.id)
    shown = [material for material in known if everything or material.rotation_date is not None]

    def fetch(after: str, count: int) -> list[MaterialRecord]:
        start = int(after) if after.isdecimal() else -1
        return [material for material in shown if material.seq > start][:count]

    found, more = page(
        params,
        f"ListKeyRotations {key.id} {everything}",
        default=100,
        maximum=1000,
        fetch=fetch,
        name=lambda material: str(material.seq),
    )
    return {"Rotations": [_entry(key, material) for material in found], **more}


def _entry(key: KeyRecord, material: MaterialRecord) -> Params:
    out: Params = {
        "KeyId": key.id,
        "KeyMaterialId": material.id,
        "KeyMaterialState": material.state,
    }
    if material.rotation_date is not None:
        out["RotationDate"] = to_seconds(material.rotation_date)
        out["RotationType"] = material.rotation_type
    if key.origin != "EXTERNAL":
        return out
    out["ImportState"] = "PENDING_IMPORT" if material.wrapped is None else "IMPORTED"
    if material.description is not None:
        out["KeyMaterialDescription"] = material.description
    if material.wrapped is not None:
        expires = material.valid_to is not None
        out["ExpirationModel"] = f"KEY_MATERIAL_{'EXPIRES' if expires else 'DOES_NOT_EXPIRE'}"
        if material.valid_to is not None:
            out["ValidTo"] = to_seconds(material.valid_to)
    return out


def _imported(call: Call, key: KeyRecord, known: list[MaterialRecord]) -> MaterialRecord:
    for material in known:
        if material.state == "PENDING_ROTATION" and material.wrapped is not None:
            return material
    raise wrong_state(f"{call.arn(key)} has no imported key material pending rotation.")


def _own_symmetric(call: Call, connection: sqlite3.Connection, params: Params) -> KeyRecord:
    key = call.key_by_id(connection, params["KeyId"])
    _require_symmetric(call, key)
    if key.origin != "AWS_KMS":
        raise unsupported(
            f"{call.arn(key)} origin is {key.origin} which is not valid for this operation."
        )
    return key


def _require_symmetric(call: Call, key: KeyRecord) -> None:
    if not key.is_symmetric:
        raise unsupported(
            f"{call.arn(key)} key spec is {key.spec} which is not valid for this operation."
        )
