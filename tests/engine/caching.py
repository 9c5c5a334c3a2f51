"""What the tests of caching stand on: a clock to set, a manager to watch, threads in step.

Nothing here sleeps. A thread that waits in the cache says so, which is how a test knows that all
the others have arrived.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final

import pytest

from sealscope.engine import cache as cache_module
from sealscope.engine.cache import LocalCryptoMaterialsCache
from sealscope.engine.cache_entry import Claim
from sealscope.engine.caching import CachingManager
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.managers import DecryptionRequest, EncryptionRequest
from sealscope.engine.materials import Attempt, EncryptionMaterials, Fate, OpenedDataKey
from sealscope.engine.policy import DEFAULT_POLICY, CommitmentPolicy
from sealscope.engine.single_flight import Ticket
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.secret import SecretBytes

PATIENCE: Final = 30.0
"""Seconds after which a thread that should have come is given up, and the test fails."""


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Watched:
    """A manager that makes a new data key for every call, and notes the calls.

    Attributes:
        encryptions, decryptions: every request, in order.
        before: runs inside every call; may wait, and may raise.
    """

    def __init__(self) -> None:
        self.encryptions: list[EncryptionRequest] = []
        self.decryptions: list[DecryptionRequest] = []
        self.before: Callable[[], None] = lambda: None
        self._numbers = count(1)

    @property
    def calls(self) -> int:
        return len(self.encryptions) + len(self.decryptions)

    def for_encryption(self, request: EncryptionRequest) -> EncryptionMaterials:
        self.encryptions.append(request)
        number = next(self._numbers)
        self.before()
        suite = request.suite or request.policy.default_suite
        data_key = SecretBytes(number.to_bytes(suite.key_bytes, "big"))
        wrapped = EncryptedDataKey("aws-kms", b"arn", str(number).encode())
        return EncryptionMaterials(suite, data_key, (wrapped,), request.context, None)

    def for_decryption(self, request: DecryptionRequest) -> OpenedDataKey:
        self.decryptions.append(request)
        number = next(self._numbers)
        self.before()
        data_key = SecretBytes(number.to_bytes(request.suite.key_bytes, "big"))
        attempts = tuple(
            Attempt(place, key.provider_id, key.provider_info.decode(), fate)
            for place, (key, fate) in enumerate(
                zip(request.encrypted_data_keys, [Fate.OPENED] + [Fate.SKIPPED] * 9, strict=False),
                1,
            )
        )
        return OpenedDataKey(data_key, "arn", None, attempts)


def caching(inner: Any, clock: Clock | None = None, **options: Any) -> CachingManager:
    """A manager on a cache of its own, or on `cache`, with a long age."""
    cache = options.pop("cache", None) or LocalCryptoMaterialsCache(options.pop("capacity", 10))
    options.setdefault("max_age", 60)
    return CachingManager(inner, cache, clock=clock or Clock(), **options)


def new_message(
    length: int | None = 10,
    *,
    suite: AlgorithmSuite | None = None,
    policy: CommitmentPolicy = DEFAULT_POLICY,
    most_keys: int = 10,
    **context: str,
) -> EncryptionRequest:
    """A message to be encrypted; its keywords are its encryption context."""
    return EncryptionRequest(context, policy, suite, length, most_keys)


def edk(name: str, ciphertext: bytes = b"wrapped") -> EncryptedDataKey:
    return EncryptedDataKey("aws-kms", name.encode(), ciphertext)


def old_message(
    *keys: EncryptedDataKey,
    suite: AlgorithmSuite = SUITES[0x0478],
    policy: CommitmentPolicy = DEFAULT_POLICY,
    **context: str,
) -> DecryptionRequest:
    """A message to be decrypted; its keywords are its encryption context."""
    return DecryptionRequest(suite, keys or (edk("arn"),), context, policy)


def key_of(materials: EncryptionMaterials | OpenedDataKey) -> bytes:
    return materials.data_key.reveal()


class Queue:
    """Knows which threads wait in a cache."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self._waiting: dict[threading.Event, int] = {}

    def waiting(self) -> list[int]:
        """Identifiers of the threads that wait and have not been called."""
        return [thread for event, thread in self._waiting.items() if not event.is_set()]

    def until(self, what: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(what, PATIENCE), "threads did not come"

    def says(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def watched_ticket(self, claim: Claim) -> Ticket:
        ticket = Ticket(claim)
        ticket.called = _WatchedEvent(self)
        return ticket

    def enter(self, event: threading.Event) -> None:
        with self.changed:
            self._waiting[event] = threading.get_ident()
            self.changed.notify_all()

    def leave(self, event: threading.Event) -> None:
        with self.changed:
            del self._waiting[event]
            self.changed.notify_all()


class _WatchedEvent(threading.Event):
    def __init__(self, queue: Queue) -> None:
        super().__init__()
        self._queue = queue

    def wait(self, timeout: float | None = None) -> bool:
        if self.is_set():
            return True
        self._queue.enter(self)
        try:
            assert super().wait(timeout or PATIENCE), "never called"
        finally:
            self._queue.leave(self)
        return True


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    """The queues of all caches of a test."""
    made = Queue()
    monkeypatch.setattr(cache_module, "Ticket", made.watched_ticket)
    return made


class Crew:
    """Threads that all do the same at once, again and again.

    Args:
        size: how many.
    """

    def __init__(self, size: int) -> None:
        self._size = size

    def do(self, work: Callable[[int], object]) -> list[object]:
        """What each of them got, errors included, by number."""
        results: list[object] = [None] * self._size
        together = threading.Barrier(self._size)

        def run(number: int) -> None:
            together.wait(PATIENCE)
            try:
                results[number] = work(number)
            except BaseException as problem:  # noqa: BLE001 - it is the result
                results[number] = problem

        threads = [threading.Thread(target=run, args=(number,)) for number in range(self._size)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads)
        return results


def of_type(results: Sequence[object], kind: type) -> list[Any]:
    return [one for one in results if isinstance(one, kind)]
