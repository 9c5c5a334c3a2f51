"""Finding the root key of an open store, which other processes may replace at any time."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm

from sealscope import errors
from sealscope.kms.local.protection import ROOT_BYTES, Entropy, Kdf, RootKey
from sealscope.kms.local.records import damaged
from sealscope.secret import SecretBytes

LOCKED_HINT: Final = "Give the passphrase, or the file that SEALSCOPE_LOCAL_PASSPHRASE_FILE names."


class Roots:
    """The root keys that this process knows, by generation.

    A change of protection makes a new generation. It is known before it is committed, so that
    other threads go on without a gap, and does no harm when it is not.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[bytes, RootKey] = {}

    def current(self, connection: sqlite3.Connection) -> RootKey | None:
        """The store's root key, within a transaction; None while it is locked.

        Raises:
            StoreError: the row is damaged.
        """
        row = self._row(connection)
        known = self._known.get(row["generation"])
        if known is not None or row["kdf"] is not None:
            return known
        return self.add(RootKey(SecretBytes(row["secret"]), row["generation"]))

    def add(self, root: RootKey) -> RootKey:
        """Know another root key."""
        self._known[root.generation] = root
        return root

    def unlock(
        self, connection: sqlite3.Connection, passphrase: SecretBytes, store_id: str
    ) -> None:
        """Open a protected store's root key; nothing to do when it is not protected.

        Raises:
            StoreLocked: the passphrase is wrong.
            StoreError: the row is damaged.
        """
        row = self._row(connection)
        if row["kdf"] is None:
            return
        try:
            kdf = Kdf.parse(row["kdf"])
            root = RootKey.opened(kdf, row["secret"], row["generation"], passphrase, store_id)
        except InvalidTag as error:
            raise errors.StoreLocked(
                "The passphrase of the local key store is wrong", str(self._path), LOCKED_HINT
            ) from error
        except (ValueError, UnsupportedAlgorithm, MemoryError) as error:
            raise damaged(f"{self._path}: its protection: {error}") from error
        self.add(root)

    def _row(self, connection: sqlite3.Connection) -> sqlite3.Row:
        row = connection.execute("SELECT generation, kdf, secret FROM root").fetchone()
        fits = (
            row is not None
            and isinstance(row["generation"], bytes)
            and isinstance(row["secret"], bytes)
            and isinstance(row["kdf"], str | None)
            and (row["kdf"] is not None or len(row["secret"]) == ROOT_BYTES)
        )
        if not fits:
            raise damaged(f"{self._path}: its root key")
        found: sqlite3.Row = row
        return found


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
