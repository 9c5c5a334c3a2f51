"""Calls a second that AWS takes of each operation, and counting them.

The figures are those of the developer guide's page "Request quotas", for one account and Region.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

AWS_QUOTAS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("DescribeKey", "GetPublicKey", "ListResourceTags"), 2000),
    **dict.fromkeys(("GetKeyPolicy", "GetKeyRotationStatus"), 1000),
    **dict.fromkeys(("ListKeys", "ListAliases"), 500),
    **dict.fromkeys(
        ("ListGrants", "ListRetirableGrants", "ListKeyPolicies", "ListKeyRotations"), 100
    ),
    **dict.fromkeys(("CreateGrant", "RetireGrant", "RevokeGrant"), 50),
    **dict.fromkeys(
        (
            "DeleteAlias",
            "EnableKeyRotation",
            "ImportKeyMaterial",
            "PutKeyPolicy",
            "ScheduleKeyDeletion",
        ),
        15,
    ),
    "TagResource": 10,
    **dict.fromkeys(
        (
            "CreateKey",
            "CreateAlias",
            "UpdateAlias",
            "EnableKey",
            "DisableKey",
            "CancelKeyDeletion",
            "RotateKeyOnDemand",
            "UpdateKeyDescription",
            "GetKeyLastUsage",
        ),
        5,
    ),
    "GetParametersForImport": 1,
}


class Quota:
    """A count of the calls of the last second."""

    def __init__(self, per_second: int, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._clock = clock
        self._taken: deque[float] = deque()

    def take(self) -> bool:
        """Count a call; False when there were too many in the last second."""
        now = self._clock()
        while self._taken and self._taken[0] <= now - 1:
            self._taken.popleft()
        if len(self._taken) >= self._per_second:
            return False
        self._taken.append(now)
        return True
