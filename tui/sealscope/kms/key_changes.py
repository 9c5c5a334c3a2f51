"""Changing a key: its state, its description, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sealscope.kms.answers import optional, text
from sealscope.kms.facade import KmsGate

MIN_WINDOW_DAYS: Final = 7
MAX_WINDOW_DAYS: Final = 30
"""How long KMS waits before it deletes a key; the longest is what it takes by itself."""


@dataclass(frozen=True)
class ScheduledDeletion:
    """ScheduleKeyDeletion's answer.

    Attributes:
        state: PendingDeletion, or PendingReplicaDeletion for a primary that has replicas.
        deletion_date: None for a primary, whose waiting begins when its last replica is gone.
        window_days: None where the endpoint does not say.
    """

    state: str
    deletion_date: datetime | None
    window_days: int | None


def enable_key(gate: KmsGate, key_id: str) -> None:
    """EnableKey (needs kms:EnableKey).

    Args:
        gate: the KMS gate.
        key_id: id or ARN of the key.

    Raises:
        ReadOnly: the connection is read-only.
        KeyPendingDeletion, KeyStateInvalid: the key's state does not allow it.
        KmsError: KMS refused.
    """
    gate.call("EnableKey", KeyId=key_id)


def disable_key(gate: KmsGate, key_id: str) -> None:
    """DisableKey: no cryptography with it until it is enabled again (needs kms:DisableKey).

    Raises:
        ReadOnly: the connection is read-only.
        KeyPendingDeletion, KeyStateInvalid: the key's state does not allow it.
        KmsError: KMS refused.
    """
    gate.call("DisableKey", KeyId=key_id)


def update_description(gate: KmsGate, key_id: str, description: str) -> None:
    """UpdateKeyDescription (needs kms:UpdateKeyDescription).

    Args:
        gate: the KMS gate.
        key_id: id or ARN of the key.
        description: at most 8,192 characters; empty for none. It is no secret.

    Raises:
        ReadOnly: the connection is read-only.
        KmsError: KMS refused.
    """
    gate.call("UpdateKeyDescription", KeyId=key_id, Description=description)


def schedule_deletion(
    gate: KmsGate, key_id: str, *, window_days: int = MAX_WINDOW_DAYS
) -> ScheduledDeletion:
    """ScheduleKeyDeletion: after the wait, all that the key encrypted is lost for ever.

    Needs kms:ScheduleKeyDeletion. Until its date the key cannot be used, and its deletion can be
    cancelled. Disabling a key first shows who still needs it.

    Args:
        gate: the KMS gate.
        key_id: id or ARN of the key.
        window_days: 7 to 30.

    Raises:
        ReadOnly: the connection is read-only.
        KeyPendingDeletion: it is scheduled already.
        KmsError: KMS refused.
    """
    answer = gate.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=window_days)
    return ScheduledDeletion(
        state=text(answer, "KeyState"),
        deletion_date=optional(answer, "DeletionDate", datetime),
        window_days=optional(answer, "PendingWindowInDays", int),
    )


def cancel_deletion(gate: KmsGate, key_id: str) -> None:
    """CancelKeyDeletion; the key comes back disabled (needs kms:CancelKeyDeletion).

    Raises:
        ReadOnly: the connection is read-only.
        KeyStateInvalid: it is not waiting to be deleted.
        KmsError: KMS refused.
    """
    gate.call("CancelKeyDeletion", KeyId=key_id)
