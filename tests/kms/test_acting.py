"""Changing keys: through the gate, never on a read-only connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sealscope import errors
from sealscope.kms.aliases import create_alias, delete_alias, retarget_alias
from sealscope.kms.facade import KmsGate
from sealscope.kms.key_changes import (
    cancel_deletion,
    disable_key,
    enable_key,
    schedule_deletion,
    update_description,
)
from sealscope.kms.keys import KeyDescription
from sealscope.kms.material_import import (
    WRAPPING_ALGORITHMS,
    delete_imported_material,
    import_material,
    import_parameters,
    read_material,
)
from sealscope.kms.material_wrapping import wrap_material
from sealscope.kms.rotation import (
    disable_rotation,
    enable_rotation,
    key_materials,
    rotate_on_demand,
)
from sealscope.kms.tags import Tag, tag_key, tags_of, untag_key
from sealscope.secret import SecretBytes
from tests.kms.gates import ARN, NOON, FakeConnection, answering, gate_on, local_gate, refuse
from tests.kms.test_key_facts import described

MATERIAL = SecretBytes(bytes(range(32)))

ACTIONS: dict[str, Callable[[KmsGate], object]] = {
    "CreateKey": lambda gate: gate.create_key("new", spec="RSA_2048", usage="SIGN_VERIFY"),
    "CreateAlias": lambda gate: create_alias(gate, "a", ARN),
    "UpdateAlias": lambda gate: retarget_alias(gate, "a", ARN),
    "DeleteAlias": lambda gate: delete_alias(gate, "a"),
    "EnableKey": lambda gate: enable_key(gate, ARN),
    "DisableKey": lambda gate: disable_key(gate, ARN),
    "UpdateKeyDescription": lambda gate: update_description(gate, ARN, "words"),
    "TagResource": lambda gate: tag_key(gate, ARN, {"a": "b"}),
    "UntagResource": lambda gate: untag_key(gate, ARN, ["a"]),
    "EnableKeyRotation": lambda gate: enable_rotation(gate, ARN, period_days=90),
    "DisableKeyRotation": lambda gate: disable_rotation(gate, ARN),
    "RotateKeyOnDemand": lambda gate: rotate_on_demand(gate, ARN),
    "GetParametersForImport": lambda gate: import_parameters(gate, ARN),
    "ImportKeyMaterial": lambda gate: import_material(gate, described(), MATERIAL),
    "DeleteImportedKeyMaterial": lambda gate: delete_imported_material(gate, ARN),
    "ScheduleKeyDeletion": lambda gate: schedule_deletion(gate, ARN),
    "CancelKeyDeletion": lambda gate: cancel_deletion(gate, ARN),
}


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[KmsGate]:
    with local_gate(tmp_path / "kms.sqlite3") as made:
        yield made


class TestAReadOnlyGate:
    @pytest.mark.parametrize("action", ACTIONS)
    def test_lets_no_action_out(self, action: str) -> None:
        not_there = refuse("NotFoundException")
        connection = FakeConnection(describe_key=not_there)
        with pytest.raises(errors.ReadOnly):
            ACTIONS[action](gate_on(connection))
        # Whether an alias is free is asked before a key is made for it.
        asked_first = ["describe_key"] if action == "CreateKey" else []
        assert [name for name, _ in connection.kms.seen] == asked_first


class TestAWritableGate:
    @pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"CreateKey", "ImportKeyMaterial"}))
    def test_makes_the_one_call_of_the_action(self, action: str) -> None:
        from botocore import xform_name

        connection = FakeConnection(
            get_parameters_for_import=lambda **_: {"ImportToken": b"t", "PublicKey": b"k"}
        )
        ACTIONS[action](gate_on(connection, write=True))
        assert [name for name, _ in connection.kms.seen] == [xform_name(action)]

    @pytest.mark.parametrize("action", ACTIONS)
    def test_tells_what_kms_refuses(self, action: str) -> None:
        denied = refuse("AccessDeniedException")
        connection = FakeConnection(describe_key=refuse("NotFoundException"))
        gate = gate_on(connection, write=True)
        connection.kms.answers = _Always(denied, connection.kms.answers)
        with pytest.raises(errors.AccessDenied):
            ACTIONS[action](gate)


class _Always(dict[str, Callable[..., Any]]):
    """Answers that are all the same, but for those that are given."""

    def __init__(self, answer: Callable[..., Any], given: dict[str, Callable[..., Any]]) -> None:
        super().__init__(given)
        self._answer = answer

    def get(self, name: str, default: object = None) -> Callable[..., Any]:
        return super().get(name) or self._answer


class TestCreatingAKey:
    def test_makes_the_kind_that_was_asked_for(self, gate: KmsGate) -> None:
        key = gate.create_key(
            "signing",
            description="words",
            spec="ECC_NIST_P256",
            usage="SIGN_VERIFY",
            multi_region=True,
            tags={"team": "x"},
        )
        assert (key.spec, key.usage, key.multi_region) == (
            "ECC_NIST_P256",
            "SIGN_VERIFY",
            "PRIMARY",
        )
        assert gate.describe_key("alias/signing").arn == key.arn
        assert tags_of(gate, key.arn) == (Tag("team", "x"),)


class TestAliases:
    def test_are_made_moved_and_deleted(self, gate: KmsGate) -> None:
        first, second = gate.create_key("first"), gate.create_key("second")
        create_alias(gate, "payments", first.key_id)
        assert gate.describe_key("alias/payments").arn == first.arn
        retarget_alias(gate, "alias/payments", second.arn)
        assert gate.describe_key("alias/payments").arn == second.arn
        delete_alias(gate, "payments")
        with pytest.raises(errors.KeyNotFound):
            gate.describe_key("alias/payments")

    def test_that_are_taken_are_told(self, gate: KmsGate) -> None:
        key = gate.create_key("first")
        with pytest.raises(errors.AlreadyExists):
            create_alias(gate, "first", key.key_id)

    def test_with_a_name_of_awss_own_are_told(self, gate: KmsGate) -> None:
        key = gate.create_key("first")
        with pytest.raises(errors.KmsError) as caught:
            create_alias(gate, "aws/mine", key.key_id)
        assert not isinstance(caught.value, errors.AlreadyExists)

    def test_may_be_deleted_in_another_region(self) -> None:
        connection = FakeConnection()
        delete_alias(gate_on(connection, write=True), "a", region="us-east-2")
        assert connection.regions == ["us-east-2"]


class TestTheState:
    def test_is_disabled_and_enabled(self, gate: KmsGate) -> None:
        key = gate.create_key("k").arn
        disable_key(gate, key)
        assert gate.describe_key(key).state == "Disabled"
        enable_key(gate, key)
        assert gate.describe_key(key).state == "Enabled"

    def test_waits_for_deletion_until_that_is_cancelled(self, gate: KmsGate) -> None:
        key = gate.create_key("k").arn
        scheduled = schedule_deletion(gate, key, window_days=7)
        assert (scheduled.state, scheduled.window_days) == ("PendingDeletion", 7)
        assert scheduled.deletion_date == gate.describe_key(key).deletion_date
        with pytest.raises(errors.KeyPendingDeletion):
            schedule_deletion(gate, key)
        cancel_deletion(gate, key)
        assert gate.describe_key(key).state == "Disabled"
        with pytest.raises(errors.KeyStateInvalid):
            cancel_deletion(gate, key)

    def test_of_a_primary_with_replicas_has_no_date_yet(self) -> None:
        connection = FakeConnection(
            schedule_key_deletion=lambda **_: {
                "KeyState": "PendingReplicaDeletion",
                "PendingWindowInDays": 30,
            }
        )
        scheduled = schedule_deletion(gate_on(connection, write=True), ARN)
        assert (scheduled.state, scheduled.deletion_date) == ("PendingReplicaDeletion", None)
        assert connection.kms.seen[0][1]["PendingWindowInDays"] == 30


class TestTheDescription:
    def test_is_changed(self, gate: KmsGate) -> None:
        key = gate.create_key("k", description="old").arn
        update_description(gate, key, "new")
        assert gate.describe_key(key).description == "new"


class TestTags:
    def test_are_added_changed_and_removed(self, gate: KmsGate) -> None:
        key = gate.create_key("k").arn
        tag_key(gate, key, {"a": "1", "b": "2"})
        tag_key(gate, key, {"b": "3"})
        untag_key(gate, key, ["a", "never there"])
        assert tags_of(gate, key) == (Tag("b", "3"),)

    def test_that_kms_does_not_take_are_told(self, gate: KmsGate) -> None:
        key = gate.create_key("k").arn
        with pytest.raises(errors.InvalidRequest, match="does not take this tag"):
            tag_key(gate, key, {"aws:mine": "x"})


class TestRotation:
    def test_is_switched_on_with_a_period_and_off(self, gate: KmsGate) -> None:
        key = gate.create_key("k").arn
        enable_rotation(gate, key)
        assert gate.rotation_status(key).period_days == 365
        enable_rotation(gate, key, period_days=90)
        assert gate.rotation_status(key).period_days == 90
        disable_rotation(gate, key)
        assert not gate.rotation_status(key).enabled

    def test_on_demand_makes_a_new_generation(self, gate: KmsGate) -> None:
        key = gate.create_key("k")
        rotate_on_demand(gate, key.arn)
        assert gate.describe_key(key.arn).key_material_id != key.key_material_id
        assert len(key_materials(gate, key.arn)) == 2

    def test_that_is_under_way_is_told(self) -> None:
        connection = FakeConnection(rotate_key_on_demand=refuse("ConflictException"))
        with pytest.raises(errors.KeyStateInvalid, match="under way"):
            rotate_on_demand(gate_on(connection, write=True), ARN)

    def test_of_a_key_that_does_not_rotate_is_told(self, gate: KmsGate) -> None:
        key = gate.create_key("k", spec="HMAC_256", usage="GENERATE_VERIFY_MAC")
        with pytest.raises(errors.UnsupportedOperation):
            enable_rotation(gate, key.arn)


class TestImportingMaterial:
    @pytest.fixture
    def key(self, gate: KmsGate) -> KeyDescription:
        return gate.create_key("imported", origin="EXTERNAL")

    @pytest.mark.parametrize("algorithm", WRAPPING_ALGORITHMS)
    def test_makes_the_key_usable(self, gate: KmsGate, key: KeyDescription, algorithm: str) -> None:
        imported = import_material(gate, key, MATERIAL, algorithm=algorithm)
        now = gate.describe_key(key.arn)
        assert (now.state, now.key_material_id) == ("Enabled", imported.material_id)
        assert (now.expiration_model, now.valid_to) == ("KEY_MATERIAL_DOES_NOT_EXPIRE", None)
        blob = gate.encrypt(key.arn, SecretBytes(b"x" * 16), {}).ciphertext
        assert gate.decrypt(key.arn, blob, {}).plaintext == SecretBytes(b"x" * 16)

    def test_that_expires_says_when(self, gate: KmsGate, key: KeyDescription) -> None:
        end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
        import_material(gate, key, MATERIAL, valid_to=end)
        assert gate.describe_key(key.arn).valid_to == end

    def test_adds_a_generation_for_the_next_rotation(
        self, gate: KmsGate, key: KeyDescription
    ) -> None:
        import_material(gate, key, MATERIAL)
        added = import_material(
            gate, key, SecretBytes(bytes(32)), is_new=True, description="second"
        )
        waiting = key_materials(gate, key.arn)[-1]
        assert (waiting.state, waiting.description) == ("PENDING_ROTATION", "second")
        rotate_on_demand(gate, key.arn)
        assert gate.describe_key(key.arn).key_material_id == added.material_id

    def test_that_was_deleted_comes_back_only_as_it_was(
        self, gate: KmsGate, key: KeyDescription
    ) -> None:
        imported = import_material(gate, key, MATERIAL)
        assert delete_imported_material(gate, key.arn).material_id == imported.material_id
        assert gate.describe_key(key.arn).state == "PendingImport"
        with pytest.raises(errors.InvalidRequest, match="not the key material"):
            import_material(gate, key, SecretBytes(bytes(32)), is_new=False)
        import_material(gate, key, MATERIAL, is_new=False)
        assert gate.describe_key(key.arn).state == "Enabled"

    def test_of_a_key_pair_is_a_private_key_in_der(self, gate: KmsGate) -> None:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = gate.create_key("pair", spec="ECC_NIST_P256", usage="SIGN_VERIFY", origin="EXTERNAL")
        private = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        import_material(gate, key, SecretBytes(private))
        assert gate.describe_key(key.arn).state == "Enabled"

    def test_into_a_key_that_kms_made_itself_is_refused(self, gate: KmsGate) -> None:
        with pytest.raises(errors.UnsupportedOperation):
            import_material(gate, gate.create_key("own"), MATERIAL)

    @pytest.mark.parametrize("code", ["ExpiredImportTokenException", "InvalidImportTokenException"])
    def test_with_a_token_that_is_not_good_any_more_says_to_begin_again(self, code: str) -> None:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        public = rsa.generate_private_key(65537, 2048).public_key()
        der = public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        connection = FakeConnection(
            get_parameters_for_import=lambda **_: {
                "ImportToken": b"t",
                "PublicKey": der,
                "ParametersValidTo": NOON,
            },
            import_key_material=refuse(code),
        )
        with pytest.raises(errors.InvalidRequest) as caught:
            import_material(gate_on(connection, write=True), described(), MATERIAL)
        assert "Begin the import again" in caught.value.hint
        sent = connection.kms.seen[-1][1]
        assert MATERIAL.reveal() not in sent["EncryptedKeyMaterial"]

    @pytest.mark.parametrize("public", [b"", b"no key", bytes(300)])
    def test_under_what_is_no_public_key_is_an_error_of_ours(self, public: bytes) -> None:
        with pytest.raises(errors.KmsError, match="did not answer as it should"):
            wrap_material(public, "RSAES_OAEP_SHA_256", MATERIAL)

    def test_under_an_unknown_algorithm_is_refused(self) -> None:
        with pytest.raises(errors.InvalidRequest, match="not known"):
            wrap_material(b"", "RSAES_PKCS1_V1_5", MATERIAL)


class TestAFileOfMaterial:
    def test_is_read_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "material"
        path.write_bytes(MATERIAL.reveal())
        assert read_material(path, described()) == MATERIAL

    @pytest.mark.parametrize("content", [b"", bytes(31), bytes(33), b"0" * 64, bytes(5000)])
    def test_of_another_length_is_refused_and_says_what_to_do(
        self, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "material"
        path.write_bytes(content)
        with pytest.raises(errors.UsageError) as caught:
            read_material(path, described())
        assert "exactly 32 bytes" in caught.value.hint
        assert str(path) in caught.value.detail

    def test_that_is_missing_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(errors.SourceUnreadable):
            read_material(tmp_path / "none", described())

    def test_of_the_wrong_length_makes_no_call(self) -> None:
        gate = answering()
        with pytest.raises(errors.UsageError):
            import_material(gate, described(), SecretBytes(bytes(16)))
        assert gate.log.count == 0
