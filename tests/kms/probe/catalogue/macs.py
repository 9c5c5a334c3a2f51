"""GenerateMac and VerifyMac."""

from __future__ import annotations

from tests.kms.probe.lab import Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, recorded


@probe(source=recorded("test_generate_and_verify_mac"))
def a_mac(lab: Lab) -> None:
    """GenerateMac answers a MAC of the hash's length, which VerifyMac finds valid."""
    for bits in (224, 256, 384, 512):
        key = lab.key(f"HMAC_{bits}")
        algorithm = f"HMAC_SHA_{bits}"
        made = lab.kms.generate_mac(KeyId=key.id, Message=b"m", MacAlgorithm=algorithm)
        assert len(made["Mac"]) == bits // 8
        assert made["KeyId"] == key.arn
        assert made["MacAlgorithm"] == algorithm
        verified = lab.kms.verify_mac(
            KeyId=key.id, Message=b"m", MacAlgorithm=algorithm, Mac=made["Mac"]
        )
        assert verified["MacValid"] is True
        assert verified["KeyId"] == key.arn
        assert verified["MacAlgorithm"] == algorithm


@probe(source=api("GenerateMac", "description: RFC 2104"))
def a_mac_is_deterministic(lab: Lab) -> None:
    """The same key and message give the same MAC; another key or message another one."""

    def mac(message: bytes, *, other: bool = False) -> bytes:
        made: bytes = lab.kms.generate_mac(
            KeyId=lab.key("HMAC_256", other=other).id,
            Message=message,
            MacAlgorithm="HMAC_SHA_256",
        )["Mac"]
        return made

    assert mac(b"m") == mac(b"m")
    assert len({mac(b"m"), mac(b"n"), mac(b"m", other=True)}) == 3


@probe(source=recorded("test_invalid_verify_mac"))
def a_wrong_mac(lab: Lab) -> None:
    """A MAC that does not verify is KMSInvalidMacException with an empty message."""
    key = lab.key("HMAC_256")
    made = lab.kms.generate_mac(KeyId=key.id, Message=b"m", MacAlgorithm="HMAC_SHA_256")["Mac"]
    for message, mac in (
        (b"some different important message", made),
        (b"m", made[:-1] + bytes([made[-1] ^ 1])),
        (b"m", made[:-1]),
        (b"m", made + b"\0"),
        (b"m", b"\0"),
    ):
        with refused("KMSInvalidMacException") as refusal:
            lab.kms.verify_mac(KeyId=key.id, Message=message, MacAlgorithm="HMAC_SHA_256", Mac=mac)
        assert refusal.message == ""


@probe(source=recorded("test_invalid_generate_mac"))
def generating_needs_the_keys_algorithm(lab: Lab) -> None:
    """GenerateMac with another size's algorithm is InvalidKeyUsageException, naming both."""
    message = "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."
    with refused("InvalidKeyUsageException", saying=message):
        lab.kms.generate_mac(
            KeyId=lab.key("HMAC_224").id, Message=b"m", MacAlgorithm="HMAC_SHA_256"
        )


@probe(source=recorded("test_invalid_verify_mac"))
def verifying_needs_the_keys_algorithm(lab: Lab) -> None:
    """VerifyMac with another size's algorithm is InvalidKeyUsageException, naming both."""
    message = "Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256."
    with refused("InvalidKeyUsageException", saying=message):
        lab.kms.verify_mac(
            KeyId=lab.key("HMAC_256").id,
            Message=b"m",
            MacAlgorithm="HMAC_SHA_512",
            Mac=bytes(64),
        )


@probe(source=recorded("test_invalid_generate_mac"))
def an_unknown_mac_algorithm(lab: Lab) -> None:
    """A MacAlgorithm that does not exist is ValidationException, naming value and parameter."""
    message = (
        "1 validation error detected: Value 'INVALID' at 'macAlgorithm' failed to satisfy "
        "constraint: Member must satisfy enum value set: ["
    )
    with refused("ValidationException", saying=message):
        lab.kms.generate_mac(KeyId=lab.key("HMAC_256").id, Message=b"m", MacAlgorithm="INVALID")


@probe(source=recorded("test_error_messaging_for_invalid_keys"))
def an_encryption_key_makes_no_mac(lab: Lab) -> None:
    """GenerateMac with an encryption key is InvalidKeyUsageException, naming the usage."""
    key = lab.key()
    message = f"{key.arn} key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac."
    with refused("InvalidKeyUsageException", saying=message):
        lab.kms.generate_mac(KeyId=key.id, Message=b"m", MacAlgorithm="HMAC_SHA_256")


@probe(source=api("GenerateMac", "Message: 1 to 4096 bytes"))
def a_message_for_a_mac_has_its_limits(lab: Lab) -> None:
    """GenerateMac takes 4,096 bytes; one more, or none, is ValidationException."""
    key = lab.key("HMAC_256")
    lab.kms.generate_mac(KeyId=key.id, Message=bytes(4096), MacAlgorithm="HMAC_SHA_256")
    for message in (bytes(4097), b""):
        with refused("ValidationException"):
            lab.kms.generate_mac(KeyId=key.id, Message=message, MacAlgorithm="HMAC_SHA_256")
