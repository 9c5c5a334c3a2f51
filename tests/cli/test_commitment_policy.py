"""`decrypt --commitment-policy`: messages without key commitment, only where they are allowed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest

from sealscope.kms.connection import Connection, Target, connect
from sealscope.kms.facade import KmsGate
from tests.cli.calling import KEY, Here

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import aws_encryption_sdk
    from aws_encryption_sdk.identifiers import Algorithm, CommitmentPolicy

ALLOW = ("--commitment-policy", "require-encrypt-allow-decrypt")
REQUIRE = ("--commitment-policy", "require-encrypt-require-decrypt")
SIGNED = Algorithm.AES_256_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384
PLAIN = Algorithm.AES_128_GCM_IV12_TAG16


@pytest.fixture
def connection(here: Here) -> Iterator[Connection]:
    made = connect(Target(local_store=here.store))
    yield made
    made.close()


def old_message(connection: Connection, algorithm: Algorithm, frame_length: int) -> bytes:
    """A message without key commitment, as the AWS Encryption SDK wrote them by default."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        provider = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(
            key_ids=[KmsGate(connection).resolve(KEY)],
            botocore_session=connection.session._session,
        )
        client = aws_encryption_sdk.EncryptionSDKClient(
            commitment_policy=CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
        )
        message: bytes
        message, _ = client.encrypt(
            source=b"old content",
            key_provider=provider,
            algorithm=algorithm,
            frame_length=frame_length,
        )
    return message


@pytest.mark.parametrize("algorithm", [SIGNED, PLAIN], ids=["signed", "plain"])
@pytest.mark.parametrize("frame_length", [4096, 0], ids=["framed", "not-framed"])
def test_an_old_message_is_opened_only_where_it_is_allowed(
    here: Here, connection: Connection, algorithm: Algorithm, frame_length: int
) -> None:
    here.make("m", old_message(connection, algorithm, frame_length))
    for options in ((), REQUIRE):
        done = here.call("decrypt", "m", "-k", KEY, "--json", *options)
        assert done.status == 1
        assert done.json()[0]["error"]["class"] == "CommitmentPolicyError"
        assert set(here.listing()) == {"m"}
    assert here.call("decrypt", "m", "-k", KEY, *ALLOW).status == 0
    assert here.listing()["m.decrypted"] == b"old content"


def test_a_committing_message_is_opened_by_both(here: Here) -> None:
    here.make("m", here.sealed(b"content"))
    for options in (ALLOW, REQUIRE):
        done = here.call("decrypt", "m", "-k", KEY, "-o", "-", *options)
        assert done.stdout == b"content"
