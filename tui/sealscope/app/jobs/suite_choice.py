"""The algorithm suites that a commitment policy lets be written, and when to take which."""

from __future__ import annotations

from typing import Final

from sealscope.app.jobs.message_fields import FORBID
from sealscope.engine.policy import CommitmentPolicy

_COMMITTING: Final = (("0578", "0578 signed"), ("0478", "0478 not signed"))
_OLD: Final = (
    ("0378", "0378 signed"),
    ("0178", "0178 not signed"),
    ("0346", "0346"),
    ("0146", "0146"),
    ("0214", "0214"),
    ("0114", "0114"),
)
"""Without key commitment. Those without key derivation are read, and never written."""

_HELP: Final = {
    "0578": "Default: key commitment, and the whole message is signed.",
    "0478": "Key commitment, no signature: faster; whoever may decrypt could also have written it.",
    "0378": "For readers from before 2020: signed with ECDSA P-384.",
    "0178": "For them, and faster; whoever may decrypt could also have written it.",
    "0346": "AES-192, signed: only for readers that ask for this one.",
    "0146": "AES-192, not signed: only for readers that ask for this one.",
    "0214": "AES-128, signed: only for readers that ask for this one.",
    "0114": "AES-128, not signed: only for readers that ask for this one.",
}


def offered_suites(policy: str) -> tuple[tuple[str, str], ...]:
    """Suites to choose from under a policy, with their labels; its default comes first."""
    return _OLD if policy == FORBID else _COMMITTING


def default_suite(policy: str) -> str:
    """What is written under a policy when no suite is named."""
    return CommitmentPolicy(policy).default_suite.hex_id


def suite_help(suite: str) -> str:
    """When to take a suite."""
    return _HELP[suite]


def suite_like(suite: str, policy: str) -> str:
    """The suite to propose when the policy changes: signed if the one chosen before was."""
    offered = [value for value, _ in offered_suites(policy)]
    if suite in offered:
        return suite
    is_signed = suite in {"0578", "0378", "0346", "0214"}
    return offered[0 if is_signed else 1]
