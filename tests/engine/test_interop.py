"""Messages pass both ways between Sealscope and the AWS Encryption SDK on the same local KMS."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_encryption_sdk
import pytest
from aws_encryption_sdk.identifiers import Algorithm
from aws_encryption_sdk.key_providers.kms import StrictAwsKmsMasterKeyProvider

from sealscope.engine.decrypt import DecryptResult, decrypt
from sealscope.engine.encrypt import DEFAULT_FRAME_LENGTH, EncryptResult, encrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.suites import AlgorithmSuite
from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate
from tests.engine.messages import COMMITTING

FRAME = 128
SIZES = [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 9 * FRAME + 5]
CONTEXT = {"department": "payroll", "größe": "\U00010348"}


@dataclass
class Peers:
    """Both sides, on one local KMS with two keys."""

    gate: KmsGate
    provider: Any
    keys: tuple[str, ...]

    def ours(
        self, plaintext: bytes, suite: AlgorithmSuite, length: int
    ) -> tuple[bytes, EncryptResult]:
        sink = io.BytesIO()
        result = encrypt(
            io.BytesIO(plaintext),
            sink,
            materials=DefaultManager(KmsKeyring.wrapping(self.gate, self.keys)),
            context=CONTEXT,
            suite=suite,
            frame_length=length,
        )
        return sink.getvalue(), result

    def open_ours(self, message: bytes, key: str) -> tuple[bytes, DecryptResult]:
        sink = io.BytesIO()
        keyring = KmsKeyring.strict(self.gate, [key])
        result = decrypt(
            io.BytesIO(message), sink, materials=DefaultManager(keyring), expected_context=CONTEXT
        )
        return sink.getvalue(), result

    def theirs(self, plaintext: bytes, suite: AlgorithmSuite, length: int) -> bytes:
        message, _ = aws_encryption_sdk.EncryptionSDKClient().encrypt(
            source=plaintext,
            key_provider=self.provider,
            encryption_context=CONTEXT,
            algorithm=Algorithm.get_by_id(suite.id),
            frame_length=length,
        )
        return bytes(message)

    def open_theirs(self, message: bytes) -> tuple[bytes, Any]:
        plaintext, header = aws_encryption_sdk.EncryptionSDKClient().decrypt(
            source=message, key_provider=self.provider
        )
        return bytes(plaintext), header


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    folder: Path = tmp_path_factory.mktemp("store")
    connection = connect(Target(local_store=folder / "keys.db"))
    gate = KmsGate(connection)
    keys = tuple(gate.call("CreateKey")["KeyMetadata"]["Arn"] for _ in range(2))
    provider = StrictAwsKmsMasterKeyProvider(
        key_ids=list(keys), botocore_session=connection.session._session
    )
    yield Peers(gate, provider, keys)
    connection.close()


def text(length: int) -> bytes:
    return hashlib.shake_128(b"interop").digest(length)


@pytest.mark.parametrize("suite", COMMITTING, ids=lambda suite: suite.hex_id)
@pytest.mark.parametrize("size", SIZES)
class TestBothWays:
    def test_the_sdk_decrypts_what_sealscope_wrote(
        self, peers: Peers, suite: AlgorithmSuite, size: int
    ) -> None:
        message, result = peers.ours(text(size), suite, FRAME)
        plaintext, header = peers.open_theirs(message)
        assert plaintext == text(size)
        assert header.algorithm.algorithm_id == suite.id
        assert header.message_id == result.message_id
        assert header.encryption_context == result.encryption_context
        assert {
            bytes(key.key_provider.key_info).decode() for key in header.encrypted_data_keys
        } == set(peers.keys)

    def test_sealscope_decrypts_what_the_sdk_wrote(
        self, peers: Peers, suite: AlgorithmSuite, size: int
    ) -> None:
        message = peers.theirs(text(size), suite, FRAME)
        for key in peers.keys:
            plaintext, result = peers.open_ours(message, key)
            assert plaintext == text(size)
            assert result.opened_by == key
            assert result.key_material_id
            assert result.signature_verified is (True if suite.signed else None)

    def test_both_lay_a_message_out_alike(
        self, peers: Peers, suite: AlgorithmSuite, size: int
    ) -> None:
        """Same sizes everywhere: also where the plaintext fills its last frame."""
        message, _ = peers.ours(text(size), suite, FRAME)
        assert len(message) == len(peers.theirs(text(size), suite, FRAME))


@pytest.mark.parametrize("suite", COMMITTING, ids=lambda suite: suite.hex_id)
def test_the_default_frame_length_and_odd_ones_are_read_by_the_sdk(
    peers: Peers, suite: AlgorithmSuite
) -> None:
    for length in (DEFAULT_FRAME_LENGTH, 1000):
        for size in (length - 1, length, 2 * length + 7):
            message, _ = peers.ours(text(size), suite, length)
            assert peers.open_theirs(message)[0] == text(size)
