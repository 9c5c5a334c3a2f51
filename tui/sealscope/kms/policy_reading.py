"""A key policy in plain words: one line for each statement, and what those lines cannot tell.

This repeats what is written and decides nothing: whether a call is allowed depends on more than
the key policy, and only KMS knows all of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sealscope.kms.policy_conditions import conditions_in_words

_ROOT: Final = re.compile(r"arn:[^:]*:iam::(\d{12}):root|(\d{12})")
_IDENTITY: Final = re.compile(r"arn:[^:]*:(?:iam|sts)::(\d{12}):([a-z-]+)/(.+)", re.DOTALL)
_UNIQUE_ID: Final = re.compile(r"A(?:ID|RO|GP|NP|IP|SC)A[A-Z0-9]{12,}")
_KINDS: Final = {
    "user": "user",
    "role": "role",
    "assumed-role": "session of role",
    "federated-user": "federated user",
}

NOT_GRANTS: Final = "Grants let others use the key too; they are listed apart."
NOT_OTHERS: Final = (
    "Policies of the organization, of sessions and of VPC endpoints, and permission boundaries,"
    " are not seen from here."
)
NOT_EVALUATED: Final = "Conditions are repeated here as they are written, not evaluated."
NOT_RESOURCE: Final = (
    "A statement names a Resource other than *; where that is not the key, it has no effect."
)
NOT_ODD: Final = "A part of the policy is not written as policies are; see its text."


@dataclass(frozen=True)
class StatementReading:
    """One statement of a key policy.

    Attributes:
        sid: its name; empty when it has none.
        allows: False when it denies.
        who: principals in words.
        actions: as written, "kms:Decrypt"; in words where they are all, or all but some.
        conditions: in words; all of them must hold.
    """

    sid: str
    allows: bool
    who: tuple[str, ...]
    actions: tuple[str, ...]
    conditions: tuple[str, ...]

    @property
    def line(self) -> str:
        """The statement on one line; outside text in it has not passed the text gate."""
        verb = "may" if self.allows else "may NOT"
        said = f"{_listed(self.who)} {verb} {_listed(self.actions)}"
        return f"{said}, if {' and '.join(self.conditions)}" if self.conditions else said


@dataclass(frozen=True)
class PolicyReading:
    """A key policy in words.

    Attributes:
        statements: in the policy's order.
        limits: sentences on what the statements do not tell.
    """

    statements: tuple[StatementReading, ...]
    limits: tuple[str, ...]


def read_document(document: Mapping[str, Any]) -> PolicyReading:
    """Read a key policy; entries that are no statements are left out, and the limits say so."""
    written = document.get("Statement")
    entries = written if isinstance(written, list) else [written]
    found = [entry for entry in entries if isinstance(entry, Mapping) and _has_effect(entry)]
    statements = tuple(_read(entry) for entry in found)
    return PolicyReading(statements, _limits(found, statements, odd=len(found) < len(entries)))


def _read(entry: Mapping[str, Any]) -> StatementReading:
    if "NotPrincipal" in entry:
        who = tuple(f"everyone but {name}" for name in _principals(entry["NotPrincipal"]))
    else:
        who = _principals(entry.get("Principal"))
    if "NotAction" in entry:
        actions: tuple[str, ...] = (f"do all but {_listed(_strings(entry['NotAction']))}",)
    else:
        actions = tuple(map(_action, _strings(entry.get("Action"))))
    sid = entry.get("Sid")
    return StatementReading(
        sid=sid if isinstance(sid, str) else "",
        allows=entry["Effect"] == "Allow",
        who=who or ("nobody",),
        actions=actions or ("do nothing",),
        conditions=conditions_in_words(entry.get("Condition")),
    )


def _limits(
    entries: list[Mapping[str, Any]], statements: tuple[StatementReading, ...], *, odd: bool
) -> tuple[str, ...]:
    accounts = dict.fromkeys(
        account
        for entry in entries
        if entry["Effect"] == "Allow"
        for account in _accounts(entry.get("Principal"))
    )
    limits = [
        f"Account {account} decides by its IAM policies who of it may do this; they are not seen"
        " from here."
        for account in accounts
    ]
    if any(statement.conditions for statement in statements):
        limits.append(NOT_EVALUATED)
    if any(_strings(entry.get("Resource")) != ("*",) for entry in entries):
        limits.append(NOT_RESOURCE)
    if odd:
        limits.append(NOT_ODD)
    return (*limits, NOT_GRANTS, NOT_OTHERS)


def _has_effect(entry: Mapping[str, Any]) -> bool:
    return entry.get("Effect") in ("Allow", "Deny")


def _principals(principal: object) -> tuple[str, ...]:
    if isinstance(principal, str):
        return (_aws_principal(principal),)
    if not isinstance(principal, Mapping):
        return _strings(principal)
    return tuple(
        _aws_principal(name) if kind == "AWS" else f"{_kind_of(kind)} {name}"
        for kind, names in principal.items()
        for name in _strings(names)
    )


def _kind_of(kind: object) -> str:
    words = {"Service": "the service", "Federated": "whoever signs in through"}
    return words.get(str(kind), str(kind))


def _aws_principal(name: str) -> str:
    if name == "*":
        return "anyone of any account"
    if root := _ROOT.fullmatch(name):
        return f"account {root[1] or root[2]} (whom its IAM policies allow)"
    if identity := _IDENTITY.fullmatch(name):
        account, kind, path = identity.groups()
        return f"{_KINDS.get(kind, kind)} {path} of account {account}"
    if _UNIQUE_ID.fullmatch(name):
        return f"{name}, a user or role that has been deleted"
    return name


def _accounts(principal: object) -> list[str]:
    names = principal.get("AWS") if isinstance(principal, Mapping) else None
    roots = (_ROOT.fullmatch(name) for name in _strings(names))
    return [root[1] or root[2] for root in roots if root]


def _action(name: str) -> str:
    return "do everything" if name.lower() in ("*", "kms:*") else name


def _strings(value: object) -> tuple[str, ...]:
    """One text or a list of them; what is no text is repeated as it is, never left out."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(map(str, values))


def _listed(words: tuple[str, ...]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
