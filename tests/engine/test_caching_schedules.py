"""The limits of a data key hold whatever the threads, the clock and the cache do, in any order.

Each schedule is a random play: threads ask, calls come back or fail, time passes, entries are
evicted or cleared. One thing happens at a time, and the next not before every thread has come
to rest, so that a seed always gives the same play.
"""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import pytest

from sealscope import errors
from sealscope.engine.cache import LocalCryptoMaterialsCache
from sealscope.engine.caching import CachingManager
from tests.engine.caching import (
    PATIENCE,
    Clock,
    Queue,
    Watched,
    edk,
    key_of,
    new_message,
    old_message,
    queue,
)

THREADS: Final = 5
STEPS: Final = 40
BUDGET: Final = 7

__all__ = ["queue"]


@dataclass
class Use:
    """What became of one data key."""

    made_at: float
    lengths: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Message:
    """What a thread asks for.

    Attributes:
        entry: messages of the same entry may share a data key.
        length: None when it is unknown, or the message is decrypted.
    """

    entry: str
    length: int | None = None

    @property
    def counted(self) -> int:
        return BUDGET if self.length is None else self.length


class Actor(threading.Thread):
    """A thread that does what the play tells it.

    Attributes:
        at_rest: idle, or inside a call that the play has to end; a thread in the cache's queue
            is at rest too, which the queue knows.
    """

    def __init__(self, play: Play) -> None:
        super().__init__(daemon=True)
        self.play = play
        self.message: Message | None = None
        self.calling = False
        self.call_ends_with: Exception | str | None = None
        self.stopped = False

    @property
    def idle(self) -> bool:
        return self.message is None

    def at_rest(self, waiting: list[int]) -> bool:
        return self.idle or (self.calling and not self.call_ends_with) or self.ident in waiting

    def run(self) -> None:
        while True:
            self.play.queue.until(lambda: self.stopped or not self.idle)
            if self.message is None:
                return
            self.play.note(self.message, self.ask(self.message))
            self.message = None
            self.play.queue.says()

    def ask(self, message: Message) -> bytes | BaseException:
        try:
            if message.entry.startswith("decrypt"):
                request = old_message(edk(message.entry))
                return key_of(self.play.manager.for_decryption(request))
            request_to_encrypt = new_message(message.length, entry=message.entry)
            made = self.play.manager.for_encryption(request_to_encrypt)
            bound = None if self.play.alone(message) else message.counted
            assert made.max_plaintext_bytes == bound
            return key_of(made)
        except BaseException as problem:  # noqa: BLE001 - the play judges it
            return problem

    def call(self) -> None:
        """Runs inside every call; ends when and how the play says."""
        assert self.message is not None
        if not self.play.alone(self.message):
            self.play.starts.append(self.message)
        self.calling = True
        self.play.queue.says()
        self.play.queue.until(lambda: self.call_ends_with is not None)
        how, self.call_ends_with, self.calling = self.call_ends_with, None, False
        self.play.queue.says()
        if isinstance(how, Exception):
            raise how


class Play:
    """One schedule, and what must be true of it at every step."""

    def __init__(self, seed: int, queue: Queue) -> None:
        self.random = random.Random(seed)
        self.queue = queue
        self.clock = Clock()
        self.max_age = self.random.choice([1, 5, 20])
        self.max_bytes = self.random.choice([7, 20, 60])
        self.max_messages = self.random.choice([1, 2, 3, 8])
        # With room for all of them and nothing cleared, every call must have been necessary.
        self.roomy = self.random.random() < 0.5
        self.cache = LocalCryptoMaterialsCache(10 if self.roomy else self.random.choice([1, 2, 3]))
        inner = Watched()
        inner.before = lambda: self.current().call()
        self.inner = inner
        self.manager = CachingManager(
            inner,
            self.cache,
            max_age=self.max_age,
            max_bytes=self.max_bytes,
            max_messages=self.max_messages,
            clock=self.clock,
            unknown_length_budget=BUDGET,
        )
        self.uses: dict[tuple[str, bytes], Use] = {}
        self.latest: dict[str, Use | None] = defaultdict(lambda: None)
        self.starts: list[Message] = []
        self.served = 0
        self.lock = threading.Lock()
        self.broken: list[str] = []
        self.actors = [Actor(self) for _ in range(THREADS)]
        for actor in self.actors:
            actor.start()

    def current(self) -> Actor:
        return next(actor for actor in self.actors if actor is threading.current_thread())

    def settle(self) -> None:
        """Wait until all threads are at rest, then look at what happened."""

        def at_rest() -> bool:
            waiting = self.queue.waiting()
            return all(actor.at_rest(waiting) for actor in self.actors)

        self.queue.until(at_rest)
        self.check_calls()
        assert self.broken == []

    def check_calls(self) -> None:
        for message in self.starts:
            last = self.latest[message.entry]
            if self.roomy and last is not None and self.fits(last, message):
                self.broken.append(f"a call too many for {message}")
            self.latest[message.entry] = None
        self.starts.clear()
        messages = [actor.message for actor in self.actors if actor.calling and actor.message]
        calling = [message.entry for message in messages if not self.alone(message)]
        if len(set(calling)) != len(calling):
            self.broken.append(f"two calls at once: {calling}")

    def alone(self, message: Message) -> bool:
        """Whether it is longer than all that a data key may encrypt, and kept from the cache."""
        return message.counted > self.max_bytes and not message.entry.startswith("decrypt")

    def fits(self, use: Use, message: Message) -> bool:
        young = self.clock.now - use.made_at <= self.max_age
        if message.entry.startswith("decrypt"):
            return young
        return (
            young
            and len(use.lengths) < self.max_messages
            and sum(use.lengths) + message.counted <= self.max_bytes
        )

    def note(self, message: Message, got: bytes | BaseException) -> None:
        """A thread got its data key, or an error."""
        with self.lock:
            if isinstance(got, BaseException):
                if not isinstance(got, errors.Throttled | errors.AccessDenied):
                    self.broken.append(repr(got))
                return
            self.served += 1
            use = self.uses.setdefault((message.entry, got), Use(self.clock.now))
            if self.alone(message):
                # Kept from the cache: nobody else may have it.
                if use.lengths:
                    self.broken.append("a data key of its own was shared")
                use.lengths.append(message.counted)
                return
            self.latest[message.entry] = use
            self.judge(message, use)

    def judge(self, message: Message, use: Use) -> None:
        if self.clock.now - use.made_at > self.max_age:
            self.broken.append(f"too old for {message}")
        if message.entry.startswith("decrypt"):
            return
        use.lengths.append(message.counted)
        if len(use.lengths) > self.max_messages:
            self.broken.append(f"too many messages: {use.lengths}")
        if sum(use.lengths) > self.max_bytes:
            self.broken.append(f"too many bytes: {use.lengths}")

    def step(self) -> None:
        idle = [actor for actor in self.actors if actor.idle]
        calling = [actor for actor in self.actors if actor.calling]
        choices = ["ask"] * 4 * bool(idle) + ["end"] * 2 * bool(calling) + ["time"]
        match self.random.choice(choices + ["clear"] * (not self.roomy)):
            case "ask":
                self.random.choice(idle).message = self.message()
                self.queue.says()
            case "end":
                self.end(self.random.choice(calling))
            case "time":
                self.clock.now += self.random.choice([0.5, 1, 6])
            case "clear":
                if self.random.random() < 0.2:
                    self.manager.clear()
        self.settle()

    def message(self) -> Message:
        entry = self.random.choice(["encrypt 1", "encrypt 1", "encrypt 2", "encrypt 3", "decrypt"])
        if entry == "decrypt":
            return Message(self.random.choice(["decrypt 1", "decrypt 2"]))
        return Message(entry, self.random.choice([0, 1, 3, 6, 7, 19, 50, None]))

    def end(self, actor: Actor, how: str = "") -> None:
        failures: list[Exception] = [errors.Throttled("too many"), errors.AccessDenied("no")]
        fails = not how and self.random.random() < 0.2
        actor.call_ends_with = self.random.choice(failures) if fails else "well"
        self.queue.says()

    def run(self) -> None:
        for _ in range(STEPS):
            self.step()
        while calling := [actor for actor in self.actors if actor.calling]:
            self.end(calling[0], "well")
            self.settle()
        assert all(actor.idle for actor in self.actors), "a thread waits for a call nobody makes"
        for actor in self.actors:
            actor.stopped = True
        self.queue.says()
        for actor in self.actors:
            actor.join(PATIENCE)
            assert not actor.is_alive()
        assert self.cache._flights == {}


@pytest.mark.parametrize("hundred", range(10))
def test_limits_hold_in_a_hundred_schedules(hundred: int, queue: Queue) -> None:
    calls = hits = 0
    for seed in range(100 * hundred, 100 * hundred + 100):
        play = Play(seed, queue)
        play.run()
        calls += play.inner.calls
        hits += play.manager.counters.hits
    # The plays are worth something: keys were shared, and calls were made.
    assert calls > 500
    assert hits > 200
