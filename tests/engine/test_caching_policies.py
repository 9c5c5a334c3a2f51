"""A shared cache never hands a suite to a caller whose policy forbids it.

Writers and readers of all three policies use one cache and one partition, with and without a
suite asked for, in both directions, as in CVE-2026-6550.
"""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import product
from typing import Final

import pytest

from sealscope import errors
from sealscope.engine.cache import LocalCryptoMaterialsCache
from sealscope.engine.caching import CachingManager
from sealscope.engine.decrypt import decrypt
from sealscope.engine.encrypt import encrypt
from sealscope.engine.header import parse_header
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.limits import ReadLimits
from sealscope.engine.managers import DecryptionRequest, DefaultManager, EncryptionRequest
from sealscope.engine.materials import EncryptionMaterials
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import SUITES, AlgorithmSuite, KeyDerivation
from tests.engine.caching import Watched, caching, new_message, old_message
from tests.engine.fake_kms import FakeKms
from tests.engine.messages import ALLOW, FORBID

STRICT: Final = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
POLICIES: Final = (STRICT, ALLOW, FORBID)
COMMITTING: Final = {0x0478, 0x0578}
DEFAULTS: Final = {STRICT: 0x0578, ALLOW: 0x0578, FORBID: 0x0378}
CACHEABLE: Final = [s for s in SUITES.values() if s.derivation is not KeyDerivation.IDENTITY]
SUITE_ASKED: Final = [None, *CACHEABLE]
PAIRS: Final = [
    pytest.param(first, second, id=f"{first.value} then {second.value}")
    for first, second in product(POLICIES, repeat=2)
]


def may_write(policy: CommitmentPolicy, suite: AlgorithmSuite) -> bool:
    return (suite.id in COMMITTING) == (policy is not FORBID)


def may_read(policy: CommitmentPolicy, suite: AlgorithmSuite) -> bool:
    return suite.id in COMMITTING or policy is not STRICT


def may_ask(policy: CommitmentPolicy) -> list[AlgorithmSuite | None]:
    return [None, *(suite for suite in CACHEABLE if may_write(policy, suite))]


class Shared:
    """Two callers, each with a manager of its own, on one cache and in one partition."""

    def __init__(self) -> None:
        self.kms = FakeKms()
        self.keyring = KmsKeyring.strict(self.kms, [self.kms.create_key()])
        cache = LocalCryptoMaterialsCache(100)
        self.first, self.second = (
            CachingManager(DefaultManager(self.keyring), cache, max_age=60, partition="shared")
            for _ in range(2)
        )

    def write(
        self, manager: CachingManager, policy: CommitmentPolicy, suite: AlgorithmSuite | None
    ) -> bytes:
        sink = io.BytesIO()
        encrypt(
            io.BytesIO(b"plaintext"),
            sink,
            materials=manager,
            context={"a": "b"},
            suite=suite,
            commitment_policy=policy,
            plaintext_bytes=9,
        )
        return sink.getvalue()

    def read(self, manager: CachingManager, policy: CommitmentPolicy, message: bytes) -> bytes:
        sink = io.BytesIO()
        decrypt(io.BytesIO(message), sink, materials=manager, commitment_policy=policy)
        return sink.getvalue()


def suite_of(message: bytes) -> int:
    return parse_header(ByteInput(io.BytesIO(message)), ReadLimits()).suite.id


@pytest.mark.parametrize(("first", "second"), PAIRS)
class TestWriting:
    def test_the_second_writes_only_what_it_may_and_asked_for(
        self, first: CommitmentPolicy, second: CommitmentPolicy
    ) -> None:
        for asked_first, asked_second in product(may_ask(first), SUITE_ASKED):
            shared = Shared()
            shared.write(shared.first, first, asked_first)
            assert len(shared.kms.calls) == 1
            if asked_second not in may_ask(second):
                with pytest.raises(errors.CommitmentPolicyError):
                    shared.write(shared.second, second, asked_second)
                assert len(shared.kms.calls) == 1
                continue
            written = suite_of(shared.write(shared.second, second, asked_second))
            assert written == (asked_second.id if asked_second else DEFAULTS[second])
            assert may_write(second, SUITES[written])
            # The same suite is shared, and another one is not.
            there_first = asked_first.id if asked_first else DEFAULTS[first]
            assert shared.second.counters.hits == (written == there_first)
            assert len(shared.kms.calls) == 1 + (written != there_first)


@pytest.mark.parametrize(("first", "second"), PAIRS)
class TestReading:
    @pytest.mark.parametrize("suite", CACHEABLE, ids=lambda suite: suite.hex_id)
    def test_the_second_reads_only_what_it_may(
        self, first: CommitmentPolicy, second: CommitmentPolicy, suite: AlgorithmSuite
    ) -> None:
        shared = Shared()
        writer = ALLOW if may_write(ALLOW, suite) else FORBID
        message = shared.write(
            CachingManager.with_own_cache(DefaultManager(shared.keyring), max_age=60), writer, suite
        )
        asked = len(shared.kms.calls)
        if may_read(first, suite):
            assert shared.read(shared.first, first, message) == b"plaintext"
            asked += 1
        else:
            with pytest.raises(errors.CommitmentPolicyError):
                shared.read(shared.first, first, message)
        assert len(shared.kms.calls) == asked
        if may_read(second, suite):
            assert shared.read(shared.second, second, message) == b"plaintext"
            assert shared.second.counters.hits == may_read(first, suite)
        else:
            with pytest.raises(errors.CommitmentPolicyError):
                shared.read(shared.second, second, message)
            assert len(shared.kms.calls) == asked


class TestTheManagerAlone:
    """It does not rely on its caller to check, neither before it looks nor after."""

    @pytest.mark.parametrize("suite", CACHEABLE, ids=lambda suite: suite.hex_id)
    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.value)
    def test_a_forbidden_suite_is_refused_before_the_cache_is_looked_at(
        self, suite: AlgorithmSuite, policy: CommitmentPolicy
    ) -> None:
        inner = Watched()
        cache = LocalCryptoMaterialsCache(10)
        manager = caching(inner, cache=cache)
        allowing = FORBID if may_write(FORBID, suite) else ALLOW
        manager.for_encryption(new_message(suite=suite, policy=allowing))
        manager.for_decryption(old_message(suite=suite, policy=ALLOW))
        before, calls = manager.counters, inner.calls
        cold = Watched()
        writes = new_message(suite=suite, policy=policy)
        reads = old_message(suite=suite, policy=policy)
        if not may_write(policy, suite):
            with pytest.raises(errors.CommitmentPolicyError):
                manager.for_encryption(writes)
            assert manager.counters == before
            with pytest.raises(errors.CommitmentPolicyError):
                caching(cold).for_encryption(writes)
        if not may_read(policy, suite):
            with pytest.raises(errors.CommitmentPolicyError):
                manager.for_decryption(reads)
            assert manager.counters == before
            with pytest.raises(errors.CommitmentPolicyError):
                caching(cold).for_decryption(reads)
        assert inner.calls == calls
        assert cold.calls == 0

    def test_what_the_cache_holds_is_checked_too(self) -> None:
        """Should an entry ever hold another suite than its identifier says."""
        cache = LocalCryptoMaterialsCache(10)
        manager = caching(Watched(), cache=cache)
        manager.for_encryption(new_message())
        manager.for_decryption(old_message())
        for entry in cache._entries.values():
            entry.value = replace(entry.value, suite=SUITES[0x0178])
        with pytest.raises(errors.CommitmentPolicyError):
            manager.for_encryption(new_message())
        with pytest.raises(errors.CommitmentPolicyError):
            manager.for_decryption(old_message())
        assert manager.counters.hits == 0

    def test_an_inner_manager_that_answers_with_a_forbidden_suite_is_refused(self) -> None:
        class Downgrading(Watched):
            def for_encryption(self, request: EncryptionRequest) -> EncryptionMaterials:
                return replace(super().for_encryption(request), suite=SUITES[0x0178])

        cache = LocalCryptoMaterialsCache(10)
        with pytest.raises(errors.CommitmentPolicyError):
            caching(Downgrading(), cache=cache).for_encryption(new_message())
        assert cache.entries == 0

    def test_without_a_suite_each_policy_gets_its_own_default_in_any_order(self) -> None:
        for order in (POLICIES, POLICIES[::-1], (FORBID, STRICT, FORBID, ALLOW)):
            inner = Watched()
            manager = caching(inner)
            for policy in order:
                made = manager.for_encryption(new_message(policy=policy))
                assert made.suite.id == DEFAULTS[policy]
            assert inner.calls == 2

    def test_the_policy_of_a_request_reaches_the_inner_manager(self) -> None:
        inner = Watched()
        manager = caching(inner)
        manager.for_encryption(new_message(policy=FORBID))
        manager.for_decryption(old_message(policy=ALLOW))
        assert inner.encryptions[0].policy is FORBID
        assert isinstance(inner.decryptions[0], DecryptionRequest)
        assert inner.decryptions[0].policy is ALLOW
