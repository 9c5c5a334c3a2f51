"""What was called: one record for each KMS call, without any plaintext."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final

KEPT_CALLS: Final = 2000


@dataclass(frozen=True)
class CallRecord:
    """One call.

    Attributes:
        operation: KMS's name of it, "GenerateDataKey".
        key: the key as named in the request; empty when the call names none.
        result: "ok", or the service's error code, or the kind of failure.
        milliseconds: from sending to the answer, retries included.
        request_id: the service's; empty when there was no answer.
    """

    at: datetime
    operation: str
    key: str
    region: str
    result: str
    milliseconds: float
    request_id: str


class CallLog:
    """The last calls, and how many there were in all. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._records: deque[CallRecord] = deque(maxlen=KEPT_CALLS)
        self._count = 0

    def add(self, record: CallRecord) -> None:
        """Append one call."""
        with self._lock:
            self._records.append(record)
            self._count += 1

    @property
    def count(self) -> int:
        """Calls since the start, also those that are no longer kept."""
        return self._count

    def records(self) -> tuple[CallRecord, ...]:
        """The kept calls, oldest first."""
        with self._lock:
            return tuple(self._records)
