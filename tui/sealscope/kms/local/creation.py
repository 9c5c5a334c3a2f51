"""The first run: a store that appears whole, with one key, or not at all.

The file is built beside its final name and linked to it. Of several first runs at once one
link succeeds; the others drop what they built and use the winner's. (Switching the journal mode
of a database that others open at the same moment fails; measured 13 times in 120.)
"""

from __future__ import annotations

import sqlite3
import uuid
from pathlib import Path

from sealscope import errors
from sealscope.kms.local import new_keys, rows, schema
from sealscope.kms.local.drafts import draft_of, publish
from sealscope.kms.local.filesystem import is_network
from sealscope.kms.local.protection import Entropy, RootKey
from sealscope.kms.local.records import AliasRecord
from sealscope.kms.local.roots import put_root
from sealscope.secret import SecretBytes

FIRST_ALIAS = "alias/getting-started"


def create(path: Path, passphrase: SecretBytes | None, now: int, entropy: Entropy) -> bool:
    """Make a store at `path` unless one is there.

    Returns:
        False when another process was faster.

    Raises:
        StoreError: the folder or the file cannot be made.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with draft_of(path) as draft:
            _fill(draft, passphrase, now, entropy)
            try:
                publish(draft, path)
            except FileExistsError:
                return False
    except (OSError, sqlite3.Error) as error:
        raise errors.StoreError(
            "The local key store could not be created",
            f"{path}: {error}",
            "Check the folder's permissions and free space, or name another place with"
            " --local-store.",
        ) from error
    return True


def _fill(draft: Path, passphrase: SecretBytes | None, now: int, entropy: Entropy) -> None:
    connection = schema.connect(draft)
    try:
        connection.execute("BEGIN IMMEDIATE")
        for statement in schema.statements():
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
        if not is_network(draft):
            # Last, so that everything is in the file that gets the name, and nothing in a log.
            # Where the write-ahead log is refused, SQLite stays with its rollback journal.
            connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
