"""Rotation: its schedule, its status, rotation on demand, and what it does to ciphertext."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.kms.probe.lab import Key, Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, guide
from tests.kms.probe.states_of_keys import pending_deletion, pending_import


def _rotate(lab: Lab, key: Key) -> None:
    before = len(_rotations(lab, key))
    lab.kms.rotate_key_on_demand(KeyId=key.id)
    lab.eventually(lambda: len(_rotations(lab, key)), lambda count: count > before)


def _rotations(lab: Lab, key: Key, **settings: str) -> list[dict[str, Any]]:
    rotations: list[dict[str, Any]] = lab.kms.list_key_rotations(KeyId=key.id, **settings)[
        "Rotations"
    ]
    return rotations


@probe(source=api("GetKeyRotationStatus", "response"))
def a_new_key_does_not_rotate(lab: Lab) -> None:
    """A new key has automatic rotation off."""
    assert lab.kms.get_key_rotation_status(KeyId=lab.key().id)["KeyRotationEnabled"] is False


@probe(source=api("EnableKeyRotation", "RotationPeriodInDays: default 365"))
def a_key_rotates_yearly(lab: Lab) -> None:
    """EnableKeyRotation without a period rotates every 365 days, the first time in 365 days."""
    key = lab.new_key()
    lab.kms.enable_key_rotation(KeyId=key.id)
    status = lab.kms.get_key_rotation_status(KeyId=key.id)
    assert status["KeyRotationEnabled"] is True
    assert status["RotationPeriodInDays"] == 365
    in_a_year = datetime.now(UTC) + timedelta(days=365)
    assert abs(status["NextRotationDate"] - in_a_year) < timedelta(days=2)


@probe(source=api("GetKeyRotationStatus", "response, KeyId"))
def the_status_names_its_key(lab: Lab) -> None:
    """GetKeyRotationStatus answers which key it is about."""
    key = lab.key()
    assert lab.kms.get_key_rotation_status(KeyId=key.arn)["KeyId"] in {key.id, key.arn}


@probe(source=api("EnableKeyRotation", "RotationPeriodInDays: 90 to 2560"))
def a_period_of_one_s_own(lab: Lab) -> None:
    """A period may be 90 to 2,560 days, and a second EnableKeyRotation changes it."""
    key = lab.new_key()
    for days in (90, 2560):
        lab.kms.enable_key_rotation(KeyId=key.id, RotationPeriodInDays=days)
        status = lab.kms.get_key_rotation_status(KeyId=key.id)
        assert status["RotationPeriodInDays"] == days
        due = datetime.now(UTC) + timedelta(days=days)
        assert abs(status["NextRotationDate"] - due) < timedelta(days=2)


@probe(source=api("EnableKeyRotation", "RotationPeriodInDays: 90 to 2560"))
def a_period_has_limits(lab: Lab) -> None:
    """Periods of 89 and 2,561 days are ValidationException, and rotation stays off."""
    key = lab.new_key()
    for days in (89, 2561):
        with refused("ValidationException"):
            lab.unchecked.enable_key_rotation(KeyId=key.id, RotationPeriodInDays=days)
    assert lab.kms.get_key_rotation_status(KeyId=key.id)["KeyRotationEnabled"] is False


@probe(source=api("DisableKeyRotation", "description"))
def rotation_may_be_turned_off(lab: Lab) -> None:
    """DisableKeyRotation turns rotation off, twice too."""
    key = lab.new_key()
    lab.kms.enable_key_rotation(KeyId=key.id)
    for _ in range(2):
        lab.kms.disable_key_rotation(KeyId=key.id)
        assert lab.kms.get_key_rotation_status(KeyId=key.id)["KeyRotationEnabled"] is False


@probe(source=api("GetKeyRotationStatus", "description: Disabled"))
def a_disabled_key_keeps_its_rotation_status(lab: Lab) -> None:
    """Disabling a key does not change its rotation status."""
    key = lab.new_key()
    lab.kms.enable_key_rotation(KeyId=key.id)
    lab.kms.disable_key(KeyId=key.id)
    assert lab.kms.get_key_rotation_status(KeyId=key.id)["KeyRotationEnabled"] is True


@probe(source=api("GetKeyRotationStatus", "description: Pending deletion"))
def a_key_pending_deletion_does_not_rotate(lab: Lab) -> None:
    """While a key is pending deletion its status is false; cancelling brings the old one back."""
    key = lab.new_key()
    lab.kms.enable_key_rotation(KeyId=key.id)
    pending_deletion(lab, key)
    assert lab.kms.get_key_rotation_status(KeyId=key.id)["KeyRotationEnabled"] is False
    lab.kms.cancel_key_deletion(KeyId=key.id)
    assert lab.kms.get_key_rotation_status(KeyId=key.id)["KeyRotationEnabled"] is True


@probe(source=api("EnableKeyRotation", "description; Errors: UnsupportedOperationException"))
def only_symmetric_keys_rotate(lab: Lab) -> None:
    """EnableKeyRotation of asymmetric and HMAC keys is UnsupportedOperationException."""
    for spec in ("RSA_2048", "ECC_NIST_P256", "HMAC_256"):
        with refused("UnsupportedOperationException"):
            lab.kms.enable_key_rotation(KeyId=lab.key(spec).id)


@probe(source=api("RotateKeyOnDemand", "description; Errors: UnsupportedOperationException"))
def only_symmetric_keys_rotate_on_demand(lab: Lab) -> None:
    """RotateKeyOnDemand of asymmetric and HMAC keys is UnsupportedOperationException."""
    for spec in ("RSA_2048", "ECC_NIST_P256", "HMAC_256"):
        with refused("UnsupportedOperationException"):
            lab.kms.rotate_key_on_demand(KeyId=lab.key(spec).id)


@probe(source=api("RotateKeyOnDemand", "description: imported key material"))
def imported_material_rotates_only_to_new_material(lab: Lab) -> None:
    """RotateKeyOnDemand of a key without new material to rotate to is refused."""
    with refused():
        lab.kms.rotate_key_on_demand(KeyId=pending_import(lab).id)


@probe(source=api("RotateKeyOnDemand", "response"))
def rotating_answers_the_key(lab: Lab) -> None:
    """RotateKeyOnDemand answers the key that it rotates."""
    key = lab.new_key()
    assert lab.kms.rotate_key_on_demand(KeyId=key.arn)["KeyId"] in {key.id, key.arn}


@probe(source=guide("Rotate AWS KMS keys", "how key rotation works"))
def rotation_changes_the_material_and_nothing_else(lab: Lab) -> None:
    """Rotation on demand gives the key new current material; ids, state and alias stay."""
    key = lab.new_key()
    alias = lab.new_alias(key)
    _rotate(lab, key)
    after = lab.kms.describe_key(KeyId=alias)["KeyMetadata"]
    material = after.pop("CurrentKeyMaterialId")
    before = dict(key.metadata)
    assert re.fullmatch(r"[a-f0-9]{64}", material)
    assert material != before.pop("CurrentKeyMaterialId")
    assert after == before


@probe(source=guide("Rotate AWS KMS keys", "how key rotation works; Decrypt: KeyMaterialId"))
def old_ciphertext_opens_after_rotation(lab: Lab) -> None:
    """What the old material sealed still opens, with the old material's id; new has the new."""
    key = lab.new_key()
    blobs: dict[str, bytes] = {}
    for _ in range(3):
        made = lab.kms.generate_data_key(KeyId=key.id, KeySpec="AES_256")
        blobs[made["KeyMaterialId"]] = made["CiphertextBlob"]
        _rotate(lab, key)
    assert len(blobs) == 3
    for material, blob in blobs.items():
        assert lab.kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == material
    new = lab.kms.encrypt(KeyId=key.id, Plaintext=b"x")["CiphertextBlob"]
    assert lab.kms.decrypt(CiphertextBlob=new)["KeyMaterialId"] not in blobs


@probe(source=api("ReEncrypt", "description: rotated key material"))
def re_encrypting_moves_to_the_new_material(lab: Lab) -> None:
    """ReEncrypt within a rotated key goes from the old material to the current one."""
    key = lab.new_key()
    old = lab.kms.generate_data_key(KeyId=key.id, KeySpec="AES_256")
    _rotate(lab, key)
    answer = lab.kms.re_encrypt(CiphertextBlob=old["CiphertextBlob"], DestinationKeyId=key.id)
    assert answer["SourceKeyMaterialId"] == old["KeyMaterialId"]
    assert answer["DestinationKeyMaterialId"] == lab.describe(key)["CurrentKeyMaterialId"]


@probe(source=api("ListKeyRotations", "IncludeKeyMaterial: ROTATIONS_ONLY is the default"))
def a_new_key_has_no_rotations(lab: Lab) -> None:
    """ListKeyRotations of a new key is empty."""
    assert _rotations(lab, lab.key()) == []


@probe(source=api("ListKeyRotations", "RotationsListEntry"))
def a_rotation_is_listed(lab: Lab) -> None:
    """A rotation on demand is listed with its type, its date and the material it made."""
    key = lab.new_key()
    _rotate(lab, key)
    (rotation,) = _rotations(lab, key)
    assert rotation["RotationType"] == "ON_DEMAND"
    assert rotation["KeyId"] in {key.id, key.arn}
    assert rotation["KeyMaterialId"] == lab.describe(key)["CurrentKeyMaterialId"]
    assert abs(datetime.now(UTC) - rotation["RotationDate"]) < timedelta(minutes=10)


@probe(source=api("ListKeyRotations", "IncludeKeyMaterial: ALL_KEY_MATERIAL"))
def all_key_material_is_listed(lab: Lab) -> None:
    """ALL_KEY_MATERIAL also lists the first material, without date and type; one is CURRENT."""
    key = lab.new_key()
    _rotate(lab, key)
    entries = _rotations(lab, key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    by_material = {entry["KeyMaterialId"]: entry for entry in entries}
    current = lab.describe(key)["CurrentKeyMaterialId"]
    first = key.metadata["CurrentKeyMaterialId"]
    assert set(by_material) == {first, current}
    assert by_material[current]["KeyMaterialState"] == "CURRENT"
    assert by_material[first]["KeyMaterialState"] == "NON_CURRENT"
    assert "RotationDate" not in by_material[first]
    assert "RotationType" not in by_material[first]


@probe(source=api("RotateKeyOnDemand", "description: schedules do not change"))
def rotating_on_demand_keeps_the_schedule(lab: Lab) -> None:
    """Rotation on demand changes neither the period nor the next date of automatic rotation."""
    key = lab.new_key()
    lab.kms.enable_key_rotation(KeyId=key.id, RotationPeriodInDays=100)
    before = lab.kms.get_key_rotation_status(KeyId=key.id)
    _rotate(lab, key)
    after = lab.kms.get_key_rotation_status(KeyId=key.id)
    for name in ("KeyRotationEnabled", "RotationPeriodInDays", "NextRotationDate"):
        assert after[name] == before[name]


@probe(source=api("RotateKeyOnDemand", "description: regardless of automatic rotation"))
def rotating_on_demand_needs_no_schedule(lab: Lab) -> None:
    """Rotation on demand works, and stays off the schedule, where automatic rotation is off."""
    key = lab.new_key()
    _rotate(lab, key)
    assert lab.kms.get_key_rotation_status(KeyId=key.id)["KeyRotationEnabled"] is False


@probe(
    source=api("RotateKeyOnDemand", "description: at most 25 times; LimitExceededException"),
    bulk=True,
)
def a_key_rotates_on_demand_25_times(lab: Lab) -> None:
    """The 26th rotation on demand is LimitExceededException, and the first blob still opens."""
    key = lab.new_key()
    blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"first")["CiphertextBlob"]
    for _ in range(25):
        _rotate(lab, key)
    with refused("LimitExceededException"):
        lab.kms.rotate_key_on_demand(KeyId=key.id)
    assert lab.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"first"


@probe(source=api("GetKeyRotationStatus", "Errors: NotFoundException"), safe=True)
def no_unknown_key_rotates(lab: Lab) -> None:
    """The rotation calls on a key that does not exist are NotFoundException."""
    nobody = "00000000-1111-4222-8333-444444444444"
    for method in (
        "get_key_rotation_status",
        "enable_key_rotation",
        "disable_key_rotation",
        "rotate_key_on_demand",
        "list_key_rotations",
    ):
        with refused("NotFoundException"):
            getattr(lab.kms, method)(KeyId=nobody)


@probe(source=api("DisableKeyRotation", "description; Errors: UnsupportedOperationException"))
def nothing_to_turn_off(lab: Lab) -> None:
    """DisableKeyRotation of asymmetric and HMAC keys is UnsupportedOperationException."""
    for spec in ("RSA_2048", "HMAC_256"):
        with refused("UnsupportedOperationException"):
            lab.kms.disable_key_rotation(KeyId=lab.key(spec).id)


@probe(source=api("ListKeyRotations", "IncludeKeyMaterial: valid values"))
def unknown_key_material_is_not_listed(lab: Lab) -> None:
    """An IncludeKeyMaterial that does not exist is ValidationException."""
    with refused("ValidationException", saying="at 'includeKeyMaterial'"):
        lab.kms.list_key_rotations(KeyId=lab.key().id, IncludeKeyMaterial="EVERYTHING")
