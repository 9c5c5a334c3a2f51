"""Opening the KMS that a command works with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealscope.cli.options import ConnectionChoice
    from sealscope.kms.facade import KmsGate
    from sealscope.secret import SecretBytes


@contextmanager
def open_gate(choice: ConnectionChoice) -> Iterator[KmsGate]:
    """The KMS gate of the chosen connection; the connection is closed on leaving.

    Raises:
        UsageError: contradictory options.
        StoreError, CredentialsMissing: see `sealscope.kms.connection.connect`.
    """
    from sealscope.kms.connection import connect
    from sealscope.kms.facade import KmsGate

    connection = connect(
        choice.target(), ask_passphrase=ask_passphrase if sys.stdin.isatty() else None
    )
    try:
        yield KmsGate(connection, write=choice.write)
    finally:
        connection.close()


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
