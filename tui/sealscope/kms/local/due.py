"""What falls due by itself: deletion, expiry of imported material, automatic rotation.

No background process does it; every request first does what is due. Nobody can tell the
difference, as nothing else looks at the store.
"""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace

from sealscope.kms.local import new_keys, rows
from sealscope.kms.local.protection import Entropy, RootKey
from sealscope.kms.local.records import DAY_MS, KeyRecord, MaterialRecord, damaged
from sealscope.kms.local.store import LocalStore


def catch_up(store: LocalStore, now: int) -> None:
    """Do what is due at `now`.

    Raises:
        sqlite3.Error: the store cannot be read or written.
    """
    with store.reading() as connection:
        is_due = _anything_due(connection, now, unlocked=store.root(connection) is not None)
    if store.has_traces:
        store.erase_traces(patient=False)
    if not is_due:
        return
    with store.writing() as connection:
        destroyed = _delete_keys(connection, now) + _expire_materials(connection, now)
        connection.execute("DELETE FROM import_token WHERE valid_to <= ?", (now - DAY_MS,))
    if destroyed:
        store.erase_traces()
    # What cannot be rotated now, on a full disk, is rotated by a later request: decrypting must
    # not depend on it. Destroying, above, is never put off.
    with contextlib.suppress(sqlite3.OperationalError), store.writing() as connection:
        root = store.root(connection)
        if root is not None:
            _rotate_keys(connection, now, root, store.entropy)


def rotate(
    connection: sqlite3.Connection, key: KeyRecord, fresh: MaterialRecord, kind: str, now: int
) -> None:
    """Make `fresh` the generation that encrypts; the one before still decrypts.

    Args:
        connection: within a write transaction.
        key: the key.
        fresh: the new generation, not yet stored or pending.
        kind: `AUTOMATIC` or `ON_DEMAND`.
        now: milliseconds since 1970.
    """
    connection.execute(
        "UPDATE material SET state = 'NON_CURRENT' WHERE key_id = ? AND state = 'CURRENT'",
        (key.id,),
    )
    record = replace(fresh, state="CURRENT", rotation_type=kind, rotation_date=now)
    if rows.material(connection, key.id, fresh.id) is None:
        rows.insert_material(connection, record)
    else:
        rows.update_material(connection, record)


def next_seq(connection: sqlite3.Connection, key_id: str) -> int:
    """The sequence number of a key's next generation."""
    return max((known.seq for known in rows.materials(connection, key_id)), default=-1) + 1


def _anything_due(connection: sqlite3.Connection, now: int, *, unlocked: bool) -> bool:
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM key WHERE deletion_date <= :now)"
        " OR EXISTS (SELECT 1 FROM material WHERE valid_to <= :now AND wrapped IS NOT NULL)"
        " OR EXISTS (SELECT 1 FROM import_token WHERE valid_to <= :now - :grace)"
        " OR (:unlocked AND EXISTS"
        " (SELECT 1 FROM key WHERE next_rotation <= :now AND state = 'Enabled'))",
        {"now": now, "grace": DAY_MS, "unlocked": unlocked},
    ).fetchone()
    return bool(row[0])


def _delete_keys(connection: sqlite3.Connection, now: int) -> int:
    return connection.execute("DELETE FROM key WHERE deletion_date <= ?", (now,)).rowcount


def _expire_materials(connection: sqlite3.Connection, now: int) -> int:
    expired = connection.execute(
        "UPDATE material SET wrapped = NULL WHERE valid_to <= ? AND wrapped IS NOT NULL", (now,)
    ).rowcount
    if expired:
        connection.execute(
            "UPDATE key SET state = 'PendingImport' WHERE state IN ('Enabled', 'Disabled')"
            " AND EXISTS (SELECT 1 FROM material WHERE key_id = key.id AND wrapped IS NULL"
            " AND state <> 'PENDING_ROTATION')"
        )
    return expired


def _rotate_keys(connection: sqlite3.Connection, now: int, root: RootKey, entropy: Entropy) -> None:
    due = connection.execute(
        "SELECT * FROM key WHERE next_rotation <= ? AND state = 'Enabled'", (now,)
    ).fetchall()
    for row in due:
        key = KeyRecord.of(row)
        if not key.rotates:
            # Its material is not ours to replace: a fault of the disk set the date.
            raise damaged(f"key {key.id}: a date of rotation")
        seq = next_seq(connection, key.id)
        fresh = new_keys.aes_material(key.id, seq, now, root, entropy)
        rotate(connection, key, fresh, "AUTOMATIC", now)
        # From now, not from the date that was missed: a store left alone for years makes one
        # new generation, not one a year.
        period = (key.rotation_period or 365) * DAY_MS
        rows.update_key(connection, replace(key, next_rotation=now + period))
