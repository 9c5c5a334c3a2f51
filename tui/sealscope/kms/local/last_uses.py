"""When each key was last used: exact in memory, written down at most once a minute and key.

Encrypting and decrypting only read the store, and must stay as quick as that. So a use is kept
in memory, and goes to the file when the last one written there is a minute old. A process that
is killed loses at most that minute, and nothing else: no key depends on these rows.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from threading import Lock
from typing import Final

from sealscope import errors
from sealscope.kms.local import rows, schema
from sealscope.kms.local.connections import Connections
from sealscope.kms.local.records import LastUseRecord

PRECISION_MS: Final = 60_000
SINCE: Final = "last_use_since"
"""Row of `meta`: since when uses are noted, in a store that was made before they were."""


class LastUses:
    """The last uses of the keys of one open store. Threads may share it."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._lock = Lock()
        self._latest: dict[str, LastUseRecord] = {}
        self._written: dict[str, int] = {}

    def note(self, use: LastUseRecord) -> None:
        """A key was used; never fails, as cryptography must not depend on it."""
        with self._lock:
            self._latest[use.key_id] = use
            is_due = self._is_due(use)
            if is_due:
                self._written[use.key_id] = use.at
        if is_due:
            self._write([use])

    def of(self, connection: sqlite3.Connection, key_id: str) -> LastUseRecord | None:
        """The last use of a key, by this process or, to the minute, by another.

        Args:
            connection: within a transaction.
            key_id: a key that exists.

        Raises:
            StoreError: the row is damaged.
        """
        stored = rows.last_use(connection, key_id)
        with self._lock:
            known = self._latest.get(key_id)
        if known is None or (stored is not None and stored.at > known.at):
            return stored
        return known

    def flush(self) -> None:
        """Write down what is a minute newer than what is written; never fails."""
        with self._lock:
            due = [use for use in self._latest.values() if self._is_due(use)]
            self._written.update((use.key_id, use.at) for use in due)
        if due:
            self._write(due)

    def _is_due(self, use: LastUseRecord) -> bool:
        written = self._written.get(use.key_id)
        # A clock that was set back must not keep the row as it is for as long.
        return written is None or abs(use.at - written) >= PRECISION_MS

    def _write(self, uses: list[LastUseRecord]) -> None:
        try:
            with self._quickly(), self._connections.writing() as connection:
                for use in uses:
                    rows.put_last_use(connection, use, PRECISION_MS)
        except (sqlite3.Error, errors.StoreError):
            # Another program is writing, the disk is full or read-only, or the store has just
            # been closed: the next use tries again.
            with self._lock:
                for use in uses:
                    self._written.pop(use.key_id, None)

    @contextlib.contextmanager
    def _quickly(self) -> Iterator[None]:
        """This thread's connection waits for no lock and no disk until the block ends."""
        with self._connections.using() as connection:
            level = "NORMAL" if schema.journal_mode(connection) == "wal" else "EXTRA"
            connection.execute("PRAGMA busy_timeout=0")
            connection.execute(f"PRAGMA synchronous={level}")
            try:
                yield
            finally:
                # The log's next flush, which every change of a key makes, covers this as well.
                schema.be_durable(connection)
                schema.wait_for_locks(connection)
