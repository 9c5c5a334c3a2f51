"""CreateKey, DescribeKey, ListKeys, UpdateKeyDescription."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from sealscope.kms.local import arns, new_keys, rows
from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.faults import Fault, invalid, unsupported
from sealscope.kms.local.paging import page
from sealscope.kms.local.records import KeyRecord, to_seconds
from sealscope.kms.local.services.policies import checked_policy
from sealscope.kms.local.services.tags import checked_tags
from sealscope.kms.local.specs import ALGORITHMS_FIELD, SPECS


def create_key(call: Call, params: Params) -> Params:
    """CreateKey. RSA keys are made before the store is locked, as that takes long."""
    spec_name, usage = _spec_and_usage(params)
    origin = params.get("Origin", "AWS_KMS")
    _check_origin(params, origin)
    multi_region = params.get("MultiRegion", False)
    policy = None
    if "Policy" in params:
        policy = checked_policy(
            params["Policy"], bypass=params.get("BypassPolicyLockoutSafetyCheck", False)
        )
    tags = checked_tags(params.get("Tags", []))
    spec = SPECS[spec_name]
    record = KeyRecord(
        id=new_keys.key_id(call.entropy, multi_region=multi_region),
        spec=spec_name,
        usage=usage,
        origin=origin,
        state="PendingImport" if origin == "EXTERNAL" else "Enabled",
        description=params.get("Description", ""),
        multi_region=multi_region,
        created=call.now,
        deletion_date=None,
        deletion_window=None,
        rotation_period=None,
        next_rotation=None,
        policy=policy,
    )
    made = None if origin == "EXTERNAL" else new_keys.secret(spec, call.entropy)
    with call.writing() as connection:
        root = call.store.unlocked_root(connection)
        rows.insert_key(connection, record)
        rows.put_tags(connection, record.id, tags)
        if made is not None:
            material = new_keys.material(
                record.id,
                spec,
                made,
                seq=0,
                now=call.now,
                root=root,
                entropy=call.entropy,
            )
            rows.insert_material(connection, material)
        return {"KeyMetadata": metadata(call, connection, record)}


def describe_key(call: Call, params: Params) -> Params:
    """DescribeKey."""
    with call.reading() as connection:
        key = call.key(connection, params["KeyId"])
        return {"KeyMetadata": metadata(call, connection, key)}


def list_keys(call: Call, params: Params) -> Params:
    """ListKeys. Nothing is shared with a local store, so other accounts' keys are an empty list."""
    owners = params.get("ResourceOwners", ["SELF"])

    def fetch(after: str, count: int) -> list[str]:
        return rows.key_ids(connection, after, count) if "SELF" in owners else []

    with call.reading() as connection:
        ids, more = page(
            params, "ListKeys", default=100, maximum=1000, fetch=fetch, name=lambda key_id: key_id
        )
    keys = [{"KeyId": key_id, "KeyArn": arns.key_arn(call.region, key_id)} for key_id in ids]
    return {"Keys": keys, **more}


def update_key_description(call: Call, params: Params) -> None:
    """UpdateKeyDescription."""
    with call.writing() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        call.require_not(key, "PendingDeletion")
        rows.update_key(connection, replace(key, description=params["Description"]))


def metadata(call: Call, connection: sqlite3.Connection, key: KeyRecord) -> Params:
    """The KeyMetadata of an answer."""
    out: Params = {
        "AWSAccountId": arns.ACCOUNT,
        "KeyId": key.id,
        "Arn": call.arn(key),
        "CreationDate": to_seconds(key.created),
        "Enabled": key.state == "Enabled",
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": key.state,
        "Origin": key.origin,
        "KeyManager": "CUSTOMER",
        "KeySpec": key.spec,
        "MultiRegion": key.multi_region,
        ALGORITHMS_FIELD[key.usage]: list(SPECS[key.spec].usages[key.usage]),
    }
    if key.spec != "ECC_NIST_EDWARDS25519":
        # The deprecated member stopped growing before Ed25519 came.
        out["CustomerMasterKeySpec"] = key.spec
    if key.deletion_date is not None:
        out["DeletionDate"] = to_seconds(key.deletion_date)
    if key.multi_region:
        out["MultiRegionConfiguration"] = {
            "MultiRegionKeyType": "PRIMARY",
            "PrimaryKey": {"Arn": call.arn(key), "Region": call.region},
            "ReplicaKeys": [],
        }
    material = rows.current_material(connection, key.id)
    if material is None:
        return out
    if key.is_symmetric:
        out["CurrentKeyMaterialId"] = material.id
    if key.origin == "EXTERNAL" and material.wrapped is not None:
        expires = material.valid_to is not None
        out["ExpirationModel"] = f"KEY_MATERIAL_{'EXPIRES' if expires else 'DOES_NOT_EXPIRE'}"
        if material.valid_to is not None:
            out["ValidTo"] = to_seconds(material.valid_to)
    return out


def _spec_and_usage(params: Params) -> tuple[str, str]:
    if "KeySpec" in params and "CustomerMasterKeySpec" in params:
        raise invalid(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request."
            " CustomerMasterKeySpec is deprecated."
        )
    spec = params.get("KeySpec") or params.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    if spec not in SPECS:
        raise unsupported(f"The local KMS has no keys of spec {spec}.")
    usage = params.get("KeyUsage")
    if usage is None:
        if spec != "SYMMETRIC_DEFAULT":
            raise invalid(
                "You must specify a KeyUsage value for all KMS keys except for symmetric"
                " encryption keys."
            )
        usage = "ENCRYPT_DECRYPT"
    if usage not in SPECS[spec].usages:
        raise invalid(f"KeyUsage {usage} is not compatible with KeySpec {spec}")
    return spec, usage


def _check_origin(params: Params, origin: str) -> None:
    if "CustomKeyStoreId" in params:
        raise Fault("CustomKeyStoreNotFoundException")
    if "XksKeyId" in params and origin != "EXTERNAL_KEY_STORE":
        raise invalid(f"XksKeyId is not valid with Origin {origin}")
    if origin in {"AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"}:
        raise invalid(f"Origin {origin} needs a CustomKeyStoreId")
