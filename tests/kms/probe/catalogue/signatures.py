"""Sign, Verify and GetPublicKey, checked outside KMS with `cryptography`."""

from __future__ import annotations

import hashlib
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.kms.probe.lab import Key, Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, guide, recorded

HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "SHA_256": hashes.SHA256(),
    "SHA_384": hashes.SHA384(),
    "SHA_512": hashes.SHA512(),
}
CURVES: Final = (
    ("ECC_NIST_P256", "ECDSA_SHA_256", ec.SECP256R1),
    ("ECC_NIST_P384", "ECDSA_SHA_384", ec.SECP384R1),
    ("ECC_NIST_P521", "ECDSA_SHA_512", ec.SECP521R1),
    ("ECC_SECG_P256K1", "ECDSA_SHA_256", ec.SECP256K1),
)
MESSAGE: Final = b"a message to be signed"


def _sign(lab: Lab, key: Key, algorithm: str, message: bytes = MESSAGE, kind: str = "RAW") -> bytes:
    signature: bytes = lab.kms.sign(
        KeyId=key.id, Message=message, MessageType=kind, SigningAlgorithm=algorithm
    )["Signature"]
    return signature


def _rsa(lab: Lab) -> tuple[Key, rsa.RSAPublicKey]:
    key = lab.key("RSA_2048", "SIGN_VERIFY")
    public_key = load_der_public_key(lab.kms.get_public_key(KeyId=key.id)["PublicKey"])
    assert isinstance(public_key, rsa.RSAPublicKey)
    return key, public_key


@probe(source=api("Sign", "response; Verify, response"))
def signing_and_verifying(lab: Lab) -> None:
    """Verify of what Sign signed answers SignatureValid, the key's ARN and the algorithm."""
    for spec, algorithm in (
        ("RSA_2048", "RSASSA_PSS_SHA_256"),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512"),
        ("ECC_NIST_P256", "ECDSA_SHA_256"),
    ):
        key = lab.key(spec, "SIGN_VERIFY")
        signed = lab.kms.sign(KeyId=key.id, Message=MESSAGE, SigningAlgorithm=algorithm)
        assert signed["KeyId"] == key.arn
        assert signed["SigningAlgorithm"] == algorithm
        verified = lab.kms.verify(
            KeyId=key.id,
            Message=MESSAGE,
            Signature=signed["Signature"],
            SigningAlgorithm=algorithm,
        )
        assert verified["SignatureValid"] is True
        assert verified["KeyId"] == key.arn
        assert verified["SigningAlgorithm"] == algorithm


@probe(source=guide("Key spec reference", "RSASSA_PSS_SHA_256, along with a 256-bit salt"))
def pss_has_a_salt_as_long_as_the_digest(lab: Lab) -> None:
    """A PSS signature verifies outside KMS with a salt as long as its hash."""
    key, public_key = _rsa(lab)
    for name, algorithm in HASHES.items():
        signature = _sign(lab, key, f"RSASSA_PSS_{name}")
        scheme = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
        public_key.verify(signature, MESSAGE, scheme, algorithm)


@probe(source=guide("Key spec reference", "RSASSA_PKCS1_V1_5"))
def pkcs1_verifies_outside(lab: Lab) -> None:
    """A PKCS #1 v1.5 signature verifies outside KMS, for all three hashes."""
    key, public_key = _rsa(lab)
    for name, algorithm in HASHES.items():
        signature = _sign(lab, key, f"RSASSA_PKCS1_V1_5_{name}")
        public_key.verify(signature, MESSAGE, padding.PKCS1v15(), algorithm)


@probe(source=api("Sign", "response, Signature: DER-encoded for ECDSA"))
def ecdsa_is_der_and_verifies_outside(lab: Lab) -> None:
    """An ECDSA signature is DER, and verifies outside KMS, for every curve."""
    for spec, algorithm, curve in CURVES:
        key = lab.key(spec)
        public_key = load_der_public_key(lab.kms.get_public_key(KeyId=key.id)["PublicKey"])
        assert isinstance(public_key, ec.EllipticCurvePublicKey)
        assert isinstance(public_key.curve, curve)
        signature = _sign(lab, key, algorithm)
        assert all(number > 0 for number in decode_dss_signature(signature))
        public_key.verify(signature, MESSAGE, ec.ECDSA(HASHES[algorithm.removeprefix("ECDSA_")]))


@probe(source=api("Verify", "description: verify outside of KMS; Message, MessageType"))
def a_pss_signature_made_inside_of_a_digest(lab: Lab) -> None:
    """With MessageType DIGEST the digest is signed as it is, not hashed again."""
    key, public_key = _rsa(lab)
    digest = hashlib.sha256(MESSAGE).digest()
    signature = _sign(lab, key, "RSASSA_PSS_SHA_256", digest, "DIGEST")
    public_key.verify(
        signature, MESSAGE, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()
    )


@probe(source=api("Verify", "MessageType"))
def a_message_and_its_digest_are_one(lab: Lab) -> None:
    """What was signed RAW verifies as DIGEST, and the other way round."""
    digest = hashlib.sha256(MESSAGE).digest()
    for spec, algorithm in (
        ("RSA_2048", "RSASSA_PSS_SHA_256"),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"),
        ("ECC_NIST_P256", "ECDSA_SHA_256"),
    ):
        key = lab.key(spec, "SIGN_VERIFY")
        pairs = ((MESSAGE, "RAW"), (digest, "DIGEST"))
        for (signed, kind), (verified, other) in (pairs, pairs[::-1]):
            answer = lab.kms.verify(
                KeyId=key.id,
                Message=verified,
                MessageType=other,
                Signature=_sign(lab, key, algorithm, signed, kind),
                SigningAlgorithm=algorithm,
            )
            assert answer["SignatureValid"] is True


@probe(source=api("Sign", "MessageType: a digest sent as RAW is hashed again"))
def a_digest_sent_raw_is_hashed_again(lab: Lab) -> None:
    """A digest signed without MessageType is hashed: it does not verify as the message's."""
    key = lab.key("ECC_NIST_P256")
    digest = hashlib.sha256(MESSAGE).digest()
    signature = lab.kms.sign(KeyId=key.id, Message=digest, SigningAlgorithm="ECDSA_SHA_256")
    with refused("KMSInvalidSignatureException"):
        lab.kms.verify(
            KeyId=key.id,
            Message=MESSAGE,
            Signature=signature["Signature"],
            SigningAlgorithm="ECDSA_SHA_256",
        )


@probe(source=recorded("test_sign_verify"))
def a_digest_has_its_length(lab: Lab) -> None:
    """A digest of wrong length is ValidationException, naming the algorithm, in both calls."""
    for spec, algorithm in (
        ("RSA_2048", "RSASSA_PSS_SHA_256"),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512"),
        ("ECC_NIST_P384", "ECDSA_SHA_384"),
    ):
        key = lab.key(spec, "SIGN_VERIFY")
        message = f"Digest is invalid length for algorithm {algorithm}."
        with refused("ValidationException", saying=message):
            _sign(lab, key, algorithm, b"too short", "DIGEST")


@probe(source=recorded("test_sign_verify"))
def a_wrong_signature(lab: Lab) -> None:
    """A signature that does not verify is KMSInvalidSignatureException with an empty message."""
    for spec, algorithm in (
        ("RSA_2048", "RSASSA_PSS_SHA_256"),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"),
        ("ECC_NIST_P256", "ECDSA_SHA_256"),
    ):
        key = lab.key(spec, "SIGN_VERIFY")
        good = _sign(lab, key, algorithm)
        for bad in (b"bad-signature", good[:-1] + bytes([good[-1] ^ 1]), good + b"\0"):
            with refused("KMSInvalidSignatureException") as refusal:
                lab.kms.verify(
                    KeyId=key.id, Message=MESSAGE, Signature=bad, SigningAlgorithm=algorithm
                )
            assert refusal.message == ""


@probe(source=api("Verify", "Errors: KMSInvalidSignatureException"))
def another_message_or_key(lab: Lab) -> None:
    """A signature is not valid for another message or under another key."""
    key = lab.key("ECC_NIST_P256")
    other = lab.key("ECC_NIST_P256", other=True)
    signature = _sign(lab, key, "ECDSA_SHA_256")
    for name, message in ((key.id, b"another message"), (other.id, MESSAGE)):
        with refused("KMSInvalidSignatureException"):
            lab.kms.verify(
                KeyId=name,
                Message=message,
                Signature=signature,
                SigningAlgorithm="ECDSA_SHA_256",
            )


@probe(source=recorded("test_error_messaging_for_invalid_keys"))
def an_hmac_key_does_not_sign(lab: Lab) -> None:
    """Sign with an HMAC key is InvalidKeyUsageException, naming usage and operation."""
    key = lab.key("HMAC_256")
    message = f"{key.arn} key usage is GENERATE_VERIFY_MAC which is not valid for Sign."
    with refused("InvalidKeyUsageException", saying=message):
        _sign(lab, key, "RSASSA_PSS_SHA_256")


@probe(source=recorded("test_error_messaging_for_invalid_keys"))
def an_encryption_key_does_not_verify(lab: Lab) -> None:
    """Verify with an encryption key is InvalidKeyUsageException, naming usage and operation."""
    key = lab.key("RSA_2048")
    message = f"{key.arn} key usage is ENCRYPT_DECRYPT which is not valid for Verify."
    with refused("InvalidKeyUsageException", saying=message):
        lab.kms.verify(
            KeyId=key.id,
            Message=MESSAGE,
            Signature=b"x",
            SigningAlgorithm="RSASSA_PSS_SHA_256",
        )


@probe(source=api("Sign", "SigningAlgorithm; Errors: InvalidKeyUsageException"))
def the_signing_algorithm_must_fit_the_key(lab: Lab) -> None:
    """A signing algorithm that the key does not have is InvalidKeyUsageException."""
    for spec, algorithm in (
        ("ECC_NIST_P256", "ECDSA_SHA_384"),
        ("ECC_NIST_P256", "RSASSA_PSS_SHA_256"),
        ("RSA_2048", "ECDSA_SHA_256"),
    ):
        with refused("InvalidKeyUsageException"):
            _sign(lab, lab.key(spec, "SIGN_VERIFY"), algorithm)


@probe(source=api("Sign", "Message: maximum length 4096"))
def a_message_has_at_most_4096_bytes(lab: Lab) -> None:
    """Sign takes a message of 4,096 bytes; one byte more is ValidationException."""
    key = lab.key("ECC_NIST_P256")
    _sign(lab, key, "ECDSA_SHA_256", bytes(4096))
    with refused("ValidationException"):
        _sign(lab, key, "ECDSA_SHA_256", bytes(4097))


@probe(source=api("GetPublicKey", "response"))
def a_public_key(lab: Lab) -> None:
    """GetPublicKey answers ARN, spec, usage and algorithms, and a DER key that loads."""
    key = lab.key("RSA_2048", "SIGN_VERIFY")
    answer = lab.kms.get_public_key(KeyId=key.id)
    assert answer["KeyId"] == key.arn
    assert answer["KeySpec"] == answer["CustomerMasterKeySpec"] == "RSA_2048"
    assert answer["KeyUsage"] == "SIGN_VERIFY"
    assert set(answer["SigningAlgorithms"]) == set(key.metadata["SigningAlgorithms"])
    assert "EncryptionAlgorithms" not in answer
    public_key = load_der_public_key(answer["PublicKey"])
    assert isinstance(public_key, rsa.RSAPublicKey)
    assert public_key.key_size == 2048
    assert public_key.public_numbers().e == 65537


@probe(source=api("GetPublicKey", "response, EncryptionAlgorithms"))
def the_public_key_of_an_encryption_key(lab: Lab) -> None:
    """The public key of an encryption key lists encryption algorithms, and is always the same."""
    key = lab.key("RSA_2048")
    answers = [lab.kms.get_public_key(KeyId=name) for name in (key.id, key.arn)]
    assert answers[0]["PublicKey"] == answers[1]["PublicKey"]
    assert answers[0]["KeyUsage"] == "ENCRYPT_DECRYPT"
    assert set(answers[0]["EncryptionAlgorithms"]) == {"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"}
    assert "SigningAlgorithms" not in answers[0]


@probe(source=api("GetPublicKey", "Errors: UnsupportedOperationException"))
def a_symmetric_key_has_no_public_key(lab: Lab) -> None:
    """GetPublicKey of a symmetric or an HMAC key is UnsupportedOperationException."""
    for spec in ("SYMMETRIC_DEFAULT", "HMAC_256"):
        with refused("UnsupportedOperationException"):
            lab.kms.get_public_key(KeyId=lab.key(spec).id)


@probe(source=api("Sign", "DryRun: checks if your request will succeed"))
def a_dry_signature_checks_the_digest(lab: Lab) -> None:
    """A dry run of Sign with a digest of wrong length is ValidationException."""
    with refused("ValidationException", saying="Digest is invalid length"):
        lab.kms.sign(
            KeyId=lab.key("ECC_NIST_P256").id,
            Message=b"too short",
            MessageType="DIGEST",
            SigningAlgorithm="ECDSA_SHA_256",
            DryRun=True,
        )


@probe(source=api("Sign", "MessageType: EXTERNAL_MU is for ML-DSA"))
def external_mu_is_for_ml_dsa(lab: Lab) -> None:
    """MessageType EXTERNAL_MU with an elliptic curve or RSA algorithm is refused."""
    for spec, algorithm in (("ECC_NIST_P256", "ECDSA_SHA_256"), ("RSA_2048", "RSASSA_PSS_SHA_256")):
        with refused():
            _sign(lab, lab.key(spec, "SIGN_VERIFY"), algorithm, bytes(64), "EXTERNAL_MU")
