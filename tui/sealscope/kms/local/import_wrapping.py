"""How imported key material travels, and what may come out of it."""

from __future__ import annotations

import hmac
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from sealscope.kms.local import new_keys, rsa_encryption
from sealscope.kms.local.faults import Fault
from sealscope.kms.local.specs import KeySpec
from sealscope.secret import SecretBytes

ALGORITHMS: Final = {
    "RSAES_OAEP_SHA_1": "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256": "RSAES_OAEP_SHA_256",
    "RSA_AES_KEY_WRAP_SHA_1": "RSAES_OAEP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256": "RSAES_OAEP_SHA_256",
}
"""Wrapping algorithms and the padding of their RSA part; PKCS #1 v1.5 is gone from AWS too."""

_LABEL: Final = b"sealscope local KMS imported material 1"


def unwrap(private: SecretBytes, algorithm: str, wrapped: bytes) -> SecretBytes:
    """Decrypt EncryptedKeyMaterial with the import token's private key.

    Raises:
        Fault: InvalidCiphertextException.
    """
    padding = ALGORITHMS[algorithm]
    if not algorithm.startswith("RSA_AES_"):
        return rsa_encryption.decrypt(private, padding, wrapped)
    # An RSA block with a one-time AES key, then the material under RFC 5649.
    split = rsa_encryption.block_bytes(private)
    key = rsa_encryption.decrypt(private, padding, wrapped[:split])
    try:
        return SecretBytes(keywrap.aes_key_unwrap_with_padding(key.reveal(), wrapped[split:]))
    except (keywrap.InvalidUnwrap, ValueError) as error:
        raise Fault("InvalidCiphertextException") from error


def checked_material(spec: KeySpec, secret: SecretBytes) -> tuple[SecretBytes, bytes | None]:
    """Material that fits a key spec, with its public key if it is a pair.

    Raises:
        Fault: IncorrectKeyMaterialException.
    """
    if spec.kind != "PKCS8":
        if len(secret) != spec.material_bytes:
            raise _incorrect()
        return secret, None
    try:
        pair = load_der_private_key(secret.reveal(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _incorrect() from error
    if not isinstance(
        pair, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    ):
        raise _incorrect()
    if _spec_of(pair) != (spec.rsa_bits, spec.curve):
        raise _incorrect()
    # Written anew, so that one key has one spelling and one id.
    return SecretBytes(new_keys.private_der(pair)), new_keys.public_der(pair)


def material_id(key_id: str, secret: SecretBytes) -> str:
    """The id of imported material: computed from it and the key, so the same has the same."""
    return hmac.digest(secret.reveal(), _LABEL + key_id.encode(), "sha256").hex()


def _spec_of(pair: new_keys.KeyPair) -> tuple[int, str]:
    if isinstance(pair, rsa.RSAPrivateKey):
        return pair.key_size, ""
    if isinstance(pair, ed25519.Ed25519PrivateKey):
        return 0, "ed25519"
    return 0, pair.curve.name


def _incorrect() -> Fault:
    return Fault("IncorrectKeyMaterialException", "The key material does not fit the key's spec.")
