"""A list of KMS, page by page, that can go on where a call failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, Self

from sealscope.kms.answers import member, odd


class Calls(Protocol):
    """Makes one call of KMS by its API name; `KmsGate.call` is one."""

    def __call__(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """The answer.

        Raises:
            KmsError: one of its kinds.
        """
        ...


class Pages(Iterator[dict[str, Any]]):
    """The answers of a list, to its end.

    Unlike a generator it survives an error: the next `next` asks for the same page again.

    Args:
        limit: entries on a page at most.
        wanted: the operation's other parameters.
    """

    def __init__(self, call: Calls, operation: str, limit: int, wanted: Mapping[str, Any]) -> None:
        self._call = call
        self._operation = operation
        self._parameters: dict[str, Any] = {"Limit": limit, **wanted}
        self._is_last = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> dict[str, Any]:
        """The next answer.

        Raises:
            KmsError: the call failed, or the endpoint repeats a marker.
        """
        if self._is_last:
            raise StopIteration
        answer = self._call(self._operation, **self._parameters)
        if answer.get("Truncated"):
            marker = member(answer, "NextMarker", str)
            if marker == self._parameters.get("Marker"):
                # An endpoint that ignores Marker would list the same page without end.
                raise odd("NextMarker")
            self._parameters["Marker"] = marker
        else:
            self._is_last = True
        return answer
