"""ScheduleKeyDeletion and CancelKeyDeletion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.kms.probe.lab import Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api
from tests.kms.probe.states_of_keys import pending_deletion


@probe(source=api("ScheduleKeyDeletion", "response"))
def scheduling_answers(lab: Lab) -> None:
    """ScheduleKeyDeletion answers the key's ARN, its new state, the window and the date."""
    key = lab.new_key()
    answer = lab.kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=10)
    assert answer["KeyId"] == key.arn
    assert answer["KeyState"] == "PendingDeletion"
    assert answer["PendingWindowInDays"] == 10
    due = datetime.now(UTC) + timedelta(days=10)
    assert abs(answer["DeletionDate"] - due) < timedelta(days=1)


@probe(source=api("ScheduleKeyDeletion", "PendingWindowInDays: default 30"))
def a_month_unless_said_otherwise(lab: Lab) -> None:
    """Without a window a key is deleted in 30 days."""
    key = lab.new_key()
    answer = lab.kms.schedule_key_deletion(KeyId=key.id)
    due = datetime.now(UTC) + timedelta(days=30)
    assert abs(answer["DeletionDate"] - due) < timedelta(days=1)


@probe(source=api("ScheduleKeyDeletion", "PendingWindowInDays: 7 to 30"))
def a_window_is_7_to_30_days(lab: Lab) -> None:
    """A window may be 7 to 30 days; 6 and 31 are ValidationException and change nothing."""
    key = lab.new_key()
    for days in (6, 31):
        with refused("ValidationException"):
            lab.kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=days)
    assert lab.describe(key)["KeyState"] == "Enabled"
    for days in (7, 30):
        lab.kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=days)
        lab.kms.cancel_key_deletion(KeyId=key.id)


@probe(source=api("DescribeKey", "KeyMetadata, DeletionDate, KeyState, Enabled"))
def a_key_tells_when_it_will_go(lab: Lab) -> None:
    """A key pending deletion says so, is not enabled, and tells its deletion date."""
    key = lab.new_key()
    assert "DeletionDate" not in lab.describe(key)
    answer = lab.kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
    metadata = lab.describe(key)
    assert metadata["KeyState"] == "PendingDeletion"
    assert metadata["Enabled"] is False
    assert metadata["DeletionDate"] == answer["DeletionDate"]


@probe(source=api("CancelKeyDeletion", "description: the key state is Disabled"))
def cancelling_leaves_the_key_disabled(lab: Lab) -> None:
    """CancelKeyDeletion answers the key's ARN and leaves it disabled, without a date."""
    key = pending_deletion(lab, lab.new_key())
    assert lab.kms.cancel_key_deletion(KeyId=key.id)["KeyId"] == key.arn
    metadata = lab.describe(key)
    assert metadata["KeyState"] == "Disabled"
    assert metadata["Enabled"] is False
    assert "DeletionDate" not in metadata
    with refused("DisabledException"):
        lab.kms.encrypt(KeyId=key.id, Plaintext=b"x")


@probe(source=api("CancelKeyDeletion", "description: to enable the KMS key, use EnableKey"))
def a_rescued_key_opens_what_it_sealed(lab: Lab) -> None:
    """After CancelKeyDeletion and EnableKey a key opens what it sealed before."""
    key = lab.new_key()
    blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"rescued")["CiphertextBlob"]
    pending_deletion(lab, key)
    lab.kms.cancel_key_deletion(KeyId=key.id)
    lab.kms.enable_key(KeyId=key.id)
    assert lab.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"rescued"


@probe(source=api("ScheduleKeyDeletion", "KeyId: key ID or key ARN"))
def deletion_takes_the_arn(lab: Lab) -> None:
    """ScheduleKeyDeletion and CancelKeyDeletion take the key's ARN as well as its id."""
    key = lab.new_key()
    lab.kms.schedule_key_deletion(KeyId=key.arn, PendingWindowInDays=7)
    assert lab.describe(key)["KeyState"] == "PendingDeletion"
    lab.kms.cancel_key_deletion(KeyId=key.arn)
    assert lab.describe(key)["KeyState"] == "Disabled"


@probe(source=api("ScheduleKeyDeletion", "Errors: NotFoundException"), safe=True)
def nobody_is_deleted(lab: Lab) -> None:
    """Scheduling and cancelling the deletion of a key that does not exist: NotFoundException."""
    nobody = "00000000-1111-4222-8333-444444444444"
    for method in ("schedule_key_deletion", "cancel_key_deletion", "disable_key", "enable_key"):
        with refused("NotFoundException"):
            getattr(lab.kms, method)(KeyId=nobody)
