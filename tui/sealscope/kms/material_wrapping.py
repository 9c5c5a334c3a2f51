"""Wrapping key material under the public key that KMS gave for its import."""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sealscope.errors import InvalidRequest
from sealscope.kms.answers import odd
from sealscope.secret import SecretBytes

_AES_PREFIX: Final = "RSA_AES_KEY_WRAP_"
_RSA_PREFIX: Final = "RSAES_OAEP_"
_HASHES: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "SHA_1": hashes.SHA1,  # KMS offers it; as the hash of OAEP it is not broken
    "SHA_256": hashes.SHA256,
}


def wrap_material(public_key: bytes, algorithm: str, material: SecretBytes) -> bytes:
    """Wrap key material as ImportKeyMaterial takes it.

    Args:
        public_key: of GetParametersForImport, SubjectPublicKeyInfo in DER.
        algorithm: RSAES_OAEP_* encrypts the material itself, RSA_AES_KEY_WRAP_* a one-time AES
            key that wraps it (RFC 5649).
        material: the key material.

    Raises:
        InvalidRequest: the algorithm is unknown, or the material is too long for it.
        KmsError: what KMS gave is no RSA public key.
    """
    wraps = algorithm.startswith(_AES_PREFIX)
    kind = _HASHES.get(algorithm.removeprefix(_AES_PREFIX if wraps else _RSA_PREFIX))
    if kind is None:
        raise InvalidRequest("This wrapping algorithm is not known", algorithm)
    oaep = padding.OAEP(mgf=padding.MGF1(kind()), algorithm=kind(), label=None)
    try:
        key = load_der_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise odd("PublicKey") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise odd("PublicKey")
    if wraps:
        one_time = os.urandom(32)
        wrapped = keywrap.aes_key_wrap_with_padding(one_time, material.reveal())
        return key.encrypt(one_time, oaep) + wrapped
    try:
        return key.encrypt(material.reveal(), oaep)
    except ValueError:
        raise InvalidRequest(
            "The key material is too long for this wrapping algorithm",
            f"{algorithm}, {len(material)} bytes",
            f"Use {_AES_PREFIX}SHA_256.",
        ) from None
