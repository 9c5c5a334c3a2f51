"""The first run: a store that appears whole, with one key, or not at all.

The file is built beside its final name and linked to it. Of several first runs at once one
link succeeds; the others drop what they built and use the winner's. (Switching the journal mode
of a database that others open at the same moment fails; measured 13 times in 120.)
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from pathlib import Path

from sealscope import errors
from sealscope.kms.local import new_keys, rows, schema
from sealscope.kms.local.filesystem import is_network, sync_folder
from sealscope.kms.local.protection import Entropy, RootKey
from sealscope.kms.local.records import AliasRecord
from sealscope.secret import SecretBytes

FIRST_ALIAS = "alias/getting-started"


def create(path: Path, passphrase: SecretBytes | None, now: int, entropy: Entropy) -> bool:
    """Make a store at `path` unless one is there.

    Returns:
        False when another process was faster.

    Raises:
        StoreError: the folder or the file cannot be made.
    """
    # Not from `entropy`: two first runs with the same injected bytes must not collide.
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            _fill(draft, passphrase, now, entropy)
            return _publish(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise errors.StoreError(
            "The local key store could not be created",
            f"{path}: {error}",
            "Check the folder's permissions and free space, or name another place with"
            " --local-store.",
        ) from error


def _fill(draft: Path, passphrase: SecretBytes | None, now: int, entropy: Entropy) -> None:
    connection = schema.connect(draft)
    try:
        if not is_network(draft):
            # Where the write-ahead log is refused, SQLite stays with its rollback journal.
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        for statement in schema.SCHEMA.split(";"):
            if statement.strip():
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={schema.SCHEMA_VERSION}")
        store_id = str(uuid.UUID(bytes=entropy(16), version=4))
        connection.execute("INSERT INTO meta VALUES ('store_id', ?)", (store_id,))
        connection.execute("INSERT INTO meta VALUES ('created', ?)", (str(now),))
        root = RootKey.new(entropy)
        put_root(connection, root, passphrase, store_id, entropy)
        key = new_keys.symmetric(now, entropy, description="Made on the first run")
        rows.insert_key(connection, key)
        rows.insert_material(connection, new_keys.aes_material(key.id, 0, now, root, entropy))
        rows.insert_alias(connection, AliasRecord(FIRST_ALIAS, key.id, now, now))
        connection.execute("COMMIT")
    finally:
        connection.close()


def _publish(draft: Path, path: Path) -> bool:
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    sync_folder(path.parent)
    return True


def put_root(
    connection: sqlite3.Connection,
    root: RootKey,
    passphrase: SecretBytes | None,
    store_id: str,
    entropy: Entropy,
) -> None:
    """Make `root` the store's root key, under the passphrase if there is one."""
    if passphrase is None:
        kdf_text, secret = None, root.in_the_clear()
    else:
        kdf, secret = root.under(passphrase, store_id, entropy)
        kdf_text = kdf.text()
    connection.execute(
        "INSERT OR REPLACE INTO root VALUES (1,?,?,?)", (root.generation, kdf_text, secret)
    )
