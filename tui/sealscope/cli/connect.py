"""Opening the KMS that a command works with."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sealscope.cli import garbage, output

if TYPE_CHECKING:
    from pathlib import Path

    from sealscope.cli.options import ConnectionChoice
    from sealscope.kms.connection import Target
    from sealscope.kms.facade import KmsGate
    from sealscope.secret import SecretBytes


FIRST_ALIAS: Final = "alias/getting-started"


@contextmanager
def open_gate(choice: ConnectionChoice, *, needs_keys: bool = False) -> Iterator[KmsGate]:
    """The KMS gate of the chosen connection; the connection is closed on leaving.

    Args:
        needs_keys: a local store that is not there yet has nothing to offer, and is not made.

    Raises:
        UsageError: contradictory options.
        StoreError, CredentialsMissing: see `sealscope.kms.connection.connect`.
    """
    from sealscope.kms.connection import connect
    from sealscope.kms.facade import KmsGate

    target = choice.target()
    if needs_keys and target.is_local():
        existing_store(target)
    connection = connect(target, ask_passphrase=ask_passphrase if sys.stdin.isatty() else None)
    try:
        if connection.local_store is not None and connection.local_store.created:
            path = str(connection.local_store.path)
            output.note("A local key store was made: {}. Its first key is {}.", path, FIRST_ALIAS)
        garbage.resume()
        yield KmsGate(connection, write=choice.write)
    finally:
        connection.close()


def existing_store(target: Target) -> Path:
    """The path of the local store that is to be used; a mistyped one must not be made.

    Raises:
        StoreError: nothing is there.
    """
    from sealscope.config import local_store_path
    from sealscope.errors import StoreError

    path = target.local_store or local_store_path()
    if not os.path.lexists(path):
        raise StoreError(
            "There is no local key store",
            str(path),
            "The first `sealscope` or `sealscope keys` makes one. Check the path if it should"
            " be there.",
        )
    return path


def ask_passphrase() -> SecretBytes:
    """Ask for the passphrase of the local KMS on the terminal, without showing it."""
    return _ask("Passphrase of the local KMS")


def ask_new_passphrase() -> SecretBytes:
    """Ask for a new passphrase, twice."""
    from sealscope.errors import UsageError

    first = _ask("New passphrase of the local KMS")
    if first != _ask("The same again"):
        raise UsageError("The two passphrases differ", hint="Nothing was changed. Try again.")
    return first


def _ask(words: str) -> SecretBytes:
    import click

    from sealscope.secret import SecretBytes

    text: str = click.prompt(words, hide_input=True, err=True, default="", show_default=False)
    # What a terminal in another encoding sends stays the same bytes.
    return SecretBytes(text.encode("utf-8", "surrogateescape"))
