"""How a request names a key: id, ARN, alias, alias ARN; and what is said when there is none."""

from __future__ import annotations

from typing import Final

from tests.kms.probe.lab import Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, recorded, reported

NOBODY: Final = "00000000-1111-4222-8333-444444444444"


@probe(source=api("DescribeKey", "KeyId"))
def a_key_has_four_names(lab: Lab) -> None:
    """DescribeKey takes a key id, a key ARN, an alias or an alias ARN, and all mean the one key."""
    key = lab.key()
    alias = lab.new_alias(key)
    for name in (key.id, key.arn, alias, lab.arn(alias)):
        assert lab.kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"] == key.arn


@probe(source=api("Encrypt", "KeyId"))
def encrypt_takes_all_four(lab: Lab) -> None:
    """Encrypt takes a key id, a key ARN, an alias or an alias ARN, and answers the key's ARN."""
    key = lab.key()
    alias = lab.new_alias(key)
    for name in (key.id, key.arn, alias, lab.arn(alias)):
        assert lab.kms.encrypt(KeyId=name, Plaintext=b"x")["KeyId"] == key.arn


@probe(source=api("GenerateDataKey", "KeyId"))
def generate_data_key_takes_all_four(lab: Lab) -> None:
    """GenerateDataKey takes all four names, and answers the key's ARN whichever was used."""
    key = lab.key()
    alias = lab.new_alias(key)
    for name in (key.id, key.arn, alias, lab.arn(alias)):
        answer = lab.kms.generate_data_key(KeyId=name, KeySpec="AES_128")
        assert answer["KeyId"] == key.arn


@probe(source=api("Decrypt", "KeyId"))
def decrypt_takes_all_four(lab: Lab) -> None:
    """Decrypt takes all four names for the key that sealed the ciphertext."""
    key = lab.key()
    alias = lab.new_alias(key)
    blob = lab.kms.encrypt(KeyId=key.id, Plaintext=b"x")["CiphertextBlob"]
    for name in (key.id, key.arn, alias, lab.arn(alias)):
        assert lab.kms.decrypt(KeyId=name, CiphertextBlob=blob)["KeyId"] == key.arn


@probe(source=recorded("test_get_key_does_not_exist"), safe=True)
def an_unknown_id(lab: Lab) -> None:
    """An id that no key has is NotFoundException, and the message names the ARN it would have."""
    with refused("NotFoundException", saying=f"Key '{lab.arn('key/' + NOBODY)}' does not exist"):
        lab.kms.describe_key(KeyId=NOBODY)


@probe(source=recorded("test_get_key_does_not_exist"), safe=True)
def an_unknown_arn(lab: Lab) -> None:
    """An ARN that no key has is NotFoundException, and the message repeats it."""
    arn = lab.arn(f"key/{NOBODY}")
    with refused("NotFoundException", saying=f"Key '{arn}' does not exist"):
        lab.kms.describe_key(KeyId=arn)


@probe(source=recorded("test_get_key_does_not_exist"), safe=True)
def an_unknown_multi_region_id(lab: Lab) -> None:
    """An unknown id of multi-Region form is NotFoundException, said like any unknown id."""
    unknown = "mrk-d3b95762d3b95762d3b95762d3b95762"
    with refused("NotFoundException", saying=f"Key '{lab.arn('key/' + unknown)}' does not exist"):
        lab.kms.describe_key(KeyId=unknown)


@probe(source=recorded("test_get_key_invalid_uuid"), safe=True)
def not_an_id(lab: Lab) -> None:
    """A KeyId that has no form of a key id is NotFoundException: Invalid keyId."""
    with refused("NotFoundException", saying="Invalid keyId 'fake-key-id'"):
        lab.kms.describe_key(KeyId="fake-key-id")


@probe(source=recorded("test_get_key_invalid_uuid"), safe=True)
def an_id_without_dashes(lab: Lab) -> None:
    """A UUID without dashes is not a key id."""
    with refused("NotFoundException", saying="Invalid keyId '134f2428cec14b25a1ae9048164dba47'"):
        lab.kms.describe_key(KeyId="134f2428cec14b25a1ae9048164dba47")


@probe(source=recorded("test_get_key_invalid_uuid"), safe=True)
def a_multi_region_id_needs_32_hex_digits(lab: Lab) -> None:
    """Something that only begins like a multi-Region id is not a key id."""
    with refused("NotFoundException", saying="Invalid keyId 'mrk-fake-key-id'"):
        lab.kms.describe_key(KeyId="mrk-fake-key-id")


@probe(source=recorded("test_generate_and_verify_mac"), safe=True)
def cryptographic_calls_say_it_alike(lab: Lab) -> None:
    """GenerateMac says Invalid keyId of what is no key id, as DescribeKey does."""
    with refused("NotFoundException", saying="Invalid keyId 'key_id'"):
        lab.kms.generate_mac(KeyId="key_id", Message=b"m", MacAlgorithm="HMAC_SHA_256")


@probe(source=recorded("test_get_key_in_different_region"), safe=True)
def an_arn_of_another_region(lab: Lab) -> None:
    """An ARN of another Region is NotFoundException: Invalid arn, and the Region."""
    elsewhere = "ap-southeast-1" if lab.region != "ap-southeast-1" else "eu-west-1"
    with refused("NotFoundException", saying=f"Invalid arn {elsewhere}"):
        lab.kms.describe_key(KeyId=f"arn:aws:kms:{elsewhere}:{lab.account}:key/{NOBODY}")


@probe(source=reported("sigstore/cosign#1474", "GetPublicKey"), safe=True)
def an_unknown_alias(lab: Lab) -> None:
    """An alias that does not exist is NotFoundException, and the message names its ARN."""
    name = lab.new_name()
    with refused("NotFoundException", saying=f"Alias {lab.arn(name)} is not found."):
        lab.kms.describe_key(KeyId=name)


@probe(source=reported("cloudposse/docs#152", "Encrypt by alias"), safe=True)
def an_unknown_alias_arn(lab: Lab) -> None:
    """An alias ARN that does not exist is said the same way."""
    arn = lab.arn(lab.new_name())
    with refused("NotFoundException", saying=f"Alias {arn} is not found."):
        lab.kms.encrypt(KeyId=arn, Plaintext=b"x")


@probe(source=api("DescribeKey", "Errors: InvalidArnException, NotFoundException"), safe=True)
def a_broken_arn(lab: Lab) -> None:
    """Something that begins like an ARN and is none is refused as one."""
    with refused("InvalidArnException", "NotFoundException"):
        lab.kms.describe_key(KeyId="arn:aws:kms")


@probe(source=api("DisableKey", "KeyId: key ID or key ARN"))
def management_takes_no_alias(lab: Lab) -> None:
    """DisableKey takes a key id or a key ARN, no alias; the key stays as it was."""
    key = lab.new_key()
    alias = lab.new_alias(key)
    for name in (alias, lab.arn(alias)):
        with refused("NotFoundException", "InvalidArnException"):
            lab.kms.disable_key(KeyId=name)
    assert lab.describe(key)["KeyState"] == "Enabled"


@probe(source=api("ScheduleKeyDeletion", "KeyId: key ID or key ARN"))
def deletion_takes_no_alias(lab: Lab) -> None:
    """ScheduleKeyDeletion takes no alias; the key stays as it was."""
    key = lab.new_key()
    alias = lab.new_alias(key)
    with refused("NotFoundException", "InvalidArnException"):
        lab.kms.schedule_key_deletion(KeyId=alias, PendingWindowInDays=7)
    assert lab.describe(key)["KeyState"] == "Enabled"


@probe(source=api("DescribeKey", "KeyId: maximum length 2048"), safe=True)
def an_id_has_at_most_2048_characters(lab: Lab) -> None:
    """A KeyId of more than 2,048 characters is ValidationException."""
    with refused("ValidationException", saying="less than or equal to 2048"):
        lab.kms.describe_key(KeyId="a" * 2049)


@probe(source=api("DescribeKey", "KeyId: minimum length 1"), safe=True)
def an_id_is_not_empty(lab: Lab) -> None:
    """An empty KeyId is ValidationException."""
    with refused("ValidationException"):
        lab.unchecked.describe_key(KeyId="")
