"""RSA encryption and decryption with OAEP."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from sealscope.kms.local.faults import Fault, invalid
from sealscope.secret import SecretBytes

_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "RSAES_OAEP_SHA_1": hashes.SHA1(),  # noqa: S303 - AWS offers it; OAEP does not need collisions
    "RSAES_OAEP_SHA_256": hashes.SHA256(),
}


def oaep(algorithm: str) -> padding.OAEP:
    """The padding of an EncryptionAlgorithm; the mask uses the same hash, as on AWS."""
    chosen = _HASHES[algorithm]
    return padding.OAEP(padding.MGF1(chosen), chosen, None)


def encrypt(private: SecretBytes, spec: str, algorithm: str, plaintext: bytes) -> bytes:
    """Encrypt with the public half of a private key in PKCS #8.

    The public key that the store keeps beside it is not authenticated: whoever changed it there
    could read what is encrypted.

    Raises:
        Fault: ValidationException, the plaintext is too long.
    """
    key = _load(private)
    limit = key.key_size // 8 - 2 * _HASHES[algorithm].digest_size - 2
    if len(plaintext) > limit:
        raise invalid(
            f"Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than"
            f" {limit} bytes."
        )
    return key.public_key().encrypt(plaintext, oaep(algorithm))


def decrypt(private: SecretBytes, algorithm: str, ciphertext: bytes) -> SecretBytes:
    """Decrypt with a private key in PKCS #8.

    Raises:
        Fault: InvalidCiphertextException.
    """
    try:
        return SecretBytes(_load(private).decrypt(ciphertext, oaep(algorithm)))
    except ValueError as error:
        raise Fault("InvalidCiphertextException") from error


def block_bytes(private: SecretBytes) -> int:
    """Bytes of one RSA ciphertext of a private key in PKCS #8."""
    return (_load(private).key_size + 7) // 8


def _load(private: SecretBytes) -> rsa.RSAPrivateKey:
    key = load_der_private_key(private.reveal(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Fault("KMSInternalException", "local key store: not an RSA private key")
    return key
