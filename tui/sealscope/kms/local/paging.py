"""Pages of lists: limits, and markers that say where the next page begins.

A marker names the operation, what it is about and the last item of the page before: rows that
come or go between two pages neither repeat nor hide the others.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sealscope.kms.local.faults import Fault, invalid

Item = TypeVar("Item")


def page(
    params: dict[str, Any],
    scope: str,
    *,
    default: int,
    maximum: int,
    fetch: Callable[[str, int], Sequence[Item]],
    name: Callable[[Item], str],
) -> tuple[list[Item], dict[str, Any]]:
    """One page of a list, and the members Truncated and NextMarker of its answer.

    Args:
        params: the request, with Limit and Marker or without.
        scope: what the list is about, operation and key; a marker of another one is refused.
        default: items when no Limit is given.
        maximum: the highest Limit of this operation.
        fetch: items in order, behind the named one, at most so many.
        name: what `fetch` calls an item.

    Raises:
        Fault: InvalidMarkerException, or ValidationException for a Limit out of range.
    """
    limit = int(params.get("Limit", default))
    if limit > maximum:
        raise invalid(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy"
            f" constraint: Member must have value less than or equal to {maximum}"
        )
    after = _read(params["Marker"], scope) if "Marker" in params else ""
    items = list(fetch(after, limit + 1))
    if len(items) <= limit:
        return items, {"Truncated": False}
    items = items[:limit]
    return items, {"Truncated": True, "NextMarker": _write(scope, name(items[-1]))}


def _write(scope: str, last: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([1, scope, last]).encode()).decode()


def _read(marker: str, scope: str) -> str:
    try:
        version, marked, last = json.loads(base64.b64decode(marker, altchars=b"-_", validate=True))
        # JSON can spell lone surrogates, which SQLite cannot take.
        json.dumps(last, ensure_ascii=False).encode()
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise Fault("InvalidMarkerException", "Could not deserialize marker") from error
    if version != 1 or marked != scope or not isinstance(last, str):
        raise Fault("InvalidMarkerException", "Could not deserialize marker")
    return last
