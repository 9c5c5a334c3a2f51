"""However many threads want a data key that is not there, one of them asks for it."""

from __future__ import annotations

import linecache
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest

from sealscope import errors
from sealscope.engine.cache import LocalCryptoMaterialsCache
from sealscope.engine.cache_counters import Miss
from sealscope.engine.cache_entry import Claim
from sealscope.engine.caching import FROM_THE_CACHE, CachingManager
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.materials import (
    Attempt,
    EncryptionMaterials,
    Fate,
    NoUsableKey,
    OpenedDataKey,
)
from sealscope.engine.single_flight import Ticket
from sealscope.engine.suites import SUITES
from tests.engine.caching import (
    PATIENCE,
    Clock,
    Crew,
    Queue,
    Watched,
    caching,
    edk,
    key_of,
    new_message,
    of_type,
    old_message,
    queue,
)
from tests.engine.fake_kms import FakeKms

THREADS = 64
ROUNDS = pytest.mark.parametrize(
    "rounds", [pytest.param(50), pytest.param(1000, marks=pytest.mark.exhaustive)]
)
Ask = Callable[[CachingManager], EncryptionMaterials | OpenedDataKey]
BOTH_WAYS = pytest.mark.parametrize(
    "ask",
    [
        lambda manager: manager.for_encryption(new_message()),
        lambda manager: manager.for_decryption(old_message()),
    ],
    ids=["encrypt", "decrypt"],
)

__all__ = ["queue"]


def asked(ask: Ask, manager: CachingManager, _: int) -> bytes:
    return key_of(ask(manager))


def arrive(together: threading.Barrier) -> None:
    together.wait(PATIENCE)


def everyone_else_waits(inner: Watched, queue: Queue, threads: int) -> None:
    """Let no call end before each thread waits in the cache or makes a call itself."""
    lock = threading.Lock()
    inside = 0

    def wait() -> None:
        nonlocal inside
        with lock:
            inside += 1
        queue.says()
        queue.until(lambda: len(queue.waiting()) + inside >= threads)

    inner.before = wait


@BOTH_WAYS
@ROUNDS
class TestManyThreads:
    """64 threads, and the call does not end before the last of them is there."""

    def test_make_one_call_when_nothing_is_cached(
        self, ask: Ask, rounds: int, queue: Queue
    ) -> None:
        crew = Crew(THREADS)
        for _ in range(rounds):
            inner = Watched()
            manager = caching(inner)
            everyone_else_waits(inner, queue, THREADS)
            results = crew.do(partial(asked, ask, manager))
            assert inner.calls == 1
            assert len(of_type(results, bytes)) == THREADS
            assert len(set(of_type(results, bytes))) == 1
            counters = manager.counters
            assert (counters.hits, counters.misses) == (THREADS - 1, {Miss.NOTHING_CACHED: 1})

    def test_make_one_call_when_the_data_key_has_just_become_too_old(
        self, ask: Ask, rounds: int, queue: Queue
    ) -> None:
        crew, clock, inner = Crew(THREADS), Clock(), Watched()
        manager = caching(inner, clock, max_age=10)
        ask(manager)
        for done in range(1, rounds + 1):
            clock.now += 10.5
            everyone_else_waits(inner, queue, THREADS)
            results = crew.do(partial(asked, ask, manager))
            assert inner.calls == 1 + done
            assert len(set(of_type(results, bytes))) == 1
        assert manager.counters.misses == {Miss.NOTHING_CACHED: 1, Miss.TOO_OLD: rounds}
        assert manager.counters.hits == rounds * (THREADS - 1)


class TestUsedUpByThoseWhoWait:
    @pytest.mark.parametrize("most", [1, 2, 7, 63, 64, 65])
    def test_one_of_the_rest_makes_the_next_call_and_so_on(self, most: int, queue: Queue) -> None:
        inner = Watched()
        manager = caching(inner, max_messages=most)
        calls_at_once = 0

        def one_at_a_time() -> None:
            nonlocal calls_at_once
            calls_at_once += 1
            assert calls_at_once == 1
            left = THREADS - most * (inner.calls - 1)
            queue.until(lambda: len(queue.waiting()) == left - 1)
            calls_at_once -= 1

        inner.before = one_at_a_time
        keys = Crew(THREADS).do(lambda _: key_of(manager.for_encryption(new_message())))
        assert inner.calls == -(-THREADS // most)
        shares = sorted(keys.count(key) for key in set(of_type(keys, bytes)))
        assert shares == sorted(
            [most] * (THREADS // most) + [THREADS % most] * bool(THREADS % most)
        )
        assert manager.counters.misses.get(Miss.USED_FOR_TOO_MANY_MESSAGES, 0) == inner.calls - 1

    def test_a_data_key_that_is_used_up_leaves_memory_before_the_next_is_there(
        self, queue: Queue
    ) -> None:
        inner = Watched()
        cache = LocalCryptoMaterialsCache(10)
        manager = caching(inner, cache=cache, max_messages=2)
        held: list[int] = []

        def look() -> None:
            queue.until(lambda: len(queue.waiting()) == 3 - 2 * len(held))
            held.append(cache.entries)

        inner.before = look
        Crew(4).do(lambda _: manager.for_encryption(new_message()))
        assert held == [0, 0]
        assert cache.entries == 1
        queue.until(lambda: not queue.waiting())
        inner.before = lambda: held.append(cache.entries)
        manager.for_encryption(new_message())
        assert held == [0, 0, 0]

    def test_bytes_are_set_aside_before_anyone_goes_on(self, queue: Queue) -> None:
        inner = Watched()
        manager = caching(inner, max_bytes=100)

        def nine_wait() -> None:
            queue.until(lambda: inner.calls > 1 or len(queue.waiting()) == 9)

        inner.before = nine_wait
        keys = Crew(10).do(lambda _: key_of(manager.for_encryption(new_message(30))))
        assert sorted(keys.count(key) for key in set(of_type(keys, bytes))) == [1, 3, 3, 3]
        assert inner.calls == 4


class TestDifferentEntries:
    def test_never_wait_for_each_other(self) -> None:
        """A call for each of eight contexts is on its way at the same time."""
        inner = Watched()
        together = threading.Barrier(8)
        inner.before = partial(arrive, together)
        manager = caching(inner)
        results = Crew(8).do(lambda n: manager.for_encryption(new_message(number=str(n))))
        assert len(of_type(results, EncryptionMaterials)) == 8

    def test_another_suite_is_another_entry(self) -> None:
        inner = Watched()
        together = threading.Barrier(2)
        inner.before = partial(arrive, together)
        manager = caching(inner)
        suites = [SUITES[0x0478], None]
        results = Crew(2).do(lambda n: manager.for_encryption(new_message(suite=suites[n])))
        assert len(of_type(results, EncryptionMaterials)) == 2

    def test_the_cache_can_be_read_and_cleared_while_a_call_is_made(self) -> None:
        inner = Watched()
        cache = LocalCryptoMaterialsCache(10)
        manager = caching(inner, cache=cache)
        manager.for_encryption(new_message(already="there"))

        def use() -> None:
            manager.for_encryption(new_message(already="there"))
            assert manager.counters.hits == 1
            assert cache.entries == 1
            cache.clear()

        inner.before = use
        manager.for_encryption(new_message())
        assert inner.calls == 2
        # What was asked for before the cache was cleared is not kept either.
        assert cache.entries == 0

    def test_those_who_wait_are_served_also_if_the_cache_has_been_cleared(
        self, queue: Queue
    ) -> None:
        inner = Watched()
        cache = LocalCryptoMaterialsCache(10)
        manager = caching(inner, cache=cache)

        def clear() -> None:
            queue.until(lambda: len(queue.waiting()) == 7)
            cache.clear()

        inner.before = clear
        Crew(8).do(lambda _: manager.for_encryption(new_message()))
        assert inner.calls == 1
        assert cache.entries == 0

    def test_what_is_asked_for_after_the_cache_was_cleared_is_kept(self, queue: Queue) -> None:
        inner = Watched()
        cache = LocalCryptoMaterialsCache(10)
        manager = caching(inner, cache=cache, max_messages=2)

        def clear_once() -> None:
            if inner.calls == 1:
                queue.until(lambda: len(queue.waiting()) == 2)
                cache.clear()

        inner.before = clear_once
        Crew(3).do(lambda _: manager.for_encryption(new_message()))
        assert inner.calls == 2
        assert cache.entries == 1
        manager.for_encryption(new_message())
        assert inner.calls == 2


def denied() -> errors.KmsError:
    return errors.AccessDenied("GenerateDataKey is not allowed", "arn", "ask", request_id="r-1")


def no_key(error: errors.KmsError) -> NoUsableKey:
    return NoUsableKey([Attempt(1, "aws-kms", "arn", Fate.FAILED, "no", error)], "hint")


class TestAFailingCall:
    """What KMS says of the keys is said once to all who waited; other failures are one's own."""

    def run(
        self, queue: Queue, failures: list[Exception], ask: Ask, threads: int = 8
    ) -> tuple[Watched, CachingManager, list[object]]:
        """Each call fails with the next of the failures, and succeeds when there are no more."""
        inner = Watched()
        manager = caching(inner)
        left = list(failures)
        expected = [threads]

        def fail() -> None:
            queue.until(lambda: len(queue.waiting()) == expected[0] - 1)
            expected[0] -= 1
            if left:
                raise left.pop(0)

        inner.before = fail
        return inner, manager, Crew(threads).do(lambda _: ask(manager))

    @BOTH_WAYS
    @pytest.mark.parametrize(
        "failure",
        [denied(), errors.Unreachable("no answer"), errors.KeyDisabled("x"), no_key(denied())],
        ids=lambda failure: type(failure).__name__,
    )
    def test_a_refusal_is_the_answer_to_all_who_waited(
        self, failure: errors.SealscopeError, ask: Ask, queue: Queue
    ) -> None:
        inner, manager, results = self.run(queue, [failure], ask)
        assert inner.calls == 1
        told = of_type(results, type(failure))
        assert len(told) == 8
        assert {(one.title, one.detail, one.hint, one.request_id) for one in told} == {
            (failure.title, failure.detail, failure.hint, failure.request_id)
        }
        # Each thread raises an object of its own, for the traceback is its own.
        assert len({id(one) for one in told}) == 8
        if isinstance(failure, NoUsableKey):
            assert all(one.attempts == failure.attempts for one in told)
        assert manager.counters.shared_failures == 7
        assert manager.counters.misses == {Miss.NOTHING_CACHED: 1}

    @BOTH_WAYS
    def test_it_is_not_remembered(self, ask: Ask, queue: Queue) -> None:
        inner, manager, _ = self.run(queue, [denied()], ask)
        inner.before = lambda: None
        assert len(key_of(ask(manager))) == 32
        assert inner.calls == 2

    @BOTH_WAYS
    @pytest.mark.parametrize(
        "failure",
        [
            errors.Throttled("too many"),
            no_key(errors.Throttled("too many")),
            errors.LimitExceeded("more keys than its own limit"),
            errors.Cancelled(),
            errors.UsageError("x"),
            ValueError("x"),
            KeyboardInterrupt(),
            SystemExit(),
        ],
        ids=lambda failure: type(failure).__name__,
    )
    def test_any_other_is_its_own_and_the_next_one_asks_alone(
        self, failure: Any, ask: Ask, queue: Queue
    ) -> None:
        inner, manager, results = self.run(queue, [failure] * 3, ask)
        assert inner.calls == 4
        assert results.count(failure) == 3
        served = [one for one in results if one is not failure]
        assert len({key_of(one) for one in served}) == 1  # type: ignore[arg-type]
        assert manager.counters.hits == 4
        assert manager.counters.misses == {Miss.NOTHING_CACHED: 4}

    def test_throttled_to_the_end_everyone_has_asked_once_and_alone(self, queue: Queue) -> None:
        failures: list[Exception] = [errors.Throttled(str(n)) for n in range(8)]
        inner, manager, results = self.run(
            queue, failures, lambda manager: manager.for_encryption(new_message())
        )
        assert inner.calls == 8
        assert {str(one) for one in results} == {str(n) for n in range(8)}
        assert manager.counters.shared_failures == 0

    def test_who_has_the_keys_in_another_order_hears_of_its_own_order(self, queue: Queue) -> None:
        kms = FakeKms()
        keyring = KmsKeyring.strict(kms, [kms.create_key()])
        inner = Watched()
        manager = caching(inner)
        orders = [(edk("1"), edk("2")), (edk("2"), edk("1"))]

        def none_opens(request: Any) -> Any:
            inner.decryptions.append(request)
            queue.until(lambda: len(queue.waiting()) == 2 - len(inner.decryptions))
            return keyring.open(request.encrypted_data_keys, request.suite, request.context)

        inner.for_decryption = none_opens  # type: ignore[method-assign]
        results = Crew(2).do(lambda n: manager.for_decryption(old_message(*orders[n])))
        told = [[one.key for one in error.attempts] for error in of_type(results, NoUsableKey)]
        assert told == [["1", "2"], ["2", "1"]]

    def test_a_failure_holds_up_nobody_afterwards(self, queue: Queue) -> None:
        cache = LocalCryptoMaterialsCache(10)
        inner = Watched()

        def fail() -> None:
            raise denied()

        inner.before = fail
        manager = caching(inner, cache=cache)
        with pytest.raises(errors.AccessDenied):
            manager.for_encryption(new_message())
        assert cache._flights == {}


class TestInterruption:
    def test_of_one_who_waits_lets_the_others_go_on(
        self, queue: Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Ctrl+C reaches a thread in the queue; it leaves, and takes nothing of the limit."""
        inner = Watched()
        manager = caching(inner, max_messages=3)
        gone = threading.Event()

        class Interrupted(threading.Event):
            def wait(self, timeout: float | None = None) -> bool:
                queue.enter(self)
                queue.until(lambda: len(queue.waiting()) == 3)
                queue.leave(self)
                raise KeyboardInterrupt

        def ticket(claim: Claim) -> Ticket:
            made = queue.watched_ticket(claim)
            if threading.current_thread().name == "interrupted":
                made.called = Interrupted()
            return made

        def hold() -> None:
            queue.says()
            queue.until(lambda: gone.is_set() and len(queue.waiting()) == 2)

        inner.before = hold
        monkeypatch.setattr("sealscope.engine.cache.Ticket", ticket)

        def work(number: int) -> object:
            # It comes second, so that its place is before the others'.
            if number == 0:
                queue.until(lambda: inner.calls == 1)
                threading.current_thread().name = "interrupted"
            elif number > 1:
                queue.until(lambda: bool(queue.waiting()))
            try:
                return key_of(manager.for_encryption(new_message()))
            finally:
                if number == 0:
                    gone.set()
                    queue.says()

        results = Crew(4).do(work)
        assert isinstance(results[0], KeyboardInterrupt)
        assert len(set(of_type(results, bytes))) == 1
        assert inner.calls == 1

    @pytest.mark.parametrize("most", [1, 2, 1000])
    def test_of_the_one_who_calls_at_any_line_hangs_nobody(self, most: int, queue: Queue) -> None:
        """An interrupt before each line that is run on the way, one after the other."""
        lines = 0
        for line in range(1, 200):
            interrupted, results = self.interrupt(line, most, queue)
            assert len(of_type(results, bytes)) == 3 + (not interrupted), line
            if not interrupted:
                break
            lines += 1
        else:
            pytest.fail("it never came to an end")
        assert lines > 20

    def interrupt(self, at: int, most: int, queue: Queue) -> tuple[bool, list[object]]:
        inner = Watched()
        cache = LocalCryptoMaterialsCache(10)
        manager = caching(inner, cache=cache, max_messages=most)
        called = threading.Event()
        countdown = [at]
        others = [3]

        def first_call() -> None:
            if inner.calls == 1:
                called.set()
                queue.until(lambda: len(queue.waiting()) == others[0])

        def trace(frame: FrameType, event: str, _: object) -> Any:
            name = frame.f_code.co_filename
            if not name.endswith(("engine/cache.py", "engine/single_flight.py")):
                return None
            # The way out is where an interrupt leads, and closing a `with` is one step of it.
            if frame.f_code.co_name in {"_leave", "__init__", "watched_ticket"}:
                return None
            if event == "line" and "with self._lock" not in source_line(frame):
                countdown[0] -= 1
                if countdown[0] == 0:
                    raise KeyboardInterrupt
            return trace

        inner.before = first_call

        def work(number: int) -> object:
            if number > 0:
                assert called.wait(PATIENCE)
                return key_of(manager.for_encryption(new_message()))
            sys.settrace(trace)
            try:
                return key_of(manager.for_encryption(new_message()))
            finally:
                sys.settrace(None)
                # If it never came to the call, one of the others makes the first.
                others[0] = 2
                called.set()

        results = Crew(4).do(work)
        assert cache._flights == {}
        return isinstance(results[0], KeyboardInterrupt), results


def source_line(frame: FrameType) -> str:
    return linecache.getline(frame.f_code.co_filename, frame.f_lineno)


class TestWithKms:
    """The whole way down to the calls of KMS, with no help from the tests' hooks."""

    def test_64_threads_cost_one_call_each_way(self) -> None:
        kms = FakeKms()
        keyring = KmsKeyring.strict(kms, [kms.create_key() for _ in range(3)])
        manager = CachingManager.with_own_cache(DefaultManager(keyring), max_age=60)
        made = Crew(THREADS).do(lambda _: manager.for_encryption(new_message(a="b")))
        assert [call.operation for call in kms.calls] == ["GenerateDataKey", "Encrypt", "Encrypt"]
        assert len({id(one.signing_key) for one in of_type(made, EncryptionMaterials)}) == 1

        first = of_type(made, EncryptionMaterials)[0]
        question = old_message(*first.encrypted_data_keys, suite=first.suite, **dict(first.context))
        opened = Crew(THREADS).do(lambda _: manager.for_decryption(question))
        assert [call.operation for call in kms.calls[3:]] == ["Decrypt"]
        reasons = [one.attempts[0].reason for one in of_type(opened, OpenedDataKey)]
        assert sorted(reasons) == [""] + [FROM_THE_CACHE] * (THREADS - 1)
        assert manager.counters.kms_calls_saved == 3 * (THREADS - 1) + (THREADS - 1)
