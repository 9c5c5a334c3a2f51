"""Rows of the store as values."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import NoneType
from typing import Any, Final

from sealscope import errors
from sealscope.kms.local.arns import is_key_id
from sealscope.kms.local.specs import SPECS

DAY_MS: Final = 86_400_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS_1_TO_9999: Final = range(-62_135_596_800_000, 253_402_300_800_000)
_MATERIAL_ID: Final = re.compile(r"[0-9a-f]{64}")
_PERIODS: Final = range(2561)  # days; 0 stands for none


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
        value = fields.get(name)
        out_of_range = isinstance(value, int) and value not in _YEARS_1_TO_9999
        if not isinstance(value, allowed) or out_of_range:
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
        if not is_key_id(record.id) or (record.rotation_period or 0) not in _PERIODS:
            raise damaged(f"key {record.id}: its id, or its rotation period")
        return record

    @property
    def is_symmetric(self) -> bool:
        """A symmetric encryption key, the only kind that rotates and makes data keys."""
        return self.spec == "SYMMETRIC_DEFAULT"

    @property
    def rotates(self) -> bool:
        """Whether automatic rotation makes new material for it."""
        return self.is_symmetric and self.origin == "AWS_KMS"


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
        record = cls(**_checked(row, _MATERIAL_FIELDS))
        if not _MATERIAL_ID.fullmatch(record.id):
            raise damaged(f"material {record.id}: its id")
        return record

    @property
    def place(self) -> tuple[str, str, str]:
        """What its wrapping is bound to."""
        return (self.kind, self.key_id, self.id)


@dataclass(frozen=True)
class GrantRecord:
    """A row of `grant_`.

    Attributes:
        name: None when it was made without one.
        grantee: principal or service principal.
        retiring: principal or service principal; None when nobody may retire it.
        body: the members that CreateGrant was given, in JSON.
    """

    id: str
    key_id: str
    name: str | None
    created: int
    grantee: str | None
    retiring: str | None
    body: str

    @classmethod
    def of(cls, row: sqlite3.Row) -> GrantRecord:
        """From a row of `SELECT * FROM grant_`.

        Raises:
            StoreError: the row is damaged.
        """
        return cls(**_checked(row, _GRANT_FIELDS))


@dataclass(frozen=True)
class TokenRecord:
    """A row of `import_token`; `valid_to` in milliseconds since 1970."""

    id: bytes
    key_id: str
    algorithm: str
    valid_to: int
    wrapped: bytes

    @classmethod
    def of(cls, row: sqlite3.Row) -> TokenRecord:
        """From a row of `SELECT * FROM import_token`.

        Raises:
            StoreError: the row is damaged.
        """
        return cls(**_checked(row, _TOKEN_FIELDS))

    @property
    def place(self) -> tuple[str, str, str]:
        """What its wrapping is bound to."""
        return ("import", self.key_id, self.id.hex().upper())


@dataclass(frozen=True)
class LastUseRecord:
    """A row of `last_use`; `at` in milliseconds since 1970, `request_id` empty if not known."""

    key_id: str
    operation: str
    at: int
    request_id: str

    @classmethod
    def of(cls, row: sqlite3.Row) -> LastUseRecord:
        """From a row of `SELECT * FROM last_use`.

        Raises:
            StoreError: the row is damaged.
        """
        return cls(**_checked(row, _LAST_USE_FIELDS))


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
_GRANT_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "id": _TEXT,
    "key_id": _TEXT,
    "name": _TEXT_OR_NONE,
    "created": _NUMBER,
    "grantee": _TEXT_OR_NONE,
    "retiring": _TEXT_OR_NONE,
    "body": _TEXT,
}
_TOKEN_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "id": (bytes,),
    "key_id": _TEXT,
    "algorithm": _TEXT,
    "valid_to": _NUMBER,
    "wrapped": (bytes,),
}
_LAST_USE_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "key_id": _TEXT,
    "operation": _TEXT,
    "at": _NUMBER,
    "request_id": _TEXT,
}
_ALIAS_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "name": _TEXT,
    "key_id": _TEXT,
    "created": _NUMBER,
    "updated": _NUMBER,
}
