"""When a key was last used for cryptography, as far as KMS keeps count.

An empty answer has different meanings, and to take one for the other may cost data: before a key
is deleted, disable it and look at CloudTrail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sealscope.kms.answers import optional, text
from sealscope.kms.facade import KmsGate


class Usage(Enum):
    """What GetKeyLastUsage's answer means; the value is how to say it."""

    USED = "used"
    NEVER = "never used since it was created"
    NOT_SINCE_TRACKING = "not used since KMS began to keep count; before that is not known"
    UNKNOWN = "not known: KMS does not say since when it keeps count"


@dataclass(frozen=True)
class LastUsage:
    """GetKeyLastUsage's answer. A multi-Region key's replicas each have their own.

    Attributes:
        operation: Decrypt, GenerateDataKey, ...; empty unless used.
        at: None unless used.
        cloudtrail_event_id: where to look it up; empty unless used.
        request_id: of that call; empty unless used.
        tracking_since: since when KMS keeps count for this key.
        created: when the key was made.
    """

    operation: str
    at: datetime | None
    cloudtrail_event_id: str
    request_id: str
    tracking_since: datetime | None
    created: datetime | None

    @property
    def usage(self) -> Usage:
        """What this means."""
        if self.at is not None:
            return Usage.USED
        if self.tracking_since is None or self.created is None:
            return Usage.UNKNOWN
        return Usage.NEVER if self.created >= self.tracking_since else Usage.NOT_SINCE_TRACKING


def last_usage(gate: KmsGate, key_id: str) -> LastUsage:
    """GetKeyLastUsage (needs kms:GetKeyLastUsage in the key policy; the own account's keys only).

    AWS answers 5 of these calls a second, for the whole account: only ask for one key at a time.

    Args:
        gate: the KMS gate.
        key_id: id or ARN of the key.

    Raises:
        UnsupportedOperation: the endpoint does not know the operation.
        KmsError: KMS refused.
    """
    answer = gate.call("GetKeyLastUsage", KeyId=key_id)
    usage = optional(answer, "KeyLastUsage", dict) or {}
    return LastUsage(
        operation=text(usage, "Operation"),
        at=optional(usage, "Timestamp", datetime),
        cloudtrail_event_id=text(usage, "CloudTrailEventId"),
        request_id=text(usage, "KmsRequestId"),
        tracking_since=optional(answer, "TrackingStartDate", datetime),
        created=optional(answer, "KeyCreationDate", datetime),
    )
