"""Bringing the tables of an older store to the present schema.

One transaction, so that a store is of the one schema or of the other whatever happens. Tables
are only added, so no copy is made of the file: a forgotten copy would open everything that the
store opens.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sealscope.kms.local import schema
from sealscope.kms.local.last_uses import SINCE
from sealscope.kms.local.records import damaged


def migrate(connection: sqlite3.Connection, path: Path, now: int) -> None:
    """Bring a store to the present schema; does nothing when it has it.

    Args:
        connection: outside of a transaction.
        path: for errors.
        now: milliseconds since 1970.

    Raises:
        StoreError: its tables are not those of its schema.
        sqlite3.Error: the file cannot be written.
    """
    if schema.schema_version(connection) >= schema.SCHEMA_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have done it while this one waited.
        if schema.schema_version(connection) == 1:
            _from_1(connection, path, now)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _from_1(connection: sqlite3.Connection, path: Path, now: int) -> None:
    """Schema 2 notes the last use of each key, from now on."""
    if not schema.is_intact(connection, version=1):
        raise damaged(f"{path}: its tables")
    connection.execute(schema.LAST_USE)
    connection.execute("INSERT INTO meta VALUES (?, ?)", (SINCE, str(now)))
    connection.execute("PRAGMA user_version=2")
