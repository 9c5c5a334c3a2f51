"""RSA keys for the tests, made once in each process, and their PEM texts."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def private_key(number: int = 1, *, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key for each number and size."""
    return _made(number, bits)


@cache
def _made(_number: int, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def private_pem(
    key: rsa.RSAPrivateKey,
    *,
    form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8,
    passphrase: bytes | None = None,
) -> bytes:
    encryption = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, form, encryption)


def public_pem(
    key: rsa.RSAPrivateKey,
    form: serialization.PublicFormat = serialization.PublicFormat.SubjectPublicKeyInfo,
) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, form)
