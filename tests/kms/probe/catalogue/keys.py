"""CreateKey and DescribeKey: what a key is, and which combinations there are."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.kms.probe.lab import Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, guide, recorded

USAGE_IS_REQUIRED: Final = (
    "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
)
RSA_SIGNING: Final = {
    f"{scheme}_SHA_{bits}"
    for scheme in ("RSASSA_PSS", "RSASSA_PKCS1_V1_5")
    for bits in (256, 384, 512)
}


@probe(source=api("CreateKey", "Symmetric encryption KMS key"))
def a_key_without_parameters(lab: Lab) -> None:
    """CreateKey without parameters makes an enabled symmetric encryption key of KMS's own."""
    metadata = lab.key().metadata
    assert metadata["KeySpec"] == "SYMMETRIC_DEFAULT"
    assert metadata["KeyUsage"] == "ENCRYPT_DECRYPT"
    assert metadata["Origin"] == "AWS_KMS"
    assert metadata["KeyState"] == "Enabled"
    assert metadata["Enabled"] is True
    assert metadata["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"]
    assert metadata["MultiRegion"] is False
    assert metadata["Description"] == ""


@probe(source=recorded("test_create_key"))
def a_key_is_managed_by_the_customer(lab: Lab) -> None:
    """A created key's manager is the customer, its account the caller's, its id in its ARN."""
    metadata = lab.key().metadata
    assert metadata["KeyManager"] == "CUSTOMER"
    assert metadata["AWSAccountId"] == lab.account
    assert metadata["Arn"] == lab.arn(f"key/{metadata['KeyId']}")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", metadata["KeyId"])


@probe(source=api("CreateKey", "CustomerMasterKeySpec"))
def the_old_name_of_the_spec_is_still_told(lab: Lab) -> None:
    """CustomerMasterKeySpec holds the same value as KeySpec."""
    for spec in ("SYMMETRIC_DEFAULT", "RSA_2048", "HMAC_256"):
        metadata = lab.describe(lab.key(spec))
        assert metadata["CustomerMasterKeySpec"] == metadata["KeySpec"] == spec


@probe(source=api("CreateKey", "CustomerMasterKeySpec"))
def the_old_name_of_the_spec_still_works(lab: Lab) -> None:
    """CreateKey takes CustomerMasterKeySpec in the place of KeySpec."""
    key = lab.new_key(CustomerMasterKeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    assert key.metadata["KeySpec"] == "HMAC_256"


@probe(source=api("DescribeKey", "KeyMetadata, CreationDate"))
def a_key_tells_when_it_was_created(lab: Lab) -> None:
    """CreationDate is a time, with its zone, of a moment ago."""
    created = lab.new_key().metadata["CreationDate"]
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=5)


@probe(source=api("DescribeKey", "KeyMetadata"))
def describing_tells_what_creating_told(lab: Lab) -> None:
    """DescribeKey answers the metadata that CreateKey answered."""
    key = lab.new_key(Description="as created")
    assert lab.describe(key) == key.metadata
    assert key.metadata["Description"] == "as created"


@probe(source=api("DescribeKey", "KeyMetadata, CurrentKeyMaterialId"))
def a_symmetric_key_names_its_material(lab: Lab) -> None:
    """CurrentKeyMaterialId, 64 hexadecimal digits, is there for symmetric encryption keys."""
    assert re.fullmatch(r"[a-f0-9]{64}", lab.key().metadata["CurrentKeyMaterialId"])


@probe(source=api("DescribeKey", "KeyMetadata, CurrentKeyMaterialId"))
def other_keys_name_no_material(lab: Lab) -> None:
    """CurrentKeyMaterialId is absent from asymmetric and HMAC keys."""
    for spec in ("RSA_2048", "ECC_NIST_P256", "HMAC_256"):
        assert "CurrentKeyMaterialId" not in lab.describe(lab.key(spec))


@probe(source=recorded("test_hmac_create_key"))
def an_hmac_key(lab: Lab) -> None:
    """An HMAC key lists its one MAC algorithm, and neither encryption nor signing algorithms."""
    metadata = lab.describe(lab.key("HMAC_256"))
    assert metadata["KeyUsage"] == "GENERATE_VERIFY_MAC"
    assert metadata["MacAlgorithms"] == ["HMAC_SHA_256"]
    assert "EncryptionAlgorithms" not in metadata
    assert "SigningAlgorithms" not in metadata


@probe(source=guide("Key spec reference", "RSA key specs for encryption and decryption"))
def an_rsa_encryption_key(lab: Lab) -> None:
    """An RSA encryption key lists both OAEP algorithms, and no signing algorithm."""
    metadata = lab.describe(lab.key("RSA_2048"))
    assert set(metadata["EncryptionAlgorithms"]) == {"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"}
    assert "SigningAlgorithms" not in metadata


@probe(source=guide("Key spec reference", "RSA key specs for signing and verification"))
def an_rsa_signing_key(lab: Lab) -> None:
    """An RSA signing key lists PSS and PKCS #1 v1.5 with three hashes each, no encryption."""
    metadata = lab.describe(lab.key("RSA_2048", "SIGN_VERIFY"))
    assert set(metadata["SigningAlgorithms"]) == RSA_SIGNING
    assert "EncryptionAlgorithms" not in metadata


@probe(source=guide("Key spec reference", "Elliptic curve key specs"))
def an_elliptic_curve_key(lab: Lab) -> None:
    """Each curve signs with the one hash that fits it."""
    for spec, algorithm in (
        ("ECC_NIST_P256", "ECDSA_SHA_256"),
        ("ECC_NIST_P384", "ECDSA_SHA_384"),
        ("ECC_NIST_P521", "ECDSA_SHA_512"),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
    ):
        assert lab.describe(lab.key(spec))["SigningAlgorithms"] == [algorithm]


@probe(source=guide("Key spec reference", "HMAC key specs"))
def every_hmac_spec_has_its_algorithm(lab: Lab) -> None:
    """HMAC keys come with 224, 256, 384 and 512 bits, and each has the algorithm of its size."""
    for bits in (224, 256, 384, 512):
        assert lab.describe(lab.key(f"HMAC_{bits}"))["MacAlgorithms"] == [f"HMAC_SHA_{bits}"]


@probe(source=recorded("test_hmac_create_key_invalid_operations"), safe=True)
def an_hmac_key_needs_its_usage_named(lab: Lab) -> None:
    """CreateKey of an HMAC key without KeyUsage is ValidationException, with AWS's sentence."""
    with refused("ValidationException", saying=USAGE_IS_REQUIRED):
        lab.kms.create_key(KeySpec="HMAC_256")


@probe(source=api("CreateKey", "KeyUsage"), safe=True)
def an_asymmetric_key_needs_its_usage_named(lab: Lab) -> None:
    """CreateKey of an RSA key without KeyUsage is ValidationException."""
    with refused("ValidationException", saying=USAGE_IS_REQUIRED):
        lab.kms.create_key(KeySpec="RSA_2048")


@probe(source=recorded("test_hmac_create_key_invalid_operations"), safe=True)
def an_unknown_spec(lab: Lab) -> None:
    """A KeySpec that does not exist is ValidationException, naming the value and the parameter."""
    message = (
        "1 validation error detected: Value 'HMAC_random' at 'keySpec' failed to satisfy "
        "constraint: Member must satisfy enum value set: ["
    )
    with refused("ValidationException", saying=message):
        lab.kms.create_key(KeySpec="HMAC_random", KeyUsage="GENERATE_VERIFY_MAC")


@probe(source=recorded("test_hmac_create_key_invalid_operations"), safe=True)
def an_unknown_usage(lab: Lab) -> None:
    """A KeyUsage that does not exist is ValidationException, naming the value and the parameter."""
    message = (
        "1 validation error detected: Value 'RANDOM' at 'keyUsage' failed to satisfy "
        "constraint: Member must satisfy enum value set: ["
    )
    with refused("ValidationException", saying=message):
        lab.kms.create_key(KeySpec="HMAC_256", KeyUsage="RANDOM")


@probe(source=api("CreateKey", "KeyUsage: valid values by key spec"), safe=True)
def a_usage_must_fit_the_spec(lab: Lab) -> None:
    """CreateKey refuses a KeyUsage that the KeySpec does not have."""
    for spec, usage in (
        ("SYMMETRIC_DEFAULT", "SIGN_VERIFY"),
        ("SYMMETRIC_DEFAULT", "GENERATE_VERIFY_MAC"),
        ("HMAC_256", "ENCRYPT_DECRYPT"),
        ("HMAC_256", "SIGN_VERIFY"),
        ("RSA_2048", "GENERATE_VERIFY_MAC"),
        ("ECC_NIST_P256", "ENCRYPT_DECRYPT"),
        ("ECC_SECG_P256K1", "ENCRYPT_DECRYPT"),
    ):
        with refused("ValidationException", "UnsupportedOperationException"):
            lab.kms.create_key(KeySpec=spec, KeyUsage=usage)


@probe(source=api("CreateKey", "Origin: AWS_CLOUDHSM needs a CustomKeyStoreId"), safe=True)
def a_cloudhsm_key_needs_its_store(lab: Lab) -> None:
    """CreateKey with origin AWS_CLOUDHSM and no key store is refused."""
    with refused():
        lab.kms.create_key(Origin="AWS_CLOUDHSM")


@probe(
    source=api("CreateKey", "CustomKeyStoreId; Errors: CustomKeyStoreNotFoundException"), safe=True
)
def an_unknown_key_store(lab: Lab) -> None:
    """CreateKey in a custom key store that does not exist is refused."""
    with refused():
        lab.kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId="cks-1234567890abcdef0")


@probe(source=api("CreateKey", "Description: maximum length 8192"), safe=True)
def a_description_has_at_most_8192_characters(lab: Lab) -> None:
    """CreateKey with a longer description is ValidationException."""
    with refused("ValidationException", saying="less than or equal to 8192"):
        lab.kms.create_key(Description="d" * 8193)


@probe(source=api("UpdateKeyDescription", "description"))
def a_description_may_change(lab: Lab) -> None:
    """UpdateKeyDescription sets the description that DescribeKey shows, also to nothing."""
    key = lab.new_key(Description="old")
    lab.kms.update_key_description(KeyId=key.id, Description="new, ünd långer")
    assert lab.describe(key)["Description"] == "new, ünd långer"
    lab.kms.update_key_description(KeyId=key.id, Description="")
    assert lab.describe(key)["Description"] == ""


@probe(source=api("UpdateKeyDescription", "Description: maximum length 8192"))
def a_new_description_has_the_same_limit(lab: Lab) -> None:
    """UpdateKeyDescription takes 8,192 characters and refuses one more."""
    key = lab.new_key()
    lab.kms.update_key_description(KeyId=key.id, Description="d" * 8192)
    with refused("ValidationException"):
        lab.kms.update_key_description(KeyId=key.id, Description="d" * 8193)


@probe(source=recorded("test_create_multi_region_key"))
def a_multi_region_key(lab: Lab) -> None:
    """A multi-Region key says so, and lists itself as primary without replicas."""
    key = lab.new_key(MultiRegion=True)
    assert key.metadata["MultiRegion"] is True
    configuration = key.metadata["MultiRegionConfiguration"]
    assert configuration["MultiRegionKeyType"] == "PRIMARY"
    assert configuration["PrimaryKey"] == {"Arn": key.arn, "Region": lab.region}
    assert configuration["ReplicaKeys"] == []


@probe(source=guide("How multi-Region keys work", "key IDs begin with mrk-"))
def a_multi_region_id(lab: Lab) -> None:
    """A multi-Region key's id is mrk- and 32 hexadecimal digits without dashes."""
    key = lab.new_key(MultiRegion=True)
    assert re.fullmatch(r"mrk-[0-9a-f]{32}", key.id)
    assert key.arn == lab.arn(f"key/{key.id}")


@probe(source=recorded("test_non_multi_region_keys_should_not_have_multi_region_properties"))
def a_single_region_key(lab: Lab) -> None:
    """A single-Region key has no multi-Region configuration."""
    metadata = lab.describe(lab.key())
    assert metadata["MultiRegion"] is False
    assert "MultiRegionConfiguration" not in metadata


@probe(source=api("CreateKey", "Multi-Region primary keys"))
def a_multi_region_key_encrypts(lab: Lab) -> None:
    """What a multi-Region key encrypts opens again, with and without the key named."""
    key = lab.new_key(MultiRegion=True)
    blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"wide")["CiphertextBlob"]
    assert lab.kms.decrypt(CiphertextBlob=blob)["KeyId"] == key.arn
    assert lab.kms.decrypt(CiphertextBlob=blob, KeyId=key.arn)["Plaintext"] == b"wide"
