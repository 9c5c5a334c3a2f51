"""Key policies."""

from __future__ import annotations

import json
from typing import Any

from tests.kms.probe.lab import Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, guide, recorded, reported


def _policy(lab: Lab, sid: str) -> dict[str, Any]:
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": lab.root},
        "Action": "kms:*",
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


@probe(source=recorded("test_replicate_key, ReplicaPolicy"))
def the_default_policy(lab: Lab) -> None:
    """A key made without a policy gets the default one: the account's root may do everything."""
    policy = json.loads(lab.kms.get_key_policy(KeyId=lab.key().id)["Policy"])
    assert policy["Version"] == "2012-10-17"
    assert policy["Id"] == "key-default-1"
    (statement,) = policy["Statement"]
    assert statement["Sid"] == "Enable IAM User Permissions"
    assert statement["Effect"] == "Allow"
    assert statement["Principal"] == {"AWS": lab.root}
    assert statement["Action"] == "kms:*"
    assert statement["Resource"] == "*"


@probe(source=api("GetKeyPolicy", "PolicyName: default"))
def a_policy_is_called_default(lab: Lab) -> None:
    """GetKeyPolicy answers the policy named default whether or not it is named."""
    named = lab.kms.get_key_policy(KeyId=lab.key().id, PolicyName="default")
    unnamed = lab.kms.get_key_policy(KeyId=lab.key().id)
    assert named["Policy"] == unnamed["Policy"]
    assert named["PolicyName"] == unnamed["PolicyName"] == "default"


@probe(source=api("GetKeyPolicy", "PolicyName: AWS_RAM; Errors: NotFoundException"))
def an_unshared_key_has_no_ram_policy(lab: Lab) -> None:
    """GetKeyPolicy of AWS_RAM, on a key that is not shared, is NotFoundException."""
    with refused("NotFoundException"):
        lab.kms.get_key_policy(KeyId=lab.key().id, PolicyName="AWS_RAM")


@probe(source=api("ListKeyPolicies", "description"))
def a_key_has_one_policy(lab: Lab) -> None:
    """ListKeyPolicies of a key that is not shared lists default alone."""
    answer = lab.kms.list_key_policies(KeyId=lab.key().id)
    assert answer["PolicyNames"] == ["default"]
    assert answer["Truncated"] is False


@probe(source=api("PutKeyPolicy", "description"))
def a_policy_may_change(lab: Lab) -> None:
    """PutKeyPolicy sets the policy that GetKeyPolicy answers, named or not."""
    key = lab.new_key()
    for sid, named in (("First", {}), ("Second", {"PolicyName": "default"})):
        policy = _policy(lab, sid)
        lab.kms.put_key_policy(KeyId=key.id, Policy=json.dumps(policy), **named)
        assert json.loads(lab.kms.get_key_policy(KeyId=key.id)["Policy"]) == policy


@probe(source=api("CreateKey", "Policy"))
def a_key_may_be_created_with_its_policy(lab: Lab) -> None:
    """CreateKey takes the policy that GetKeyPolicy then answers."""
    policy = _policy(lab, "FromTheStart")
    key = lab.new_key(Policy=json.dumps(policy))
    assert json.loads(lab.kms.get_key_policy(KeyId=key.id)["Policy"]) == policy


@probe(source=api("PutKeyPolicy", "Errors: MalformedPolicyDocumentException"))
def a_policy_must_be_a_policy(lab: Lab) -> None:
    """A policy that is none is MalformedPolicyDocumentException, and the old one stays."""
    key = lab.new_key()
    before = lab.kms.get_key_policy(KeyId=key.id)["Policy"]
    for policy in ("not JSON", "{", "[]", '"text"', '{"Version": "2012-10-17"}'):
        with refused("MalformedPolicyDocumentException"):
            lab.kms.put_key_policy(KeyId=key.id, Policy=policy)
    assert lab.kms.get_key_policy(KeyId=key.id)["Policy"] == before


@probe(source=api("CreateKey", "Errors: MalformedPolicyDocumentException"))
def a_key_is_not_created_with_a_broken_policy(lab: Lab) -> None:
    """CreateKey with a policy that is no JSON is MalformedPolicyDocumentException."""
    with refused("MalformedPolicyDocumentException"):
        lab.new_key(Policy="not JSON")


@probe(source=api("PutKeyPolicy", "PolicyName: AWS_RAM is refused with ValidationException"))
def the_ram_policy_is_not_ours(lab: Lab) -> None:
    """PutKeyPolicy of AWS_RAM is ValidationException."""
    with refused("ValidationException"):
        lab.kms.put_key_policy(
            KeyId=lab.new_key().id, PolicyName="AWS_RAM", Policy=json.dumps(_policy(lab, "No"))
        )


@probe(source=api("PutKeyPolicy", "PolicyName: you can set only the default key policy"))
def a_policy_has_no_other_name(lab: Lab) -> None:
    """PutKeyPolicy under any name but default is refused."""
    with refused():
        lab.kms.put_key_policy(
            KeyId=lab.new_key().id, PolicyName="mine", Policy=json.dumps(_policy(lab, "No"))
        )


@probe(source=api("GetKeyPolicy", "Errors: NotFoundException"), safe=True)
def no_unknown_key_has_a_policy(lab: Lab) -> None:
    """GetKeyPolicy and ListKeyPolicies of a key that does not exist are NotFoundException."""
    for method in ("get_key_policy", "list_key_policies"):
        with refused("NotFoundException"):
            getattr(lab.kms, method)(KeyId="00000000-1111-4222-8333-444444444444")


@probe(source=api("PutKeyPolicy", "Policy: an ineffective statement succeeds"))
def a_statement_may_be_ineffective(lab: Lab) -> None:
    """PutKeyPolicy takes statements without Resource or Action; they have no effect."""
    key = lab.new_key()
    for missing in ("Resource", "Action"):
        policy = _policy(lab, "Effective")
        statement = dict(policy["Statement"][0], Sid="Ineffective")
        del statement[missing]
        policy["Statement"].append(statement)
        lab.kms.put_key_policy(KeyId=key.id, Policy=json.dumps(policy))
        assert json.loads(lab.kms.get_key_policy(KeyId=key.id)["Policy"]) == policy


@probe(source=reported("terraform-aws-modules/terraform-aws-eks#2163", "CreateKey"))
def a_statement_needs_a_principal(lab: Lab) -> None:
    """A statement without a principal is MalformedPolicyDocumentException."""
    policy = _policy(lab, "Whole")
    statement = dict(policy["Statement"][0])
    del statement["Principal"]
    policy["Statement"].append(statement)
    message = "Policy contains a statement with no principal."
    with refused("MalformedPolicyDocumentException", saying=message):
        lab.kms.put_key_policy(KeyId=lab.new_key().id, Policy=json.dumps(policy))


@probe(source=reported("terraform-aws-modules/terraform-aws-kms#14", "CreateKey"))
def nobody_locks_themselves_out(lab: Lab) -> None:
    """A policy that would shut its maker out is MalformedPolicyDocumentException."""
    key = lab.new_key()
    policy = _policy(lab, "ReadOnly")
    policy["Statement"][0]["Action"] = "kms:DescribeKey"
    message = "The new key policy will not allow you to update the key policy in the future."
    with refused("MalformedPolicyDocumentException", saying=message):
        lab.kms.put_key_policy(KeyId=key.id, Policy=json.dumps(policy))


@probe(source=api("PutKeyPolicy", "BypassPolicyLockoutSafetyCheck"))
def unless_they_insist(lab: Lab) -> None:
    """With BypassPolicyLockoutSafetyCheck a policy may shut its maker out."""
    key = lab.new_key()
    policy = _policy(lab, "ReadAndPut")
    policy["Statement"][0]["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}
    lab.kms.put_key_policy(
        KeyId=key.id, Policy=json.dumps(policy), BypassPolicyLockoutSafetyCheck=True
    )
    assert json.loads(lab.kms.get_key_policy(KeyId=key.id)["Policy"]) == policy


@probe(source=guide("Resource quotas", "key policy document size: 32,768 bytes"))
def a_policy_has_at_most_32_kilobytes(lab: Lab) -> None:
    """A policy above the length constraint is LimitExceededException."""
    with refused("LimitExceededException"):
        lab.kms.put_key_policy(
            KeyId=lab.new_key().id, Policy=json.dumps(_policy(lab, "S" * 40_000))
        )


@probe(source=api("PutKeyPolicy", "Policy: characters up to \\u00FF"))
def a_policy_has_latin_letters(lab: Lab) -> None:
    """A policy with characters beyond Latin-1 is refused, one with umlauts is not."""
    key = lab.new_key()
    latin = json.dumps(_policy(lab, "Übergabe"), ensure_ascii=False)
    lab.kms.put_key_policy(KeyId=key.id, Policy=latin)
    with refused("ValidationException", "MalformedPolicyDocumentException"):
        lab.kms.put_key_policy(KeyId=key.id, Policy=latin.replace("Übergabe", "Übergabe ☃"))
