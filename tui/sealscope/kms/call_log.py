"""What was called: one record for each KMS call, without any plaintext."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final

from sealscope.kms.call_parameters import Parameters

KEPT_CALLS: Final = 2000

REFUSED: Final = "refused: read-only"
"""The result of a call that a read-only connection did not let out."""

_WENT_WELL: Final = frozenset({"ok", "DryRunSucceeded"})

NOT_OF_KMS: Final = frozenset({"GetCallerIdentity"})
"""Operations of STS, which costs nothing."""

DOLLARS_PER_REQUEST: Final = 0.03 / 10_000
"""What AWS asks for a request with a symmetric key; some operations with key pairs cost more."""

FREE_REQUESTS: Final = 20_000
"""Requests a month that AWS does not charge an account for."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call.

    Attributes:
        operation: KMS's name of it, "GenerateDataKey".
        key: the key as named in the request; empty when the call names none.
        result: "ok", or the service's error code, or the kind of failure.
        milliseconds: from sending to the answer, retries included.
        request_id: the service's; empty when there was no answer.
        parameters: of the request, without what is secret or long.
        profile: of the AWS configuration; empty when none is named.
        is_local: whether the local KMS answered.
    """

    at: datetime
    operation: str
    key: str
    region: str
    result: str
    milliseconds: float
    request_id: str
    parameters: Parameters = ()
    profile: str = ""
    is_local: bool = False

    @property
    def was_sent(self) -> bool:
        """Whether the call left this process."""
        return self.result != REFUSED

    @property
    def went_well(self) -> bool:
        """Whether the call, or the dry run, succeeded."""
        return self.result in _WENT_WELL


@dataclass(frozen=True)
class Totals:
    """All calls since the start, also those that are no longer kept.

    Attributes:
        operations: calls of each operation, most frequent first.
        failed: calls that did not end well.
        billable: requests that AWS KMS may charge for.
    """

    operations: Mapping[str, int] = field(default_factory=dict)
    failed: int = 0
    billable: int = 0

    @property
    def calls(self) -> int:
        """Calls of all operations."""
        return sum(self.operations.values())

    @property
    def dollars(self) -> float:
        """Estimated cost, as if the month's free requests were used up already."""
        return self.billable * DOLLARS_PER_REQUEST


class CallLog:
    """The last calls, and how many there were in all. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._records: deque[CallRecord] = deque(maxlen=KEPT_CALLS)
        self._operations: Counter[str] = Counter()
        self._count = 0
        self._failed = 0
        self._billable = 0

    def add(self, record: CallRecord) -> None:
        """Append one call."""
        with self._lock:
            self._records.append(record)
            self._count += 1
            self._operations[record.operation] += 1
            self._failed += not record.went_well
            self._billable += (
                record.was_sent and not record.is_local and record.operation not in NOT_OF_KMS
            )

    @property
    def count(self) -> int:
        """Calls since the start, also those that are no longer kept."""
        return self._count

    def records(self) -> tuple[CallRecord, ...]:
        """The kept calls, oldest first."""
        with self._lock:
            return tuple(self._records)

    def totals(self) -> Totals:
        """Counts since the start."""
        with self._lock:
            return Totals(dict(self._operations.most_common()), self._failed, self._billable)
