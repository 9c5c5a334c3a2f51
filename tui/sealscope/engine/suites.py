"""The eleven algorithm suites of the message format.

All of them are AES-GCM with a 12-byte IV and a 16-byte tag, and the content key is as long as
the data key.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from sealscope import errors

IV_BYTES: Final = 12
TAG_BYTES: Final = 16
COMMIT_KEY_BYTES: Final = 32

HashName = Literal["sha256", "sha384", "sha512"]


class KeyDerivation(Enum):
    """How the content key comes from the data key."""

    IDENTITY = "identity"
    HKDF = "hkdf"
    HKDF_COMMITTING = "hkdf with key commitment"


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """ECDSA of one curve.

    Attributes:
        curve: name in words.
        field_bytes: bytes of a coordinate.
        digest: the hash that is signed.
        preferred_der_bytes: length that writers give every signature, so that the length of a
            message is known before it is written. Readers accept any valid length.
    """

    curve: str
    field_bytes: int
    digest: HashName
    preferred_der_bytes: int

    @property
    def compressed_point_bytes(self) -> int:
        """Bytes of a compressed public key."""
        return self.field_bytes + 1


P256: Final = SignatureAlgorithm("P-256", 32, "sha256", 71)
P384: Final = SignatureAlgorithm("P-384", 48, "sha384", 103)


@dataclass(frozen=True, slots=True)
class AlgorithmSuite:
    """One algorithm suite.

    Attributes:
        id: as stored in two bytes.
        standard_name: as the AWS Encryption SDK and its CLI spell it.
        message_version: of the header that carries it, 1 or 2.
        key_bytes: of the data key and of the content key.
        derivation: how the content key is derived.
        kdf_hash: of the HKDF; None when there is none.
        signature: None when messages are not signed.
    """

    id: int
    standard_name: str
    message_version: Literal[1, 2]
    key_bytes: int
    derivation: KeyDerivation
    kdf_hash: HashName | None
    signature: SignatureAlgorithm | None

    @property
    def hex_id(self) -> str:
        """Four hex digits: "0578"."""
        return f"{self.id:04x}"

    @property
    def committing(self) -> bool:
        """Whether the header binds the message to one data key."""
        return self.derivation is KeyDerivation.HKDF_COMMITTING

    @property
    def signed(self) -> bool:
        """Whether messages end in a signature."""
        return self.signature is not None

    @property
    def message_id_bytes(self) -> int:
        """Bytes of the message id."""
        return 16 if self.message_version == 1 else 32

    @property
    def name(self) -> str:
        """The suite in words: "AES-256-GCM, HKDF-SHA512, key commitment, ECDSA P-384"."""
        parts = [f"AES-{self.key_bytes * 8}-GCM"]
        parts.append(f"HKDF-{self.kdf_hash.upper()}" if self.kdf_hash else "no key derivation")
        if self.committing:
            parts.append("key commitment")
        if self.signature:
            parts.append(f"ECDSA {self.signature.curve}")
        return ", ".join(parts)


def _suite(
    suite_id: int, name: str, kdf_hash: HashName | None, signature: SignatureAlgorithm | None
) -> AlgorithmSuite:
    committing = suite_id >= 0x0400
    if committing:
        derivation = KeyDerivation.HKDF_COMMITTING
    else:
        derivation = KeyDerivation.HKDF if kdf_hash else KeyDerivation.IDENTITY
    key_bytes = {0x14: 16, 0x46: 24, 0x78: 32}[suite_id & 0xFF]
    version: Literal[1, 2] = 2 if committing else 1
    return AlgorithmSuite(suite_id, name, version, key_bytes, derivation, kdf_hash, signature)


SUITES: Final = {
    suite.id: suite
    for suite in (
        _suite(0x0014, "AES_128_GCM_IV12_TAG16", None, None),
        _suite(0x0046, "AES_192_GCM_IV12_TAG16", None, None),
        _suite(0x0078, "AES_256_GCM_IV12_TAG16", None, None),
        _suite(0x0114, "AES_128_GCM_IV12_TAG16_HKDF_SHA256", "sha256", None),
        _suite(0x0146, "AES_192_GCM_IV12_TAG16_HKDF_SHA256", "sha256", None),
        _suite(0x0178, "AES_256_GCM_IV12_TAG16_HKDF_SHA256", "sha256", None),
        _suite(0x0214, "AES_128_GCM_IV12_TAG16_HKDF_SHA256_ECDSA_P256", "sha256", P256),
        _suite(0x0346, "AES_192_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384", "sha384", P384),
        _suite(0x0378, "AES_256_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384", "sha384", P384),
        _suite(0x0478, "AES_256_GCM_HKDF_SHA512_COMMIT_KEY", "sha512", None),
        _suite(0x0578, "AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384", "sha512", P384),
    )
}
"""Every suite by its id."""

COMMITTING: Final = SUITES[0x0478]
COMMITTING_SIGNED: Final = SUITES[0x0578]
DEFAULT_SUITE: Final = COMMITTING_SIGNED
"""What the AWS Encryption SDK takes by default: authentic even against other decryptors."""


def suite_by_name(text: str) -> AlgorithmSuite:
    """The suite a person named: four hex digits ("0578", "0x0578") or the standard name.

    Raises:
        UsageError: no such suite.
    """
    wanted = text.strip()
    digits = wanted.lower().removeprefix("0x")
    for suite in SUITES.values():
        if digits == suite.hex_id or wanted.upper().removeprefix("ALG_") == suite.standard_name:
            return suite
    raise errors.UsageError(
        "No such algorithm suite",
        wanted,
        "The suites for new files are 0578 (signed, the default) and 0478 (faster, not signed).",
    )
