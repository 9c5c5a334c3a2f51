"""The id of a request: a new one each time, and still the same when a request is asked again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from sealscope.kms.local.protection import Entropy

_kept: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)


def request_id(entropy: Entropy) -> str:
    """A version 4 UUID."""
    return _kept.get() or str(uuid.UUID(bytes=entropy(16), version=4))


@contextmanager
def keeping(given: str) -> Iterator[None]:
    """Let the requests of this thread have an id that was given before, until the block ends."""
    token = _kept.set(given)
    try:
        yield
    finally:
        _kept.reset(token)
