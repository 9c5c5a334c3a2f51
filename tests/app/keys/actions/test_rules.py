"""Which changes a key allows, before KMS is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sealscope.app.keys.actions.rules import READ_ONLY, Act, why_not
from sealscope.errors import AccessDenied
from sealscope.kms.inventory import KeyEntry
from sealscope.kms.keys import Alias, KeyDescription, RotationStatus

ARN = "arn:aws:kms:eu-central-1:111122223333:key/1"
KEY = KeyDescription(
    key_id="1",
    arn=ARN,
    account="111122223333",
    state="Enabled",
    spec="SYMMETRIC_DEFAULT",
    usage="ENCRYPT_DECRYPT",
    origin="AWS_KMS",
    manager="CUSTOMER",
    description="",
    multi_region="",
    key_material_id="",
    created=None,
    deletion_date=None,
    valid_to=None,
)
ENTRY = KeyEntry(
    "1",
    ARN,
    (Alias("alias/one", "arn:aws:kms:eu-central-1:111122223333:alias/one", "1", None, None),),
    KEY,
    RotationStatus(applicable=True, enabled=True, period_days=365),
)


def refused(entry: KeyEntry = ENTRY, **changes: str) -> set[Act]:
    """What cannot be done to a key with these differences."""
    described = replace(KEY, **changes)  # type: ignore[arg-type]
    changed = replace(entry, description=described)
    return {act for act in Act if why_not(act, changed, read_only=False)}


class TestAKeyInUse:
    def test_takes_all_but_what_it_has_or_never_can(self) -> None:
        assert refused() == {Act.ENABLE, Act.IMPORT, Act.KEEP}

    @pytest.mark.parametrize("act", Act)
    def test_is_not_changed_on_a_read_only_connection(self, act: Act) -> None:
        assert why_not(act, ENTRY, read_only=True) == READ_ONLY

    @pytest.mark.parametrize("act", Act)
    def test_is_not_changed_when_aws_manages_it(self, act: Act) -> None:
        managed = replace(ENTRY, description=replace(KEY, manager="AWS"))
        assert "AWS manages this key" in (why_not(act, managed, read_only=False) or "")


class TestStates:
    def test_a_disabled_key_can_be_enabled_and_not_rotated(self) -> None:
        assert refused(state="Disabled") == {
            Act.DISABLE,
            Act.ROTATION_ON,
            Act.ROTATION_OFF,
            Act.ROTATE,
            Act.IMPORT,
            Act.KEEP,
        }

    @pytest.mark.parametrize("state", ["PendingDeletion", "PendingReplicaDeletion"])
    def test_of_a_key_that_is_to_be_deleted_only_its_names_and_that_can_change(
        self, state: str
    ) -> None:
        allowed = {Act.KEEP, Act.MOVE_ALIAS, Act.DELETE_ALIAS}
        assert refused(state=state) == set(Act) - allowed

    def test_a_state_of_the_future_is_named(self) -> None:
        odd = replace(ENTRY, description=replace(KEY, state="Resting"))
        assert why_not(Act.DISABLE, odd, read_only=False) == "The key's state is Resting"


class TestKinds:
    @pytest.mark.parametrize("spec", ["RSA_2048", "HMAC_256", "ECC_NIST_P256"])
    def test_what_is_not_symmetric_is_not_rotated(self, spec: str) -> None:
        assert {Act.ROTATION_ON, Act.ROTATION_OFF, Act.ROTATE} <= refused(spec=spec)

    def test_imported_material_is_rotated_on_demand_only(self) -> None:
        no = refused(origin="EXTERNAL")
        assert {Act.ROTATION_ON, Act.ROTATION_OFF} <= no
        assert not {Act.ROTATE, Act.IMPORT} & no

    def test_a_replica_follows_its_primary(self) -> None:
        assert {Act.ROTATION_ON, Act.ROTATE} <= refused(multi_region="REPLICA")

    def test_a_key_without_a_schedule_has_none_to_end(self) -> None:
        off = replace(ENTRY, rotation=RotationStatus(applicable=True, enabled=False))
        assert Act.ROTATION_OFF in refused(off)

    def test_a_key_without_alias_has_none_to_delete(self) -> None:
        assert Act.DELETE_ALIAS in refused(replace(ENTRY, aliases=()))


class TestAKeyThatIsNotKnown:
    def test_waits_until_it_is_described(self) -> None:
        unknown = replace(ENTRY, description=None)
        assert why_not(Act.DISABLE, unknown, read_only=False) == "The key is still being described"

    def test_says_why_it_is_not(self) -> None:
        denied = replace(ENTRY, description=None, error=AccessDenied("KMS denies it"))
        assert "KMS denies it" in (why_not(Act.DISABLE, denied, read_only=False) or "")
