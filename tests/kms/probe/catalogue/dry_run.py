"""DryRun: the answer is an exception, and nothing else happens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from tests.kms.probe.lab import Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, guide
from tests.kms.probe.states_of_keys import disabled

TESTING: Final = guide("Testing your permissions", "DryRunOperationException")

Call = Callable[[Lab], Any]


def _blob(lab: Lab) -> bytes:
    blob: bytes = lab.kms.encrypt(KeyId=lab.key().id, Plaintext=b"x")["CiphertextBlob"]
    return blob


def _mac(lab: Lab) -> bytes:
    mac: bytes = lab.kms.generate_mac(
        KeyId=lab.key("HMAC_256").id, Message=b"m", MacAlgorithm="HMAC_SHA_256"
    )["Mac"]
    return mac


def _signature(lab: Lab) -> bytes:
    signature: bytes = lab.kms.sign(
        KeyId=lab.key("ECC_NIST_P256").id, Message=b"m", SigningAlgorithm="ECDSA_SHA_256"
    )["Signature"]
    return signature


CALLS: Final[dict[str, Call]] = {
    "Encrypt": lambda lab: lab.kms.encrypt(KeyId=lab.key().id, Plaintext=b"x", DryRun=True),
    "Decrypt": lambda lab: lab.kms.decrypt(CiphertextBlob=_blob(lab), DryRun=True),
    "ReEncrypt": lambda lab: lab.kms.re_encrypt(
        CiphertextBlob=_blob(lab), DestinationKeyId=lab.key(other=True).id, DryRun=True
    ),
    "GenerateDataKey": lambda lab: lab.kms.generate_data_key(
        KeyId=lab.key().id, KeySpec="AES_256", DryRun=True
    ),
    "GenerateDataKeyWithoutPlaintext": lambda lab: lab.kms.generate_data_key_without_plaintext(
        KeyId=lab.key().id, KeySpec="AES_256", DryRun=True
    ),
    "GenerateDataKeyPair": lambda lab: lab.kms.generate_data_key_pair(
        KeyId=lab.key().id, KeyPairSpec="ECC_NIST_P256", DryRun=True
    ),
    "GenerateDataKeyPairWithoutPlaintext": (
        lambda lab: lab.kms.generate_data_key_pair_without_plaintext(
            KeyId=lab.key().id, KeyPairSpec="ECC_NIST_P256", DryRun=True
        )
    ),
    "GenerateMac": lambda lab: lab.kms.generate_mac(
        KeyId=lab.key("HMAC_256").id, Message=b"m", MacAlgorithm="HMAC_SHA_256", DryRun=True
    ),
    "VerifyMac": lambda lab: lab.kms.verify_mac(
        KeyId=lab.key("HMAC_256").id,
        Message=b"m",
        MacAlgorithm="HMAC_SHA_256",
        Mac=_mac(lab),
        DryRun=True,
    ),
    "Sign": lambda lab: lab.kms.sign(
        KeyId=lab.key("ECC_NIST_P256").id,
        Message=b"m",
        SigningAlgorithm="ECDSA_SHA_256",
        DryRun=True,
    ),
    "Verify": lambda lab: lab.kms.verify(
        KeyId=lab.key("ECC_NIST_P256").id,
        Message=b"m",
        SigningAlgorithm="ECDSA_SHA_256",
        Signature=_signature(lab),
        DryRun=True,
    ),
}


def _a_dry_run(call: Call, lab: Lab) -> None:
    with refused("DryRunOperationException") as refusal:
        call(lab)
    assert {"Plaintext", "CiphertextBlob", "Signature", "Mac"}.isdisjoint(refusal.answer)


for _operation, _call in CALLS.items():
    _run = partial(_a_dry_run, _call)
    _run.__module__ = __name__
    probe(
        source=TESTING,
        states=f"{_operation} with DryRun answers DryRunOperationException and nothing else.",
        name=_operation,
    )(_run)


@probe(source=api("CreateGrant", "DryRun"))
def a_dry_grant_is_none(lab: Lab) -> None:
    """CreateGrant with DryRun answers DryRunOperationException, and no grant comes to be."""
    key = lab.new_key()
    with refused("DryRunOperationException"):
        lab.kms.create_grant(
            KeyId=key.id, GranteePrincipal=lab.root, Operations=["Decrypt"], DryRun=True
        )
    assert lab.kms.list_grants(KeyId=key.id)["Grants"] == []


@probe(source=api("RevokeGrant", "DryRun; RetireGrant: DryRun"))
def a_dry_revocation_keeps_the_grant(lab: Lab) -> None:
    """RevokeGrant and RetireGrant with DryRun answer DryRunOperationException; the grant stays."""
    key = lab.new_key()
    grant = lab.kms.create_grant(KeyId=key.id, GranteePrincipal=lab.root, Operations=["Decrypt"])
    with refused("DryRunOperationException"):
        lab.kms.revoke_grant(KeyId=key.id, GrantId=grant["GrantId"], DryRun=True)
    with refused("DryRunOperationException"):
        lab.kms.retire_grant(GrantToken=grant["GrantToken"], DryRun=True)
    grants = lab.kms.list_grants(KeyId=key.id)["Grants"]
    assert [entry["GrantId"] for entry in grants] == [grant["GrantId"]]


@probe(source=guide("Testing your permissions", "ValidationException"))
def a_dry_run_checks_the_parameters(lab: Lab) -> None:
    """A dry run of a request that would fail for its parameters fails with their error."""
    with refused("ValidationException"):
        lab.kms.encrypt(KeyId=lab.key().id, Plaintext=b"", DryRun=True)
    with refused("ValidationException"):
        lab.kms.generate_data_key(KeyId=lab.key().id, DryRun=True)


@probe(source=api("Encrypt", "DryRun: checks if your request will succeed"))
def a_dry_run_looks_at_the_key(lab: Lab) -> None:
    """A dry run on a disabled, an unknown or an unfit key says what the request would say."""
    key = disabled(lab, lab.new_key())
    with refused("DisabledException", saying=f"{key.arn} is disabled."):
        lab.kms.encrypt(KeyId=key.id, Plaintext=b"x", DryRun=True)
    with refused("NotFoundException"):
        lab.kms.encrypt(KeyId="fake-key-id", Plaintext=b"x", DryRun=True)
    with refused("InvalidKeyUsageException"):
        lab.kms.encrypt(KeyId=lab.key("HMAC_256").id, Plaintext=b"x", DryRun=True)


@probe(source=api("Decrypt", "DryRunModifiers: IGNORE_CIPHERTEXT"))
def a_dry_run_may_leave_out_the_ciphertext(lab: Lab) -> None:
    """Decrypt with DryRun and IGNORE_CIPHERTEXT needs the key named and no ciphertext."""
    with refused("DryRunOperationException"):
        lab.kms.decrypt(KeyId=lab.key().id, DryRun=True, DryRunModifiers=["IGNORE_CIPHERTEXT"])


@probe(source=api("Decrypt", "CiphertextBlob: required in all other cases"))
def decrypting_nothing(lab: Lab) -> None:
    """Decrypt without a ciphertext, and without that modifier, is ValidationException."""
    for settings in ({}, {"DryRun": True}):
        with refused("ValidationException"):
            lab.kms.decrypt(KeyId=lab.key().id, **settings)


@probe(source=api("ReEncrypt", "DryRunModifiers: IGNORE_CIPHERTEXT"))
def re_encrypting_may_be_tried_without_ciphertext(lab: Lab) -> None:
    """ReEncrypt with DryRun and IGNORE_CIPHERTEXT needs the source key named, no ciphertext."""
    with refused("DryRunOperationException"):
        lab.kms.re_encrypt(
            SourceKeyId=lab.key().id,
            DestinationKeyId=lab.key(other=True).id,
            DryRun=True,
            DryRunModifiers=["IGNORE_CIPHERTEXT"],
        )


@probe(source=api("Decrypt", "KeyId: required when DryRunModifiers is IGNORE_CIPHERTEXT"))
def a_try_without_ciphertext_needs_the_key(lab: Lab) -> None:
    """Decrypt with IGNORE_CIPHERTEXT and no KeyId is ValidationException."""
    with refused("ValidationException"):
        lab.kms.decrypt(DryRun=True, DryRunModifiers=["IGNORE_CIPHERTEXT"])


@probe(source=api("Decrypt", "DryRun: checks if your request will succeed"))
def a_dry_run_opens_the_ciphertext(lab: Lab) -> None:
    """A dry run of Decrypt under a wrong context is InvalidCiphertextException."""
    with refused("InvalidCiphertextException"):
        lab.kms.decrypt(CiphertextBlob=_blob(lab), EncryptionContext={"a": "1"}, DryRun=True)
