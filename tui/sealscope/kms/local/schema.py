"""The store's tables, how a connection to it is set up, and how a file is recognised as one.

Everything a key owns hangs on its row and goes with it (`ON DELETE CASCADE`), so that a
deleted key leaves no material behind. Times are milliseconds since 1970, UTC.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

APPLICATION_ID: Final = 0x534C4B4D
"""`SLKM`: what `file` and we recognise a store by."""

SCHEMA_VERSION: Final = 2
BUSY_TIMEOUT_S: Final = 15.0
"""How long a writer waits for another process's write before it gives up."""

SCHEMA: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE root (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    generation BLOB NOT NULL,
    kdf TEXT,
    secret BLOB NOT NULL
);
CREATE TABLE key (
    id TEXT PRIMARY KEY,
    spec TEXT NOT NULL,
    usage TEXT NOT NULL,
    origin TEXT NOT NULL,
    state TEXT NOT NULL,
    description TEXT NOT NULL,
    multi_region INTEGER NOT NULL,
    created INTEGER NOT NULL,
    deletion_date INTEGER,
    deletion_window INTEGER,
    rotation_period INTEGER,
    next_rotation INTEGER,
    policy TEXT
);
CREATE INDEX key_deletion ON key (deletion_date) WHERE deletion_date IS NOT NULL;
CREATE INDEX key_rotation ON key (next_rotation)
    WHERE next_rotation IS NOT NULL AND state = 'Enabled';
CREATE TABLE material (
    key_id TEXT NOT NULL REFERENCES key (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    created INTEGER NOT NULL,
    rotation_type TEXT,
    rotation_date INTEGER,
    description TEXT,
    valid_to INTEGER,
    wrapped BLOB,
    public BLOB,
    PRIMARY KEY (key_id, id)
);
CREATE INDEX material_expiry ON material (valid_to)
    WHERE valid_to IS NOT NULL AND wrapped IS NOT NULL;
CREATE TABLE import_token (
    id BLOB PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES key (id) ON DELETE CASCADE,
    algorithm TEXT NOT NULL,
    valid_to INTEGER NOT NULL,
    wrapped BLOB NOT NULL
);
CREATE INDEX import_token_key ON import_token (key_id);
CREATE INDEX import_token_expiry ON import_token (valid_to);
CREATE TABLE alias (
    name TEXT PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES key (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX alias_key ON alias (key_id, name);
CREATE TABLE tag (
    key_id TEXT NOT NULL REFERENCES key (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (key_id, name)
) WITHOUT ROWID;
CREATE TABLE grant_ (
    id TEXT PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES key (id) ON DELETE CASCADE,
    name TEXT,
    created INTEGER NOT NULL,
    grantee TEXT,
    retiring TEXT,
    body TEXT NOT NULL
);
CREATE INDEX grant_key ON grant_ (key_id, id);
CREATE INDEX grant_retiring ON grant_ (retiring, id);
"""

LAST_USE: Final = """CREATE TABLE last_use (
    key_id TEXT PRIMARY KEY REFERENCES key (id) ON DELETE CASCADE,
    operation TEXT NOT NULL,
    at INTEGER NOT NULL,
    request_id TEXT NOT NULL
) WITHOUT ROWID"""
"""What schema 2 has that schema 1 has not."""

_MAGIC: Final = b"SQLite format 3\x00"


def looks_like_store(header: bytes) -> bool:
    """Whether a file's first 100 bytes are those of a local KMS store."""
    return (
        len(header) >= 100
        and header.startswith(_MAGIC)
        and int.from_bytes(header[68:72], "big") == APPLICATION_ID
    )


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing database file with the settings every connection has.

    Raises:
        sqlite3.Error: not a database, or it cannot be opened.
    """
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(
        uri,
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        # One connection serves one thread; only closing the store reaches across threads.
        check_same_thread=False,
    )
    try:
        connection.row_factory = sqlite3.Row
        for pragma in (
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "foreign_keys=ON",
            "secure_delete=ON",
            # Temporary tables would otherwise put rows in files of their own under /tmp.
            "temp_store=MEMORY",
            # macOS only flushes the drive's own cache when asked this way.
            "fullfsync=ON",
            "checkpoint_fullfsync=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")
        be_durable(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def be_durable(connection: sqlite3.Connection) -> None:
    """Let every commit be on disk when it returns, as on every connection from its start."""
    # A lost commit here is a lost key: without a write-ahead log, the folder entry of the
    # rollback journal has to be flushed as well.
    level = "FULL" if journal_mode(connection) == "wal" else "EXTRA"
    connection.execute(f"PRAGMA synchronous={level}")


def wait_for_locks(connection: sqlite3.Connection) -> None:
    """Let writers wait for each other, as on every connection from its start."""
    connection.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}")


def journal_mode(connection: sqlite3.Connection) -> str:
    """`wal` or `delete`."""
    return str(connection.execute("PRAGMA journal_mode").fetchone()[0]).lower()


def statements(version: int = SCHEMA_VERSION) -> list[str]:
    """The statements that make the tables of a schema, one by one."""
    first = [statement.strip() for statement in SCHEMA.split(";") if statement.strip()]
    return first if version == 1 else [*first, LAST_USE]


def is_intact(connection: sqlite3.Connection, *, version: int = SCHEMA_VERSION) -> bool:
    """Whether the file has a schema's tables and indexes as we made them, no trigger, no view."""
    found = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return sorted(row[0] for row in found) == sorted(statements(version))


def schema_version(connection: sqlite3.Connection) -> int:
    """The schema the file was made with."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
