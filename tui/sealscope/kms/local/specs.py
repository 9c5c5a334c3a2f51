"""Key specs: which usages each allows, and with which algorithms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_RSA_ENCRYPTION: Final = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
_RSA_SIGNING: Final = (
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
)


@dataclass(frozen=True)
class KeySpec:
    """One kind of key material.

    Attributes:
        kind: how it is kept: `AES`, `HMAC` or `PKCS8`.
        usages: KeyUsage values with the algorithms that each allows.
        material_bytes: length of the secret; 0 for key pairs.
        rsa_bits: modulus length of RSA keys; 0 for others.
        curve: the name that `cryptography` gives the curve; empty for others.
    """

    kind: str
    usages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    material_bytes: int = 0
    rsa_bits: int = 0
    curve: str = ""


def _rsa(bits: int) -> KeySpec:
    usages = {"ENCRYPT_DECRYPT": _RSA_ENCRYPTION, "SIGN_VERIFY": _RSA_SIGNING}
    return KeySpec("PKCS8", usages, rsa_bits=bits)


def _ecc(curve: str, signing: str, *, agreement: bool = True) -> KeySpec:
    usages: dict[str, tuple[str, ...]] = {"SIGN_VERIFY": (signing,)}
    if agreement:
        usages["KEY_AGREEMENT"] = ("ECDH",)
    return KeySpec("PKCS8", usages, curve=curve)


def _hmac(bits: int) -> KeySpec:
    usages: dict[str, tuple[str, ...]] = {"GENERATE_VERIFY_MAC": (f"HMAC_SHA_{bits}",)}
    return KeySpec("HMAC", usages, material_bytes=bits // 8)


SPECS: Final[dict[str, KeySpec]] = {
    "SYMMETRIC_DEFAULT": KeySpec(
        "AES", {"ENCRYPT_DECRYPT": ("SYMMETRIC_DEFAULT",)}, material_bytes=32
    ),
    "RSA_2048": _rsa(2048),
    "RSA_3072": _rsa(3072),
    "RSA_4096": _rsa(4096),
    "ECC_NIST_P256": _ecc("secp256r1", "ECDSA_SHA_256"),
    "ECC_NIST_P384": _ecc("secp384r1", "ECDSA_SHA_384"),
    "ECC_NIST_P521": _ecc("secp521r1", "ECDSA_SHA_512"),
    "ECC_SECG_P256K1": _ecc("secp256k1", "ECDSA_SHA_256", agreement=False),
    "ECC_NIST_EDWARDS25519": _ecc("ed25519", "ED25519_SHA_512", agreement=False),
    "HMAC_224": _hmac(224),
    "HMAC_256": _hmac(256),
    "HMAC_384": _hmac(384),
    "HMAC_512": _hmac(512),
}
"""SM2, ML-DSA and ML-KEM are not offered; Ed25519 without its pre-hashed form."""

ALGORITHMS_FIELD: Final = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
}
"""Where KeyMetadata and GetPublicKey list a usage's algorithms."""
