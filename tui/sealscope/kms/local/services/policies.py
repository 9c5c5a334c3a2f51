"""GetKeyPolicy, PutKeyPolicy, ListKeyPolicies. Policies are kept and shown, not enforced."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from sealscope.kms.local import rows
from sealscope.kms.local.arns import ACCOUNT, USER_ARN
from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.faults import Fault, invalid, not_found
from sealscope.kms.local.paging import page

DEFAULT_POLICY: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    },
    indent=2,
)

MAX_POLICY_BYTES: Final = 32 * 1024
_ACTIONS_THAT_PUT: Final = frozenset({"*", "kms:*", "kms:put*", "kms:putkeypolicy"})
_PRINCIPALS_OF_OURS: Final = frozenset({"*", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", USER_ARN})


def get_key_policy(call: Call, params: Params) -> Params:
    """GetKeyPolicy; the only policy is called `default`."""
    _check_name(params)
    with call.reading() as connection:
        key = call.key_by_id(connection, params["KeyId"])
    return {"Policy": key.policy or DEFAULT_POLICY, "PolicyName": "default"}


def put_key_policy(call: Call, params: Params) -> None:
    """PutKeyPolicy."""
    if params.get("PolicyName") == "AWS_RAM":
        raise invalid("The AWS_RAM policy can only be managed by the RAM service")
    _check_name(params)
    policy = checked_policy(
        params["Policy"], bypass=params.get("BypassPolicyLockoutSafetyCheck", False)
    )
    with call.writing() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        rows.update_key(connection, replace(key, policy=policy))


def list_key_policies(call: Call, params: Params) -> Params:
    """ListKeyPolicies."""
    with call.reading() as connection:
        key = call.key_by_id(connection, params["KeyId"])

    def fetch(after: str, count: int) -> list[str]:
        return ["default"][:count] if not after else []

    names, more = page(
        params,
        f"ListKeyPolicies {key.id}",
        default=100,
        maximum=1000,
        fetch=fetch,
        name=lambda policy_name: policy_name,
    )
    return {"PolicyNames": names, **more}


def checked_policy(text: str, *, bypass: bool) -> str:
    """A key policy that KMS would take, as it was given.

    Raises:
        Fault: MalformedPolicyDocumentException, or LimitExceededException above 32 KiB.
    """
    if len(text.encode()) > MAX_POLICY_BYTES:
        raise Fault("LimitExceededException", "The key policy is longer than 32 KB.")
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _malformed("The policy is not valid JSON.") from error
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise _malformed("The policy has no Statement.")
    statements = policy["Statement"]
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise _malformed("The policy has no Statement.")
    for statement in statements:
        _check_statement(statement)
    if not bypass and not any(_lets_us_change_it(statement) for statement in statements):
        raise _malformed(
            "The new key policy will not allow you to update the key policy in the future."
        )
    return text


def _check_statement(statement: Any) -> None:
    if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
        raise _malformed("A statement of the policy has no Effect of Allow or Deny.")
    # Without Action or Resource a statement has no effect, but KMS takes it.
    if "Principal" not in statement and "NotPrincipal" not in statement:
        raise _malformed("Policy contains a statement with no principal.")


def _lets_us_change_it(statement: dict[str, Any]) -> bool:
    if statement["Effect"] != "Allow" or statement.get("Condition"):
        return False
    if "Resource" not in statement:
        return False
    actions = {action.lower() for action in _strings(statement.get("Action"))}
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        principal = principal.get("AWS")
    return bool(actions & _ACTIONS_THAT_PUT) and bool(
        set(_strings(principal)) & _PRINCIPALS_OF_OURS
    )


def _strings(value: Any) -> Iterable[str]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str)]


def _check_name(params: Params) -> None:
    if params.get("PolicyName", "default") != "default":
        raise not_found(f"No such policy exists: {params['PolicyName']}")


def _malformed(message: str) -> Fault:
    return Fault("MalformedPolicyDocumentException", message)
