"""Key states x operations: the developer guide's table, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from tests.kms.probe.lab import Key, Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, key_states
from tests.kms.probe.states_of_keys import disabled, pending_deletion, pending_import

Call = Callable[[Lab, Key, Mapping[str, Any]], object]

DIGEST: Final = bytes(32)


@dataclass(frozen=True)
class Row:
    """A row of the table: an operation, and what each state does to it.

    `disabled`, `importing` and `deleting` hold the number of the table's note that tells the
    refusal, "ok" where the operation succeeds, or "" where the table is silent or conditional.
    """

    operation: str
    call: Call
    disabled: str
    importing: str
    deleting: str
    spec: str = "SYMMETRIC_DEFAULT"
    in_table: bool = True


# The notes of the table: the codes that answer, and what the message says after the key's ARN.
NOTES: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "[1]": (("DisabledException",), "is disabled."),
    "[2] or [3]": (("DisabledException", "KMSInvalidStateException"), "is pending deletion."),
    "[3]": (("KMSInvalidStateException",), "is pending deletion."),
    "[4]": (("KMSInvalidStateException",), "is not pending deletion."),
    "[5]": (("KMSInvalidStateException",), "is pending import."),
    "[6]": (
        ("UnsupportedOperationException",),
        "origin is EXTERNAL which is not valid for this operation.",
    ),
    "[9]": (("UnsupportedOperationException",), ""),
}


def _call(method: str, **fixed: Any) -> Call:
    def call(lab: Lab, key: Key, prepared: Mapping[str, Any]) -> object:
        return getattr(lab.kms, method)(KeyId=key.id, **fixed, **prepared)

    return call


def _decrypt(lab: Lab, key: Key, prepared: Mapping[str, Any]) -> object:
    return lab.kms.decrypt(KeyId=key.id, CiphertextBlob=prepared.get("CiphertextBlob", b"\0" * 99))


def _re_encrypt_to(lab: Lab, key: Key, prepared: Mapping[str, Any]) -> object:
    source = lab.key()
    blob = lab.kms.encrypt(KeyId=source.id, Plaintext=b"moved")["CiphertextBlob"]
    return lab.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=key.id)


def _re_encrypt_from(lab: Lab, key: Key, prepared: Mapping[str, Any]) -> object:
    return lab.kms.re_encrypt(
        CiphertextBlob=prepared["CiphertextBlob"],
        SourceKeyId=key.id,
        DestinationKeyId=lab.key().id,
    )


def _create_alias(lab: Lab, key: Key, prepared: Mapping[str, Any]) -> object:
    return lab.new_alias(key)


def _update_alias_to(lab: Lab, key: Key, prepared: Mapping[str, Any]) -> object:
    alias = lab.new_alias(lab.key())
    return lab.kms.update_alias(AliasName=alias, TargetKeyId=key.id)


def _create_grant(lab: Lab, key: Key, prepared: Mapping[str, Any]) -> object:
    return lab.kms.create_grant(KeyId=key.id, GranteePrincipal=lab.root, Operations=["DescribeKey"])


def _put_key_policy(lab: Lab, key: Key, prepared: Mapping[str, Any]) -> object:
    policy = lab.kms.get_key_policy(KeyId=key.id, PolicyName="default")["Policy"]
    return lab.kms.put_key_policy(KeyId=key.id, PolicyName="default", Policy=policy)


def _get_parameters(lab: Lab, key: Key, prepared: Mapping[str, Any]) -> object:
    return lab.kms.get_parameters_for_import(
        KeyId=key.id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )


_SIGN: Final = {
    "MessageType": "DIGEST",
    "SigningAlgorithm": "ECDSA_SHA_256",
    "Message": DIGEST,
}

TABLE: Final = (
    Row("CancelKeyDeletion", _call("cancel_key_deletion"), "[4]", "[4]", "ok"),
    Row("CreateAlias", _create_alias, "ok", "ok", "[3]"),
    Row("CreateGrant", _create_grant, "[1]", "[5]", "[2] or [3]"),
    Row("Decrypt", _decrypt, "[1]", "", "[2] or [3]"),
    Row("DescribeKey", _call("describe_key"), "ok", "ok", "ok"),
    Row("DeleteImportedKeyMaterial", _call("delete_imported_key_material"), "[9]", "", "[9]"),
    Row("DisableKey", _call("disable_key"), "ok", "[5]", "[3]"),
    Row("DisableKeyRotation", _call("disable_key_rotation"), "[1]", "[6]", "[3]"),
    Row("EnableKey", _call("enable_key"), "ok", "[5]", "[3]"),
    Row("EnableKeyRotation", _call("enable_key_rotation"), "[1]", "[6]", "[3]"),
    Row("Encrypt", _call("encrypt", Plaintext=b"x"), "[1]", "[5]", "[2] or [3]"),
    Row(
        "GenerateDataKey", _call("generate_data_key", KeySpec="AES_256"), "[1]", "[5]", "[2] or [3]"
    ),
    Row(
        "GenerateDataKeyWithoutPlaintext",
        _call("generate_data_key_without_plaintext", KeySpec="AES_256"),
        "[1]",
        "[5]",
        "[2] or [3]",
    ),
    Row(
        "GenerateDataKeyPair",
        _call("generate_data_key_pair", KeyPairSpec="ECC_NIST_P256"),
        "[1]",
        "[5]",
        "[2] or [3]",
    ),
    Row(
        "GenerateDataKeyPairWithoutPlaintext",
        _call("generate_data_key_pair_without_plaintext", KeyPairSpec="ECC_NIST_P256"),
        "[1]",
        "[5]",
        "[2] or [3]",
    ),
    Row("GetKeyPolicy", _call("get_key_policy"), "ok", "ok", "ok"),
    Row("GetKeyRotationStatus", _call("get_key_rotation_status"), "ok", "", "ok"),
    Row("GetParametersForImport", _get_parameters, "[9]", "ok", "[9]"),
    Row("GetPublicKey", _call("get_public_key"), "[1]", "", "[2] or [3]", spec="ECC_NIST_P256"),
    Row("ListAliases", _call("list_aliases"), "ok", "ok", "ok"),
    Row("ListGrants", _call("list_grants"), "ok", "ok", "ok"),
    Row("ListKeyPolicies", _call("list_key_policies"), "ok", "ok", "ok"),
    Row("ListResourceTags", _call("list_resource_tags"), "ok", "ok", "ok"),
    Row("PutKeyPolicy", _put_key_policy, "ok", "ok", "ok"),
    Row("ReEncrypt from it", _re_encrypt_from, "[1]", "", "[2] or [3]"),
    Row("ReEncrypt to it", _re_encrypt_to, "[1]", "[5]", "[2] or [3]"),
    Row("ScheduleKeyDeletion", _call("schedule_key_deletion"), "ok", "ok", "[3]"),
    Row("Sign", _call("sign", **_SIGN), "[1]", "", "[2] or [3]", spec="ECC_NIST_P256"),
    Row(
        "Verify",
        _call("verify", Signature=b"\x30\x06\x02\x01\x01\x02\x01\x01", **_SIGN),
        "[1]",
        "",
        "[2] or [3]",
        spec="ECC_NIST_P256",
    ),
    Row(
        "TagResource",
        _call("tag_resource", Tags=[{"TagKey": "a", "TagValue": "b"}]),
        "ok",
        "ok",
        "[3]",
    ),
    Row("UntagResource", _call("untag_resource", TagKeys=["a"]), "ok", "ok", "[3]"),
    Row("UpdateAlias to it", _update_alias_to, "ok", "ok", "[3]"),
    Row(
        "UpdateKeyDescription", _call("update_key_description", Description="d"), "ok", "ok", "[3]"
    ),
    Row(
        "GenerateMac",
        _call("generate_mac", Message=b"m", MacAlgorithm="HMAC_SHA_256"),
        "[1]",
        "",
        "[2] or [3]",
        spec="HMAC_256",
        in_table=False,
    ),
    Row(
        "VerifyMac",
        _call("verify_mac", Message=b"m", MacAlgorithm="HMAC_SHA_256", Mac=bytes(32)),
        "[1]",
        "",
        "[2] or [3]",
        spec="HMAC_256",
        in_table=False,
    ),
    Row("RotateKeyOnDemand", _call("rotate_key_on_demand"), "[1]", "", "[3]", in_table=False),
)


def _prepare(lab: Lab, row: Row, key: Key) -> dict[str, Any]:
    """What the operation needs of the key before its state changes."""
    if row.call in (_decrypt, _re_encrypt_from):
        blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"sealed before")["CiphertextBlob"]
        return {"CiphertextBlob": blob}
    return {}


def _run(row: Row, state: str, expected: str, lab: Lab) -> None:
    if state == "PendingImport":
        key, prepared = pending_import(lab), {}
    else:
        key = lab.new_key(row.spec)
        prepared = _prepare(lab, row, key)
        (disabled if state == "Disabled" else pending_deletion)(lab, key)
    if expected == "ok":
        row.call(lab, key, prepared)
        return
    codes, message = NOTES[expected]
    with refused(*codes, saying=f"{key.arn} {message}" if message else ""):
        row.call(lab, key, prepared)


def _sentence(row: Row, state: str, expected: str) -> str:
    if expected == "ok":
        return f"{row.operation} works on a key that is {state}."
    codes, message = NOTES[expected]
    said = f", saying that the key {message[:-1]}" if message else ""
    return f"{row.operation} is refused on a key that is {state}: {' or '.join(codes)}{said}."


def _register() -> None:
    for row in TABLE:
        cells = {
            "Disabled": row.disabled,
            "PendingImport": row.importing,
            "PendingDeletion": row.deleting,
        }
        for state, expected in cells.items():
            if not expected:
                continue
            source = (
                key_states(f"{row.operation.split()[0]} {state}" + f" {expected}")
                if row.in_table
                else api(row.operation, "Errors")
            )
            run = partial(_run, row, state, expected)
            run.__module__ = __name__
            probe(
                source=source,
                states=_sentence(row, state, expected),
                name=f"{row.operation.replace(' ', '_')}_{state}",
            )(run)


_register()


@probe(source=key_states("CancelKeyDeletion Enabled [4]"))
def cancelling_what_was_never_scheduled(lab: Lab) -> None:
    """CancelKeyDeletion of an enabled key is refused: it is not pending deletion."""
    key = lab.key()
    with refused("KMSInvalidStateException", saying=f"{key.arn} is not pending deletion."):
        lab.kms.cancel_key_deletion(KeyId=key.id)


@probe(source=key_states("UpdateAlias PendingDeletion [10]"))
def an_alias_may_leave_a_key_pending_deletion(lab: Lab) -> None:
    """UpdateAlias succeeds when the key that the alias leaves is pending deletion."""
    key = lab.new_key()
    alias = lab.new_alias(key)
    pending_deletion(lab, key)
    lab.kms.update_alias(AliasName=alias, TargetKeyId=lab.key().id)
    assert lab.kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == lab.key().id


@probe(source=key_states("DeleteAlias, all states"))
def an_alias_of_a_key_pending_deletion_may_go(lab: Lab) -> None:
    """DeleteAlias succeeds when its key is pending deletion."""
    key = lab.new_key()
    alias = lab.new_alias(key)
    pending_deletion(lab, key)
    lab.kms.delete_alias(AliasName=alias)
    assert lab.aliases_of(key) == []


@probe(source=key_states("RetireGrant and RevokeGrant, all states"))
def grants_of_a_key_pending_deletion_may_go(lab: Lab) -> None:
    """RevokeGrant and RetireGrant succeed when the key is pending deletion."""
    key = lab.new_key()
    grants = [
        lab.kms.create_grant(KeyId=key.id, GranteePrincipal=lab.root, Operations=["Decrypt"])
        for _ in range(2)
    ]
    pending_deletion(lab, key)
    lab.kms.revoke_grant(KeyId=key.id, GrantId=grants[0]["GrantId"])
    lab.kms.retire_grant(GrantToken=grants[1]["GrantToken"])
    assert lab.kms.list_grants(KeyId=key.id)["Grants"] == []


@probe(source=api("DisableKey", "description"))
def disabling_is_temporary(lab: Lab) -> None:
    """EnableKey brings a disabled key back: what it sealed before opens again."""
    key = lab.new_key()
    blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"before")["CiphertextBlob"]
    disabled(lab, key)
    assert lab.describe(key)["KeyState"] == "Disabled"
    assert lab.describe(key)["Enabled"] is False
    lab.kms.enable_key(KeyId=key.id)
    assert lab.describe(key)["Enabled"] is True
    assert lab.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"before"


@probe(source=key_states("DisableKey Disabled, EnableKey Enabled"))
def a_state_may_be_set_twice(lab: Lab) -> None:
    """DisableKey of a disabled key and EnableKey of an enabled key succeed and change nothing."""
    key = lab.new_key()
    lab.kms.enable_key(KeyId=key.id)
    assert lab.describe(key)["KeyState"] == "Enabled"
    disabled(lab, disabled(lab, key))
    assert lab.describe(key)["KeyState"] == "Disabled"


@probe(source=api("DisableKey", "KeyId: key ID or key ARN"))
def a_key_may_be_disabled_by_its_arn(lab: Lab) -> None:
    """DisableKey and EnableKey take the key's ARN as well as its id."""
    key = lab.new_key()
    lab.kms.disable_key(KeyId=key.arn)
    assert lab.describe(key)["KeyState"] == "Disabled"
    lab.kms.enable_key(KeyId=key.arn)
    assert lab.describe(key)["KeyState"] == "Enabled"
