"""Gates on a real local KMS and on fakes, for the tests of what is asked through a gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate
from tests.kms.test_facade import ARN, FakeConnection, gate_on, service_error

__all__ = ["ARN", "NOON", "FakeConnection", "answering", "gate_on", "local_gate", "paged", "refuse"]

NOON: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
refuse = service_error


def answering(**answers: Callable[..., Any]) -> KmsGate:
    """A read-only gate on a fake of AWS that gives these answers, and nothing for the others."""
    connection = FakeConnection()
    connection.kms.answers.update(answers)
    return gate_on(connection)


def paged(name: str, entries: Sequence[Any], size: int = 1) -> Callable[..., dict[str, Any]]:
    """An operation that lists `entries` under `name`, so many a page."""

    def answer(Marker: str = "0", **_: Any) -> dict[str, Any]:  # noqa: N803 - the API's name
        start = int(Marker)
        page: dict[str, Any] = {name: list(entries[start : start + size])}
        if start + size < len(entries):
            page |= {"Truncated": True, "NextMarker": str(start + size)}
        return page

    return answer


@contextmanager
def local_gate(path: Path) -> Iterator[KmsGate]:
    """A gate on a new local KMS at this path."""
    connection = connect(Target(local_store=path))
    try:
        yield KmsGate(connection)
    finally:
        connection.close()
