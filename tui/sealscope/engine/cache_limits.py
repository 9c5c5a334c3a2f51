"""How long, for how much and for how many messages a cached data key may be used.

Plain numbers and words, so that a command line can check and explain them before anything of
the engine is loaded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from sealscope import errors

MAX_MESSAGES: Final = 2**32
"""Most messages under one data key, and the default."""
MAX_BYTES: Final = 2**63 - 1
"""Most bytes of plaintext under one data key, and the default."""
DEFAULT_CAPACITY: Final = 100
"""Data keys that a cache holds, unless said otherwise.

Few, because each of them is a secret in memory; enough for the contexts of most jobs.
"""

CACHING_TRADE_OFF: Final = (
    "Reusing a data key means fewer KMS calls, but whoever gets that one data key can read every"
    " file sealed under it, and KMS's log shows one call for many files."
)
"""What a user should know before turning caching on."""


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """Bounds on the use of one data key; only its age counts for those that decrypt.

    Attributes:
        max_age: seconds; a data key of exactly that age is still used.
        max_bytes: of plaintext, in all messages together.
        max_messages: exactly so many share a data key.

    Raises:
        UsageError: one is out of range.
    """

    max_age: float
    max_bytes: int = MAX_BYTES
    max_messages: int = MAX_MESSAGES

    def __post_init__(self) -> None:
        if not (math.isfinite(self.max_age) and self.max_age > 0):
            raise _out_of_range(
                "age of a cached data key", self.max_age, "it must be more than 0 seconds"
            )
        if not 1 <= self.max_bytes <= MAX_BYTES:
            raise _out_of_range(
                "number of bytes under one data key", self.max_bytes, f"it must be 1 to {MAX_BYTES}"
            )
        if not 1 <= self.max_messages <= MAX_MESSAGES:
            raise _out_of_range(
                "number of messages under one data key",
                self.max_messages,
                f"it must be 1 to {MAX_MESSAGES}",
            )

    def check_budget(self, budget: int) -> None:
        """Check how many bytes a message of unknown length is to be counted with.

        Raises:
            UsageError: none, or more than one data key may encrypt.
        """
        if not 1 <= budget <= self.max_bytes:
            raise _out_of_range(
                "number of bytes for an input of unknown length",
                budget,
                f"it must be 1 to {self.max_bytes}, the most that one data key may encrypt",
            )


def check_capacity(capacity: int) -> None:
    """Check how many data keys a cache is to hold.

    Raises:
        UsageError: none.
    """
    if capacity < 1:
        raise _out_of_range("number of data keys in the cache", capacity, "it must be 1 or more")


def _out_of_range(what: str, value: float, rule: str) -> errors.UsageError:
    return errors.UsageError(
        f"The {what} is out of range", f"{value}; {rule}", "Correct it, or turn caching off."
    )
