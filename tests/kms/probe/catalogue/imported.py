"""Imported key material: from PendingImport to Enabled and back."""

from __future__ import annotations

import hmac
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
)

from tests.kms.probe.lab import Key, Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, guide, recorded
from tests.kms.probe.states_of_keys import import_material, pending_import, wrap


def _parameters(lab: Lab, key: Key, **settings: str) -> dict[str, Any]:
    request = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    answer: dict[str, Any] = lab.kms.get_parameters_for_import(KeyId=key.id, **request | settings)
    return answer


@probe(source=recorded("test_import_key_symmetric"))
def a_key_of_external_origin_waits(lab: Lab) -> None:
    """A key of external origin waits in PendingImport, not enabled, without ExpirationModel."""
    metadata = pending_import(lab).metadata
    assert metadata["Origin"] == "EXTERNAL"
    assert metadata["KeyState"] == "PendingImport"
    assert metadata["Enabled"] is False
    assert "ExpirationModel" not in metadata


@probe(source=recorded("test_import_key_symmetric"))
def importing_enables_the_key(lab: Lab) -> None:
    """Material wrapped with RSAES_OAEP_SHA_256 and imported enables the key, end to end."""
    key = pending_import(lab)
    answer = import_material(lab, key, os.urandom(32))
    assert answer["KeyId"] == key.arn
    metadata = lab.describe(key)
    assert metadata["KeyState"] == "Enabled"
    assert metadata["Enabled"] is True
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert "ValidTo" not in metadata
    blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"x")["CiphertextBlob"]
    assert lab.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


@probe(source=api("ImportKeyMaterial", "response, KeyMaterialId"))
def imported_material_has_an_id(lab: Lab) -> None:
    """ImportKeyMaterial answers the material's id, which becomes the key's current one."""
    key = pending_import(lab)
    answer = import_material(lab, key, os.urandom(32))
    assert answer["KeyMaterialId"] == lab.describe(key)["CurrentKeyMaterialId"]


@probe(source=api("GetParametersForImport", "WrappingAlgorithm: RSAES_OAEP_SHA_1"))
def material_may_be_wrapped_with_sha_1(lab: Lab) -> None:
    """Material may be wrapped with RSAES_OAEP_SHA_1 and a 4096-bit key as well."""
    key = pending_import(lab)
    parameters = _parameters(
        lab, key, WrappingAlgorithm="RSAES_OAEP_SHA_1", WrappingKeySpec="RSA_4096"
    )
    public_key = load_der_public_key(parameters["PublicKey"])
    assert isinstance(public_key, rsa.RSAPublicKey)
    assert public_key.key_size == 4096
    scheme = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), label=None)
    lab.kms.import_key_material(
        KeyId=key.id,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=public_key.encrypt(os.urandom(32), scheme),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    assert lab.describe(key)["KeyState"] == "Enabled"


@probe(source=api("GetParametersForImport", "description: valid for 24 hours"))
def parameters_for_import(lab: Lab) -> None:
    """GetParametersForImport answers the ARN, a DER RSA key, a token, and both live 24 hours."""
    key = pending_import(lab)
    answer = _parameters(lab, key)
    assert answer["KeyId"] == key.arn
    public_key = load_der_public_key(answer["PublicKey"])
    assert isinstance(public_key, rsa.RSAPublicKey)
    assert public_key.key_size == 2048
    assert 1 <= len(answer["ImportToken"]) <= 6144
    tomorrow = datetime.now(UTC) + timedelta(hours=24)
    assert abs(answer["ParametersValidTo"] - tomorrow) < timedelta(minutes=5)


@probe(source=recorded("test_get_parameters_for_import"))
def kms_made_keys_import_nothing(lab: Lab) -> None:
    """GetParametersForImport for a key of KMS's own is UnsupportedOperationException."""
    key = lab.key()
    message = f"{key.arn} origin is AWS_KMS which is not valid for this operation."
    with refused("UnsupportedOperationException", saying=message):
        _parameters(lab, key)


@probe(source=api("GetParametersForImport", "WrappingAlgorithm: RSAES_PKCS1_V1_5 not supported"))
def pkcs1_wrapping_is_gone(lab: Lab) -> None:
    """The wrapping algorithm RSAES_PKCS1_V1_5 is refused since October 2023."""
    with refused():
        _parameters(lab, pending_import(lab), WrappingAlgorithm="RSAES_PKCS1_V1_5")


@probe(source=api("ImportKeyMaterial", "Errors: InvalidImportTokenException"))
def a_token_belongs_to_its_key(lab: Lab) -> None:
    """A token of another key, or no token at all, is InvalidImportTokenException."""
    key, other = pending_import(lab), pending_import(lab)
    parameters = _parameters(lab, key)
    for token in (_parameters(lab, other)["ImportToken"], b"no token", bytes(500)):
        with refused("InvalidImportTokenException"):
            lab.kms.import_key_material(
                KeyId=key.id,
                ImportToken=token,
                EncryptedKeyMaterial=wrap(parameters["PublicKey"], bytes(32)),
                ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
            )
    assert lab.describe(key)["KeyState"] == "PendingImport"


@probe(source=api("ImportKeyMaterial", "Errors: InvalidCiphertextException"))
def material_must_unwrap(lab: Lab) -> None:
    """Material that KMS cannot unwrap is InvalidCiphertextException; the key goes on waiting."""
    key = pending_import(lab)
    token = _parameters(lab, key)["ImportToken"]
    for wrapped in (b"garbage", bytes(256)):
        with refused("InvalidCiphertextException"):
            lab.kms.import_key_material(
                KeyId=key.id,
                ImportToken=token,
                EncryptedKeyMaterial=wrapped,
                ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
            )
    assert lab.describe(key)["KeyState"] == "PendingImport"


@probe(source=guide("Requirements for imported key material", "256-bit symmetric key"))
def material_is_32_bytes(lab: Lab) -> None:
    """Material of a symmetric key that is not 256 bits long is refused."""
    key = pending_import(lab)
    for material in (bytes(16), bytes(31), bytes(33), bytes(64)):
        with refused():
            import_material(lab, key, material)
    assert lab.describe(key)["KeyState"] == "PendingImport"


@probe(source=api("ImportKeyMaterial", "Errors: IncorrectKeyMaterialException"))
def other_material_is_incorrect(lab: Lab) -> None:
    """Importing other material as the existing one is IncorrectKeyMaterialException."""
    key = pending_import(lab)
    import_material(lab, key, os.urandom(32))
    lab.kms.delete_imported_key_material(KeyId=key.id)
    with refused("IncorrectKeyMaterialException"):
        import_material(lab, key, os.urandom(32))
    assert lab.describe(key)["KeyState"] == "PendingImport"


@probe(source=recorded("test_import_key_symmetric"))
def deleting_the_material(lab: Lab) -> None:
    """After DeleteImportedKeyMaterial the key is PendingImport: it neither seals nor opens."""
    key = pending_import(lab)
    import_material(lab, key, os.urandom(32))
    blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"x")["CiphertextBlob"]
    lab.kms.delete_imported_key_material(KeyId=key.id)
    metadata = lab.describe(key)
    assert metadata["KeyState"] == "PendingImport"
    assert "ExpirationModel" not in metadata
    message = f"{key.arn} is pending import."
    with refused("KMSInvalidStateException", saying=message):
        lab.kms.encrypt(KeyId=key.id, Plaintext=b"x")
    with refused("KMSInvalidStateException", saying=message):
        lab.kms.decrypt(CiphertextBlob=blob)


@probe(source=api("DeleteImportedKeyMaterial", "description: reimport the same key material"))
def the_same_material_opens_again(lab: Lab) -> None:
    """The same material imported again opens what it sealed before it was deleted."""
    key, material = pending_import(lab), os.urandom(32)
    first = import_material(lab, key, material)
    blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"back")["CiphertextBlob"]
    lab.kms.delete_imported_key_material(KeyId=key.id)
    second = import_material(lab, key, material)
    assert second["KeyMaterialId"] == first["KeyMaterialId"]
    assert lab.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"back"


@probe(source=recorded("test_import_key_symmetric"))
def expiring_material_needs_a_date(lab: Lab) -> None:
    """KEY_MATERIAL_EXPIRES, the default, without ValidTo is ValidationException."""
    message = "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
    key = pending_import(lab)
    with refused("ValidationException", saying=message):
        import_material(lab, key, bytes(32), ExpirationModel="KEY_MATERIAL_EXPIRES")
    parameters = _parameters(lab, key)
    with refused("ValidationException", saying=message):
        lab.kms.import_key_material(
            KeyId=key.id,
            ImportToken=parameters["ImportToken"],
            EncryptedKeyMaterial=wrap(parameters["PublicKey"], bytes(32)),
        )


@probe(source=api("ImportKeyMaterial", "ExpirationModel: you must omit the ValidTo parameter"))
def lasting_material_takes_no_date(lab: Lab) -> None:
    """KEY_MATERIAL_DOES_NOT_EXPIRE with ValidTo is ValidationException."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with refused("ValidationException"):
        import_material(lab, pending_import(lab), bytes(32), ValidTo=tomorrow)


@probe(source=api("ImportKeyMaterial", "ValidTo: a future date, at most 365 days"))
def material_expires_within_a_year(lab: Lab) -> None:
    """A ValidTo in the past, or more than 365 days ahead, is ValidationException."""
    key = pending_import(lab)
    now = datetime.now(UTC)
    for date in (now - timedelta(minutes=1), now + timedelta(days=366)):
        with refused("ValidationException"):
            import_material(
                lab, key, bytes(32), ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=date
            )
    assert lab.describe(key)["KeyState"] == "PendingImport"


@probe(source=api("DescribeKey", "KeyMetadata, ValidTo, ExpirationModel"))
def a_key_tells_when_its_material_expires(lab: Lab) -> None:
    """DescribeKey shows the expiration model and the date that was set."""
    key = pending_import(lab)
    date = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0)
    import_material(lab, key, bytes(32), ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=date)
    metadata = lab.describe(key)
    assert metadata["KeyState"] == "Enabled"
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
    assert metadata["ValidTo"] == date


@probe(source=api("ImportKeyMaterial", "description: each reimport can reset the expiration"))
def importing_again_changes_the_expiry(lab: Lab) -> None:
    """The same material imported again may end its expiry."""
    key, material = pending_import(lab), os.urandom(32)
    date = datetime.now(UTC) + timedelta(days=30)
    import_material(lab, key, material, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=date)
    import_material(lab, key, material)
    metadata = lab.describe(key)
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert "ValidTo" not in metadata


@probe(source=api("EnableKeyRotation", "description; Errors: UnsupportedOperationException"))
def imported_material_does_not_rotate_by_itself(lab: Lab) -> None:
    """EnableKeyRotation of a key with imported material is UnsupportedOperationException."""
    key = pending_import(lab)
    import_material(lab, key, os.urandom(32))
    message = f"{key.arn} origin is EXTERNAL which is not valid for this operation."
    with refused("UnsupportedOperationException", saying=message):
        lab.kms.enable_key_rotation(KeyId=key.id)


@probe(source=api("CancelKeyDeletion", "description") + "; " + guide("Deleting AWS KMS keys"))
def a_waiting_key_may_be_deleted(lab: Lab) -> None:
    """A key that waits for its material can be scheduled for deletion and rescued."""
    key = pending_import(lab)
    lab.kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
    assert lab.describe(key)["KeyState"] == "PendingDeletion"
    lab.kms.cancel_key_deletion(KeyId=key.id)
    assert lab.describe(key)["Enabled"] is False


@probe(source=api("ImportKeyMaterial", "ImportType; RotateKeyOnDemand, description"))
def imported_material_rotates_on_demand(lab: Lab) -> None:
    """New material waits in PENDING_ROTATION until RotateKeyOnDemand; then both open."""
    key = pending_import(lab)
    first = import_material(lab, key, os.urandom(32))["KeyMaterialId"]
    old = lab.kms.encrypt(KeyId=key.id, Plaintext=b"old")["CiphertextBlob"]
    second = import_material(lab, key, os.urandom(32), ImportType="NEW_KEY_MATERIAL")[
        "KeyMaterialId"
    ]
    assert lab.describe(key)["CurrentKeyMaterialId"] == first
    entries = lab.kms.list_key_rotations(KeyId=key.id, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    states = {entry["KeyMaterialId"]: entry["KeyMaterialState"] for entry in entries["Rotations"]}
    assert states == {first: "CURRENT", second: "PENDING_ROTATION"}
    lab.kms.rotate_key_on_demand(KeyId=key.id)
    current = lab.eventually(
        lambda: lab.describe(key)["CurrentKeyMaterialId"], lambda material: material == second
    )
    assert current == second
    new = lab.kms.encrypt(KeyId=key.id, Plaintext=b"new")["CiphertextBlob"]
    assert lab.kms.decrypt(CiphertextBlob=old)["KeyMaterialId"] == first
    assert lab.kms.decrypt(CiphertextBlob=new)["KeyMaterialId"] == second


@probe(source=api("ImportKeyMaterial", "ImportType defaults to EXISTING_KEY_MATERIAL"))
def second_material_must_be_called_new(lab: Lab) -> None:
    """Other material, not called new, is IncorrectKeyMaterialException; the key stays as it is."""
    key = pending_import(lab)
    first = import_material(lab, key, os.urandom(32))["KeyMaterialId"]
    with refused("IncorrectKeyMaterialException"):
        import_material(lab, key, os.urandom(32))
    metadata = lab.describe(key)
    assert metadata["KeyState"] == "Enabled"
    assert metadata["CurrentKeyMaterialId"] == first


@probe(source=api("ImportKeyMaterial", "Errors: IncorrectKeyMaterialException"))
def known_material_is_not_new(lab: Lab) -> None:
    """Material that the key already has, called new, is IncorrectKeyMaterialException."""
    key, material = pending_import(lab), os.urandom(32)
    import_material(lab, key, material)
    with refused("IncorrectKeyMaterialException"):
        import_material(lab, key, material, ImportType="NEW_KEY_MATERIAL")


@probe(source=recorded("test_import_key_asymmetric"))
def a_curve_key_of_external_origin_waits(lab: Lab) -> None:
    """An elliptic curve key of external origin is created PendingImport, with its algorithm."""
    metadata = lab.new_key("ECC_NIST_P256", Origin="EXTERNAL").metadata
    assert metadata["KeyState"] == "PendingImport"
    assert metadata["SigningAlgorithms"] == ["ECDSA_SHA_256"]


@probe(source=recorded("test_import_key_asymmetric"))
def a_curve_key_is_imported(lab: Lab) -> None:
    """A PKCS #8 elliptic curve key can be imported; its public key is then GetPublicKey's."""
    key = lab.new_key("ECC_NIST_P256", Origin="EXTERNAL")
    pair = ec.generate_private_key(ec.SECP256R1())
    import_material(lab, key, pair.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    assert lab.describe(key)["KeyState"] == "Enabled"
    public_key = load_der_public_key(lab.kms.get_public_key(KeyId=key.id)["PublicKey"])
    assert public_key == pair.public_key()


@probe(source=api("GetParametersForImport", "description: HMAC KMS keys"))
def an_hmac_key_is_imported(lab: Lab) -> None:
    """Imported HMAC material makes the MACs that RFC 2104 gives for it."""
    key, material = lab.new_key("HMAC_256", Origin="EXTERNAL"), os.urandom(32)
    import_material(lab, key, material)
    made = lab.kms.generate_mac(KeyId=key.id, Message=b"m", MacAlgorithm="HMAC_SHA_256")
    assert made["Mac"] == hmac.digest(material, b"m", "sha256")
