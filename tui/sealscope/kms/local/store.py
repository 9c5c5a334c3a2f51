"""The local KMS's store: one SQLite file that holds keys, their material and the root key."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sealscope import errors, open_files
from sealscope.kms.local import care, creation, schema
from sealscope.kms.local.connections import Connections
from sealscope.kms.local.faults import locked
from sealscope.kms.local.filesystem import check_private, is_network, locate
from sealscope.kms.local.last_uses import SINCE, LastUses
from sealscope.kms.local.migration import migrate
from sealscope.kms.local.protection import Entropy, RootKey
from sealscope.kms.local.records import damaged, to_ms
from sealscope.kms.local.roots import LOCKED_HINT, Roots, put_root
from sealscope.secret import SecretBytes

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class StoreInfo:
    """What `sealscope local info` tells.

    Attributes:
        schema: the schema version of the file.
        journal_mode: `wal`, or `delete` on network file systems.
        keys: number of keys, those pending deletion included.
        aliases: number of aliases.
        size_bytes: the file and its write-ahead log.
    """

    path: Path
    store_id: str
    schema: int
    journal_mode: str
    is_protected: bool
    keys: int
    aliases: int
    size_bytes: int
    created_at: datetime


@dataclass(frozen=True)
class StoreCheck:
    """What `sealscope local check` found.

    Attributes:
        ok: whether there are no problems.
        problems: sentences; empty when all is well.
        keys: number of keys looked at.
        materials: number of key materials that were opened.
    """

    ok: bool
    problems: tuple[str, ...]
    keys: int
    materials: int


class LocalStore:
    """An open store. Threads may share it; other processes may have the same file open.

    Attributes:
        path: the file.
        store_id: a UUID made with the store.
        created: whether this `open` made it.
        clock: now, in UTC; fixed in tests and pictures.
        entropy: random bytes for ids, symmetric material, salts and IVs.
        has_traces: whether the log may still hold rows that were destroyed.
        last_uses: of each key.
    """

    def __init__(self, path: Path, *, created: bool, clock: Clock, entropy: Entropy) -> None:
        self.path = path
        self.created = created
        self.clock = clock
        self.entropy = entropy
        self.store_id = ""
        self.has_traces = False
        self._connections = Connections(path)
        self._roots = Roots(path)
        self.last_uses = LastUses(self._connections)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        passphrase: SecretBytes | None = None,
        clock: Clock = system_clock,
        entropy: Entropy = os.urandom,
    ) -> LocalStore:
        """Open a store; on the first run, make it with one key, `alias/getting-started`.

        A store made here with a passphrase is protected from the start. A protected store
        opened without its passphrase lists and describes keys, and refuses cryptography.

        Args:
            path: the file; its folder is made (0700) when missing.
            passphrase: ignored by an existing store that is not protected.
            clock: the present time, aware of its zone.
            entropy: only for tests and pictures: repeated bytes repeat IVs.

        Raises:
            StoreLocked: the passphrase is wrong.
            StoreTooNew: a newer Sealscope made it.
            StoreUnsafe: others may read it, or the file is no store.
            UsageError: the passphrase of a new store is empty.
            StoreError: it cannot be created or opened.
        """
        path, exists = locate(path)
        created = False
        if not exists:
            if passphrase is not None:
                _refuse_empty(passphrase)
            created = creation.create(path, passphrase, to_ms(clock()), entropy)
        with open_files.opening:
            check_private(path)
            store = cls(path, created=created, clock=clock, entropy=entropy)
            try:
                store._begin(passphrase)
            except BaseException:
                store.close()
                raise
        return store

    @property
    def is_protected(self) -> bool:
        """Whether a passphrase protects the store now; another process may have changed it."""
        with self._told(), self._connections.reading() as connection:
            return connection.execute("SELECT kdf FROM root").fetchone()[0] is not None

    def info(self) -> StoreInfo:
        """Facts about the file; needs no passphrase.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._told(), self._connections.reading() as connection:
            counts = [
                int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - two constants
                for table in ("key", "alias")
            ]
            created = self._meta(connection, "created")
            return StoreInfo(
                path=self.path,
                store_id=self.store_id,
                schema=schema.schema_version(connection),
                journal_mode=schema.journal_mode(connection),
                is_protected=connection.execute("SELECT kdf FROM root").fetchone()[0] is not None,
                keys=counts[0],
                aliases=counts[1],
                size_bytes=care.size_on_disk(self.path),
                created_at=self._date(created),
            )

    def backup(self, destination: Path) -> None:
        """Copy the store to a new file (0600), whole and consistent, also while it is in use.

        Raises:
            OutputExists: something is there already; it is left as it is.
            OutputFailed: the copy could not be written; nothing is left behind.
            StoreError: the store cannot be read.
        """
        self.last_uses.flush()
        with self._told(), self._connections.using() as connection:
            care.backup(connection, destination)

    def check(self) -> StoreCheck:
        """Test the file's integrity and open every key material.

        Raises:
            StoreLocked: the store is protected and its passphrase was not given.
        """
        with self._told(), self._connections.reading() as connection:
            root = self.root(connection)
            if root is None:
                raise errors.StoreLocked(
                    "A protected store is checked with its passphrase only",
                    str(self.path),
                    LOCKED_HINT,
                )
            problems, keys, materials = care.problems(connection, root)
        return StoreCheck(not problems, tuple(problems), keys, materials)

    def protect(self, passphrase: SecretBytes) -> None:
        """Put the store under a passphrase, or change it.

        A new root key wraps every row again, and the file is rewritten, so that the old root
        key is nowhere in it. Copies and backups made before keep it.

        Raises:
            UsageError: the passphrase is empty.
            StoreLocked: it is protected already, and that passphrase was not given.
            StoreError: the file could not be rewritten; see the hint.
        """
        _refuse_empty(passphrase)
        self._change_root(passphrase)

    def unprotect(self) -> None:
        """Take the passphrase off; the file alone is then enough to use its keys.

        Raises:
            StoreLocked: its passphrase was not given.
            StoreError: the file could not be rewritten; see the hint.
        """
        self._change_root(None)

    def close(self) -> None:
        """Close the file; further use raises `StoreError`."""
        self.last_uses.flush()
        self._connections.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A consistent view of the store, for the services.

        Raises:
            sqlite3.Error: the file cannot be read.
        """
        with self._connections.reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A durable change of the store, for the services.

        Raises:
            sqlite3.Error: the disk is full, or another process kept the lock for 15 s.
        """
        with self._connections.writing() as connection:
            yield connection

    def erase_traces(self, *, patient: bool = True) -> bool:
        """Fold the write-ahead log into the file, so that deleted rows are in neither.

        Args:
            patient: wait for other programs' open views, as long as for a lock.

        Returns:
            False when another program's open view keeps the log; `has_traces` says so from then
            on, and every request to the local KMS tries again.
        """
        with self._connections.using() as connection:
            if not patient:
                connection.execute("PRAGMA busy_timeout=0")
            try:
                row = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                schema.wait_for_locks(connection)
        self.has_traces = row is not None and row[0] != 0
        return not self.has_traces

    def root(self, connection: sqlite3.Connection) -> RootKey | None:
        """The root key, within a transaction; None while the store is locked.

        Raises:
            StoreError: the store is damaged.
        """
        return self._roots.current(connection)

    def unlocked_root(self, connection: sqlite3.Connection) -> RootKey:
        """The root key, for cryptography.

        Raises:
            Fault: KeyUnavailableException, the store is locked.
        """
        root = self.root(connection)
        if root is None:
            raise locked()
        return root

    def tracking_since(self, connection: sqlite3.Connection) -> int:
        """Since when uses are noted, in milliseconds since 1970; within a transaction.

        Raises:
            StoreError: the store is damaged.
        """
        row = connection.execute("SELECT value FROM meta WHERE name = ?", (SINCE,)).fetchone()
        return to_ms(self._date(self._meta(connection, "created") if row is None else str(row[0])))

    def _begin(self, passphrase: SecretBytes | None) -> None:
        with self._told(), self._connections.using() as connection:
            version = schema.schema_version(connection)
            if version > schema.SCHEMA_VERSION:
                raise errors.StoreTooNew(
                    "A newer Sealscope made this local key store",
                    f"{self.path}, schema {version}; this version knows {schema.SCHEMA_VERSION}",
                    "Update Sealscope.",
                )
            if schema.journal_mode(connection) == "wal" and is_network(self.path):
                connection.execute("PRAGMA journal_mode=DELETE")
                schema.be_durable(connection)
            migrate(connection, self.path, to_ms(self.clock()))
            if not schema.is_intact(connection):
                raise damaged(f"{self.path}: its tables")
            with self._connections.reading():
                self.store_id = self._meta(connection, "store_id")
                if passphrase is not None:
                    self._roots.unlock(connection, passphrase, self.store_id)

    def _meta(self, connection: sqlite3.Connection, name: str) -> str:
        row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise damaged(f"{self.path}: its {name} is missing")
        return str(row[0])

    def _change_root(self, passphrase: SecretBytes | None) -> None:
        new = self._roots.add(RootKey.new(self.entropy))
        with self._told(), self._connections.using() as connection:
            with self._connections.writing():
                old = self.root(connection)
                if old is None:
                    raise errors.StoreLocked(
                        "The local key store is protected", str(self.path), LOCKED_HINT
                    )
                care.rewrap_all(connection, old, new, self.entropy)
                put_root(connection, new, passphrase, self.store_id, self.entropy)
            obstacle = self._rewrite(connection)
        if obstacle:
            raise errors.StoreError(
                "The protection was changed, but the file may still hold the old root key",
                f"{self.path}: {obstacle}",
                "Put that right, for example by closing the other program; then do this once more.",
            )

    def _rewrite(self, connection: sqlite3.Connection) -> str:
        """Rewrite the whole file, so that nothing deleted is left in it; what hindered it."""
        try:
            connection.execute("VACUUM")
            return "" if self.erase_traces() else "another program has the store open"
        except sqlite3.Error as error:
            return str(error)

    def _date(self, milliseconds: str) -> datetime:
        try:
            return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise damaged(f"{self.path}: its date of creation") from error

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn SQLite's errors into ours."""
        try:
            yield
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            # OSError: the file was moved away; UnicodeDecodeError: SQLite quotes a damaged schema
            # in its message.
            raise errors.StoreError(
                "The local key store cannot be used", f"{self.path}: {error}"
            ) from error


def _refuse_empty(passphrase: SecretBytes) -> None:
    if not len(passphrase):
        raise errors.UsageError("The passphrase is empty")
