"""Signatures of messages: ECDSA over everything before the footer.

The verification key travels in the encryption context, so that wrapping the data key
authenticates it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sealscope import errors
from sealscope.engine.derivation import hash_algorithm
from sealscope.engine.suites import P256, SignatureAlgorithm

_ORDER_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ORDER_P384 = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffff"
    "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    16,
)


def _curve(algorithm: SignatureAlgorithm) -> ec.EllipticCurve:
    return ec.SECP256R1() if algorithm is P256 else ec.SECP384R1()


def _ecdsa(algorithm: SignatureAlgorithm) -> ec.ECDSA:
    return ec.ECDSA(Prehashed(hash_algorithm(algorithm.digest)))


class SigningKey:
    """A signing key that lives as long as the message it signs.

    Args:
        algorithm: of the suite.
        private_key: made fresh when None.
    """

    def __init__(
        self, algorithm: SignatureAlgorithm, private_key: ec.EllipticCurvePrivateKey | None = None
    ) -> None:
        self.algorithm = algorithm
        self._private_key = private_key or ec.generate_private_key(_curve(algorithm))

    def public_key_text(self) -> str:
        """The verification key as the encryption context holds it: Base64 of the point."""
        point = self._private_key.public_key().public_bytes(
            Encoding.X962, PublicFormat.CompressedPoint
        )
        return base64.b64encode(point).decode()

    def sign(self, digest: bytes) -> bytes:
        """A DER signature of the preferred length, so that message lengths are predictable."""
        wanted = self.algorithm.preferred_der_bytes
        order = _ORDER_P256 if self.algorithm is P256 else _ORDER_P384
        while True:
            signature = self._private_key.sign(digest, _ecdsa(self.algorithm))
            if len(signature) == wanted:
                return signature
            # ECDSA accepts n - s for s, which most often brings the missing or surplus byte.
            r, s = decode_dss_signature(signature)
            signature = encode_dss_signature(r, order - s)
            if len(signature) == wanted:
                return signature


class VerificationKey:
    """The key that a signed message names in its encryption context.

    Args:
        algorithm: of the suite.
        text: Base64 of a compressed point.

    Raises:
        Malformed: `text` is no such key.
    """

    def __init__(self, algorithm: SignatureAlgorithm, text: str) -> None:
        self.algorithm = algorithm
        self._key = _decode_point(algorithm, text)

    def verify(self, signature: bytes, digest: bytes) -> None:
        """Verify a DER signature of any valid length.

        Raises:
            SignatureInvalid: it does not fit.
        """
        try:
            self._key.verify(signature, digest, _ecdsa(self.algorithm))
        except InvalidSignature:
            raise errors.SignatureInvalid(
                "The signature is wrong",
                f"ECDSA {self.algorithm.curve}, {len(signature)} bytes",
                "The message was changed after it was signed. Get it again from its source.",
            ) from None


def _decode_point(algorithm: SignatureAlgorithm, text: str) -> ec.EllipticCurvePublicKey:
    try:
        point = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise _malformed("it is not Base64") from None
    if base64.b64encode(point).decode() != text:
        raise _malformed("it is not canonical Base64")
    # Uncompressed points and the point at infinity are encodings the format does not have.
    if len(point) != algorithm.compressed_point_bytes or point[0] not in (2, 3):
        raise _malformed(f"it is not a compressed {algorithm.curve} point")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_curve(algorithm), point)
    except ValueError:
        raise _malformed(f"it is not on the curve {algorithm.curve}") from None


def _malformed(why: str) -> errors.Malformed:
    return errors.Malformed(
        "The verification key in the encryption context is malformed",
        f"aws-crypto-public-key: {why}",
        "The header was damaged or tampered with. Get the message again from its source.",
    )


class Transcript(Protocol):
    """The running hash of everything that is signed."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take the next bytes of the message."""

    def digest(self) -> bytes:
        """The hash of all bytes so far."""


def transcript(algorithm: SignatureAlgorithm) -> Transcript:
    """A running hash for the bytes that are signed."""
    return hashlib.new(algorithm.digest)
