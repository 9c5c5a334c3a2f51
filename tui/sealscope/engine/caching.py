"""The caching manager: asks the wrapping keys once for many messages.

Messages share a data key, and with it the encrypted data keys and the signing key, when they
have the same partition, encryption context and suite. Each has a message id of its own, from
which its content key is derived; that is why a suite that derives none is never cached.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from sealscope import errors
from sealscope.engine.cache import LocalCryptoMaterialsCache, Made, Value
from sealscope.engine.cache_counters import Bypass, CacheCounters, Miss, Tally
from sealscope.engine.cache_entry import Claim
from sealscope.engine.cache_ids import decryption_id, encryption_id
from sealscope.engine.cache_limits import DEFAULT_CAPACITY, MAX_BYTES, MAX_MESSAGES, CacheLimits
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.kms_keyring import PROVIDER_ID
from sealscope.engine.limits import check_number_of_keys
from sealscope.engine.managers import DecryptionRequest, EncryptionRequest, MaterialsManager
from sealscope.engine.materials import Attempt, EncryptionMaterials, Fate, OpenedDataKey
from sealscope.engine.single_flight import SharedFailure
from sealscope.engine.suites import AlgorithmSuite, KeyDerivation

FROM_THE_CACHE: Final = "the data key came from the cache"
NOT_TRIED: Final = "it was not tried, as the data key came from the cache"


def seconds() -> float:
    """Seconds that only grow, and also while the machine is suspended, where it can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True, slots=True)
class _Opened:
    """A data key that was opened, and for which message."""

    suite: AlgorithmSuite
    encrypted_data_keys: tuple[EncryptedDataKey, ...]
    result: OpenedDataKey


class CachingManager:
    """Shares data keys between messages, within limits.

    Args:
        inner: asked when the cache has nothing.
        cache: may be shared; managers share entries only if they have the same partition.
        max_age: seconds that a data key may be used; only this limits decrypting.
        max_bytes: of plaintext under one data key.
        max_messages: under one data key.
        partition: give the same one only to managers with the same wrapping keys; None for one
            that no other manager has.
        clock: seconds that only grow.
        unknown_length_budget: bytes that a message of unknown length is counted with, and may
            not exceed; None to keep such messages from the cache.

    Raises:
        UsageError: a limit is out of range, or the partition is no valid text.
    """

    def __init__(
        self,
        inner: MaterialsManager,
        cache: LocalCryptoMaterialsCache,
        *,
        max_age: float,
        max_bytes: int = MAX_BYTES,
        max_messages: int = MAX_MESSAGES,
        partition: str | None = None,
        clock: Callable[[], float] = seconds,
        unknown_length_budget: int | None = None,
    ) -> None:
        self._inner = inner
        self._cache = cache
        self._limits = CacheLimits(max_age, max_bytes, max_messages)
        if unknown_length_budget is not None:
            self._limits.check_budget(unknown_length_budget)
        self._budget = unknown_length_budget
        self._partition = str(uuid.uuid4()) if partition is None else _checked(partition)
        self._clock = clock
        self._tally = Tally()

    @classmethod
    def with_own_cache(
        cls,
        inner: MaterialsManager,
        *,
        max_age: float,
        max_bytes: int | None = None,
        max_messages: int | None = None,
        capacity: int = DEFAULT_CAPACITY,
        unknown_length_budget: int | None = None,
    ) -> CachingManager:
        """A manager from the numbers that a user gives; None stands for the format's limit.

        Raises:
            UsageError: a number is out of range.
        """
        return cls(
            inner,
            LocalCryptoMaterialsCache(capacity),
            max_age=max_age,
            max_bytes=MAX_BYTES if max_bytes is None else max_bytes,
            max_messages=MAX_MESSAGES if max_messages is None else max_messages,
            unknown_length_budget=unknown_length_budget,
        )

    @property
    def counters(self) -> CacheCounters:
        """What happened so far, at any time and from any thread."""
        return self._tally.counters()

    def clear(self) -> None:
        """Forget all data keys of the cache, also those of other managers that share it."""
        self._cache.clear()

    def for_encryption(self, request: EncryptionRequest) -> EncryptionMaterials:
        """Materials that other messages may have too.

        They carry the most bytes that the message may have, as it was counted.

        Raises:
            CommitmentPolicyError: the policy forbids the suite, asked for or found.
            LimitExceeded: more wrapping keys than the limit.
        """
        # A policy's default is part of what is looked up: an identifier without a suite would
        # serve policies with different defaults.
        suite = request.suite or request.policy.default_suite
        request.policy.check_encrypt(suite)
        length = self._budget if request.plaintext_bytes is None else request.plaintext_bytes
        bypass = self._bypass(suite, length)
        if length is None or bypass is not None:
            self._tally.bypass(bypass or Bypass.UNKNOWN_LENGTH)
            return self._inner.for_encryption(request)
        entry_id = encryption_id(self._partition, suite, request.context)

        def make(why: Miss) -> Made[EncryptionMaterials]:
            self._tally.miss(why)
            made = self._inner.for_encryption(replace(request, suite=suite, plaintext_bytes=None))
            made = replace(made, context=MappingProxyType(dict(made.context)))
            return Made(made, reusable=made.suite == suite)

        claim = Claim(1, length, self._limits, self._clock, self._inner)
        materials, shared = self._obtain(entry_id, claim, make)
        request.policy.check_encrypt(materials.suite)
        check_number_of_keys(len(materials.encrypted_data_keys), request.max_encrypted_data_keys)
        if shared:
            self._tally.hit(
                sum(key.provider_id == PROVIDER_ID for key in materials.encrypted_data_keys)
            )
        return replace(materials, max_plaintext_bytes=length)

    def for_decryption(self, request: DecryptionRequest) -> OpenedDataKey:
        """The data key of a message, opened for it or for another with the same.

        Raises:
            CommitmentPolicyError: the policy forbids the suite.
            NoUsableKey: no encrypted data key opened.
        """
        suite = request.suite
        request.policy.check_decrypt(suite)
        if suite.derivation is KeyDerivation.IDENTITY:
            self._tally.bypass(Bypass.SUITE)
            return self._inner.for_decryption(request)
        keys = request.encrypted_data_keys
        entry_id = decryption_id(self._partition, suite, keys, request.context)

        def make(why: Miss) -> Made[_Opened]:
            self._tally.miss(why)
            return Made(_Opened(suite, keys, self._inner.for_decryption(request)), reusable=True)

        claim = Claim(0, 0, self._limits, self._clock, (self._inner, keys))
        opened, shared = self._obtain(entry_id, claim, make)
        request.policy.check_decrypt(opened.suite)
        if not shared:
            return opened.result
        self._tally.hit(_kms_calls(opened.result.attempts))
        return replace(opened.result, attempts=_from_the_cache(opened, keys))

    def _bypass(self, suite: AlgorithmSuite, length: int | None) -> Bypass | None:
        if suite.derivation is KeyDerivation.IDENTITY:
            return Bypass.SUITE
        if length is None:
            return Bypass.UNKNOWN_LENGTH
        return Bypass.TOO_LONG if length > self._limits.max_bytes else None

    def _obtain(
        self, entry_id: bytes, claim: Claim, make: Callable[[Miss], Made[Value]]
    ) -> tuple[Value, bool]:
        try:
            return self._cache.obtain(entry_id, claim, make)
        except SharedFailure as shared:
            self._tally.shared_failure()
            raise shared.failure from None


def _checked(partition: str) -> str:
    try:
        partition.encode()
    except UnicodeEncodeError as problem:
        raise errors.UsageError(
            "The cache partition is no valid text",
            f"{partition!r}: {problem.reason}",
            "Use valid Unicode text.",
        ) from None
    return partition


def _kms_calls(attempts: tuple[Attempt, ...]) -> int:
    return sum(one.provider == PROVIDER_ID and one.fate is not Fate.SKIPPED for one in attempts)


def _from_the_cache(opened: _Opened, keys: tuple[EncryptedDataKey, ...]) -> tuple[Attempt, ...]:
    """The fates of a message's encrypted data keys, which may be in another order."""
    then = list(zip(opened.encrypted_data_keys, opened.result.attempts, strict=False))
    attempts = dict(then)
    # The same encrypted data key may be there twice; one of them opened.
    used = next((keys.index(key) for key, one in then if one.fate is Fate.OPENED), None)
    return tuple(
        replace(
            attempts[key],
            number=number,
            fate=Fate.OPENED if number - 1 == used else Fate.SKIPPED,
            reason=FROM_THE_CACHE if number - 1 == used else NOT_TRIED,
            error=None,
        )
        for number, key in enumerate(keys, 1)
        if key in attempts
    )
