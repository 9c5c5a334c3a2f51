"""One SQLite connection per thread, and transactions on it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sealscope import errors, open_files
from sealscope.kms.local import schema

Owner = tuple[int, threading.Thread]


class Connections:
    """The connections of one open store.

    A connection is never used by two threads, nor carried over a fork: SQLite's locks belong
    to the process that took them. Nor is it closed while its thread uses it: SQLite would read
    freed memory.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._open: dict[Owner, sqlite3.Connection] = {}
        self._uses: Counter[Owner] = Counter()
        self._closed = False
        self._file = open_files.opened(path)
        self._log: open_files.FileId | None = None

    @contextmanager
    def using(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, made on first use, open at least until the block ends.

        Raises:
            StoreError: the store has been closed.
            sqlite3.Error: the file cannot be opened.
        """
        owner = (os.getpid(), threading.current_thread())
        with self._lock:
            connection = self._open_for(owner)
            self._uses[owner] += 1
        try:
            yield connection
        finally:
            with self._lock:
                self._uses[owner] -= 1
                if not self._uses[owner]:
                    del self._uses[owner]
                ended = self._closed and self._close_unused()
            if ended:
                open_files.closed(self._file)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A consistent view: nothing that others write meanwhile shows."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A change that happens whole or not at all, and is on disk when the block ends."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        """Close every thread's connection; the last one to close folds the log into the file.

        What a thread has begun it ends, and its connection closes then: nobody waits for it.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
            ended = self._close_unused()
        if ended:
            open_files.closed(self._file)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self.using() as connection:
            connection.execute(begin)
            try:
                self._check_log(connection)
                yield connection
                connection.execute("COMMIT")
                self._check_log(connection)
            except BaseException:
                # On a full disk SQLite has rolled back by itself, and a second ROLLBACK would
                # hide the real error behind "no transaction is active".
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _open_for(self, owner: Owner) -> sqlite3.Connection:
        if self._closed:
            raise errors.StoreError("The local key store has been closed", str(self._path))
        known = self._open.get(owner)
        if known is not None:
            return known
        self._forget_ended_threads()
        fresh = schema.connect(self._path)
        self._open[owner] = fresh
        if self._log is None and schema.journal_mode(fresh) == "wal":
            self._log = open_files.log_id(self._path)
        return fresh

    def _check_log(self, connection: sqlite3.Connection) -> None:
        """Make sure that the write-ahead log which SQLite has open is the one in the folder.

        Whatever reads the store's file within this process takes SQLite's locks from it (see
        `open_files`). Another program that ends then takes the log for nobody's and removes it,
        and what we write into it is gone with it. Better an error than a lost key.

        Raises:
            StoreError: it is another one.
        """
        if self._log is None or self._log == open_files.log_id(self._path):
            return
        if schema.journal_mode(connection) != "wal":
            return
        raise errors.StoreError(
            "The local key store must be opened again",
            f"{self._path}: another program removed its write-ahead log; nothing was changed",
            "End Sealscope and start it again.",
        )

    def _close_unused(self) -> bool:
        """Close what no thread uses now; whether nothing of this process is left open."""
        unused = [owner for owner in self._open if not self._uses[owner]]
        for owner in unused:
            connection = self._open.pop(owner)
            if owner[0] == os.getpid():
                connection.close()
        return not self._open

    def _forget_ended_threads(self) -> None:
        ended = [
            owner for owner in self._open if owner[0] == os.getpid() and not owner[1].is_alive()
        ]
        for owner in ended:
            self._open.pop(owner).close()
