"""CreateAlias, UpdateAlias, DeleteAlias, ListAliases."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from sealscope.kms.local import arns, rows
from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.faults import Fault, invalid, not_found
from sealscope.kms.local.paging import page
from sealscope.kms.local.records import AliasRecord, to_seconds

MAX_ALIASES_OF_A_KEY: Final = 50
_NAME = re.compile(r"alias/[a-zA-Z0-9/_-]+")


def create_alias(call: Call, params: Params) -> None:
    """CreateAlias."""
    name = _checked_name(params["AliasName"])
    with call.writing() as connection:
        key = call.key_by_id(connection, params["TargetKeyId"])
        call.require_not(key, "PendingDeletion")
        if rows.alias(connection, name) is not None:
            raise Fault(
                "AlreadyExistsException",
                f"An alias with the name {arns.alias_arn(call.region, name)} already exists",
            )
        if len(rows.aliases(connection, key.id, "", MAX_ALIASES_OF_A_KEY)) >= MAX_ALIASES_OF_A_KEY:
            raise Fault("LimitExceededException", "The key has 50 aliases already")
        rows.insert_alias(connection, AliasRecord(name, key.id, call.now, call.now))


def update_alias(call: Call, params: Params) -> None:
    """UpdateAlias; the new key must be of the same type and usage as the old."""
    name = _checked_name(params["AliasName"])
    with call.writing() as connection:
        alias = rows.alias(connection, name)
        if alias is None:
            raise not_found(f"Alias {arns.alias_arn(call.region, name)} is not found.")
        key = call.key_by_id(connection, params["TargetKeyId"])
        call.require_not(key, "PendingDeletion")
        before = rows.key(connection, alias.key_id)
        if before is not None and (before.usage, before.is_symmetric) != (
            key.usage,
            key.is_symmetric,
        ):
            raise invalid(
                "The alias's current and new key must be both symmetric or both asymmetric or"
                " both HMAC keys, and have the same key usage."
            )
        fresh = replace(alias, key_id=key.id, updated=call.now)
        connection.execute(
            "UPDATE alias SET key_id = ?, updated = ? WHERE name = ?",
            (fresh.key_id, fresh.updated, fresh.name),
        )


def delete_alias(call: Call, params: Params) -> None:
    """DeleteAlias."""
    name = _checked_name(params["AliasName"])
    with call.writing() as connection:
        if not connection.execute("DELETE FROM alias WHERE name = ?", (name,)).rowcount:
            raise not_found(f"Alias {arns.alias_arn(call.region, name)} is not found.")


def list_aliases(call: Call, params: Params) -> Params:
    """ListAliases, of one key or of all. The local KMS has no `alias/aws/` ones."""
    with call.reading() as connection:
        key_id = None
        if "KeyId" in params:
            key_id = call.key_by_id(connection, params["KeyId"]).id

        def fetch(after: str, count: int) -> list[AliasRecord]:
            return rows.aliases(connection, key_id, after, count)

        found, more = page(
            params,
            f"ListAliases {key_id or ''}",
            default=50,
            maximum=100,
            fetch=fetch,
            name=lambda alias: alias.name,
        )
    aliases = [
        {
            "AliasName": alias.name,
            "AliasArn": arns.alias_arn(call.region, alias.name),
            "TargetKeyId": alias.key_id,
            "CreationDate": to_seconds(alias.created),
            "LastUpdatedDate": to_seconds(alias.updated),
        }
        for alias in found
    ]
    return {"Aliases": aliases, **more}


def _checked_name(name: str) -> str:
    if not name.startswith("alias/"):
        raise invalid(
            'Alias must start with the prefix "alias/". Please see'
            " https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
        )
    if name.startswith("alias/aws/"):
        raise Fault("NotAuthorizedException")
    if not _NAME.fullmatch(name):
        raise invalid(f"{name} contains invalid characters for an alias")
    return name
