"""The strict KMS as a client of boto3 shows itself: methods named as the API's operations are."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.exceptions import ParamValidationError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from tests.kms.strict import faults
from tests.kms.strict.answers import ANSWERS, Handler, Request
from tests.kms.strict.clock import FakeClock
from tests.kms.strict.contents import ACCOUNT, Contents, Record
from tests.kms.strict.quotas import AWS_QUOTAS, Quota

PRINCIPAL = f"arn:aws:sts::{ACCOUNT}:assumed-role/operator/tests"
WHOLE_PAGE = 1000
PATIENCE = 20.0


@cache
def model() -> ServiceModel:
    """Botocore's own description of KMS."""
    return ServiceModel(Loader().load_service_model("kms", "service-2"))


@cache
def operations() -> dict[str, str]:
    """Method -> operation."""
    return {xform_name(name): name for name in model().operation_names}


class StrictClient:
    """One Region of KMS. Threads may share it.

    It checks what real clients and the real service check: parameters against botocore's model,
    limits, markers, Regions, the calls of a second. It retries nothing: what boto3 would hide
    by trying again shows here at the first time.

    Args:
        contents: the keys and aliases.
        latency: seconds that each call takes.
        clock: what the quotas count by.
        sleep: how a call spends its latency; moves the clock by default.
        quotas: calls a second of each operation; those not named have none.

    Attributes:
        calls: each call that got as far as the service: operation and KeyId.
        most_items: items on a page, whatever the Limit: KMS may return fewer.
    """

    def __init__(
        self,
        contents: Contents,
        *,
        latency: float = 0.0,
        clock: FakeClock | None = None,
        sleep: Callable[[float], object] | None = None,
        quotas: Mapping[str, int] = AWS_QUOTAS,
    ) -> None:
        self.contents = contents
        self.clock = clock or FakeClock()
        self.calls: list[tuple[str, str]] = []
        self.most_items = WHOLE_PAGE
        self._latency = latency
        self._sleep = sleep or self.clock.sleep
        self._quotas = {name: Quota(number, self.clock) for name, number in quotas.items()}
        self._lock = threading.Condition()
        self._answers: dict[str, Handler] = dict(ANSWERS)
        self._denied: set[tuple[str, str]] = set()
        self._lacking: set[str] = set()
        self._calls_left: int | None = None
        self._doors: dict[str, threading.Event] = {}
        self._under_way: Counter[str] = Counter()
        self._most_under_way: Counter[str] = Counter()

    # What a test sets.

    def deny(self, operation: str, key: str = "") -> None:
        """Refuse an operation, on one key or on all."""
        self._denied.add((operation, key))

    def allow(self, operation: str, key: str = "") -> None:
        """Take `deny` back."""
        self._denied.discard((operation, key))

    def lack(self, operation: str) -> None:
        """Be an endpoint that does not know this operation."""
        self._lacking.add(operation)

    def expire_after(self, calls: int) -> None:
        """Let the credentials expire once so many more calls have been answered."""
        self._calls_left = calls

    def sign_in(self) -> None:
        """Make the credentials good again."""
        self._calls_left = None

    def vanish(self, key: str) -> None:
        """Delete a key that ListKeys goes on to name."""
        self.contents.listed_only.add(key)

    def set_quota(self, operation: str, per_second: int) -> None:
        """Take fewer or more calls of an operation."""
        self._quotas[operation] = Quota(per_second, self.clock)

    def hold(self, operation: str) -> threading.Event:
        """Keep the calls of an operation under way until the event is set."""
        return self._doors.setdefault(operation, threading.Event())

    def answer(self, operation: str, handler: Handler) -> None:
        """Answer an operation in another way."""
        self._answers[operation] = handler

    # What a test asks.

    def count(self, operation: str) -> int:
        """Calls of an operation so far, refused ones included."""
        with self._lock:
            return sum(name == operation for name, _ in self.calls)

    def keys_asked(self, operation: str) -> list[str]:
        """The KeyId of each call of an operation, in order."""
        with self._lock:
            return [key for name, key in self.calls if name == operation]

    def most_at_once(self, operation: str) -> int:
        """The most calls of an operation that were under way at a time."""
        return self._most_under_way[operation]

    def wait_for_calls(self, operation: str, number: int) -> None:
        """Wait until so many calls of an operation are under way."""
        with self._lock:
            begun = self._lock.wait_for(lambda: self._under_way[operation] >= number, PATIENCE)
        assert begun, f"{operation}: {self._under_way[operation]} under way"

    # What boto3's client has.

    def __getattr__(self, method: str) -> Callable[..., Record]:
        operation = operations().get(method)
        if operation is None:
            raise AttributeError(method)
        return lambda **params: self.call(operation, params)

    def close(self) -> None:
        """Nothing is open."""

    def call(self, operation: str, params: Record) -> Record:
        """One call, from the client's own check to the answer.

        Raises:
            ParamValidationError: before anything is sent.
            ClientError: the service refuses.
        """
        shape = model().operation_model(operation)
        if shape.input_shape is not None:
            report = ParamValidator().validate(params, shape.input_shape)
            if report.has_errors():
                raise ParamValidationError(report=report.generate_report())
        key = str(params.get("KeyId") or params.get("TargetKeyId") or "")
        with self._lock:
            self.calls.append((operation, key))
            self._under_way[operation] += 1
            now = self._under_way[operation]
            self._most_under_way[operation] = max(now, self._most_under_way[operation])
            self._lock.notify_all()
        try:
            return self._serve(operation, params, key)
        finally:
            with self._lock:
                self._under_way[operation] -= 1

    def _serve(self, operation: str, params: Record, key: str) -> Record:
        if (door := self._doors.get(operation)) is not None:
            door.wait()
        if self._latency:
            self._sleep(self._latency)
        with self._lock:
            self._check(operation, key)
            request = Request(operation, params, self.contents, self.most_items)
            answer = self._answers[operation](request)
        metadata: dict[str, Any] = {"RequestId": str(uuid.uuid4()), "HTTPStatusCode": 200}
        return {**answer, "ResponseMetadata": metadata}

    def _check(self, operation: str, key: str) -> None:
        """Refuse in the order in which AWS does: who, what, how often, and only then may it."""
        if self._calls_left is not None:
            if self._calls_left == 0:
                raise faults.expired(operation)
            self._calls_left -= 1
        if operation in self._lacking or operation not in self._answers:
            raise faults.unknown_operation(operation)
        quota = self._quotas.get(operation)
        if quota is not None and not quota.take():
            raise faults.throttled(operation)
        bare = key.rsplit(":key/", 1)[-1]
        if not self._denied.isdisjoint({(operation, ""), (operation, bare)}):
            raise faults.denied(operation, PRINCIPAL, key or "*")
