"""Grants: made, listed, retired and revoked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.kms.probe.lab import Key, Lab, answer_or_error, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api


def _grant(lab: Lab, key: Key, **settings: Any) -> dict[str, Any]:
    request = {"GranteePrincipal": lab.root, "Operations": ["Decrypt"]} | settings
    answer: dict[str, Any] = lab.kms.create_grant(KeyId=key.id, **request)
    return answer


def _ids(lab: Lab, key: Key, **settings: Any) -> list[str]:
    grants = lab.kms.list_grants(KeyId=key.id, **settings)["Grants"]
    return [grant["GrantId"] for grant in grants]


@probe(source=api("CreateGrant", "response; RevokeGrant, Grant ID example"))
def a_grant(lab: Lab) -> None:
    """CreateGrant answers an id of 64 hexadecimal digits and a token."""
    answer = _grant(lab, lab.new_key())
    assert len(answer["GrantId"]) == 64
    int(answer["GrantId"], 16)
    assert answer["GrantToken"]


@probe(source=api("ListGrants", "GrantListEntry"))
def a_listed_grant(lab: Lab) -> None:
    """A listed grant has the key's ARN, its maker's account, its date and what it was made with."""
    key = lab.new_key()
    constraints = {"EncryptionContextSubset": {"team": "blue"}}
    made = _grant(
        lab,
        key,
        Operations=["Decrypt", "GenerateDataKey"],
        RetiringPrincipal=lab.root,
        Constraints=constraints,
        Name="for-the-probe",
    )
    (grant,) = lab.kms.list_grants(KeyId=key.id)["Grants"]
    assert grant["KeyId"] == key.arn
    assert grant["GrantId"] == made["GrantId"]
    assert grant["Name"] == "for-the-probe"
    assert grant["GranteePrincipal"] == lab.root
    assert grant["RetiringPrincipal"] == lab.root
    assert grant["IssuingAccount"] == lab.root
    assert set(grant["Operations"]) == {"Decrypt", "GenerateDataKey"}
    assert grant["Constraints"] == constraints
    assert abs(datetime.now(UTC) - grant["CreationDate"]) < timedelta(minutes=5)


@probe(source=api("CreateGrant", "Name: when absent, a new grant each time"))
def nameless_grants_add_up(lab: Lab) -> None:
    """Without a name every CreateGrant makes another grant."""
    key = lab.new_key()
    made = {_grant(lab, key)["GrantId"] for _ in range(2)}
    assert set(_ids(lab, key)) == made
    assert len(made) == 2


@probe(source=api("CreateGrant", "Name: the original GrantId is returned"))
def a_named_grant_is_made_once(lab: Lab) -> None:
    """With a name and identical parameters CreateGrant answers the grant that is there."""
    key = lab.new_key()
    first, second = (_grant(lab, key, Name="once") for _ in range(2))
    assert first["GrantId"] == second["GrantId"]
    assert _ids(lab, key) == [first["GrantId"]]


@probe(source=api("CreateGrant", "Name: the returned grant token is unique"))
def tokens_of_a_grant_are_interchangeable(lab: Lab) -> None:
    """Each CreateGrant answers another token, and any of them retires the grant."""
    key = lab.new_key()
    first, second = (_grant(lab, key, Name="once") for _ in range(2))
    assert first["GrantToken"] != second["GrantToken"]
    lab.kms.retire_grant(GrantToken=first["GrantToken"])
    assert _ids(lab, key) == []


@probe(source=api("ListGrants", "GrantId"))
def grants_can_be_filtered_by_id(lab: Lab) -> None:
    """ListGrants with a GrantId lists that one."""
    key = lab.new_key()
    made = [_grant(lab, key)["GrantId"] for _ in range(2)]
    assert _ids(lab, key, GrantId=made[1]) == [made[1]]


@probe(source=api("ListGrants", "GranteePrincipal"))
def grants_can_be_filtered_by_grantee(lab: Lab) -> None:
    """ListGrants with a GranteePrincipal lists that principal's grants."""
    key = lab.new_key()
    made = _grant(lab, key)["GrantId"]
    assert _ids(lab, key, GranteePrincipal=lab.root) == [made]
    nobody = f"arn:aws:iam::{lab.account}:role/sealscope-probe-nobody"
    assert _ids(lab, key, GranteePrincipal=nobody) == []


@probe(source=api("ListRetirableGrants", "RetiringPrincipal"))
def retirable_grants(lab: Lab) -> None:
    """ListRetirableGrants lists grants by their retiring principal, of any key."""
    key = lab.new_key()
    made = _grant(lab, key, RetiringPrincipal=lab.root)["GrantId"]
    other = _grant(lab, key)["GrantId"]
    pages = lab.kms.get_paginator("list_retirable_grants").paginate(RetiringPrincipal=lab.root)
    ids = {grant["GrantId"] for page in pages for grant in page["Grants"]}
    assert made in ids
    assert other not in ids


@probe(source=api("RetireGrant", "description: both the grant ID and a key identifier"))
def a_grant_is_retired_by_key_and_id(lab: Lab) -> None:
    """RetireGrant takes the key's ARN together with the grant's id."""
    key = lab.new_key()
    made = _grant(lab, key)["GrantId"]
    lab.kms.retire_grant(KeyId=key.arn, GrantId=made)
    assert _ids(lab, key) == []


@probe(source=api("RetireGrant", "description: a grant token, or grant ID and key"))
def retiring_needs_a_grant(lab: Lab) -> None:
    """RetireGrant without token, or with only half of the pair, is refused."""
    key = lab.new_key()
    made = _grant(lab, key)["GrantId"]
    for request in ({}, {"KeyId": key.arn}, {"GrantId": made}):
        with refused():
            lab.kms.retire_grant(**request)
    assert _ids(lab, key) == [made]


@probe(source=api("RetireGrant", "Errors: InvalidGrantTokenException"), safe=True)
def a_token_must_be_one(lab: Lab) -> None:
    """RetireGrant with a token that KMS did not make is InvalidGrantTokenException."""
    with refused("InvalidGrantTokenException"):
        lab.kms.retire_grant(GrantToken="no token of KMS")


@probe(source=api("RevokeGrant", "description"))
def a_grant_is_revoked(lab: Lab) -> None:
    """RevokeGrant deletes the grant, by the key's id or ARN; the others stay."""
    key = lab.new_key()
    made = [_grant(lab, key)["GrantId"] for _ in range(3)]
    lab.kms.revoke_grant(KeyId=key.id, GrantId=made[0])
    lab.kms.revoke_grant(KeyId=key.arn, GrantId=made[1])
    assert _ids(lab, key) == [made[2]]


@probe(source=api("RevokeGrant", "Errors: NotFoundException, InvalidGrantIdException"))
def an_unknown_grant(lab: Lab) -> None:
    """RevokeGrant of a grant that does not exist, or is another key's, is refused."""
    key, other = lab.new_key(), lab.new_key()
    made = _grant(lab, other)["GrantId"]
    for grant_id in ("0" * 64, made):
        with refused("NotFoundException", "InvalidGrantIdException"):
            lab.kms.revoke_grant(KeyId=key.id, GrantId=grant_id)
    assert _ids(lab, other) == [made]


@probe(source=api("CreateGrant", "Operations: must be supported on the KMS key"))
def a_grant_fits_its_key(lab: Lab) -> None:
    """A grant of an operation that the key does not have is a validation error."""
    for key, operation in (
        (lab.new_key(), "Sign"),
        (lab.new_key(), "GenerateMac"),
        (lab.new_key("ECC_NIST_P256"), "GenerateDataKey"),
    ):
        with refused("ValidationException", "ValidationError"):
            _grant(lab, key, Operations=[operation])
        assert _ids(lab, key) == []


@probe(source=api("CreateGrant", "Operations: valid values"))
def a_grant_permits_known_operations(lab: Lab) -> None:
    """An operation that does not exist, or none that a grant can permit, is ValidationException."""
    for operation in ("Dance", "ScheduleKeyDeletion"):
        with refused("ValidationException"):
            _grant(lab, lab.key(), Operations=[operation])


@probe(source=api("CreateGrant", "GranteePrincipal or GranteeServicePrincipal"))
def a_grant_needs_a_grantee(lab: Lab) -> None:
    """CreateGrant without a grantee is ValidationException."""
    with refused("ValidationException"):
        lab.kms.create_grant(KeyId=lab.key().id, Operations=["Decrypt"])


@probe(source=api("CreateGrant", "Errors: NotFoundException"), safe=True)
def grants_need_a_key(lab: Lab) -> None:
    """CreateGrant, ListGrants and RevokeGrant of a key that does not exist: NotFoundException."""
    nobody = "00000000-1111-4222-8333-444444444444"
    for method, settings in (
        ("create_grant", {"GranteePrincipal": lab.root, "Operations": ["Decrypt"]}),
        ("list_grants", {}),
        ("revoke_grant", {"GrantId": "0" * 64}),
    ):
        with refused("NotFoundException"):
            getattr(lab.kms, method)(KeyId=nobody, **settings)


@probe(source=api("CreateGrant", "Constraints: up to 8 encryption context pairs"))
def a_constraint_has_at_most_8_pairs(lab: Lab) -> None:
    """A grant constraint takes 8 encryption context pairs; 9 are refused."""
    key = lab.new_key()
    pairs = {f"name{number}": "value" for number in range(9)}
    with refused():
        _grant(lab, key, Constraints={"EncryptionContextEquals": pairs})
    del pairs["name0"]
    made = _grant(lab, key, Constraints={"EncryptionContextEquals": pairs})["GrantId"]
    assert _ids(lab, key) == [made]


@probe(source=api("CreateGrant", "Constraints: values of at most 384 characters"))
def a_constraint_has_short_values(lab: Lab) -> None:
    """An encryption context value of more than 384 characters in a constraint is refused."""
    key = lab.new_key()
    with refused():
        _grant(lab, key, Constraints={"EncryptionContextSubset": {"a": "v" * 385}})
    assert _ids(lab, key) == []


@probe(source=api("CreateGrant", "Constraints: not with asymmetric or HMAC KMS keys"))
def a_constraint_on_contexts_needs_a_symmetric_key(lab: Lab) -> None:
    """An encryption context constraint on a grant of an HMAC key is refused."""
    with refused():
        _grant(
            lab,
            lab.key("HMAC_256"),
            Operations=["GenerateMac"],
            Constraints={"EncryptionContextEquals": {"a": "b"}},
        )


@probe(source=api("CreateGrant", "GranteePrincipal or GranteeServicePrincipal, not both"))
def a_grant_has_one_grantee(lab: Lab) -> None:
    """CreateGrant with a grantee principal and a grantee service principal is refused."""
    with refused():
        _grant(lab, lab.key(), GranteeServicePrincipal="ec2.us-east-1.amazonaws.com")


@probe(source=api("CreateGrant", "Name: pattern"))
def a_grant_name_has_few_characters(lab: Lab) -> None:
    """A grant name with other characters than letters, digits and :/_- is ValidationException."""
    with refused("ValidationException", saying="at 'name'"):
        _grant(lab, lab.key(), Name="with space")


@probe(source=api("CreateGrant", "Name: identical parameters"))
def a_name_with_other_parameters_is_another_grant(lab: Lab) -> None:
    """The same name with other operations is no retry: it makes another grant or is refused."""
    key = lab.new_key()
    first = _grant(lab, key, Name="mine")["GrantId"]
    second = answer_or_error(
        lab.kms.create_grant,
        KeyId=key.id,
        GranteePrincipal=lab.root,
        Operations=["Encrypt"],
        Name="mine",
    )
    assert second.get("GrantId") != first
