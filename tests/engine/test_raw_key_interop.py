"""Raw keys, one by one, between Sealscope and the AWS Encryption SDK for Python."""

from __future__ import annotations

import io

import pytest
from aws_encryption_sdk import EncryptionSDKClient
from aws_encryption_sdk.identifiers import Algorithm
from aws_encryption_sdk.identifiers import CommitmentPolicy as TheirPolicy

from sealscope.engine.decrypt import decrypt
from sealscope.engine.encrypt import encrypt
from sealscope.engine.managers import DefaultManager
from sealscope.engine.multi_keyring import MultiKeyring
from sealscope.engine.raw_rsa_keyring import RawRsaKeyring, RsaPadding
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.secret import SecretBytes
from tests.engine.messages import ALLOW, FORBID
from tests.engine.peer_recipients import Recipient, aes_recipient, rsa_recipient
from tests.engine.rsa_keys import private_key, private_pem, public_pem

CONTEXT = {"department": "payroll", "größe": "\U00010348", "": ""}
TEXT = bytes(range(256)) * 3
RECIPIENTS = [
    *(aes_recipient(size, "größe", f"aes {size}") for size in (16, 24, 32)),
    *(rsa_recipient(padding, "raw", f"rsa/{padding.value}") for padding in RsaPadding),
]
EACH = pytest.mark.parametrize("recipient", RECIPIENTS, ids=lambda recipient: recipient.name)
# Data keys of all three lengths, with and without signature and commitment.
SOME = pytest.mark.parametrize(
    "suite", [SUITES[each] for each in (0x0014, 0x0346, 0x0478, 0x0578)], ids=lambda s: s.hex_id
)


def ours(recipient: Recipient, suite: AlgorithmSuite) -> bytes:
    sink = io.BytesIO()
    encrypt(
        io.BytesIO(TEXT),
        sink,
        materials=DefaultManager(recipient.ours),
        context=CONTEXT,
        suite=suite,
        commitment_policy=ALLOW if suite.committing else FORBID,
    )
    return sink.getvalue()


def client(suite: AlgorithmSuite) -> EncryptionSDKClient:
    return EncryptionSDKClient(
        commitment_policy=TheirPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT
        if suite.committing
        else TheirPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
    )


@EACH
@SOME
class TestBothWays:
    def test_the_sdk_opens_what_sealscope_wrapped(
        self, recipient: Recipient, suite: AlgorithmSuite
    ) -> None:
        plaintext, header = client(suite).decrypt(
            source=ours(recipient, suite), key_provider=recipient.theirs()
        )
        assert bytes(plaintext) == TEXT
        assert header.encryption_context.items() >= CONTEXT.items()

    def test_sealscope_opens_what_the_sdk_wrapped(
        self, recipient: Recipient, suite: AlgorithmSuite
    ) -> None:
        message, _ = client(suite).encrypt(
            source=TEXT,
            key_provider=recipient.theirs(),
            encryption_context=CONTEXT,
            algorithm=Algorithm.get_by_id(suite.id),
        )
        sink = io.BytesIO()
        result = decrypt(
            io.BytesIO(message),
            sink,
            materials=DefaultManager(recipient.ours),
            expected_context=CONTEXT,
            commitment_policy=ALLOW,
        )
        assert sink.getvalue() == TEXT
        namespace, name = recipient.named
        assert result.opened_by == f"{namespace}/{name.decode()}"


def test_the_sdk_opens_a_message_for_all_of_them_with_each() -> None:
    suite = SUITES[0x0478]
    first, *rest = (recipient.ours for recipient in RECIPIENTS)
    everyone = Recipient("all", ("", b""), MultiKeyring(first, rest), lambda: None)
    message = ours(everyone, suite)
    for recipient in RECIPIENTS:
        plaintext, header = client(suite).decrypt(source=message, key_provider=recipient.theirs())
        assert bytes(plaintext) == TEXT
        assert len(header.encrypted_data_keys) == len(RECIPIENTS)


@pytest.mark.parametrize("padding", RsaPadding, ids=lambda padding: padding.value)
def test_the_same_pem_text_serves_both(padding: RsaPadding) -> None:
    """The public one wraps here, and the private one opens there and here."""
    suite = SUITES[0x0478]
    recipient = rsa_recipient(padding, "raw", "kn")
    public, private = (
        RawRsaKeyring.from_pem("raw", "kn", padding, SecretBytes(pem))
        for pem in (public_pem(private_key()), private_pem(private_key()))
    )
    made = public.wrap(suite, CONTEXT)
    assert private.open(made.encrypted_data_keys, suite, CONTEXT).data_key == made.data_key
    message = ours(Recipient("public", recipient.named, public, recipient.theirs), suite)
    plaintext, _ = client(suite).decrypt(source=message, key_provider=recipient.theirs())
    assert bytes(plaintext) == TEXT
