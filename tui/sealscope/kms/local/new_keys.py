"""New keys and new material: ids, secrets, key pairs, and their wrapping."""

from __future__ import annotations

import uuid
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from sealscope.kms.local.protection import Entropy, RootKey
from sealscope.kms.local.records import KeyRecord, MaterialRecord
from sealscope.kms.local.specs import KeySpec
from sealscope.secret import SecretBytes

KeyPair = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

_CURVES: Final[dict[str, ec.EllipticCurve]] = {
    "secp256r1": ec.SECP256R1(),
    "secp384r1": ec.SECP384R1(),
    "secp521r1": ec.SECP521R1(),
    "secp256k1": ec.SECP256K1(),
}


def key_id(entropy: Entropy, *, multi_region: bool) -> str:
    """A UUID, or `mrk-` and 32 hexadecimal digits."""
    identifier = uuid.UUID(bytes=entropy(16), version=4)
    return f"mrk-{identifier.hex}" if multi_region else str(identifier)


def symmetric(now: int, entropy: Entropy, *, description: str) -> KeyRecord:
    """A symmetric encryption key as CreateKey makes it without parameters."""
    return KeyRecord(
        id=key_id(entropy, multi_region=False),
        spec="SYMMETRIC_DEFAULT",
        usage="ENCRYPT_DECRYPT",
        origin="AWS_KMS",
        state="Enabled",
        description=description,
        multi_region=False,
        created=now,
        deletion_date=None,
        deletion_window=None,
        rotation_period=None,
        next_rotation=None,
        policy=None,
    )


def secret(spec: KeySpec, entropy: Entropy) -> tuple[SecretBytes, bytes | None]:
    """New material of a spec and, for a pair, its public key in DER.

    Takes a second or more for RSA 4096: never call it inside a write transaction.
    """
    if spec.kind == "PKCS8":
        pair = generate_pair(spec, entropy)
        return SecretBytes(private_der(pair)), public_der(pair)
    return SecretBytes(entropy(spec.material_bytes)), None


def generate_pair(spec: KeySpec, entropy: Entropy) -> KeyPair:
    """A new key pair; RSA and ECDSA keys always come from the system's own randomness."""
    if spec.rsa_bits:
        return rsa.generate_private_key(public_exponent=65537, key_size=spec.rsa_bits)
    if spec.curve == "ed25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(entropy(32))
    return ec.generate_private_key(_CURVES[spec.curve])


def private_der(pair: KeyPair) -> bytes:
    """PKCS #8, unencrypted: wrap it at once."""
    return pair.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def public_der(pair: KeyPair) -> bytes:
    """SubjectPublicKeyInfo."""
    return pair.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def public_half(private: SecretBytes) -> bytes | None:
    """The public key in DER of a private key in PKCS #8; None when it is no pair of ours."""
    try:
        pair = load_der_private_key(private.reveal(), None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return public_der(pair) if isinstance(pair, KeyPair) else None


def material(
    key_id: str,
    spec: KeySpec,
    made: tuple[SecretBytes, bytes | None],
    *,
    seq: int,
    now: int,
    root: RootKey,
    entropy: Entropy,
) -> MaterialRecord:
    """Wrap new material as a key's current generation."""
    secret_bytes, public = made
    material_id = entropy(32).hex()
    return MaterialRecord(
        key_id=key_id,
        id=material_id,
        seq=seq,
        kind=spec.kind,
        state="CURRENT",
        created=now,
        rotation_type=None,
        rotation_date=None,
        description=None,
        valid_to=None,
        wrapped=root.wrap((spec.kind, key_id, material_id), secret_bytes, entropy),
        public=public,
    )


def aes_material(
    key_id: str, seq: int, now: int, root: RootKey, entropy: Entropy
) -> MaterialRecord:
    """A new current generation of a symmetric encryption key."""
    spec = KeySpec("AES", material_bytes=32)
    made = secret(spec, entropy)
    return material(key_id, spec, made, seq=seq, now=now, root=root, entropy=entropy)
