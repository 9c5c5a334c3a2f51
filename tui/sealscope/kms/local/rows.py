"""Reading and writing rows within one transaction; the only module with SQL about keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, astuple

from sealscope.kms.local.records import AliasRecord, KeyRecord, LastUseRecord, MaterialRecord


def key(connection: sqlite3.Connection, key_id: str) -> KeyRecord | None:
    """The key with this id."""
    row = connection.execute("SELECT * FROM key WHERE id = ?", (key_id,)).fetchone()
    return KeyRecord.of(row) if row else None


def insert_key(connection: sqlite3.Connection, record: KeyRecord) -> None:
    """Add a key."""
    connection.execute("INSERT INTO key VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", astuple(record))


def update_key(connection: sqlite3.Connection, record: KeyRecord) -> None:
    """Write what may change of a key."""
    connection.execute(
        "UPDATE key SET state = ?, description = ?, deletion_date = ?, deletion_window = ?,"
        " rotation_period = ?, next_rotation = ?, policy = ? WHERE id = ?",
        (
            record.state,
            record.description,
            record.deletion_date,
            record.deletion_window,
            record.rotation_period,
            record.next_rotation,
            record.policy,
            record.id,
        ),
    )


def key_ids(connection: sqlite3.Connection, after: str, count: int) -> list[str]:
    """Key ids in order, beginning behind `after`."""
    rows = connection.execute("SELECT id FROM key WHERE id > ? ORDER BY id LIMIT ?", (after, count))
    return [row["id"] for row in rows]


def materials(connection: sqlite3.Connection, key_id: str) -> list[MaterialRecord]:
    """All generations of a key, oldest first."""
    rows = connection.execute("SELECT * FROM material WHERE key_id = ? ORDER BY seq", (key_id,))
    return [MaterialRecord.of(row) for row in rows]


def material(
    connection: sqlite3.Connection, key_id: str, material_id: str
) -> MaterialRecord | None:
    """One generation of a key."""
    row = connection.execute(
        "SELECT * FROM material WHERE key_id = ? AND id = ?", (key_id, material_id)
    ).fetchone()
    return MaterialRecord.of(row) if row else None


def current_material(connection: sqlite3.Connection, key_id: str) -> MaterialRecord | None:
    """The generation that encrypts; None before the first import."""
    row = connection.execute(
        "SELECT * FROM material WHERE key_id = ? AND state = 'CURRENT'", (key_id,)
    ).fetchone()
    return MaterialRecord.of(row) if row else None


def insert_material(connection: sqlite3.Connection, record: MaterialRecord) -> None:
    """Add a generation."""
    connection.execute("INSERT INTO material VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", astuple(record))


def update_material(connection: sqlite3.Connection, record: MaterialRecord) -> None:
    """Write what may change of a generation."""
    connection.execute(
        "UPDATE material SET state = ?, rotation_type = ?, rotation_date = ?, description = ?,"
        " valid_to = ?, wrapped = ?, public = ? WHERE key_id = ? AND id = ?",
        (
            record.state,
            record.rotation_type,
            record.rotation_date,
            record.description,
            record.valid_to,
            record.wrapped,
            record.public,
            record.key_id,
            record.id,
        ),
    )


def alias(connection: sqlite3.Connection, name: str) -> AliasRecord | None:
    """The alias with this name (`alias/...`)."""
    row = connection.execute("SELECT * FROM alias WHERE name = ?", (name,)).fetchone()
    return AliasRecord.of(row) if row else None


def aliases(
    connection: sqlite3.Connection, key_id: str | None, after: str, count: int
) -> list[AliasRecord]:
    """Aliases in order of name, of one key or of all, beginning behind `after`."""
    if key_id is None:
        rows = connection.execute(
            "SELECT * FROM alias WHERE name > ? ORDER BY name LIMIT ?", (after, count)
        )
    else:
        rows = connection.execute(
            "SELECT * FROM alias WHERE key_id = ? AND name > ? ORDER BY name LIMIT ?",
            (key_id, after, count),
        )
    return [AliasRecord.of(row) for row in rows]


def insert_alias(connection: sqlite3.Connection, record: AliasRecord) -> None:
    """Add an alias."""
    connection.execute("INSERT INTO alias VALUES (?,?,?,?)", astuple(record))


def put_tags(connection: sqlite3.Connection, key_id: str, tags: Iterable[tuple[str, str]]) -> None:
    """Add tags or change their values."""
    connection.executemany(
        "INSERT INTO tag VALUES (?,?,?) ON CONFLICT DO UPDATE SET value = excluded.value",
        [(key_id, name, value) for name, value in tags],
    )


def last_use(connection: sqlite3.Connection, key_id: str) -> LastUseRecord | None:
    """The last use of a key that is written down."""
    row = connection.execute("SELECT * FROM last_use WHERE key_id = ?", (key_id,)).fetchone()
    return LastUseRecord.of(row) if row else None


def put_last_use(connection: sqlite3.Connection, record: LastUseRecord, precision: int) -> None:
    """Write down a use of a key that is still there, unless an equally recent one is there."""
    connection.execute(
        "INSERT INTO last_use SELECT :key_id, :operation, :at, :request_id"
        " WHERE EXISTS (SELECT 1 FROM key WHERE id = :key_id)"
        " ON CONFLICT DO UPDATE SET operation = excluded.operation, at = excluded.at,"
        " request_id = excluded.request_id WHERE abs(excluded.at - at) >= :precision",
        {**asdict(record), "precision": precision},
    )
