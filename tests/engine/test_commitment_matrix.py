"""Commitment: which suites each policy writes and reads, and what commitment is good for.

The table is written out here, so that it does not come from the code it judges.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

import pytest

from sealscope import errors
from sealscope.engine.cache import LocalCryptoMaterialsCache
from sealscope.engine.caching import CachingManager
from sealscope.engine.decrypt import decrypt
from sealscope.engine.derivation import derive
from sealscope.engine.encrypt import encrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager, MaterialsManager
from sealscope.engine.policy import DEFAULT_POLICY, CommitmentPolicy
from sealscope.engine.suites import SUITES
from sealscope.secret import SecretBytes
from tests.engine.fake_kms import FakeKms
from tests.engine.forge import Forge
from tests.engine.known_data_key import KnownDataKey
from tests.engine.messages import seal
from tests.engine.two_meanings import TwoMeanings, two_meanings

COMMITTING: Final = {0x0478, 0x0578}
OTHERS: Final = {0x0014, 0x0046, 0x0078, 0x0114, 0x0146, 0x0178, 0x0214, 0x0346, 0x0378}
WRITES: Final = {
    "forbid-encrypt-allow-decrypt": OTHERS,
    "require-encrypt-allow-decrypt": COMMITTING,
    "require-encrypt-require-decrypt": COMMITTING,
}
READS: Final = {
    "forbid-encrypt-allow-decrypt": OTHERS | COMMITTING,
    "require-encrypt-allow-decrypt": OTHERS | COMMITTING,
    "require-encrypt-require-decrypt": COMMITTING,
}
POLICIES: Final = pytest.mark.parametrize("policy", CommitmentPolicy, ids=lambda one: one.value)
EVERY_SUITE: Final = pytest.mark.parametrize(
    "suite_id", sorted(SUITES), ids=lambda one: f"{one:04x}"
)
Wrap = Callable[[MaterialsManager], MaterialsManager]


def warmed(inner: MaterialsManager) -> MaterialsManager:
    """A cache that other callers, of other policies, have used for every suite before."""
    cache = LocalCryptoMaterialsCache(100)
    filler = CachingManager(inner, cache, partition="p", max_age=60)
    for policy in CommitmentPolicy:
        for suite_id in WRITES[policy.value]:
            sink = io.BytesIO()
            encrypt(
                io.BytesIO(b"plaintext"),
                sink,
                materials=filler,
                suite=SUITES[suite_id],
                commitment_policy=policy,
                plaintext_bytes=9,
            )
            sink.seek(0)
            allow = CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT
            decrypt(sink, io.BytesIO(), materials=filler, commitment_policy=allow)
    return CachingManager(inner, cache, partition="p", max_age=60)


CACHES: Final = pytest.mark.parametrize(
    "wrap", [lambda inner: inner, warmed], ids=["no cache", "shared cache"]
)


def test_the_default_policy_is_the_strictest() -> None:
    assert DEFAULT_POLICY.value == "require-encrypt-require-decrypt"
    assert set(SUITES) == COMMITTING | OTHERS
    assert {policy.value for policy in CommitmentPolicy} == set(WRITES)


@POLICIES
@EVERY_SUITE
@CACHES
class TestMatrix:
    def test_encrypt(self, policy: CommitmentPolicy, suite_id: int, wrap: Wrap) -> None:
        kms = FakeKms()
        manager = wrap(DefaultManager(KmsKeyring.strict(kms, [kms.create_key()])))
        before = len(kms.calls)
        sink = io.BytesIO()

        def write() -> None:
            encrypt(
                io.BytesIO(b"plaintext"),
                sink,
                materials=manager,
                suite=SUITES[suite_id],
                commitment_policy=policy,
                plaintext_bytes=9,
            )

        if suite_id in WRITES[policy.value]:
            write()
            assert suite_id.to_bytes(2, "big") in sink.getvalue()[1:4]
        else:
            with pytest.raises(errors.CommitmentPolicyError):
                write()
            assert sink.getvalue() == b""
            assert len(kms.calls) == before

    def test_decrypt(self, policy: CommitmentPolicy, suite_id: int, wrap: Wrap) -> None:
        kms = FakeKms()
        key = kms.create_key()
        message, _ = seal(kms, b"plaintext", keys=[key], suite=SUITES[suite_id])
        manager = wrap(DefaultManager(KmsKeyring.strict(kms, [key])))
        before = len(kms.calls)
        sink = io.BytesIO()

        def read() -> None:
            decrypt(io.BytesIO(message), sink, materials=manager, commitment_policy=policy)

        if suite_id in READS[policy.value]:
            read()
            assert sink.getvalue() == b"plaintext"
        else:
            with pytest.raises(errors.CommitmentPolicyError):
                read()
            assert sink.getvalue() == b""
            assert len(kms.calls) == before


class TestChangedCommitment:
    @pytest.mark.parametrize("suite_id", sorted(COMMITTING), ids=lambda one: f"{one:04x}")
    def test_in_any_byte_is_refused_although_all_tags_are_right(self, suite_id: int) -> None:
        forge = Forge(suite=SUITES[suite_id])
        with pytest.raises(errors.CommitmentFailed):
            forge.but(commit_key=bytes(32)).open()
        right = commitment_of(forge)
        assert forge.but(commit_key=right).open()[0] == forge.plaintext
        for at in range(32):
            wrong = bytearray(right)
            wrong[at] ^= 1 << (at % 8)
            with pytest.raises(errors.CommitmentFailed):
                forge.but(commit_key=bytes(wrong)).open()

    def test_another_data_key_is_refused_before_any_plaintext(self) -> None:
        forge = Forge(suite=SUITES[0x0478])
        sink = io.BytesIO()
        with pytest.raises(errors.CommitmentFailed):
            decrypt(
                io.BytesIO(forge.message()),
                sink,
                materials=DefaultManager(KnownDataKey(bytes(32))),
            )
        assert sink.getvalue() == b""


UNSIGNED_OTHERS: Final = [0x0014, 0x0046, 0x0078, 0x0114, 0x0146, 0x0178]


class TestMessagesWithTwoMeanings:
    """One message, two data keys, two plaintexts, every tag right: what commitment is for."""

    def open(self, made: TwoMeanings, key: bytes, policy: CommitmentPolicy) -> bytes:
        sink = io.BytesIO()
        manager = DefaultManager(KnownDataKey(key))
        decrypt(io.BytesIO(made.message), sink, materials=manager, commitment_policy=policy)
        return sink.getvalue()

    @pytest.mark.parametrize("suite_id", UNSIGNED_OTHERS, ids=lambda one: f"{one:04x}")
    def test_without_commitment_only_the_policy_refuses_them(self, suite_id: int) -> None:
        made = two_meanings(SUITES[suite_id])
        allow = CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT
        meanings = {self.open(made, key, allow) for key in (made.first, made.second)}
        assert len(meanings) == 2
        for key in (made.first, made.second):
            with pytest.raises(errors.CommitmentPolicyError):
                self.open(made, key, DEFAULT_POLICY)

    @POLICIES
    def test_with_commitment_they_have_one(self, policy: CommitmentPolicy) -> None:
        made = two_meanings(SUITES[0x0478])
        assert len(self.open(made, made.first, policy)) == 16
        with pytest.raises(errors.CommitmentFailed):
            self.open(made, made.second, policy)


def commitment_of(forge: Forge) -> bytes:
    return derive(forge.suite, SecretBytes(forge.key), forge.id).commit_key
