"""Short ways to make and open messages in the tests."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import BinaryIO, cast

from sealscope.engine.decrypt import DecryptResult, decrypt
from sealscope.engine.encrypt import EncryptResult, encrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.suites import DEFAULT_SUITE, SUITES, AlgorithmSuite
from tests.engine.fake_kms import FakeKms

ALLOW = CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT
FORBID = CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
COMMITTING = (SUITES[0x0478], SUITES[0x0578])


def seal(
    kms: FakeKms,
    plaintext: bytes,
    *,
    keys: Sequence[str],
    context: Mapping[str, str] | None = None,
    suite: AlgorithmSuite = DEFAULT_SUITE,
    frame_length: int = 16,
) -> tuple[bytes, EncryptResult]:
    """A message and what encrypting it answered, whatever the suite."""
    sink = io.BytesIO()
    policy = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT if suite.committing else FORBID
    result = encrypt(
        io.BytesIO(plaintext),
        sink,
        materials=DefaultManager(KmsKeyring.wrapping(kms, keys)),
        context=context,
        suite=suite,
        frame_length=frame_length,
        commitment_policy=policy,
    )
    return sink.getvalue(), result


def open_with(
    kms: FakeKms,
    message: bytes,
    *,
    keys: Sequence[str],
    expected_context: Mapping[str, str] | None = None,
    policy: CommitmentPolicy = ALLOW,
) -> tuple[bytes, DecryptResult]:
    """A message's plaintext and what decrypting it answered."""
    sink = io.BytesIO()
    result = decrypt(
        io.BytesIO(message),
        sink,
        materials=DefaultManager(KmsKeyring.strict(kms, keys)),
        expected_context=expected_context,
        commitment_policy=policy,
    )
    return sink.getvalue(), result


class Pipe:
    """A source that cannot seek, has no readinto and gives few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._source = io.BytesIO(data)
        self._step = step

    def read(self, count: int = -1) -> bytes:
        return self._source.read(min(count, self._step) if count >= 0 else self._step)

    def as_source(self) -> BinaryIO:
        return cast("BinaryIO", self)


class Trickle:
    """A sink that takes few bytes at a time, as a raw file may."""

    def __init__(self, step: int) -> None:
        self._step = step
        self._taken = bytearray()

    def write(self, data: bytes | memoryview) -> int:
        part = bytes(data[: self._step])
        self._taken += part
        return len(part)

    def getvalue(self) -> bytes:
        return bytes(self._taken)

    def as_sink(self) -> BinaryIO:
        return cast("BinaryIO", self)
