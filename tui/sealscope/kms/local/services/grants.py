"""CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant.

Grants are kept and shown, not enforced: everyone who can open the store may use its keys.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import sqlite3
from typing import Any, Final

from sealscope.kms.local import arns
from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.faults import Fault, dry_run, invalid, not_found
from sealscope.kms.local.paging import page
from sealscope.kms.local.records import GrantRecord, KeyRecord, damaged, to_seconds

_TOKEN_MAGIC: Final = b"LKMG\x01"
_PRINCIPAL = re.compile(
    r"arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:(root|(user|role|federated-user|assumed-role)/.+)"
)
_MAX_PAIRS: Final = 8
_MAX_VALUE: Final = 384
_ALWAYS: Final = frozenset({"CreateGrant", "RetireGrant", "DescribeKey"})
_BY_USAGE: Final = {
    "ENCRYPT_DECRYPT": frozenset({"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"}),
    "SIGN_VERIFY": frozenset({"Sign", "Verify"}),
    "GENERATE_VERIFY_MAC": frozenset({"GenerateMac", "VerifyMac"}),
    "KEY_AGREEMENT": frozenset({"DeriveSharedSecret"}),
}
_SYMMETRIC: Final = frozenset(
    {
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
    }
)
_BODY: Final = (
    "Operations",
    "Constraints",
    "GranteePrincipal",
    "GranteeServicePrincipal",
    "RetiringPrincipal",
    "RetiringServicePrincipal",
)


def create_grant(call: Call, params: Params) -> Params:
    """CreateGrant; with a Name, the same request gives the same grant again."""
    _check_principals(params)
    body = {name: params[name] for name in _BODY if name in params}
    body_text = json.dumps(body, sort_keys=True)
    with call.writing() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        _check_operations(key, params)
        call.require_enabled(key)
        if params.get("DryRun"):
            dry_run()
        grant_id = _same_grant(connection, key, params.get("Name"), body_text)
        if grant_id is None:
            grant_id = call.entropy(32).hex()
            connection.execute(
                "INSERT INTO grant_ VALUES (?,?,?,?,?,?,?)",
                (
                    grant_id,
                    key.id,
                    params.get("Name"),
                    call.now,
                    params.get("GranteePrincipal") or params.get("GranteeServicePrincipal"),
                    params.get("RetiringPrincipal") or params.get("RetiringServicePrincipal"),
                    body_text,
                ),
            )
    token = _TOKEN_MAGIC + bytes.fromhex(grant_id) + call.entropy(16)
    return {"GrantId": grant_id, "GrantToken": base64.urlsafe_b64encode(token).decode()}


def list_grants(call: Call, params: Params) -> Params:
    """ListGrants, of one key."""
    grantee = params.get("GranteePrincipal") or params.get("GranteeServicePrincipal")
    with call.reading() as connection:
        key = call.key_by_id(connection, params["KeyId"])

        def fetch(after: str, count: int) -> list[sqlite3.Row]:
            return connection.execute(
                "SELECT * FROM grant_ WHERE key_id = :key AND id > :after"
                " AND (:id IS NULL OR id = :id) AND (:grantee IS NULL OR grantee = :grantee)"
                " ORDER BY id LIMIT :count",
                {
                    "key": key.id,
                    "after": after,
                    "id": params.get("GrantId"),
                    "grantee": grantee,
                    "count": count,
                },
            ).fetchall()

        return _grants_page(call, params, f"ListGrants {key.id}", fetch)


def list_retirable_grants(call: Call, params: Params) -> Params:
    """ListRetirableGrants, of all keys."""
    retiring = _only_one(params, "RetiringPrincipal", "RetiringServicePrincipal")
    with call.reading() as connection:

        def fetch(after: str, count: int) -> list[sqlite3.Row]:
            return connection.execute(
                "SELECT * FROM grant_ WHERE retiring = ? AND id > ? ORDER BY id LIMIT ?",
                (retiring, after, count),
            ).fetchall()

        return _grants_page(call, params, f"ListRetirableGrants {retiring}", fetch)


def revoke_grant(call: Call, params: Params) -> None:
    """RevokeGrant."""
    with call.writing() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        _delete(connection, key.id, params["GrantId"], dry=params.get("DryRun", False))


def retire_grant(call: Call, params: Params) -> None:
    """RetireGrant, by its token, or by its id and its key's ARN."""
    if "GrantToken" in params:
        if "KeyId" in params or "GrantId" in params:
            raise invalid("Give either a grant token, or a grant id and a key ARN.")
        grant_id = token_grant(params["GrantToken"])
        with call.writing() as connection:
            _delete(connection, None, grant_id, dry=params.get("DryRun", False))
        return
    if "KeyId" not in params or "GrantId" not in params:
        raise invalid("Give either a grant token, or a grant id and a key ARN.")
    revoke_grant(call, params)


def token_grant(token: str) -> str:
    """The id of the grant that a token belongs to.

    Raises:
        Fault: InvalidGrantTokenException.
    """
    try:
        data = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Fault("InvalidGrantTokenException") from error
    if not data.startswith(_TOKEN_MAGIC) or len(data) != len(_TOKEN_MAGIC) + 48:
        raise Fault("InvalidGrantTokenException")
    return data[len(_TOKEN_MAGIC) :][:32].hex()


def _delete(
    connection: sqlite3.Connection, key_id: str | None, grant_id: str, *, dry: bool
) -> None:
    found = connection.execute(
        "DELETE FROM grant_ WHERE id = :id AND (:key IS NULL OR key_id = :key)",
        {"id": grant_id, "key": key_id},
    ).rowcount
    if not found:
        raise not_found(f"Grant ID {grant_id} not found")
    if dry:
        # The refusal takes the transaction back.
        dry_run()


def _grants_page(call: Call, params: Params, scope: str, fetch: Any) -> Params:
    found, more = page(
        params, scope, default=50, maximum=100, fetch=fetch, name=lambda row: str(row["id"])
    )
    return {"Grants": [_entry(call, GrantRecord.of(row)) for row in found], **more}


def _entry(call: Call, grant: GrantRecord) -> Params:
    try:
        body = json.loads(grant.body)
    except ValueError as error:
        raise damaged(f"grant {grant.id}: {error}") from error
    if not isinstance(body, dict) or not body.keys() <= set(_BODY):
        raise damaged(f"grant {grant.id}: what it allows")
    return {
        "KeyId": arns.key_arn(call.region, grant.key_id),
        "GrantId": grant.id,
        "Name": grant.name or "",
        "CreationDate": to_seconds(grant.created),
        "IssuingAccount": f"arn:aws:iam::{arns.ACCOUNT}:root",
        **body,
    }


def _same_grant(
    connection: sqlite3.Connection, key: KeyRecord, name: str | None, body: str
) -> str | None:
    if name is None:
        return None
    row = connection.execute(
        "SELECT id FROM grant_ WHERE key_id = ? AND name = ? AND body = ?", (key.id, name, body)
    ).fetchone()
    return str(row["id"]) if row else None


def _check_principals(params: Params) -> None:
    _only_one(params, "GranteePrincipal", "GranteeServicePrincipal")
    if "RetiringPrincipal" in params and "RetiringServicePrincipal" in params:
        raise invalid("Give either RetiringPrincipal or RetiringServicePrincipal, not both.")
    for name in ("GranteePrincipal", "RetiringPrincipal"):
        if name in params and not _PRINCIPAL.fullmatch(params[name]):
            raise Fault("InvalidArnException", f"{name} is not the ARN of a principal")
    if "GranteeServicePrincipal" in params:
        if "SourceArn" not in params.get("Constraints", {}):
            raise invalid("GranteeServicePrincipal needs the constraint SourceArn.")
        _only_one(params, "RetiringPrincipal", "RetiringServicePrincipal")


def _check_operations(key: KeyRecord, params: Params) -> None:
    allowed = _ALWAYS | _BY_USAGE[key.usage]
    if key.is_symmetric:
        allowed |= _SYMMETRIC
    elif key.usage != "GENERATE_VERIFY_MAC":
        allowed |= {"GetPublicKey"}
    wrong = sorted(set(params["Operations"]) - allowed)
    if wrong:
        raise invalid(f"Grant operations not valid for key spec {key.spec}: {', '.join(wrong)}")
    constraints = params.get("Constraints", {})
    for name in ("EncryptionContextEquals", "EncryptionContextSubset"):
        if name in constraints:
            _check_context(key, name, constraints[name])


def _check_context(key: KeyRecord, name: str, pairs: dict[str, str]) -> None:
    if not key.is_symmetric:
        raise invalid("Encryption context constraints need a symmetric encryption key.")
    if len(pairs) > _MAX_PAIRS or any(len(value) > _MAX_VALUE for value in pairs.values()):
        raise invalid(
            f"{name} takes at most {_MAX_PAIRS} pairs with values of at most {_MAX_VALUE}"
            " characters."
        )


def _only_one(params: Params, first: str, second: str) -> str:
    if (first in params) == (second in params):
        raise invalid(f"Give either {first} or {second}.")
    value: str = params.get(first) or params[second]
    return value
