"""What the tests of the local KMS share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


class FixedBytes:
    """Bytes that look random and are the same in every run."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def __call__(self, length: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(f"{self._seed} {self._count}".encode()).digest(length)


def refusal(call: Callable[..., Any], **params: Any) -> ClientError:
    """The error that a call must end in."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value


def refusal_code(call: Callable[..., Any], **params: Any) -> str:
    """The code of the error that a call must end in."""
    return str(refusal(call, **params).response["Error"]["Code"])


def everything_on_disk(path: Path) -> bytes:
    """All bytes of a store: the file and whatever SQLite keeps beside it."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))
