"""What the inventory asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from sealscope.kms.keys import KeyDescription, RotationStatus


class KeySource(Protocol):
    """Calls of KMS; `KmsGate` is one. Several threads use it at a time."""

    def pages(self, operation: str, limit: int, **wanted: Any) -> Iterator[dict[str, Any]]:
        """The answers of ListKeys or ListAliases; after an error it goes on where it was."""
        ...

    def describe_key(self, key_id: str) -> KeyDescription:
        """DescribeKey."""
        ...

    def rotation_status(self, key_id: str) -> RotationStatus:
        """GetKeyRotationStatus."""
        ...
