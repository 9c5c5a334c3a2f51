"""What time does to keys: rotation, deletion, expiry; and what the user does to their states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sealscope.kms.local import LocalStore, local_session, new_keys
from sealscope.kms.local.rsa_encryption import oaep
from tests.kms.local.tools import Clock, everything_on_disk, refusal, refusal_code

ALL = {"IncludeKeyMaterial": "ALL_KEY_MATERIAL"}


def state(kms: Any, key: str) -> str:
    return str(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


def seal(kms: Any, key: str) -> bytes:
    return bytes(kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"])


def opens(kms: Any, blob: bytes) -> bool:
    return bool(kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x")


class TestRotationOnDemand:
    def test_makes_new_material_and_opens_old_blobs(self, kms: Any, key: str) -> None:
        blobs, materials = [], []
        for _ in range(4):
            blobs.append(seal(kms, key))
            materials.append(kms.decrypt(CiphertextBlob=blobs[-1])["KeyMaterialId"])
            kms.rotate_key_on_demand(KeyId=key)
        assert len(set(materials)) == 4
        assert all(opens(kms, blob) for blob in blobs)
        current = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
        assert current not in materials
        assert kms.decrypt(CiphertextBlob=seal(kms, key))["KeyMaterialId"] == current

    def test_is_listed(self, kms: Any, key: str, clock: Clock) -> None:
        first = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
        assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
        clock.advance(days=1)
        kms.rotate_key_on_demand(KeyId=key)
        (rotation,) = kms.list_key_rotations(KeyId=key)["Rotations"]
        assert rotation["RotationType"] == "ON_DEMAND"
        assert rotation["RotationDate"] == clock.now
        assert rotation["KeyMaterialState"] == "CURRENT"
        whole = kms.list_key_rotations(KeyId=key, **ALL)["Rotations"]
        assert [entry["KeyMaterialId"] for entry in whole] == [first, rotation["KeyMaterialId"]]
        assert [entry["KeyMaterialState"] for entry in whole] == ["NON_CURRENT", "CURRENT"]

    def test_pages_its_list(self, kms: Any, key: str) -> None:
        for _ in range(5):
            kms.rotate_key_on_demand(KeyId=key)
        pages = list(
            kms.get_paginator("list_key_rotations").paginate(
                KeyId=key, PaginationConfig={"PageSize": 2}
            )
        )
        assert [len(page["Rotations"]) for page in pages] == [2, 2, 1]

    def test_ends_after_25_times(self, kms: Any, key: str) -> None:
        for _ in range(25):
            kms.rotate_key_on_demand(KeyId=key)
        assert refusal_code(kms.rotate_key_on_demand, KeyId=key) == "LimitExceededException"

    def test_is_for_enabled_symmetric_keys(self, kms: Any, key: str) -> None:
        other = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
        for call in (kms.rotate_key_on_demand, kms.enable_key_rotation, kms.list_key_rotations):
            code = refusal_code(call, KeyId=other["KeyMetadata"]["KeyId"])
            assert code == "UnsupportedOperationException"
        kms.disable_key(KeyId=key)
        assert refusal_code(kms.rotate_key_on_demand, KeyId=key) == "DisabledException"
        assert refusal_code(kms.enable_key_rotation, KeyId=key) == "DisabledException"


class TestAutomaticRotation:
    def test_happens_when_it_is_due(self, kms: Any, key: str, clock: Clock) -> None:
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
        status = kms.get_key_rotation_status(KeyId=key)
        assert status["KeyRotationEnabled"] is True
        assert status["RotationPeriodInDays"] == 90
        assert status["NextRotationDate"] == clock.now + timedelta(days=90)
        blob = seal(kms, key)
        clock.advance(days=89)
        assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
        clock.advance(days=1)
        (rotation,) = kms.list_key_rotations(KeyId=key)["Rotations"]
        assert (rotation["RotationType"], rotation["RotationDate"]) == ("AUTOMATIC", clock.now)
        assert opens(kms, blob)
        status = kms.get_key_rotation_status(KeyId=key)
        assert status["NextRotationDate"] == clock.now + timedelta(days=90)

    def test_that_was_missed_for_years_happens_once(self, kms: Any, key: str, clock: Clock) -> None:
        kms.enable_key_rotation(KeyId=key)
        clock.advance(days=365 * 5)
        seal(kms, key)
        assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1

    def test_waits_while_the_key_is_disabled(self, kms: Any, key: str, clock: Clock) -> None:
        kms.enable_key_rotation(KeyId=key)
        kms.disable_key(KeyId=key)
        clock.advance(days=400)
        assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
        kms.enable_key(KeyId=key)
        assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1

    def test_is_off_while_deletion_is_pending(self, kms: Any, key: str) -> None:
        kms.enable_key_rotation(KeyId=key)
        kms.schedule_key_deletion(KeyId=key)
        assert not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
        kms.cancel_key_deletion(KeyId=key)
        assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]

    def test_waits_for_room_on_a_full_disk_while_old_blobs_open(
        self, kms: Any, key: str, clock: Clock, store: LocalStore
    ) -> None:
        # More new material than fits in pages that are half full.
        for _ in range(80):
            kms.enable_key_rotation(KeyId=kms.create_key()["KeyMetadata"]["KeyId"])
        kms.enable_key_rotation(KeyId=key)
        blob = seal(kms, key)
        with store.reading() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages}")
        clock.advance(days=400)
        assert opens(kms, blob)
        assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
        with store.reading() as connection:
            connection.execute(f"PRAGMA max_page_count={pages * 100}")
        assert opens(kms, blob)
        assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1

    def test_can_be_turned_off(self, kms: Any, key: str, clock: Clock) -> None:
        kms.enable_key_rotation(KeyId=key)
        kms.disable_key_rotation(KeyId=key)
        clock.advance(days=400)
        assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
        assert not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]

    def test_keeps_its_date_when_enabled_again_or_rotated_on_demand(
        self, kms: Any, key: str, clock: Clock
    ) -> None:
        kms.enable_key_rotation(KeyId=key)
        date = kms.get_key_rotation_status(KeyId=key)["NextRotationDate"]
        clock.advance(days=10)
        kms.enable_key_rotation(KeyId=key)
        kms.rotate_key_on_demand(KeyId=key)
        assert kms.get_key_rotation_status(KeyId=key)["NextRotationDate"] == date


class TestDeletion:
    @pytest.mark.parametrize("days", [6, 31])
    def test_needs_a_window_of_7_to_30_days(self, kms: Any, key: str, days: int) -> None:
        code = refusal_code(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=days)
        assert code == "ValidationException"
        assert state(kms, key) == "Enabled"

    def test_on_its_date_destroys_the_key_and_its_material(
        self, kms: Any, key: str, clock: Clock, store: LocalStore, path: Path
    ) -> None:
        kms.create_alias(AliasName="alias/doomed", TargetKeyId=key)
        kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}])
        blob = seal(kms, key)
        with store.reading() as connection:
            wrapped = bytes(
                connection.execute(
                    "SELECT wrapped FROM material WHERE key_id = ?", (key,)
                ).fetchone()[0]
            )
        assert wrapped in everything_on_disk(path)
        answer = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        assert answer["DeletionDate"] == clock.now + timedelta(days=7)
        clock.advance(days=7, milliseconds=-1)
        assert state(kms, key) == "PendingDeletion"
        assert refusal_code(kms.decrypt, CiphertextBlob=blob) == "KMSInvalidStateException"
        clock.advance(milliseconds=1)
        assert refusal_code(kms.describe_key, KeyId=key) == "NotFoundException"
        assert refusal_code(kms.decrypt, CiphertextBlob=blob) == "AccessDeniedException"
        assert refusal_code(kms.describe_key, KeyId="alias/doomed") == "NotFoundException"
        assert wrapped not in everything_on_disk(path)

    def test_leaves_no_material_behind_though_another_program_looked_on(
        self, store: LocalStore, path: Path, key: str, clock: Clock
    ) -> None:
        kms = local_session(store).client("kms")
        other = LocalStore.open(path, clock=clock)
        with store.reading() as connection:
            query = "SELECT wrapped FROM material WHERE key_id = ?"
            wrapped = bytes(connection.execute(query, (key,)).fetchone()[0])
            connection.execute("PRAGMA busy_timeout=0")
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        clock.advance(days=7)
        with other.reading() as connection:
            connection.execute("SELECT * FROM key").fetchall()
            kms.list_keys()
            kms.list_keys()
            assert wrapped in everything_on_disk(path)
        kms.list_keys()
        assert wrapped not in everything_on_disk(path)
        other.close()
        with store.reading() as connection:
            for table in ("material", "tag", "alias"):
                sql = f"SELECT count(*) FROM {table} WHERE key_id = ?"
                assert connection.execute(sql, (key,)).fetchone()[0] == 0

    def test_can_be_called_off(self, kms: Any, key: str, clock: Clock) -> None:
        blob = seal(kms, key)
        kms.schedule_key_deletion(KeyId=key)
        kms.cancel_key_deletion(KeyId=key)
        assert state(kms, key) == "Disabled"
        kms.enable_key(KeyId=key)
        clock.advance(days=100)
        assert opens(kms, blob)

    def test_blocks_changes_meanwhile(self, kms: Any, key: str) -> None:
        kms.schedule_key_deletion(KeyId=key)
        for call, params in (
            (kms.enable_key, {}),
            (kms.disable_key, {}),
            (kms.schedule_key_deletion, {}),
            (kms.update_key_description, {"Description": "x"}),
            (kms.tag_resource, {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        ):
            error = refusal(call, KeyId=key, **params)
            assert error.response["Error"]["Code"] == "KMSInvalidStateException"
            assert error.response["Error"]["Message"].endswith("is pending deletion.")

    def test_that_was_not_scheduled_cannot_be_called_off(self, kms: Any, key: str) -> None:
        assert refusal_code(kms.cancel_key_deletion, KeyId=key) == "KMSInvalidStateException"


class Importer:
    """Brings material into a key the way a customer does."""

    def __init__(self, kms: Any, key: str, algorithm: str = "RSAES_OAEP_SHA_256") -> None:
        self._kms = kms
        self._key = key
        self._algorithm = algorithm
        self.parameters = kms.get_parameters_for_import(
            KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048"
        )

    def wrap(self, material: bytes) -> bytes:
        public = load_der_public_key(self.parameters["PublicKey"])
        assert isinstance(public, rsa.RSAPublicKey)
        padding = oaep(f"RSAES_OAEP_SHA_{self._algorithm.rpartition('_')[2]}")
        if not self._algorithm.startswith("RSA_AES"):
            return public.encrypt(material, padding)
        key = bytes(range(32))
        return public.encrypt(key, padding) + keywrap.aes_key_wrap_with_padding(key, material)

    def __call__(self, material: bytes, **options: Any) -> Any:
        options.setdefault("ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE")
        options.setdefault("ImportToken", self.parameters["ImportToken"])
        options.setdefault("EncryptedKeyMaterial", self.wrap(material))
        return self._kms.import_key_material(KeyId=self._key, **options)


@pytest.fixture
def external(kms: Any) -> str:
    return str(kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"])


@pytest.fixture
def bring(kms: Any, external: str) -> Importer:
    return Importer(kms, external)


MATERIAL = bytes(range(32))
EXPIRES = {"ExpirationModel": "KEY_MATERIAL_EXPIRES"}


class TestImportedMaterial:
    def test_makes_the_key_usable(self, kms: Any, external: str, bring: Importer) -> None:
        assert state(kms, external) == "PendingImport"
        code = refusal_code(kms.encrypt, KeyId=external, Plaintext=b"x")
        assert code == "KMSInvalidStateException"
        answer = bring(MATERIAL)
        told = kms.describe_key(KeyId=external)["KeyMetadata"]
        assert (told["KeyState"], told["ExpirationModel"]) == (
            "Enabled",
            "KEY_MATERIAL_DOES_NOT_EXPIRE",
        )
        assert told["CurrentKeyMaterialId"] == answer["KeyMaterialId"]
        assert opens(kms, seal(kms, external))

    def test_deleted_and_brought_again_opens_old_blobs(
        self, kms: Any, external: str, bring: Importer, store: LocalStore, path: Path
    ) -> None:
        first = bring(MATERIAL)["KeyMaterialId"]
        blob = seal(kms, external)
        with store.reading() as connection:
            row = connection.execute("SELECT wrapped FROM material WHERE id = ?", (first,))
            wrapped = bytes(row.fetchone()[0])
        assert kms.delete_imported_key_material(KeyId=external)["KeyMaterialId"] == first
        assert state(kms, external) == "PendingImport"
        assert wrapped not in everything_on_disk(path)
        assert refusal_code(kms.decrypt, CiphertextBlob=blob) == "KMSInvalidStateException"
        code = refusal_code(bring, material=bytes(32))
        assert code == "IncorrectKeyMaterialException"
        assert bring(MATERIAL)["KeyMaterialId"] == first
        assert opens(kms, blob)

    def test_expires(self, kms: Any, external: str, bring: Importer, clock: Clock) -> None:
        until = clock.now + timedelta(days=2)
        bring(MATERIAL, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=until)
        blob = seal(kms, external)
        assert kms.describe_key(KeyId=external)["KeyMetadata"]["ValidTo"] == until
        clock.advance(days=2)
        assert state(kms, external) == "PendingImport"
        assert refusal_code(kms.decrypt, CiphertextBlob=blob) == "KMSInvalidStateException"
        Importer(kms, external)(MATERIAL)
        assert opens(kms, blob)

    def test_can_be_rotated_to_new_material(self, kms: Any, external: str, bring: Importer) -> None:
        assert refusal_code(kms.rotate_key_on_demand, KeyId=external) == (
            "KMSInvalidStateException"
        )
        first = bring(MATERIAL)["KeyMaterialId"]
        blob = seal(kms, external)
        code = refusal_code(kms.rotate_key_on_demand, KeyId=external)
        assert code == "KMSInvalidStateException"
        second = bring(bytes(32), ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="second")[
            "KeyMaterialId"
        ]
        listed = kms.list_key_rotations(KeyId=external, **ALL)["Rotations"]
        assert [entry["KeyMaterialState"] for entry in listed] == ["CURRENT", "PENDING_ROTATION"]
        assert listed[1]["KeyMaterialDescription"] == "second"
        kms.rotate_key_on_demand(KeyId=external)
        told = kms.describe_key(KeyId=external)["KeyMetadata"]
        assert told["CurrentKeyMaterialId"] == second
        assert opens(kms, blob)
        kms.delete_imported_key_material(KeyId=external, KeyMaterialId=first)
        assert state(kms, external) == "PendingImport"
        bring(MATERIAL, KeyMaterialId=first)
        assert opens(kms, blob)

    @pytest.mark.parametrize(
        ("spec", "usage", "curve"),
        [("ECC_NIST_P256", "SIGN_VERIFY", ec.SECP256R1()), ("RSA_2048", "ENCRYPT_DECRYPT", None)],
    )
    def test_may_be_a_key_pair(
        self, kms: Any, spec: str, usage: str, curve: ec.EllipticCurve | None
    ) -> None:
        key = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
        bring = Importer(kms, key["KeyId"], "RSA_AES_KEY_WRAP_SHA_256")
        pair: new_keys.KeyPair = (
            ec.generate_private_key(curve)
            if curve
            else rsa.generate_private_key(public_exponent=65537, key_size=2048)
        )
        answer = bring(new_keys.private_der(pair))
        assert "KeyMaterialId" not in answer
        public = kms.get_public_key(KeyId=key["KeyId"])["PublicKey"]
        assert public == new_keys.public_der(pair)
        other = ec.generate_private_key(ec.SECP256R1())
        code = refusal_code(bring, material=new_keys.private_der(other))
        assert code == "IncorrectKeyMaterialException"

    @pytest.mark.parametrize("material", [b"", b"short", bytes(31), bytes(33)])
    def test_must_have_the_right_length(
        self, kms: Any, external: str, bring: Importer, material: bytes
    ) -> None:
        assert refusal_code(bring, material=material) == "IncorrectKeyMaterialException"
        assert state(kms, external) == "PendingImport"

    def test_must_be_wrapped_with_the_key_of_its_token(
        self, kms: Any, external: str, bring: Importer
    ) -> None:
        other = Importer(kms, external)
        code = refusal_code(bring, material=MATERIAL, EncryptedKeyMaterial=other.wrap(MATERIAL))
        assert code == "InvalidCiphertextException"
        for damaged in (b"x", bytes(256), bytes(300)):
            code = refusal_code(bring, material=MATERIAL, EncryptedKeyMaterial=damaged)
            assert code == "InvalidCiphertextException"

    def test_needs_a_token_of_this_key(self, kms: Any, bring: Importer, clock: Clock) -> None:
        other = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
        token = Importer(kms, other).parameters["ImportToken"]
        for wrong in (token, b"x", bring.parameters["ImportToken"][5:]):
            code = refusal_code(bring, material=MATERIAL, ImportToken=wrong)
            assert code == "InvalidImportTokenException"
        clock.advance(hours=24)
        assert refusal_code(bring, material=MATERIAL) == "ExpiredImportTokenException"
        clock.advance(hours=24)
        assert refusal_code(bring, material=MATERIAL) == "InvalidImportTokenException"

    @pytest.mark.parametrize(
        "options",
        [
            {"ExpirationModel": "KEY_MATERIAL_EXPIRES"},
            {
                "ExpirationModel": "KEY_MATERIAL_EXPIRES",
                "ValidTo": datetime(2026, 1, 1, tzinfo=UTC),
            },
            {
                "ExpirationModel": "KEY_MATERIAL_EXPIRES",
                "ValidTo": datetime(2028, 1, 1, tzinfo=UTC),
            },
            {"ValidTo": datetime(2026, 6, 1, tzinfo=UTC)},
            {"ImportType": "NEW_KEY_MATERIAL", "KeyMaterialId": "ab" * 32},
        ],
    )
    def test_needs_sensible_options(self, bring: Importer, options: dict[str, Any]) -> None:
        assert refusal_code(bring, material=MATERIAL, **options) == "ValidationException"

    def test_is_for_keys_of_external_origin(self, kms: Any, key: str) -> None:
        for call, params in (
            (
                kms.get_parameters_for_import,
                {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
            ),
            (kms.delete_imported_key_material, {}),
        ):
            error = refusal(call, KeyId=key, **params)
            assert error.response["Error"]["Code"] == "UnsupportedOperationException"
            assert error.response["Error"]["Message"].endswith(
                "origin is AWS_KMS which is not valid for this operation."
            )

    def test_of_rsa_keys_is_not_wrapped_by_rsa_alone(self, kms: Any) -> None:
        made = kms.create_key(Origin="EXTERNAL", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
        code = refusal_code(
            kms.get_parameters_for_import,
            KeyId=made["KeyMetadata"]["KeyId"],
            WrappingAlgorithm="RSAES_OAEP_SHA_256",
            WrappingKeySpec="RSA_2048",
        )
        assert code == "ValidationException"


def test_what_is_due_is_done_by_whoever_looks_first(
    kms: Any, key: str, clock: Clock, store: LocalStore, path: Path
) -> None:
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    clock.advance(days=8)
    other = LocalStore.open(path, clock=clock)
    assert len(local_session(other).client("kms").list_keys()["Keys"]) == 1
    assert store.info().keys == 1
    other.close()
