"""One entry of a cache, and what a message takes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sealscope.engine.cache_counters import Miss
from sealscope.engine.cache_limits import CacheLimits


@dataclass(frozen=True, slots=True)
class Claim:
    """What one message takes of an entry, and the limits it may not pass.

    Attributes:
        messages, plaintext_bytes: both 0 for a message that is decrypted, as only age limits
            those.
        clock: seconds that only grow.
        question: what a refusal depends on besides the entry; those who asked the same get the
            same refusal.
    """

    messages: int
    plaintext_bytes: int
    limits: CacheLimits
    clock: Callable[[], float] = field(repr=False)
    question: object = field(default=None, repr=False)


class Entry:
    """Materials, and how much they have been used.

    Args:
        value: the materials.
        first: what the message that they were made for takes.
    """

    __slots__ = ("_bytes", "_made_at", "_messages", "value")

    def __init__(self, value: Any, first: Claim) -> None:
        self.value = value
        self._made_at = first.clock()
        self._messages = first.messages
        self._bytes = first.plaintext_bytes

    def take(self, claim: Claim) -> Miss | None:
        """Count a message; None if it may use the entry, else why the entry must go."""
        self._messages += claim.messages
        self._bytes += claim.plaintext_bytes
        if claim.clock() - self._made_at > claim.limits.max_age:
            return Miss.TOO_OLD
        if self._messages > claim.limits.max_messages:
            return Miss.USED_FOR_TOO_MANY_MESSAGES
        if self._bytes > claim.limits.max_bytes:
            return Miss.USED_FOR_TOO_MANY_BYTES
        return None
