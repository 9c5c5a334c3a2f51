"""Caching of data keys, rule by rule: who shares one, for how long, and what is never cached."""

from __future__ import annotations

import gc
import logging
import sys
import time
from dataclasses import replace
from typing import Any

import pytest

from sealscope import errors
from sealscope.engine.cache import LocalCryptoMaterialsCache
from sealscope.engine.cache_counters import Bypass, CacheCounters, Miss
from sealscope.engine.cache_limits import CACHING_TRADE_OFF, MAX_BYTES, MAX_MESSAGES, CacheLimits
from sealscope.engine.caching import FROM_THE_CACHE, NOT_TRIED, CachingManager, seconds
from sealscope.engine.managers import DecryptionRequest, EncryptionRequest
from sealscope.engine.materials import EncryptionMaterials, Fate, OpenedDataKey
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.suites import SUITES, AlgorithmSuite, KeyDerivation
from tests.engine.caching import Clock, Watched, caching, edk, key_of, new_message, old_message
from tests.engine.messages import ALLOW, FORBID

IDENTITY = [suite for suite in SUITES.values() if suite.derivation is KeyDerivation.IDENTITY]


class TestEncrypting:
    def test_messages_of_one_context_share_a_data_key_and_its_wrapped_copies(self) -> None:
        inner = Watched()
        manager = caching(inner)
        first, second = (manager.for_encryption(new_message(a="b")) for _ in range(2))
        assert first.data_key is second.data_key
        assert first.encrypted_data_keys == second.encrypted_data_keys
        assert inner.calls == 1

    def test_another_context_or_suite_needs_another_data_key(self) -> None:
        inner = Watched()
        manager = caching(inner)
        requests = [
            new_message(a="b"),
            new_message(a="c"),
            new_message(),
            new_message(suite=SUITES[0x0478], a="b"),
            new_message(policy=FORBID, a="b"),
        ]
        keys = [key_of(manager.for_encryption(request)) for request in requests * 2]
        assert len(set(keys[:5])) == 5
        assert keys[:5] == keys[5:]
        assert inner.calls == 5

    def test_asking_for_the_default_suite_by_name_is_the_same_as_not_asking(self) -> None:
        inner = Watched()
        manager = caching(inner)
        manager.for_encryption(new_message())
        manager.for_encryption(new_message(suite=SUITES[0x0578]))
        assert inner.calls == 1

    def test_the_inner_manager_is_not_told_a_length_that_is_only_the_first_messages(self) -> None:
        inner = Watched()
        caching(inner).for_encryption(new_message(10, a="b"))
        assert inner.encryptions == [new_message(None, suite=SUITES[0x0578], a="b")]

    def test_the_materials_say_how_long_the_message_may_be(self) -> None:
        manager = caching(Watched())
        lengths = [manager.for_encryption(new_message(n)).max_plaintext_bytes for n in (10, 0, 7)]
        assert lengths == [10, 0, 7]

    def test_a_context_that_is_changed_afterwards_changes_nothing_in_the_cache(self) -> None:
        manager = caching(Watched())
        context = {"a": "b"}
        request = replace(new_message(), context=context)
        manager.for_encryption(request)
        context["a"] = "c"
        assert manager.for_encryption(new_message(a="b")).context == {"a": "b"}

    def test_more_wrapping_keys_than_the_callers_limit_are_refused_also_from_the_cache(
        self,
    ) -> None:
        inner = Watched()
        manager = caching(inner)
        manager.for_encryption(new_message())
        with pytest.raises(errors.LimitExceeded):
            manager.for_encryption(new_message(most_keys=0))
        assert inner.calls == 1


class TestMessages:
    @pytest.mark.parametrize("most", [1, 2, 3, 100])
    def test_exactly_as_many_share_a_data_key_as_allowed(self, most: int) -> None:
        manager = caching(Watched(), max_messages=most)
        keys = [key_of(manager.for_encryption(new_message())) for _ in range(3 * most + 1)]
        assert [keys.count(key) for key in dict.fromkeys(keys)] == [most, most, most, 1]
        why = Miss.USED_FOR_TOO_MANY_MESSAGES
        assert manager.counters.misses == {Miss.NOTHING_CACHED: 1, why: 3}


class TestBytes:
    def test_a_data_key_takes_as_many_as_allowed_to_the_last_byte(self) -> None:
        inner = Watched()
        manager = caching(inner, max_bytes=100)
        for length in (60, 39, 1, 0):
            manager.for_encryption(new_message(length))
        assert inner.calls == 1
        manager.for_encryption(new_message(1))
        assert inner.calls == 2
        assert manager.counters.misses[Miss.USED_FOR_TOO_MANY_BYTES] == 1

    def test_a_message_that_does_not_fit_begins_the_next_data_key(self) -> None:
        inner = Watched()
        manager = caching(inner, max_bytes=100)
        keys = [key_of(manager.for_encryption(new_message(n))) for n in (60, 41, 59, 1)]
        assert keys[0] != keys[1] == keys[2] != keys[3]

    def test_a_message_that_alone_is_too_long_never_comes_near_the_cache(self) -> None:
        inner = Watched()
        manager = caching(inner, max_bytes=100)
        shared = manager.for_encryption(new_message(100))
        alone = [manager.for_encryption(new_message(101)) for _ in range(2)]
        assert len({key_of(one) for one in (shared, *alone)}) == 3
        assert inner.encryptions[1:] == [new_message(101)] * 2
        assert alone[0].max_plaintext_bytes is None
        assert manager.for_encryption(new_message(0)).data_key is shared.data_key
        assert manager.counters.bypasses == {Bypass.TOO_LONG: 2}


class TestAge:
    @pytest.mark.parametrize("limit", [1, 60, 0.5])
    def test_a_data_key_of_exactly_the_limit_is_used_and_an_older_one_is_not(
        self, limit: float
    ) -> None:
        clock, inner = Clock(), Watched()
        manager = caching(inner, clock, max_age=limit)
        for request in (manager.for_encryption, manager.for_decryption):
            inner.encryptions.clear()
            inner.decryptions.clear()
            message: Any = new_message() if request == manager.for_encryption else old_message()
            request(message)
            clock.now += limit
            request(message)
            assert inner.calls == 1
            clock.now += 2**-20
            request(message)
            assert inner.calls == 2
        assert manager.counters.misses[Miss.TOO_OLD] == 2

    def test_use_does_not_make_it_younger(self) -> None:
        clock, inner = Clock(), Watched()
        manager = caching(inner, clock, max_age=10)
        for _ in range(12):
            manager.for_encryption(new_message())
            clock.now += 1
        assert inner.calls == 2

    def test_it_begins_when_the_data_key_is_there(self) -> None:
        clock, inner = Clock(), Watched()

        def slow() -> None:
            clock.now += 100

        inner.before = slow
        manager = caching(inner, clock, max_age=10)
        for _ in range(2):
            manager.for_encryption(new_message())
        assert inner.calls == 1

    def test_the_usual_clock_grows_also_while_the_machine_sleeps(self) -> None:
        first = seconds()
        assert first <= seconds()
        if hasattr(time, "CLOCK_BOOTTIME"):
            assert time.clock_gettime(time.CLOCK_BOOTTIME) - first < 3600


class TestDecrypting:
    def test_messages_with_the_same_encrypted_data_keys_are_opened_once(self) -> None:
        inner = Watched()
        manager = caching(inner)
        first, second = (manager.for_decryption(old_message(a="b")) for _ in range(2))
        assert first.data_key is second.data_key
        assert second.opened_by == first.opened_by
        assert inner.calls == 1

    def test_messages_and_bytes_do_not_limit_it(self) -> None:
        inner = Watched()
        manager = caching(inner, max_messages=1, max_bytes=1)
        for _ in range(50):
            manager.for_decryption(old_message())
        assert inner.calls == 1

    def test_another_context_suite_or_key_is_another_question(self) -> None:
        inner = Watched()
        manager = caching(inner)
        requests = [
            old_message(),
            old_message(a="b"),
            old_message(suite=SUITES[0x0578]),
            old_message(edk("arn"), edk("arn2")),
            old_message(edk("arn", b"other")),
        ]
        for request in requests * 2:
            manager.for_decryption(request)
        assert inner.decryptions == requests

    def test_what_is_sealed_here_is_still_opened_by_its_wrapping_key(self) -> None:
        inner = Watched()
        manager = caching(inner)
        made = manager.for_encryption(new_message(suite=SUITES[0x0478]))
        manager.for_decryption(old_message(*made.encrypted_data_keys))
        assert len(inner.decryptions) == 1


class TestFatesFromTheCache:
    """Each message hears of its own encrypted data keys, in its own order."""

    def test_they_say_that_the_data_key_came_from_the_cache(self) -> None:
        manager = caching(Watched())
        one, two, three = edk("1"), edk("2"), edk("3")
        first = manager.for_decryption(old_message(one, two, three))
        assert [attempt.reason for attempt in first.attempts] == ["", "", ""]
        second = manager.for_decryption(old_message(three, one, two))
        assert [
            (attempt.number, attempt.key, attempt.fate, attempt.reason)
            for attempt in second.attempts
        ] == [
            (1, "3", Fate.SKIPPED, NOT_TRIED),
            (2, "1", Fate.OPENED, FROM_THE_CACHE),
            (3, "2", Fate.SKIPPED, NOT_TRIED),
        ]

    def test_of_two_equal_ones_one_opened(self) -> None:
        manager = caching(Watched())
        for _ in range(2):
            opened = manager.for_decryption(old_message(edk("1"), edk("1"), edk("2")))
        fates = [attempt.fate for attempt in opened.attempts]
        assert fates == [Fate.OPENED, Fate.SKIPPED, Fate.SKIPPED]

    def test_an_old_refusal_is_not_told_as_if_it_had_happened_again(self) -> None:
        refused = errors.AccessDenied("no")

        class SecondOpens(Watched):
            def for_decryption(self, request: DecryptionRequest) -> OpenedDataKey:
                opened = super().for_decryption(request)
                first, second = opened.attempts
                fates = (
                    replace(first, fate=Fate.FAILED, reason="no", error=refused),
                    replace(second, fate=Fate.OPENED),
                )
                return replace(opened, attempts=fates)

        manager = caching(SecondOpens())
        request = old_message(edk("1"), edk("2"))
        assert manager.for_decryption(request).attempts[0].error is refused
        again = manager.for_decryption(request).attempts
        assert [(one.fate, one.error) for one in again] == [
            (Fate.SKIPPED, None),
            (Fate.OPENED, None),
        ]
        # Both were asked the first time, so both calls were saved the second time.
        assert manager.counters.kms_calls_saved == 2


class TestWhatIsNeverCached:
    @pytest.mark.parametrize("suite", IDENTITY, ids=lambda suite: suite.hex_id)
    def test_suites_without_key_derivation_both_ways(self, suite: AlgorithmSuite) -> None:
        inner = Watched()
        cache = LocalCryptoMaterialsCache(10)
        manager = caching(inner, cache=cache, unknown_length_budget=10)
        requests = [new_message(suite=suite, policy=FORBID)] * 2
        keys = [key_of(manager.for_encryption(request)) for request in requests]
        assert keys[0] != keys[1]
        assert inner.encryptions == requests
        keys = [
            key_of(manager.for_decryption(old_message(suite=suite, policy=ALLOW))) for _ in "12"
        ]
        assert keys[0] != keys[1]
        assert cache.entries == 0
        assert manager.counters.bypasses == {Bypass.SUITE: 4}

    def test_a_message_of_unknown_length(self) -> None:
        inner = Watched()
        cache = LocalCryptoMaterialsCache(10)
        manager = caching(inner, cache=cache)
        keys = [key_of(manager.for_encryption(new_message(None))) for _ in range(10)]
        assert len(set(keys)) == 10
        assert cache.entries == 0
        assert manager.counters.bypasses == {Bypass.UNKNOWN_LENGTH: 10}

    def test_materials_of_another_suite_than_was_asked_for(self) -> None:
        class Stubborn(Watched):
            def for_encryption(self, request: EncryptionRequest) -> EncryptionMaterials:
                return replace(super().for_encryption(request), suite=SUITES[0x0478])

        inner = Stubborn()
        cache = LocalCryptoMaterialsCache(10)
        manager = caching(inner, cache=cache)
        keys = [key_of(manager.for_encryption(new_message())) for _ in range(2)]
        assert keys[0] != keys[1]
        assert cache.entries == 0

    def test_every_reason_is_a_sentence_to_show(self) -> None:
        for reason in (*Bypass, *Miss):
            assert reason.value.isprintable()
            assert len(reason.value.split()) > 5


class TestUnknownLength:
    """With a budget they are counted as that many bytes, and may not have more."""

    def test_they_share_data_keys_and_never_pass_the_limit(self) -> None:
        inner = Watched()
        manager = caching(inner, max_bytes=100, unknown_length_budget=30)
        made = [manager.for_encryption(new_message(None)) for _ in range(20)]
        keys = [key_of(one) for one in made]
        assert [keys.count(key) for key in dict.fromkeys(keys)] == [3] * 6 + [2]
        assert {one.max_plaintext_bytes for one in made} == {30}
        assert manager.counters.bypasses == {}

    def test_they_count_beside_those_of_known_length(self) -> None:
        inner = Watched()
        manager = caching(inner, max_bytes=100, unknown_length_budget=30)
        for length, calls in ((70, 1), (None, 1), (1, 2), (None, 2), (70, 3)):
            manager.for_encryption(new_message(length))
            assert inner.calls == calls


class TestCapacity:
    def test_the_least_recently_used_data_key_makes_room(self) -> None:
        inner = Watched()
        cache = LocalCryptoMaterialsCache(2)
        manager = caching(inner, cache=cache)
        for name, calls in (("1", 1), ("2", 2), ("1", 2), ("3", 3), ("1", 3), ("2", 4), ("1", 4)):
            manager.for_encryption(new_message(name=name))
            assert inner.calls == calls, name
            assert cache.entries <= 2

    def test_a_cache_of_one_works(self) -> None:
        inner = Watched()
        manager = caching(inner, capacity=1)
        for name, calls in (("1", 1), ("1", 1), ("2", 2), ("1", 3)):
            manager.for_encryption(new_message(name=name))
            assert inner.calls == calls


class TestPartitions:
    def test_managers_on_one_cache_share_nothing_unless_told_to(self) -> None:
        cache = LocalCryptoMaterialsCache(10)
        inners = [Watched(), Watched()]
        managers = [caching(inner, cache=cache) for inner in inners]
        for manager in managers * 2:
            manager.for_encryption(new_message())
            manager.for_decryption(old_message())
        assert [inner.calls for inner in inners] == [2, 2]
        assert cache.entries == 4

    def test_managers_of_the_same_partition_share(self) -> None:
        cache = LocalCryptoMaterialsCache(10)
        inner = Watched()
        managers = [caching(inner, cache=cache, partition="payroll") for _ in range(2)]
        keys = [key_of(manager.for_encryption(new_message())) for manager in managers]
        assert keys[0] == keys[1]
        assert [manager.counters.hits for manager in managers] == [0, 1]

    def test_each_of_them_keeps_its_own_limits(self) -> None:
        cache = LocalCryptoMaterialsCache(10)
        inner = Watched()
        generous, strict = (
            caching(inner, cache=cache, partition="p", max_messages=most) for most in (100, 2)
        )
        keys = [key_of(m.for_encryption(new_message())) for m in (generous, generous, strict)]
        assert keys[0] == keys[1] != keys[2]


class TestLimits:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"max_age": 0},
            {"max_age": -1},
            {"max_age": float("nan")},
            {"max_age": float("inf")},
            {"max_bytes": 0},
            {"max_bytes": 2**63},
            {"max_messages": 0},
            {"max_messages": 2**32 + 1},
            {"unknown_length_budget": 0},
            {"unknown_length_budget": 101, "max_bytes": 100},
            {"capacity": 0},
        ],
        ids=str,
    )
    def test_what_is_out_of_range_is_refused_with_the_range(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(errors.UsageError) as caught:
            CachingManager.with_own_cache(Watched(), **{"max_age": 1, **wrong})
        assert "out of range" in caught.value.title
        assert "must be" in caught.value.detail
        assert caught.value.hint

    def test_a_partition_that_is_no_text_is_refused(self) -> None:
        with pytest.raises(errors.UsageError):
            caching(Watched(), partition="\ud800")

    def test_the_ends_of_the_ranges_are_good(self) -> None:
        assert MAX_BYTES == 9223372036854775807
        assert MAX_MESSAGES == 4294967296
        for most_bytes, most_messages in ((1, 1), (MAX_BYTES, MAX_MESSAGES)):
            limits = CacheLimits(1e-9, most_bytes, most_messages)
            limits.check_budget(most_bytes)

    def test_numbers_left_out_are_the_formats_limits(self) -> None:
        manager = CachingManager.with_own_cache(Watched(), max_age=5)
        assert manager._limits == CacheLimits(5, MAX_BYTES, MAX_MESSAGES)


class TestCounters:
    def test_all_messages_are_in_them(self) -> None:
        manager = caching(Watched(), max_messages=2, max_bytes=100)
        for length in (1, 1, 1, None, 101):
            manager.for_encryption(new_message(length))
        for _ in range(3):
            manager.for_decryption(old_message())
        assert manager.counters == CacheCounters(
            hits=3,
            misses={Miss.NOTHING_CACHED: 2, Miss.USED_FOR_TOO_MANY_MESSAGES: 1},
            bypasses={Bypass.UNKNOWN_LENGTH: 1, Bypass.TOO_LONG: 1},
            shared_failures=0,
            kms_calls_saved=3,
        )

    def test_a_reading_does_not_change_any_more(self) -> None:
        manager = caching(Watched())
        before = manager.counters
        manager.for_encryption(new_message())
        assert before.misses == {}
        with pytest.raises(TypeError):
            before.misses[Miss.TOO_OLD] = 1  # type: ignore[index]

    def test_only_kms_calls_count_as_saved(self) -> None:
        class Raw(Watched):
            def for_encryption(self, request: EncryptionRequest) -> EncryptionMaterials:
                made = super().for_encryption(request)
                keys = (
                    *made.encrypted_data_keys,
                    replace(made.encrypted_data_keys[0], provider_id="mine"),
                    edk("second"),
                )
                return replace(made, encrypted_data_keys=keys)

        manager = caching(Raw())
        for _ in range(4):
            manager.for_encryption(new_message())
        assert manager.counters.kms_calls_saved == 3 * 2


class TestSecrets:
    def test_an_evicted_data_key_is_held_by_nobody(self) -> None:
        inner, clock = Watched(), Clock()
        manager = caching(inner, clock, capacity=1, max_age=10)
        key = manager.for_encryption(new_message()).data_key
        held = sys.getrefcount(key)
        manager.for_encryption(new_message(a="b"))
        gc.collect()
        assert sys.getrefcount(key) < held

        key = manager.for_encryption(new_message(a="b")).data_key
        held = sys.getrefcount(key)
        manager.clear()
        gc.collect()
        assert sys.getrefcount(key) < held
        assert [one for one in gc.get_referrers(key) if one is not sys._getframe()] == []

    def test_clearing_forgets_both_ways(self) -> None:
        inner = Watched()
        cache = LocalCryptoMaterialsCache(10)
        manager = caching(inner, cache=cache)
        for _ in range(2):
            manager.for_encryption(new_message())
            manager.for_decryption(old_message())
            manager.clear()
            assert cache.entries == 0
        assert inner.calls == 4

    def test_nothing_shows_one(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        cache = LocalCryptoMaterialsCache(10)
        manager = caching(Watched(), cache=cache)
        secret = key_of(manager.for_encryption(new_message(suite=SUITES[0x0478])))
        manager.for_encryption(new_message(suite=SUITES[0x0478]))
        entry = next(iter(cache._entries.values()))
        shown = f"{cache!r}{manager!r}{entry!r}{entry.value!r}{manager.counters!r}{caplog.text}"
        for form in (secret.hex(), repr(secret)):
            assert form not in shown


def test_the_trade_off_is_one_sentence() -> None:
    assert CACHING_TRADE_OFF.count(".") == 1
    for word in ("fewer KMS calls", "every file", "log"):
        assert word in CACHING_TRADE_OFF


def test_policies_with_the_same_default_share_what_both_allow() -> None:
    inner = Watched()
    manager = caching(inner)
    manager.for_encryption(new_message(policy=ALLOW))
    manager.for_encryption(new_message(policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT))
    assert inner.calls == 1
