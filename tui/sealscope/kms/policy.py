"""A key's policy: its text, the document in it, and a plain reading of that."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sealscope.kms.answers import member
from sealscope.kms.facade import KmsGate
from sealscope.kms.policy_reading import PolicyReading, read_document


@dataclass(frozen=True)
class KeyPolicy:
    """GetKeyPolicy's answer.

    Attributes:
        text: as KMS answered it, at most 32 KiB.
        pretty: indented, its members in their own order; the text itself when it is no document.
        document: the JSON object in the text; None when there is none.
        reading: who may do what, in words; None when there is no document.
    """

    text: str
    pretty: str
    document: dict[str, Any] | None
    reading: PolicyReading | None


def key_policy(gate: KmsGate, key_id: str) -> KeyPolicy:
    """GetKeyPolicy of the only policy there is, `default` (needs kms:GetKeyPolicy).

    KMS tells it to the key's own account only.

    Args:
        gate: the KMS gate.
        key_id: id or ARN of the key.

    Raises:
        KmsError: KMS refused.
    """
    answer = gate.call("GetKeyPolicy", KeyId=key_id, PolicyName="default")
    return policy_from(member(answer, "Policy", str))


def policy_from(text: str) -> KeyPolicy:
    """A key policy from its text, whatever it holds."""
    try:
        document = json.loads(text)
        if isinstance(document, dict):
            pretty = json.dumps(document, indent=2, ensure_ascii=False)
            return KeyPolicy(text, pretty, document, read_document(document))
    except (ValueError, RecursionError):
        pass  # no JSON, or nested deeper than any policy: the text is all there is
    return KeyPolicy(text, text, None, None)
