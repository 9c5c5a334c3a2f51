"""Rows of the store as values."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import NoneType
from typing import Any, Final

from sealscope import errors
from sealscope.kms.local.specs import SPECS

DAY_MS: Final = 86_400_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970; exact, unlike `timestamp()`."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def to_seconds(moment_ms: int) -> float:
    """The JSON protocol's form of a time: seconds since 1970 with a fraction."""
    return moment_ms / 1000


_TEXT: Final = (str,)
_NUMBER: Final = (int,)
_TEXT_OR_NONE: Final = (str, NoneType)
_NUMBER_OR_NONE: Final = (int, NoneType)
_BYTES_OR_NONE: Final = (bytes, NoneType)
_KEY_STATES: Final = frozenset({"Enabled", "Disabled", "PendingDeletion", "PendingImport"})


def damaged(what: str) -> errors.StoreError:
    """A row is not as it was written: SQLite keeps no checksums, so disks' faults come through."""
    return errors.StoreError("The local key store is damaged", what, "Restore it from a backup.")


def _checked(row: sqlite3.Row, kinds: dict[str, tuple[type, ...]]) -> dict[str, Any]:
    fields: dict[str, Any] = dict(row)
    for name, allowed in kinds.items():
        if not isinstance(fields.get(name), allowed):
            raise damaged(f"a row's {name} is not what it should be")
    return fields


@dataclass(frozen=True)
class KeyRecord:
    """A row of `key`; times in milliseconds since 1970. No policy means the default one."""

    id: str
    spec: str
    usage: str
    origin: str
    state: str
    description: str
    multi_region: bool
    created: int
    deletion_date: int | None
    deletion_window: int | None
    rotation_period: int | None
    next_rotation: int | None
    policy: str | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> KeyRecord:
        """From a row of `SELECT * FROM key`.

        Raises:
            StoreError: the row is damaged.
        """
        fields = _checked(row, _KEY_FIELDS)
        fields["multi_region"] = bool(fields["multi_region"])
        record = cls(**fields)
        spec = SPECS.get(record.spec)
        if spec is None or record.usage not in spec.usages or record.state not in _KEY_STATES:
            raise damaged(f"key {record.id}: {record.spec}, {record.usage}, {record.state}")
        return record

    @property
    def is_symmetric(self) -> bool:
        """A symmetric encryption key, the only kind that rotates and makes data keys."""
        return self.spec == "SYMMETRIC_DEFAULT"


@dataclass(frozen=True)
class MaterialRecord:
    """A row of `material`: one generation of a key.

    Attributes:
        kind: what the wrapped bytes are: `AES`, `HMAC` or `PKCS8`.
        state: `CURRENT`, `NON_CURRENT` or `PENDING_ROTATION`.
        wrapped: None once imported material has been deleted or has expired.
        public: DER SubjectPublicKeyInfo of a key pair.
    """

    key_id: str
    id: str
    seq: int
    kind: str
    state: str
    created: int
    rotation_type: str | None
    rotation_date: int | None
    description: str | None
    valid_to: int | None
    wrapped: bytes | None
    public: bytes | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> MaterialRecord:
        """From a row of `SELECT * FROM material`.

        Raises:
            StoreError: the row is damaged.
        """
        return cls(**_checked(row, _MATERIAL_FIELDS))

    @property
    def place(self) -> tuple[str, str, str]:
        """What its wrapping is bound to."""
        return (self.kind, self.key_id, self.id)


@dataclass(frozen=True)
class AliasRecord:
    """A row of `alias`; times in milliseconds since 1970."""

    name: str
    key_id: str
    created: int
    updated: int

    @classmethod
    def of(cls, row: sqlite3.Row) -> AliasRecord:
        """From a row of `SELECT * FROM alias`.

        Raises:
            StoreError: the row is damaged.
        """
        return cls(**_checked(row, _ALIAS_FIELDS))


_KEY_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "id": _TEXT,
    "spec": _TEXT,
    "usage": _TEXT,
    "origin": _TEXT,
    "state": _TEXT,
    "description": _TEXT,
    "multi_region": _NUMBER,
    "created": _NUMBER,
    "deletion_date": _NUMBER_OR_NONE,
    "deletion_window": _NUMBER_OR_NONE,
    "rotation_period": _NUMBER_OR_NONE,
    "next_rotation": _NUMBER_OR_NONE,
    "policy": _TEXT_OR_NONE,
}
_MATERIAL_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "key_id": _TEXT,
    "id": _TEXT,
    "seq": _NUMBER,
    "kind": _TEXT,
    "state": _TEXT,
    "created": _NUMBER,
    "rotation_type": _TEXT_OR_NONE,
    "rotation_date": _NUMBER_OR_NONE,
    "description": _TEXT_OR_NONE,
    "valid_to": _NUMBER_OR_NONE,
    "wrapped": _BYTES_OR_NONE,
    "public": _BYTES_OR_NONE,
}
_ALIAS_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "name": _TEXT,
    "key_id": _TEXT,
    "created": _NUMBER,
    "updated": _NUMBER,
}
