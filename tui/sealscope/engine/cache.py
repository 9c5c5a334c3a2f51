"""A cache of materials in memory: the least recently used go first, and one call serves many.

When several threads want an entry that is not there, one of them makes it and the others wait
for it (single flight). Each takes its share of the entry's limits before it gets the materials,
in the order of arrival, as if they had come one after the other. If the entry is used up before
all have been served, the first of the rest makes the next one.

What KMS or the wrapping keys said is the answer to everyone who waited for it: a denied or
unreachable KMS is not asked once more for each, with the waits adding up. After any other
failure (KMS is throttling, the caller was interrupted, a limit of its own) the next in the queue
tries, alone, so that no message fails for a reason that is not its own. Errors are not cached.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sealscope.engine.cache_counters import Miss
from sealscope.engine.cache_entry import Claim, Entry
from sealscope.engine.cache_limits import check_capacity
from sealscope.engine.single_flight import Flight, SharedFailure, Ticket, answers_all

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Made(Generic[Value]):
    """Something new, and whether other messages may have it too."""

    value: Value
    reusable: bool


class LocalCryptoMaterialsCache:
    """Holds materials in memory, for any number of managers and threads.

    Args:
        capacity: most entries; the least recently used one makes room.

    Raises:
        UsageError: a capacity of less than 1.
    """

    def __init__(self, capacity: int) -> None:
        check_capacity(capacity)
        self._capacity = capacity
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()
        self._flights: dict[bytes, Flight] = {}

    @property
    def entries(self) -> int:
        """How many it holds now."""
        return len(self._entries)

    def clear(self) -> None:
        """Forget every entry, also those that are being made; who waits for one still gets it."""
        with self._lock:
            self._entries.clear()
            for flight in self._flights.values():
                flight.store = False

    def obtain(
        self, entry_id: bytes, claim: Claim, make: Callable[[Miss], Made[Value]]
    ) -> tuple[Value, bool]:
        """What the entry holds, made if it is not there or used up.

        No lock is held while `make` runs, and different entries never wait for each other.

        Args:
            entry_id: of values of one type.
            claim: what this message takes, and the limits it respects.
            make: makes a value; called with the reason, in at most one thread at a time for an
                entry.

        Returns:
            The value, and whether it came from another call than this thread's.

        Raises:
            SharedFailure: the call that this thread waited for failed.
            BaseException: what `make` raised.
        """
        ticket = Ticket(claim)
        try:
            with self._lock:
                self._arrive(entry_id, ticket)
            ticket.called.wait()
            if ticket.failure is not None:
                raise SharedFailure(ticket.failure)
            if ticket.entry is not None:
                shared: Any = ticket.entry.value
                return shared, True
            made = make(ticket.why)
            with self._lock:
                self._land(entry_id, ticket, made)
        except BaseException as problem:
            # Also when the thread is interrupted: nobody may wait for a call that is not made.
            with self._lock:
                self._leave(entry_id, ticket, problem)
            raise
        return made.value, False

    def _arrive(self, entry_id: bytes, ticket: Ticket) -> None:
        flight = self._flights.get(entry_id)
        if flight is not None:
            flight.waiting.append(ticket)
            return
        why: Miss | None = None
        entry = self._entries.get(entry_id)
        if entry is not None:
            why = entry.take(ticket.claim)
            if why is None:
                self._entries.move_to_end(entry_id)
                ticket.serve(entry)
                return
            del self._entries[entry_id]
        self._flights[entry_id] = Flight(ticket)
        ticket.lead(why or Miss.NOTHING_CACHED)

    def _land(self, entry_id: bytes, ticket: Ticket, made: Made[Any]) -> None:
        flight = self._flights.get(entry_id)
        if flight is None or flight.leader is not ticket:
            return
        why: Miss | None = None
        if made.reusable:
            entry = Entry(made.value, ticket.claim)
            if flight.store:
                self._store(entry_id, entry)
            why = flight.serve(entry)
            if why is not None:
                self._entries.pop(entry_id, None)
        self._go_on(entry_id, flight, why or Miss.NOTHING_CACHED)

    def _store(self, entry_id: bytes, entry: Entry) -> None:
        self._entries[entry_id] = entry
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)

    def _leave(self, entry_id: bytes, ticket: Ticket, problem: BaseException) -> None:
        flight = self._flights.get(entry_id)
        if flight is None:
            return
        if flight.leader is not ticket:
            if ticket in flight.waiting:
                flight.waiting.remove(ticket)
            return
        if isinstance(problem, Exception) and answers_all(problem):
            flight.fail(problem)
        self._go_on(entry_id, flight, Miss.NOTHING_CACHED)

    def _go_on(self, entry_id: bytes, flight: Flight, why: Miss) -> None:
        if not flight.next_leader(why):
            del self._flights[entry_id]
