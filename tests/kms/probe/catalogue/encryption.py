"""Encrypt and Decrypt, symmetric and RSA."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.kms.probe.lab import Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, recorded

OAEP_256: Final = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
OAEP_1: Final = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), label=None)


def _sealed(lab: Lab, plaintext: bytes = b"x", **settings: object) -> bytes:
    blob: bytes = lab.kms.encrypt(KeyId=lab.key().id, Plaintext=plaintext, **settings)[
        "CiphertextBlob"
    ]
    return blob


def _tampered(blob: bytes) -> Iterator[bytes]:
    for at in sorted({0, 1, 5, 20, len(blob) // 2, len(blob) - 16, len(blob) - 1}):
        yield blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]


@probe(source=api("Encrypt", "response"))
def encrypt_answers(lab: Lab) -> None:
    """Encrypt answers the blob, the key's ARN and the algorithm SYMMETRIC_DEFAULT."""
    answer = lab.kms.encrypt(KeyId=lab.key().id, Plaintext=b"x")
    assert answer["KeyId"] == lab.key().arn
    assert answer["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert isinstance(answer["CiphertextBlob"], bytes)


@probe(source=api("Decrypt", "response"))
def decrypt_answers(lab: Lab) -> None:
    """Decrypt answers the plaintext, the key's ARN and the algorithm."""
    answer = lab.kms.decrypt(CiphertextBlob=_sealed(lab, b"secret"))
    assert answer["Plaintext"] == b"secret"
    assert answer["KeyId"] == lab.key().arn
    assert answer["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"


@probe(source=api("Decrypt", "response, KeyMaterialId"))
def decrypt_names_the_key_material(lab: Lab) -> None:
    """Decrypt tells the id of the key material that opened the blob: the key's current one."""
    answer = lab.kms.decrypt(CiphertextBlob=_sealed(lab))
    assert re.fullmatch(r"[a-f0-9]{64}", answer["KeyMaterialId"])
    assert answer["KeyMaterialId"] == lab.describe(lab.key())["CurrentKeyMaterialId"]


@probe(source=api("Decrypt", "description: KeyId is optional for symmetric keys"))
def the_blob_names_its_key(lab: Lab) -> None:
    """Decrypt needs no KeyId for symmetric ciphertext: the blob tells the key."""
    other = lab.key(other=True)
    blob = lab.kms.encrypt(KeyId=other.id, Plaintext=b"x")["CiphertextBlob"]
    assert lab.kms.decrypt(CiphertextBlob=blob)["KeyId"] == other.arn


@probe(source="KMS Cryptographic Details, Encrypt: a random nonce and a derived key each time")
def encrypting_twice_differs(lab: Lab) -> None:
    """Encrypting the same plaintext twice gives two different blobs."""
    assert _sealed(lab, b"same") != _sealed(lab, b"same")


@probe(source=api("Encrypt", "Plaintext: maximum length 4096"))
def encrypt_takes_4096_bytes(lab: Lab) -> None:
    """Encrypt takes 1 byte and 4,096 bytes, and they come back whole."""
    for plaintext in (b"\0", bytes(range(256)) * 16):
        assert lab.kms.decrypt(CiphertextBlob=_sealed(lab, plaintext))["Plaintext"] == plaintext


@probe(source=recorded("test_plaintext_size_for_encrypt"))
def encrypt_takes_no_more(lab: Lab) -> None:
    """4,097 bytes are ValidationException, with AWS's sentence, and without the plaintext in it."""
    message = (
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
        "Member must have length less than or equal to 4096"
    )
    with refused("ValidationException", saying=message) as refusal:
        lab.kms.encrypt(KeyId=lab.key().id, Plaintext=b"SECRET!" * 700)
    assert "SECRET" not in str(refusal.answer)


@probe(source=api("Encrypt", "Plaintext: minimum length 1"))
def encrypt_takes_no_nothing(lab: Lab) -> None:
    """An empty plaintext is ValidationException."""
    with refused("ValidationException"):
        lab.kms.encrypt(KeyId=lab.key().id, Plaintext=b"")


@probe(source=api("Decrypt", "CiphertextBlob: maximum length 6144"), safe=True)
def a_blob_has_at_most_6144_bytes(lab: Lab) -> None:
    """A blob of more than 6,144 bytes is ValidationException."""
    with refused("ValidationException"):
        lab.kms.decrypt(CiphertextBlob=bytes(6145))


@probe(source=api("Encrypt", "description: encryption context"))
def the_same_context_opens(lab: Lab) -> None:
    """A blob opens under the context it was made under, in whatever order its pairs come."""
    blob = _sealed(lab, EncryptionContext={"a": "1", "b": "2", "ü": "ß☃"})
    context = {"ü": "ß☃", "b": "2", "a": "1"}
    assert lab.kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"x"


@probe(source=recorded("test_encrypt_decrypt_encryption_context"))
def no_context_does_not_open(lab: Lab) -> None:
    """Without its context a blob is InvalidCiphertextException with an empty message."""
    blob = _sealed(lab, EncryptionContext={"a": "1"})
    with refused("InvalidCiphertextException") as refusal:
        lab.kms.decrypt(CiphertextBlob=blob)
    assert refusal.message == ""


@probe(source=api("Encrypt", "description: a case-sensitive exact match"))
def another_context_does_not_open(lab: Lab) -> None:
    """A context that is bigger, smaller, of other case or other value does not open the blob."""
    blob = _sealed(lab, EncryptionContext={"a": "b", "c": "d"})
    for context in (
        {"a": "b"},
        {"a": "b", "c": "d", "e": "f"},
        {"A": "b", "c": "d"},
        {"a": "b", "c": "D"},
        {"a": "d", "c": "b"},
    ):
        with refused("InvalidCiphertextException"):
            lab.kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)


@probe(source=api("Encrypt", "description: a case-sensitive exact match"))
def a_context_is_pairs_not_text(lab: Lab) -> None:
    """Pairs that only look alike when written one after another are different contexts."""
    blob = _sealed(lab, EncryptionContext={"a": "bc"})
    for context in ({"ab": "c"}, {"abc": ""}, {"a": "b", "c": ""}):
        with refused("InvalidCiphertextException"):
            lab.kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)


@probe(source=api("Encrypt", "description: a case-sensitive exact match"))
def a_context_is_not_added_later(lab: Lab) -> None:
    """A blob made without a context does not open with one."""
    with refused("InvalidCiphertextException"):
        lab.kms.decrypt(CiphertextBlob=_sealed(lab), EncryptionContext={"a": "1"})


@probe(source=api("Decrypt", "KeyId; Errors: IncorrectKeyException"))
def another_key_is_the_incorrect_key(lab: Lab) -> None:
    """Decrypt naming another key than the blob's is IncorrectKeyException."""
    other = lab.key(other=True)
    for name in (other.id, other.arn):
        with refused("IncorrectKeyException"):
            lab.kms.decrypt(CiphertextBlob=_sealed(lab), KeyId=name)


@probe(source=recorded("test_error_messaging_for_invalid_keys"))
def a_key_of_other_usage_is_the_incorrect_key(lab: Lab) -> None:
    """Decrypt of a symmetric blob naming an HMAC key is IncorrectKeyException."""
    message = "The key ID in the request does not identify a CMK that can perform this operation."
    with refused("IncorrectKeyException", saying=message):
        lab.kms.decrypt(CiphertextBlob=_sealed(lab), KeyId=lab.key("HMAC_256").id)


@probe(source=api("Decrypt", "Errors: NotFoundException"))
def an_unknown_key_opens_nothing(lab: Lab) -> None:
    """Decrypt naming a key that does not exist is NotFoundException."""
    with refused("NotFoundException"):
        lab.kms.decrypt(CiphertextBlob=_sealed(lab), KeyId="00000000-1111-4222-8333-444444444444")


@probe(source=api("Decrypt", "Errors: InvalidCiphertextException"))
def a_tampered_blob_does_not_open(lab: Lab) -> None:
    """A blob with one bit changed anywhere does not open, with its key named or not."""
    for blob in _tampered(_sealed(lab, b"sixteen bytes ok")):
        for named in ({}, {"KeyId": lab.key().id}):
            with refused(
                "InvalidCiphertextException", "IncorrectKeyException", "AccessDeniedException"
            ):
                lab.kms.decrypt(CiphertextBlob=blob, **named)


@probe(source=api("Decrypt", "Errors: InvalidCiphertextException"))
def a_shortened_blob_does_not_open(lab: Lab) -> None:
    """A blob cut short, or with bytes after it, is InvalidCiphertextException."""
    blob = _sealed(lab)
    for broken in (blob[:-1], blob[:40], blob[:1], blob + b"\0"):
        with refused("InvalidCiphertextException"):
            lab.kms.decrypt(CiphertextBlob=broken)


@probe(source=api("Decrypt", "Errors: InvalidCiphertextException"), safe=True)
def garbage_is_no_ciphertext(lab: Lab) -> None:
    """Bytes that KMS never made are InvalidCiphertextException."""
    for garbage in (b"x", bytes(200), b"\xff" * 6144):
        with refused("InvalidCiphertextException"):
            lab.kms.decrypt(CiphertextBlob=garbage)


@probe(source=recorded("test_error_messaging_for_invalid_keys"))
def a_signing_key_does_not_encrypt(lab: Lab) -> None:
    """Encrypt with a SIGN_VERIFY key is InvalidKeyUsageException, naming usage and operation."""
    key = lab.key("RSA_2048", "SIGN_VERIFY")
    message = f"{key.arn} key usage is SIGN_VERIFY which is not valid for Encrypt."
    with refused("InvalidKeyUsageException", saying=message):
        lab.kms.encrypt(KeyId=key.id, Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256")


@probe(source=api("Encrypt", "Errors: InvalidKeyUsageException"))
def an_hmac_key_does_not_encrypt(lab: Lab) -> None:
    """Encrypt with an HMAC key is InvalidKeyUsageException."""
    with refused("InvalidKeyUsageException"):
        lab.kms.encrypt(KeyId=lab.key("HMAC_256").id, Plaintext=b"x")


@probe(source=api("Encrypt", "EncryptionAlgorithm; Errors: InvalidKeyUsageException"))
def the_algorithm_must_fit_the_key(lab: Lab) -> None:
    """An algorithm that the key does not have is InvalidKeyUsageException."""
    for spec, algorithm in (
        ("SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_256"),
        ("RSA_2048", "SYMMETRIC_DEFAULT"),
    ):
        with refused("InvalidKeyUsageException"):
            lab.kms.encrypt(KeyId=lab.key(spec).id, Plaintext=b"x", EncryptionAlgorithm=algorithm)


@probe(source=api("Encrypt", "EncryptionAlgorithm: required only for asymmetric KMS keys"))
def rsa_needs_its_algorithm_named(lab: Lab) -> None:
    """Encrypt with an RSA key and no algorithm is refused."""
    with refused("InvalidKeyUsageException", "ValidationException"):
        lab.kms.encrypt(KeyId=lab.key("RSA_2048").id, Plaintext=b"x")


@probe(source=api("Encrypt", "description; Decrypt: asymmetric KMS keys"))
def rsa_goes_and_comes(lab: Lab) -> None:
    """What an RSA key encrypts opens again, when key and algorithm are named."""
    key = lab.key("RSA_2048")
    for algorithm in ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"):
        sealed = lab.kms.encrypt(KeyId=key.id, Plaintext=b"rsa", EncryptionAlgorithm=algorithm)
        assert sealed["EncryptionAlgorithm"] == algorithm
        opened = lab.kms.decrypt(
            KeyId=key.id, CiphertextBlob=sealed["CiphertextBlob"], EncryptionAlgorithm=algorithm
        )
        assert opened["Plaintext"] == b"rsa"
        assert opened["EncryptionAlgorithm"] == algorithm
        assert opened["KeyId"] == key.arn
        assert "KeyMaterialId" not in opened


@probe(source=api("Encrypt", "description: standard format of asymmetric ciphertext"))
def rsa_ciphertext_is_plain_rsa(lab: Lab) -> None:
    """An RSA ciphertext is as long as the modulus: it holds no metadata."""
    answer = lab.kms.encrypt(
        KeyId=lab.key("RSA_2048").id, Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256"
    )
    assert len(answer["CiphertextBlob"]) == 256


@probe(source=api("Decrypt", "description: encrypted outside of KMS by the public key"))
def rsa_opens_what_was_encrypted_outside(lab: Lab) -> None:
    """Decrypt opens what was encrypted outside with the public key that GetPublicKey gave."""
    key = lab.key("RSA_2048")
    public_key = load_der_public_key(lab.kms.get_public_key(KeyId=key.id)["PublicKey"])
    assert isinstance(public_key, rsa.RSAPublicKey)
    for algorithm, scheme in (("RSAES_OAEP_SHA_256", OAEP_256), ("RSAES_OAEP_SHA_1", OAEP_1)):
        opened = lab.kms.decrypt(
            KeyId=key.id,
            CiphertextBlob=public_key.encrypt(b"from outside", scheme),
            EncryptionAlgorithm=algorithm,
        )
        assert opened["Plaintext"] == b"from outside"


@probe(source=api("Decrypt", "EncryptionAlgorithm: a different algorithm fails"))
def rsa_does_not_open_with_another_algorithm(lab: Lab) -> None:
    """Decrypt with the other OAEP hash is InvalidCiphertextException."""
    key = lab.key("RSA_2048")
    sealed = lab.kms.encrypt(KeyId=key.id, Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    with refused("InvalidCiphertextException"):
        lab.kms.decrypt(
            KeyId=key.id,
            CiphertextBlob=sealed["CiphertextBlob"],
            EncryptionAlgorithm="RSAES_OAEP_SHA_1",
        )


@probe(source=api("Decrypt", "KeyId: required for asymmetric ciphertext"))
def rsa_does_not_open_without_its_key_named(lab: Lab) -> None:
    """Decrypt of RSA ciphertext with no KeyId is refused."""
    sealed = lab.kms.encrypt(
        KeyId=lab.key("RSA_2048").id, Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256"
    )
    with refused("InvalidCiphertextException", "ValidationException"):
        lab.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])
    with refused("InvalidCiphertextException", "ValidationException"):
        lab.kms.decrypt(
            CiphertextBlob=sealed["CiphertextBlob"], EncryptionAlgorithm="RSAES_OAEP_SHA_256"
        )


@probe(source=recorded("test_encrypt_validate_plaintext_size_per_key_type"))
def rsa_has_its_own_limit(lab: Lab) -> None:
    """RSA_2048 takes 214 bytes under SHA-1 and 190 under SHA-256; more is ValidationException."""
    key = lab.key("RSA_2048")
    for algorithm, limit in (("RSAES_OAEP_SHA_1", 214), ("RSAES_OAEP_SHA_256", 190)):
        lab.kms.encrypt(KeyId=key.id, Plaintext=b"x" * limit, EncryptionAlgorithm=algorithm)
        message = (
            f"Algorithm {algorithm} and key spec RSA_2048 cannot encrypt data larger "
            f"than {limit} bytes."
        )
        with refused("ValidationException", saying=message):
            lab.kms.encrypt(
                KeyId=key.id, Plaintext=b"x" * (limit + 1), EncryptionAlgorithm=algorithm
            )


@probe(source=api("Encrypt", "EncryptionAlgorithm: valid values"))
def an_unknown_algorithm(lab: Lab) -> None:
    """An EncryptionAlgorithm that does not exist is ValidationException."""
    with refused("ValidationException", saying="at 'encryptionAlgorithm'"):
        lab.kms.encrypt(KeyId=lab.key().id, Plaintext=b"x", EncryptionAlgorithm="ROT13")


@probe(source=api("Encrypt", "GrantTokens: at most 10 items"))
def at_most_ten_grant_tokens(lab: Lab) -> None:
    """Eleven grant tokens are ValidationException."""
    with refused("ValidationException"):
        lab.kms.encrypt(KeyId=lab.key().id, Plaintext=b"x", GrantTokens=["token"] * 11)


@probe(source=api("Encrypt", "Errors: InvalidGrantTokenException"))
def a_grant_token_must_be_one(lab: Lab) -> None:
    """A grant token that KMS did not make is InvalidGrantTokenException; a real one is taken."""
    key = lab.new_key()
    with refused("InvalidGrantTokenException"):
        lab.kms.encrypt(KeyId=key.id, Plaintext=b"x", GrantTokens=["no token of KMS"])
    grant = lab.kms.create_grant(KeyId=key.id, GranteePrincipal=lab.root, Operations=["Encrypt"])
    lab.kms.encrypt(KeyId=key.id, Plaintext=b"x", GrantTokens=[grant["GrantToken"]])


@probe(source=recorded("test_encrypt_validate_plaintext_size_per_key_type"), bulk=True)
def bigger_rsa_has_bigger_limits(lab: Lab) -> None:
    """RSA_3072 and RSA_4096 take 318 and 446 bytes under SHA-256, and say so of one more."""
    for spec, limit in (("RSA_3072", 318), ("RSA_4096", 446)):
        key = lab.key(spec)
        algorithm = "RSAES_OAEP_SHA_256"
        lab.kms.encrypt(KeyId=key.id, Plaintext=b"x" * limit, EncryptionAlgorithm=algorithm)
        message = f"key spec {spec} cannot encrypt data larger than {limit} bytes."
        with refused("ValidationException", saying=message):
            lab.kms.encrypt(
                KeyId=key.id, Plaintext=b"x" * (limit + 1), EncryptionAlgorithm=algorithm
            )


@probe(source=api("Encrypt", "EncryptionContext: only with a symmetric encryption KMS key"))
def rsa_takes_no_context(lab: Lab) -> None:
    """An encryption context with an RSA key is refused: its ciphertext could not hold it."""
    with refused():
        lab.kms.encrypt(
            KeyId=lab.key("RSA_2048").id,
            Plaintext=b"x",
            EncryptionAlgorithm="RSAES_OAEP_SHA_256",
            EncryptionContext={"a": "1"},
        )
