"""Rows of the store as values."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

DAY_MS: Final = 86_400_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970; exact, unlike `timestamp()`."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def to_seconds(moment_ms: int) -> float:
    """The JSON protocol's form of a time: seconds since 1970 with a fraction."""
    return moment_ms / 1000


@dataclass(frozen=True)
class KeyRecord:
    """A row of `key`; times in milliseconds since 1970."""

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
    policy: str

    @classmethod
    def of(cls, row: sqlite3.Row) -> KeyRecord:
        """From a row of `SELECT * FROM key`."""
        fields: dict[str, Any] = dict(row)
        fields["multi_region"] = bool(fields["multi_region"])
        return cls(**fields)

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
        """From a row of `SELECT * FROM material`."""
        return cls(**dict(row))

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
        """From a row of `SELECT * FROM alias`."""
        return cls(**dict(row))
