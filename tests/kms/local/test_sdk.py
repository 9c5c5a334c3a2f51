"""The AWS Encryption SDK works with the local KMS as it does with AWS."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import aws_encryption_sdk
from aws_encryption_sdk.identifiers import CommitmentPolicy

from sealscope.kms.local import LocalStore, local_session
from sealscope.kms.local.loopback import LoopbackServer

CLIENT = aws_encryption_sdk.EncryptionSDKClient(
    commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
)
CONTEXT = {"purpose": "test"}

DECRYPT = """
import sys, aws_encryption_sdk
provider = aws_encryption_sdk.DiscoveryAwsKmsMasterKeyProvider()
client = aws_encryption_sdk.EncryptionSDKClient()
plaintext, _ = client.decrypt(source=sys.stdin.buffer.read(), key_provider=provider)
sys.stdout.buffer.write(plaintext)
"""


def encrypt(store: LocalStore, arn: str) -> bytes:
    provider = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(
        key_ids=[arn], botocore_session=local_session(store)._session
    )
    ciphertext, _ = CLIENT.encrypt(
        source=b"a file", key_provider=provider, encryption_context=CONTEXT
    )
    return bytes(ciphertext)


def test_it_encrypts_and_decrypts_through_the_session(store: LocalStore, kms: Any) -> None:
    arn = kms.describe_key(KeyId="alias/getting-started")["KeyMetadata"]["Arn"]
    message = encrypt(store, arn)
    discovery = aws_encryption_sdk.DiscoveryAwsKmsMasterKeyProvider(
        botocore_session=local_session(store)._session
    )
    plaintext, header = CLIENT.decrypt(source=message, key_provider=discovery)
    assert plaintext == b"a file"
    assert {edk.key_provider.key_info for edk in header.encrypted_data_keys} == {arn.encode()}
    assert CONTEXT.items() <= header.encryption_context.items()


def test_another_process_decrypts_over_the_loopback_server(store: LocalStore, kms: Any) -> None:
    arn = kms.describe_key(KeyId="alias/getting-started")["KeyMetadata"]["Arn"]
    message = encrypt(store, arn)
    with LoopbackServer(store, 0) as server:
        done = subprocess.run(
            [sys.executable, "-c", DECRYPT],
            input=message,
            capture_output=True,
            check=True,
            env={
                "AWS_ENDPOINT_URL_KMS": server.address,
                "AWS_ACCESS_KEY_ID": "any",
                "AWS_SECRET_ACCESS_KEY": "any",
                "AWS_DEFAULT_REGION": "local",
            },
        )
    assert done.stdout == b"a file"
