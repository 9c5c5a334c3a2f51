"""A key's grants: who was lent which operations, and under which constraints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sealscope.kms.answers import member, odd, optional, text, texts
from sealscope.kms.facade import KmsGate

GRANTS_PER_PAGE: Final = 100  # ListGrants allows 1 to 100


@dataclass(frozen=True)
class Grant:
    """One entry of ListGrants.

    Attributes:
        name: empty when it was made without one.
        grantee: the principal, or the service, that may use the key.
        retiring: who may give the grant back; empty when nobody but its maker may.
        issuing_account: the principal under which it was made.
        operations: Decrypt, GenerateDataKey, CreateGrant, ...
        context_subset: pairs that a call's encryption context must have among others.
        context_equals: the whole encryption context that a call must have.
        source_arn: the resource on whose behalf the call must be made; empty for any.
    """

    grant_id: str
    name: str
    created: datetime | None
    grantee: str
    retiring: str
    issuing_account: str
    operations: tuple[str, ...]
    context_subset: tuple[tuple[str, str], ...]
    context_equals: tuple[tuple[str, str], ...]
    source_arn: str


def grant_pages(gate: KmsGate, key_id: str) -> Iterator[tuple[Grant, ...]]:
    """ListGrants to the end, a page at a time (needs kms:ListGrants).

    A key may have 50,000 grants, and KMS answers 100 of these calls a second.

    Args:
        gate: the KMS gate.
        key_id: id or ARN of the key.

    Raises:
        KmsError: KMS refused.
    """
    for answer in gate.pages("ListGrants", GRANTS_PER_PAGE, KeyId=key_id):
        yield tuple(grant_from(entry) for entry in member(answer, "Grants", list))


def grants_of(gate: KmsGate, key_id: str) -> tuple[Grant, ...]:
    """All grants of a key; see `grant_pages`.

    Raises:
        KmsError: KMS refused.
    """
    return tuple(grant for page in grant_pages(gate, key_id) for grant in page)


def grant_from(answer: object) -> Grant:
    """One entry of ListGrants.

    Raises:
        KmsError: it is none.
    """
    constraints = optional(answer, "Constraints", dict) or {}
    return Grant(
        grant_id=member(answer, "GrantId", str),
        name=text(answer, "Name"),
        created=optional(answer, "CreationDate", datetime),
        grantee=text(answer, "GranteePrincipal") or text(answer, "GranteeServicePrincipal"),
        retiring=text(answer, "RetiringPrincipal") or text(answer, "RetiringServicePrincipal"),
        issuing_account=text(answer, "IssuingAccount"),
        operations=texts(answer, "Operations"),
        context_subset=_pairs(constraints, "EncryptionContextSubset"),
        context_equals=_pairs(constraints, "EncryptionContextEquals"),
        source_arn=text(constraints, "SourceArn"),
    )


def _pairs(constraints: object, name: str) -> tuple[tuple[str, str], ...]:
    pairs = optional(constraints, name, dict) or {}
    if not all(isinstance(part, str) for pair in pairs.items() for part in pair):
        raise odd(name)
    return tuple(pairs.items())
