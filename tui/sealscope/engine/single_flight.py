"""A call on its way, and the threads that wait for what it brings.

A thread may be interrupted between any two statements here. They are ordered so that nobody
then waits for ever: a thread in the queue is called before it leaves the queue, and one that was
called is passed over.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TypeVar

from sealscope import errors
from sealscope.engine.cache_counters import Miss
from sealscope.engine.cache_entry import Claim, Entry
from sealscope.engine.materials import NoUsableKey

Failure = TypeVar("Failure", bound=Exception)


class SharedFailure(Exception):  # noqa: N818 - it carries the failure that is raised in its place
    """Another thread's call failed, and its failure answers this one too.

    Attributes:
        failure: to be raised instead.
    """

    def __init__(self, failure: Exception) -> None:
        super().__init__(failure)
        self.failure = failure


class Ticket:
    """One thread's place in the queue for an entry.

    Attributes:
        claim: what it wants of the entry.
        called: it need not wait any longer: it was served, it was refused, or it is to call.
        why: it has to call, if it has to.
    """

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.called = threading.Event()
        self.entry: Entry | None = None
        self.failure: Exception | None = None
        self.why = Miss.NOTHING_CACHED

    def serve(self, entry: Entry) -> None:
        """Let the thread go on with an entry that has counted it."""
        self.entry = entry
        self.called.set()

    def lead(self, why: Miss) -> None:
        """Let the thread make the call."""
        # An interrupted call may have been about to serve it.
        self.entry = None
        self.why = why
        self.called.set()

    def refuse(self, failure: Exception) -> None:
        """Let the thread go on with a failure."""
        self.failure = failure
        self.called.set()


class Flight:
    """Who makes a call, and who waits for it.

    Attributes:
        store: whether the result may be stored; no longer after the cache was cleared.
    """

    def __init__(self, leader: Ticket) -> None:
        self.leader = leader
        self.waiting: deque[Ticket] = deque()
        self.store = True

    def serve(self, entry: Entry) -> Miss | None:
        """Serve the queue; why the first of the rest cannot be served, None if all were."""
        while self.waiting:
            first = self.waiting[0]
            if not first.called.is_set():
                why = entry.take(first.claim)
                if why is not None:
                    return why
                first.serve(entry)
            self.waiting.popleft()
        return None

    def fail(self, problem: Exception) -> None:
        """Refuse everyone who asked what the leader asked."""
        for ticket in self.waiting:
            if ticket.claim.question == self.leader.claim.question and not ticket.called.is_set():
                ticket.refuse(twin_of(problem))

    def next_leader(self, why: Miss) -> bool:
        """Have the first who still waits make the next call; False if there is none."""
        while self.waiting:
            first = self.waiting[0]
            called = first.called.is_set()
            if not called:
                first.lead(why)
                self.leader = first
                self.store = True
            self.waiting.popleft()
            if not called:
                return True
        return False


def answers_all(problem: Exception) -> bool:
    """Whether a failure says something about the wrapping keys, and would be said again at once.

    Throttling does not: it says that there were too many calls just then.
    """
    if isinstance(problem, NoUsableKey):
        return not any(isinstance(one.error, errors.Throttled) for one in problem.attempts)
    return isinstance(problem, errors.KmsError) and not isinstance(problem, errors.Throttled)


def twin_of(problem: Failure) -> Failure:
    """The same failure for another thread, as a traceback belongs to one."""
    twin = type(problem).__new__(type(problem), *problem.args)
    twin.__dict__.update(problem.__dict__)
    return twin
