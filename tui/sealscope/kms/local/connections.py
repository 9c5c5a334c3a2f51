"""One SQLite connection per thread, and transactions on it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sealscope import errors
from sealscope.kms.local import open_files, schema


class Connections:
    """The connections of one open store.

    A connection is never used by two threads, nor carried over a fork: SQLite's locks belong
    to the process that took them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._open: dict[tuple[int, threading.Thread], sqlite3.Connection] = {}
        self._closed = False
        self._file = open_files.opened(path)

    def mine(self) -> sqlite3.Connection:
        """This thread's connection, made on first use.

        Raises:
            StoreError: the store has been closed.
            sqlite3.Error: the file cannot be opened.
        """
        owner = (os.getpid(), threading.current_thread())
        with self._lock:
            if self._closed:
                raise errors.StoreError("The local key store has been closed", str(self._path))
            known = self._open.get(owner)
            if known is not None:
                return known
            self._forget_ended_threads()
            fresh = schema.connect(self._path)
            self._open[owner] = fresh
            return fresh

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
        """Close every thread's connection; the last one to close folds the log into the file."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for (process, _), connection in self._open.items():
                if process == os.getpid():
                    connection.close()
            self._open.clear()
        open_files.closed(self._file)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        connection = self.mine()
        connection.execute(begin)
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # On a full disk SQLite has rolled back by itself, and a second ROLLBACK would
            # hide the real error behind "no transaction is active".
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _forget_ended_threads(self) -> None:
        ended = [
            owner for owner in self._open if owner[0] == os.getpid() and not owner[1].is_alive()
        ]
        for owner in ended:
            self._open.pop(owner).close()
