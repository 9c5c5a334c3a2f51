"""Changing aliases: the names that calls use for a key.

A change shows after some seconds, and until then calls may use the key before it. Envelopes hold
the ARN of the key itself, so moving or deleting an alias makes none unreadable.
"""

from __future__ import annotations

from typing import Final

from sealscope.kms.facade import KmsGate

PREFIX: Final = "alias/"


def full_alias(name: str) -> str:
    """An alias with its prefix, whether it was given with it or without."""
    return name if name.startswith(PREFIX) else PREFIX + name


def create_alias(gate: KmsGate, alias: str, key_id: str) -> None:
    """CreateAlias (needs kms:CreateAlias on the alias and on the key).

    Args:
        gate: the KMS gate.
        alias: with or without the prefix "alias/".
        key_id: id or ARN of a key of the connection's account and region.

    Raises:
        ReadOnly: the connection is read-only.
        AlreadyExists: the alias is taken.
        InvalidRequest: it is no name for an alias, or the key has 50 already.
        KmsError: KMS refused.
    """
    gate.call("CreateAlias", AliasName=full_alias(alias), TargetKeyId=key_id)


def retarget_alias(gate: KmsGate, alias: str, key_id: str) -> None:
    """UpdateAlias: let an alias name another key of the same usage and kind.

    Needs kms:UpdateAlias on the alias, on the key it named, and on the one it is to name.

    Raises:
        ReadOnly: the connection is read-only.
        KeyNotFound: there is no such alias, or no such key.
        KmsError: KMS refused.
    """
    gate.call("UpdateAlias", AliasName=full_alias(alias), TargetKeyId=key_id)


def delete_alias(gate: KmsGate, alias: str, *, region: str | None = None) -> None:
    """DeleteAlias; the key stays (needs kms:DeleteAlias on the alias and on its key).

    Args:
        gate: the KMS gate.
        alias: with or without the prefix "alias/".
        region: where the alias is; the connection's own by default.

    Raises:
        ReadOnly: the connection is read-only.
        KeyNotFound: there is no such alias.
        KmsError: KMS refused.
    """
    gate.call("DeleteAlias", in_region=region, AliasName=full_alias(alias))
