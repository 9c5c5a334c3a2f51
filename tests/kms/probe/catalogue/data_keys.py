"""GenerateDataKey, GenerateDataKeyPair, ReEncrypt and GenerateRandom."""

from __future__ import annotations

import re

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from tests.kms.probe.lab import Lab, answer_or_error, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, recorded


@probe(source=api("GenerateDataKey", "description, KeySpec"))
def a_data_key(lab: Lab) -> None:
    """GenerateDataKey answers 16 or 32 bytes, and a blob that Decrypt opens to the same bytes."""
    for spec, length in (("AES_128", 16), ("AES_256", 32)):
        answer = lab.kms.generate_data_key(KeyId=lab.key().id, KeySpec=spec)
        assert len(answer["Plaintext"]) == length
        assert answer["KeyId"] == lab.key().arn
        opened = lab.kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])
        assert opened["Plaintext"] == answer["Plaintext"]


@probe(source=api("GenerateDataKey", "NumberOfBytes: 1 to 1024"))
def a_data_key_of_any_length(lab: Lab) -> None:
    """NumberOfBytes takes 1 to 1,024 bytes; all of them can be decrypted."""
    for length in (1, 24, 64, 1024):
        answer = lab.kms.generate_data_key(KeyId=lab.key().id, NumberOfBytes=length)
        assert len(answer["Plaintext"]) == length
        opened = lab.kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])
        assert opened["Plaintext"] == answer["Plaintext"]


@probe(source=api("GenerateDataKey", "NumberOfBytes: 1 to 1024"))
def a_data_key_has_a_limit(lab: Lab) -> None:
    """1,025 bytes and no bytes are ValidationException."""
    with refused("ValidationException", saying="less than or equal to 1024"):
        lab.kms.generate_data_key(KeyId=lab.key().id, NumberOfBytes=1025)
    with refused("ValidationException", saying="greater than or equal to 1"):
        lab.unchecked.generate_data_key(KeyId=lab.key().id, NumberOfBytes=0)


@probe(source=api("GenerateDataKey", "description: either KeySpec or NumberOfBytes, not both"))
def a_spec_or_a_length(lab: Lab) -> None:
    """KeySpec and NumberOfBytes together, or neither, are ValidationException."""
    for method in ("generate_data_key", "generate_data_key_without_plaintext"):
        generate = getattr(lab.kms, method)
        with refused("ValidationException"):
            generate(KeyId=lab.key().id)
        with refused("ValidationException"):
            generate(KeyId=lab.key().id, KeySpec="AES_256", NumberOfBytes=32)


@probe(source=api("GenerateDataKey", "KeySpec: AES_256, AES_128"))
def a_data_key_spec_must_exist(lab: Lab) -> None:
    """A KeySpec other than AES_128 and AES_256 is ValidationException, naming the parameter."""
    with refused("ValidationException", saying="Value 'AES_512' at 'keySpec' failed to satisfy"):
        lab.kms.generate_data_key(KeyId=lab.key().id, KeySpec="AES_512")


@probe(source=api("GenerateDataKey", "response, KeyMaterialId"))
def a_data_key_names_the_key_material(lab: Lab) -> None:
    """GenerateDataKey and its sister tell the key material that sealed the data key."""
    current = lab.describe(lab.key())["CurrentKeyMaterialId"]
    for method in ("generate_data_key", "generate_data_key_without_plaintext"):
        answer = getattr(lab.kms, method)(KeyId=lab.key().id, KeySpec="AES_256")
        assert answer["KeyMaterialId"] == current


@probe(source=api("GenerateDataKeyWithoutPlaintext", "description"))
def a_data_key_without_plaintext(lab: Lab) -> None:
    """GenerateDataKeyWithoutPlaintext answers no plaintext; Decrypt tells it later."""
    answer = lab.kms.generate_data_key_without_plaintext(KeyId=lab.key().id, KeySpec="AES_256")
    assert "Plaintext" not in answer
    assert answer["KeyId"] == lab.key().arn
    opened = lab.kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])
    assert len(opened["Plaintext"]) == 32


@probe(source=api("GenerateDataKey", "description: a unique data key for each request"))
def data_keys_are_unique(lab: Lab) -> None:
    """No two requests answer the same data key."""
    answers = [lab.kms.generate_data_key(KeyId=lab.key().id, KeySpec="AES_256") for _ in range(5)]
    assert len({answer["Plaintext"] for answer in answers}) == 5
    assert len({answer["CiphertextBlob"] for answer in answers}) == 5


@probe(source=recorded("test_encryption_context_generate_data_key"))
def a_data_key_keeps_its_context(lab: Lab) -> None:
    """A data key made under a context opens under it alone."""
    context = {"file": "a.txt"}
    for method in ("generate_data_key", "generate_data_key_without_plaintext"):
        blob = getattr(lab.kms, method)(
            KeyId=lab.key().id, KeySpec="AES_256", EncryptionContext=context
        )["CiphertextBlob"]
        with refused("InvalidCiphertextException"):
            lab.kms.decrypt(CiphertextBlob=blob)
        lab.kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)


@probe(source=api("GenerateDataKey", "description: no asymmetric key; InvalidKeyUsageException"))
def only_symmetric_keys_make_data_keys(lab: Lab) -> None:
    """GenerateDataKey with an RSA, an elliptic curve or an HMAC key is InvalidKeyUsageException."""
    for spec in ("RSA_2048", "ECC_NIST_P256", "HMAC_256"):
        with refused("InvalidKeyUsageException"):
            lab.kms.generate_data_key(KeyId=lab.key(spec).id, KeySpec="AES_256")


@probe(source=api("GenerateDataKeyPair", "description: DER, SubjectPublicKeyInfo and PKCS8"))
def a_data_key_pair(lab: Lab) -> None:
    """A data key pair is a DER public key and its PKCS #8 private key, for RSA and curves."""
    for spec in ("RSA_2048", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"):
        answer = lab.kms.generate_data_key_pair(KeyId=lab.key().id, KeyPairSpec=spec)
        assert answer["KeyPairSpec"] == spec
        assert answer["KeyId"] == lab.key().arn
        public_key = load_der_public_key(answer["PublicKey"])
        private_key = load_der_private_key(answer["PrivateKeyPlaintext"], password=None)
        expected = rsa.RSAPrivateKey if spec.startswith("RSA") else ec.EllipticCurvePrivateKey
        assert isinstance(private_key, expected)
        assert private_key.public_key() == public_key
        assert answer["PublicKey"] == public_key.public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )


@probe(source=api("GenerateDataKeyPair", "description: Decrypt the encrypted private key"))
def the_private_half_can_be_decrypted(lab: Lab) -> None:
    """Decrypt of PrivateKeyCiphertextBlob gives the private key that was answered."""
    answer = lab.kms.generate_data_key_pair(KeyId=lab.key().id, KeyPairSpec="ECC_NIST_P256")
    opened = lab.kms.decrypt(CiphertextBlob=answer["PrivateKeyCiphertextBlob"])
    assert opened["Plaintext"] == answer["PrivateKeyPlaintext"]


@probe(source=api("GenerateDataKeyPair", "response, KeyMaterialId"))
def a_data_key_pair_names_the_key_material(lab: Lab) -> None:
    """GenerateDataKeyPair tells the key material that sealed the private key."""
    answer = lab.kms.generate_data_key_pair(KeyId=lab.key().id, KeyPairSpec="ECC_NIST_P256")
    assert re.fullmatch(r"[a-f0-9]{64}", answer["KeyMaterialId"])


@probe(source=recorded("test_generate_data_key_pair_without_plaintext"))
def a_data_key_pair_without_plaintext(lab: Lab) -> None:
    """GenerateDataKeyPairWithoutPlaintext answers no private key; Decrypt tells it later."""
    answer = lab.kms.generate_data_key_pair_without_plaintext(
        KeyId=lab.key().id, KeyPairSpec="ECC_NIST_P256"
    )
    assert "PrivateKeyPlaintext" not in answer
    opened = lab.kms.decrypt(CiphertextBlob=answer["PrivateKeyCiphertextBlob"])
    private_key = load_der_private_key(opened["Plaintext"], password=None)
    assert isinstance(private_key, ec.EllipticCurvePrivateKey)
    assert private_key.public_key() == load_der_public_key(answer["PublicKey"])


@probe(source=recorded("test_encryption_context_generate_data_key_pair"))
def a_data_key_pair_keeps_its_context(lab: Lab) -> None:
    """A private key sealed under a context opens under it alone."""
    answer = lab.kms.generate_data_key_pair(
        KeyId=lab.key().id, KeyPairSpec="ECC_NIST_P256", EncryptionContext={"a": "1"}
    )
    with refused("InvalidCiphertextException"):
        lab.kms.decrypt(CiphertextBlob=answer["PrivateKeyCiphertextBlob"])


@probe(source=api("GenerateDataKeyPair", "KeyId: no asymmetric KMS key"))
def only_symmetric_keys_seal_key_pairs(lab: Lab) -> None:
    """GenerateDataKeyPair with an RSA or HMAC key is InvalidKeyUsageException."""
    for spec in ("RSA_2048", "HMAC_256"):
        with refused("InvalidKeyUsageException"):
            lab.kms.generate_data_key_pair(KeyId=lab.key(spec).id, KeyPairSpec="ECC_NIST_P256")


@probe(source=api("GenerateDataKeyPair", "KeyPairSpec: valid values"))
def a_key_pair_spec_must_exist(lab: Lab) -> None:
    """A KeyPairSpec that does not exist is ValidationException."""
    with refused("ValidationException", saying="at 'keyPairSpec'"):
        lab.kms.generate_data_key_pair(KeyId=lab.key().id, KeyPairSpec="RSA_1024")


@probe(source=api("ReEncrypt", "description, response"))
def re_encrypting(lab: Lab) -> None:
    """ReEncrypt moves a ciphertext to another key, and answers both keys and algorithms."""
    key, other = lab.key(), lab.key(other=True)
    blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"moves")["CiphertextBlob"]
    answer = lab.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other.id)
    assert answer["SourceKeyId"] == key.arn
    assert answer["KeyId"] == other.arn
    assert answer["SourceEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert answer["DestinationEncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    opened = lab.kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])
    assert opened["Plaintext"] == b"moves"
    assert opened["KeyId"] == other.arn


@probe(source=api("ReEncrypt", "response, SourceKeyMaterialId, DestinationKeyMaterialId"))
def re_encrypting_names_both_key_materials(lab: Lab) -> None:
    """ReEncrypt tells the key material of both sides."""
    key, other = lab.key(), lab.key(other=True)
    blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"x")["CiphertextBlob"]
    answer = lab.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other.id)
    assert answer["SourceKeyMaterialId"] == lab.describe(key)["CurrentKeyMaterialId"]
    assert answer["DestinationKeyMaterialId"] == lab.describe(other)["CurrentKeyMaterialId"]


@probe(source=api("ReEncrypt", "SourceEncryptionContext, DestinationEncryptionContext"))
def re_encrypting_changes_the_context(lab: Lab) -> None:
    """ReEncrypt needs the old context and seals under the new one, within one key too."""
    key = lab.key()
    old, new = {"v": "1"}, {"v": "2"}
    blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"x", EncryptionContext=old)["CiphertextBlob"]
    with refused("InvalidCiphertextException"):
        lab.kms.re_encrypt(
            CiphertextBlob=blob, DestinationKeyId=key.id, DestinationEncryptionContext=new
        )
    moved = lab.kms.re_encrypt(
        CiphertextBlob=blob,
        SourceEncryptionContext=old,
        DestinationKeyId=key.id,
        DestinationEncryptionContext=new,
    )["CiphertextBlob"]
    with refused("InvalidCiphertextException"):
        lab.kms.decrypt(CiphertextBlob=moved, EncryptionContext=old)
    assert lab.kms.decrypt(CiphertextBlob=moved, EncryptionContext=new)["Plaintext"] == b"x"


@probe(source=api("ReEncrypt", "SourceKeyId; Errors: IncorrectKeyException"))
def re_encrypting_checks_the_source_key(lab: Lab) -> None:
    """ReEncrypt naming another source key than the blob's is IncorrectKeyException."""
    key, other = lab.key(), lab.key(other=True)
    blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"x")["CiphertextBlob"]
    with refused("IncorrectKeyException"):
        lab.kms.re_encrypt(CiphertextBlob=blob, SourceKeyId=other.id, DestinationKeyId=key.id)


@probe(source=api("ReEncrypt", "Errors: NotFoundException"))
def re_encrypting_needs_a_destination(lab: Lab) -> None:
    """ReEncrypt to a key that does not exist is NotFoundException."""
    blob = lab.kms.encrypt(KeyId=lab.key().id, Plaintext=b"x")["CiphertextBlob"]
    with refused("NotFoundException"):
        lab.kms.re_encrypt(
            CiphertextBlob=blob, DestinationKeyId="00000000-1111-4222-8333-444444444444"
        )


@probe(source=api("ReEncrypt", "Errors: InvalidCiphertextException"))
def re_encrypting_garbage(lab: Lab) -> None:
    """ReEncrypt of bytes that KMS never made is InvalidCiphertextException."""
    with refused("InvalidCiphertextException"):
        lab.kms.re_encrypt(CiphertextBlob=bytes(200), DestinationKeyId=lab.key().id)


@probe(source=api("ReEncrypt", "Errors: InvalidKeyUsageException"))
def re_encrypting_to_a_signing_key(lab: Lab) -> None:
    """ReEncrypt to an HMAC or signing key is InvalidKeyUsageException."""
    blob = lab.kms.encrypt(KeyId=lab.key().id, Plaintext=b"x")["CiphertextBlob"]
    for spec in ("HMAC_256", "ECC_NIST_P256"):
        with refused("InvalidKeyUsageException"):
            lab.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=lab.key(spec).id)


@probe(source=api("ReEncrypt", "description: symmetric and asymmetric KMS keys"))
def re_encrypting_between_kinds(lab: Lab) -> None:
    """ReEncrypt moves a ciphertext from an RSA key to a symmetric key and back."""
    symmetric, asymmetric = lab.key(), lab.key("RSA_2048")
    algorithm = "RSAES_OAEP_SHA_256"
    blob = lab.kms.encrypt(KeyId=symmetric.id, Plaintext=b"x")["CiphertextBlob"]
    there = lab.kms.re_encrypt(
        CiphertextBlob=blob,
        DestinationKeyId=asymmetric.id,
        DestinationEncryptionAlgorithm=algorithm,
    )
    assert there["DestinationEncryptionAlgorithm"] == algorithm
    assert "DestinationKeyMaterialId" not in there
    back = lab.kms.re_encrypt(
        CiphertextBlob=there["CiphertextBlob"],
        SourceKeyId=asymmetric.id,
        SourceEncryptionAlgorithm=algorithm,
        DestinationKeyId=symmetric.id,
    )
    assert back["SourceKeyId"] == asymmetric.arn
    assert lab.kms.decrypt(CiphertextBlob=back["CiphertextBlob"])["Plaintext"] == b"x"


@probe(source=recorded("test_generate_random"), safe=True)
def random_bytes(lab: Lab) -> None:
    """GenerateRandom answers as many bytes as asked, 1 to 1,024, never the same."""
    for length in (1, 12, 1024):
        assert len(lab.kms.generate_random(NumberOfBytes=length)["Plaintext"]) == length
    first, second = (lab.kms.generate_random(NumberOfBytes=32)["Plaintext"] for _ in range(2))
    assert first != second


@probe(source=recorded("test_generate_random_invalid_number_of_bytes"), safe=True)
def no_random_bytes(lab: Lab) -> None:
    """GenerateRandom without NumberOfBytes is ValidationException: it is required."""
    with refused("ValidationException", saying="NumberOfBytes is required."):
        lab.kms.generate_random()


@probe(source=recorded("test_generate_random_invalid_number_of_bytes"), safe=True)
def too_many_random_bytes(lab: Lab) -> None:
    """1,025 random bytes are ValidationException, with AWS's sentence."""
    message = (
        "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy "
        "constraint: Member must have value less than or equal to 1024"
    )
    with refused("ValidationException", saying=message):
        lab.kms.generate_random(NumberOfBytes=1025)


@probe(source=recorded("test_generate_random_invalid_number_of_bytes"), safe=True)
def zero_random_bytes(lab: Lab) -> None:
    """No random bytes are ValidationException, with AWS's sentence."""
    message = (
        "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy "
        "constraint: Member must have value greater than or equal to 1"
    )
    with refused("ValidationException", saying=message):
        lab.unchecked.generate_random(NumberOfBytes=0)


@probe(source=api("ReEncrypt", "description: decrypts ciphertext and then reencrypts it"))
def re_encrypting_keeps_the_plaintext(lab: Lab) -> None:
    """ReEncrypt never changes the plaintext: an empty one stays empty or is refused."""
    asymmetric, symmetric = lab.key("RSA_2048"), lab.key()
    public_key = load_der_public_key(lab.kms.get_public_key(KeyId=asymmetric.id)["PublicKey"])
    assert isinstance(public_key, rsa.RSAPublicKey)
    scheme = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
    moved = answer_or_error(
        lab.kms.re_encrypt,
        CiphertextBlob=public_key.encrypt(b"", scheme),
        SourceKeyId=asymmetric.id,
        SourceEncryptionAlgorithm="RSAES_OAEP_SHA_256",
        DestinationKeyId=symmetric.id,
    )
    assert moved["ResponseMetadata"]["HTTPStatusCode"] < 500
    if "CiphertextBlob" in moved:
        opened = lab.kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])
        assert opened.get("Plaintext", b"") == b""
