"""Keys brought into a state, for the probes that need one."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.kms.probe.lab import Key, Lab


def disabled(lab: Lab, key: Key) -> Key:
    """Disable a key."""
    lab.kms.disable_key(KeyId=key.id)
    return key


def pending_deletion(lab: Lab, key: Key) -> Key:
    """Schedule a key's deletion."""
    lab.kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
    return key


def pending_import(lab: Lab) -> Key:
    """Create a key that waits for its material."""
    return lab.new_key(Origin="EXTERNAL")


def wrap(public_key: bytes, material: bytes) -> bytes:
    """Wrap key material for import, RSAES_OAEP_SHA_256."""
    wrapping_key = load_der_public_key(public_key)
    assert isinstance(wrapping_key, rsa.RSAPublicKey)
    return wrapping_key.encrypt(
        material, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
    )


def import_material(lab: Lab, key: Key, material: bytes, **settings: object) -> dict[str, object]:
    """Import material into a key of external origin, without expiry unless `settings` say so."""
    parameters = lab.kms.get_parameters_for_import(
        KeyId=key.id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    request: dict[str, object] = {
        "ImportToken": parameters["ImportToken"],
        "EncryptedKeyMaterial": wrap(parameters["PublicKey"], material),
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    } | settings
    answer: dict[str, object] = lab.kms.import_key_material(KeyId=key.id, **request)
    return answer
