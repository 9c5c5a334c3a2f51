"""Looking after a store: copying it, checking it, and wrapping its rows anew."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from cryptography.exceptions import InvalidTag

from sealscope import errors
from sealscope.kms.local import new_keys, schema
from sealscope.kms.local.drafts import draft_of, publish
from sealscope.kms.local.protection import Entropy, RootKey
from sealscope.secret import SecretBytes

_WRAPPED_COLUMNS = (
    # table, column, the SQL of the three parts of its place, and of the public key
    ("material", "wrapped", "kind, key_id, id", "public"),
    ("import_token", "wrapped", "'import', key_id, hex(id)", "NULL"),
)


def size_on_disk(path: Path) -> int:
    """Bytes of the file and its write-ahead log."""
    total = path.stat().st_size
    with contextlib.suppress(FileNotFoundError):
        total += path.with_name(path.name + "-wal").stat().st_size
    return total


def backup(connection: sqlite3.Connection, destination: Path) -> None:
    """Copy the database to a file that must not exist; see `LocalStore.backup`."""
    try:
        destination = destination.expanduser()
        with draft_of(destination) as draft:
            copy = schema.connect(draft)
            try:
                connection.backup(copy)
            finally:
                copy.close()
            publish(draft, destination)
    except FileExistsError as error:
        raise errors.OutputExists(
            "The backup would replace a file", str(destination), "Name a file that is not there."
        ) from error
    except OSError as error:
        raise errors.OutputFailed(
            "The backup could not be written", f"{destination}: {error.strerror}"
        ) from error
    except (sqlite3.Error, RuntimeError, ValueError) as error:
        # RuntimeError: no home for `~`; ValueError: no name for a file.
        raise errors.OutputFailed(
            "The backup could not be written", f"{destination}: {error}"
        ) from error


def problems(connection: sqlite3.Connection, root: RootKey) -> tuple[list[str], int, int]:
    """What is wrong with a store, with the numbers of keys and materials looked at."""
    found = [
        f"The file is damaged: {row[0]}"
        for row in connection.execute("PRAGMA integrity_check")
        if row[0] != "ok"
    ]
    found += [
        f"A row of {row[0]} belongs to a key that is not there"
        for row in connection.execute("PRAGMA foreign_key_check")
    ]
    keys = int(connection.execute("SELECT count(*) FROM key").fetchone()[0])
    materials = 0
    for table, column, place_sql, public_sql in _WRAPPED_COLUMNS:
        rows = connection.execute(
            f"SELECT {place_sql}, {column}, {public_sql} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - constants
        )
        for kind, key_id, row_id, wrapped, public in rows:
            materials += table == "material"
            try:
                secret = _opened(root, (kind, key_id, row_id), wrapped)
            except InvalidTag:
                found.append(f"Key {key_id}: its {kind} row {row_id} does not open")
                continue
            if kind == "PKCS8" and public != new_keys.public_half(secret):
                found.append(f"Key {key_id}: its public key is not that of its private key")
    rows = connection.execute(
        "SELECT id FROM key WHERE origin = 'AWS_KMS' AND NOT EXISTS"
        " (SELECT 1 FROM material WHERE key_id = key.id AND state = 'CURRENT')"
    )
    found += [f"Key {row[0]} has no material" for row in rows]
    return found, keys, materials


def _opened(root: RootKey, place: tuple[object, ...], wrapped: object) -> SecretBytes:
    """Open a row whose columns may hold anything.

    Raises:
        InvalidTag: it does not open.
    """
    names = tuple(part for part in place if isinstance(part, str))
    if len(names) != len(place) or not isinstance(wrapped, bytes):
        raise InvalidTag
    return root.unwrap(names, wrapped)


def rewrap_all(
    connection: sqlite3.Connection, old: RootKey, new: RootKey, entropy: Entropy
) -> None:
    """Wrap every secret under another root key, within the caller's transaction.

    Raises:
        StoreError: a row does not open; nothing is changed.
    """
    for table, column, place_sql, _ in _WRAPPED_COLUMNS:
        rows = connection.execute(
            f"SELECT rowid, {place_sql}, {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - constants
        ).fetchall()
        for rowid, kind, key_id, row_id, wrapped in rows:
            place = (kind, key_id, row_id)
            try:
                fresh = new.wrap(place, _opened(old, place, wrapped), entropy)
            except InvalidTag as error:
                raise errors.StoreError(
                    "The local key store is damaged",
                    f"key {key_id}: its {kind} row {row_id} does not open",
                    "See `sealscope local check`; nothing was changed.",
                ) from error
            connection.execute(
                f"UPDATE {table} SET {column} = ? WHERE rowid = ?",  # noqa: S608 - constants
                (fresh, rowid),
            )
