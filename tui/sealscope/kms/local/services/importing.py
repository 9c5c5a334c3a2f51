"""GetParametersForImport, ImportKeyMaterial, DeleteImportedKeyMaterial."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import Final

from cryptography.exceptions import InvalidTag

from sealscope.kms.local import due, import_wrapping, new_keys, rows
from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.faults import Fault, invalid, not_found, unsupported, wrong_state
from sealscope.kms.local.records import (
    DAY_MS,
    KeyRecord,
    MaterialRecord,
    TokenRecord,
    damaged,
    to_ms,
    to_seconds,
)
from sealscope.kms.local.services.states import has_all_material
from sealscope.kms.local.specs import SPECS
from sealscope.secret import SecretBytes

_TOKEN_MAGIC: Final = b"LKMI\x01"
_MAX_VALIDITY_MS: Final = 365 * DAY_MS


@dataclass(frozen=True)
class Import:
    """What ImportKeyMaterial brings: the material, its computed id, and when it expires."""

    secret: SecretBytes
    public: bytes | None
    material_id: str
    valid_to: int | None


def get_parameters_for_import(call: Call, params: Params) -> Params:
    """GetParametersForImport: a wrapping key and a token, good for 24 hours."""
    algorithm = params["WrappingAlgorithm"]
    wrapping_spec = SPECS.get(params["WrappingKeySpec"])
    if wrapping_spec is None or algorithm not in import_wrapping.ALGORITHMS:
        raise unsupported("The local KMS does not support this wrapping algorithm or key spec.")
    with call.reading() as connection:
        key = _external(call, connection, params["KeyId"])
    if key.spec.startswith("RSA_") and not algorithm.startswith("RSA_AES_"):
        raise invalid(f"{algorithm} cannot wrap the material of a key of spec {key.spec}.")
    pair = new_keys.generate_pair(wrapping_spec, call.entropy)
    token_id = call.entropy(32)
    valid_to = call.now + DAY_MS
    with call.writing() as connection:
        root = call.store.unlocked_root(connection)
        private = SecretBytes(new_keys.private_der(pair))
        place = ("import", key.id, token_id.hex().upper())
        connection.execute(
            "INSERT INTO import_token VALUES (?,?,?,?,?)",
            (token_id, key.id, algorithm, valid_to, root.wrap(place, private, call.entropy)),
        )
    return {
        "KeyId": call.arn(key),
        "ImportToken": _TOKEN_MAGIC + token_id,
        "PublicKey": new_keys.public_der(pair),
        "ParametersValidTo": to_seconds(valid_to),
    }


def import_key_material(call: Call, params: Params) -> Params:
    """ImportKeyMaterial: the first, the same again, or new material for the next rotation."""
    valid_to = _validity(call, params)
    with call.writing() as connection:
        key = _external(call, connection, params["KeyId"])
        if not key.is_symmetric:
            for name in ("ImportType", "KeyMaterialId", "KeyMaterialDescription"):
                if name in params:
                    raise invalid(f"{name} is for symmetric encryption keys only.")
        unwrapped = _unwrap(call, connection, key, params)
        secret, public = import_wrapping.checked_material(SPECS[key.spec], unwrapped)
        material_id = import_wrapping.material_id(key.id, secret)
        brought = Import(secret, public, material_id, valid_to)
        known = rows.materials(connection, key.id)
        kind = params.get("ImportType", "EXISTING_KEY_MATERIAL" if known else "NEW_KEY_MATERIAL")
        _check_identity(params, kind, brought, known)
        if kind == "NEW_KEY_MATERIAL":
            _add(call, connection, key, brought, params.get("KeyMaterialDescription"))
        else:
            _restore(call, connection, brought, known, params.get("KeyMaterialDescription"))
        if key.state == "PendingImport" and has_all_material(connection, key):
            rows.update_key(connection, replace(key, state="Enabled"))
    out: Params = {"KeyId": call.arn(key)}
    if key.is_symmetric:
        out["KeyMaterialId"] = brought.material_id
    return out


def delete_imported_key_material(call: Call, params: Params) -> Params:
    """DeleteImportedKeyMaterial: the key is unusable until the same material comes back."""
    with call.writing() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        _require_external(call, key)
        current = rows.current_material(connection, key.id)
        wanted = params.get("KeyMaterialId") or (current.id if current else "")
        material = rows.material(connection, key.id, wanted)
        if material is None and "KeyMaterialId" in params:
            raise not_found(f"Key material {wanted} is not associated with {call.arn(key)}.")
        if material is not None:
            rows.update_material(connection, replace(material, wrapped=None, valid_to=None))
            if material.state != "PENDING_ROTATION" and key.state != "PendingDeletion":
                rows.update_key(connection, replace(key, state="PendingImport"))
    call.store.erase_traces()
    out: Params = {"KeyId": call.arn(key)}
    if key.is_symmetric and material is not None:
        out["KeyMaterialId"] = material.id
    return out


def _add(
    call: Call,
    connection: sqlite3.Connection,
    key: KeyRecord,
    brought: Import,
    description: str | None,
) -> None:
    known = rows.materials(connection, key.id)
    if known and not key.is_symmetric:
        raise Fault("IncorrectKeyMaterialException")
    if any(material.state == "PENDING_ROTATION" for material in known):
        raise wrong_state(f"{call.arn(key)} has key material pending rotation already.")
    root = call.store.unlocked_root(connection)
    spec = SPECS[key.spec]
    place = (spec.kind, key.id, brought.material_id)
    rows.insert_material(
        connection,
        MaterialRecord(
            key_id=key.id,
            id=brought.material_id,
            seq=due.next_seq(connection, key.id),
            kind=spec.kind,
            state="PENDING_ROTATION" if known else "CURRENT",
            created=call.now,
            rotation_type=None,
            rotation_date=None,
            description=description,
            valid_to=brought.valid_to,
            wrapped=root.wrap(place, brought.secret, call.entropy),
            public=brought.public,
        ),
    )


def _restore(
    call: Call,
    connection: sqlite3.Connection,
    brought: Import,
    known: list[MaterialRecord],
    description: str | None,
) -> None:
    material = next((m for m in known if m.id == brought.material_id), None)
    if material is None:
        raise Fault(
            "IncorrectKeyMaterialException",
            "The key material is not the one that was imported before.",
        )
    root = call.store.unlocked_root(connection)
    rows.update_material(
        connection,
        replace(
            material,
            wrapped=root.wrap(material.place, brought.secret, call.entropy),
            valid_to=brought.valid_to,
            description=material.description if description is None else description,
        ),
    )


def _check_identity(
    params: Params, kind: str, brought: Import, known: list[MaterialRecord]
) -> None:
    named = params.get("KeyMaterialId")
    if named is not None and kind == "NEW_KEY_MATERIAL":
        raise invalid("KeyMaterialId cannot be given with ImportType NEW_KEY_MATERIAL.")
    if named is not None and named != brought.material_id:
        raise Fault("IncorrectKeyMaterialException", "The key material has another id.")
    if kind == "NEW_KEY_MATERIAL" and any(m.id == brought.material_id for m in known):
        raise Fault("IncorrectKeyMaterialException", "The key material was imported before.")


def _unwrap(
    call: Call, connection: sqlite3.Connection, key: KeyRecord, params: Params
) -> SecretBytes:
    token: bytes = params["ImportToken"]
    row = connection.execute(
        "SELECT * FROM import_token WHERE id = ? AND key_id = ?",
        (token.removeprefix(_TOKEN_MAGIC), key.id),
    ).fetchone()
    if row is None or not token.startswith(_TOKEN_MAGIC):
        raise Fault("InvalidImportTokenException")
    record = TokenRecord.of(row)
    if record.algorithm not in import_wrapping.ALGORITHMS:
        raise damaged(f"an import token of key {key.id}")
    if record.valid_to <= call.now:
        raise Fault("ExpiredImportTokenException")
    root = call.store.unlocked_root(connection)
    try:
        private = root.unwrap(record.place, record.wrapped)
    except InvalidTag as error:
        raise Fault("InvalidImportTokenException") from error
    return import_wrapping.unwrap(private, record.algorithm, params["EncryptedKeyMaterial"])


def _validity(call: Call, params: Params) -> int | None:
    expires = params.get("ExpirationModel", "KEY_MATERIAL_EXPIRES") == "KEY_MATERIAL_EXPIRES"
    if not expires:
        if "ValidTo" in params:
            raise invalid("ValidTo cannot be set with KEY_MATERIAL_DOES_NOT_EXPIRE")
        return None
    if "ValidTo" not in params:
        raise invalid("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
    valid_to = to_ms(params["ValidTo"])
    if not call.now < valid_to <= call.now + _MAX_VALIDITY_MS:
        raise invalid("ValidTo must be in the future, and at most 365 days from now")
    return valid_to


def _external(call: Call, connection: sqlite3.Connection, reference: str) -> KeyRecord:
    key = call.key_by_id(connection, reference)
    _require_external(call, key)
    call.require_not(key, "PendingDeletion")
    return key


def _require_external(call: Call, key: KeyRecord) -> None:
    if key.origin != "EXTERNAL":
        raise unsupported(
            f"{call.arn(key)} origin is {key.origin} which is not valid for this operation."
        )
