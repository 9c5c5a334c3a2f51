"""`sealscope local`: looking after the store of the local KMS."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sealscope.cli import garbage, output
from sealscope.cli.connect import ask_new_passphrase, ask_passphrase, existing_store
from sealscope.cli.exit_status import DONE, FAILED
from sealscope.cli.options import NOT_EMPTY, ConnectionChoice, connection_options, json_option
from sealscope.errors import UsageError

if TYPE_CHECKING:
    from sealscope.kms.local import LocalStore

DEFAULT_PORT: Final = 8089
STORE_ONLY: Final = ("local_store",)


class _InOrder(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)


@click.group("local", cls=_InOrder, short_help="Look after the local KMS.", no_args_is_help=False)
@connection_options(shown=())
@click.pass_context
def command(ctx: click.Context, /, *, connection: ConnectionChoice) -> int:
    """Look after the local KMS.

    Its keys are in one file. Whoever has that file, and its passphrase if there is one, can
    open everything that was encrypted with them. Scripts name a file that holds the passphrase
    in SEALSCOPE_LOCAL_PASSPHRASE_FILE.
    """
    ctx.obj = connection
    return DONE


@command.command("info")
@connection_options(shown=STORE_ONLY)
@json_option
def info(*, connection: ConnectionChoice, as_json: bool) -> int:
    """Show where the keys are, and how they are protected."""
    with _open_store(connection, ask=False) as store:
        facts = store.info()
    fields: dict[str, str | int | bool] = {
        "path": str(facts.path),
        "store_id": facts.store_id,
        "schema": facts.schema,
        "journal_mode": facts.journal_mode,
        "protected": facts.is_protected,
        "keys": facts.keys,
        "aliases": facts.aliases,
        "size_bytes": facts.size_bytes,
        "created": facts.created_at.isoformat(),
    }
    if as_json:
        output.json_line(fields)
        return DONE
    fields["protected"] = "by a passphrase" if facts.is_protected else "by its file mode only"
    output.fields(fields)
    return DONE


@command.command("backup")
@click.argument("file", type=NOT_EMPTY)
@connection_options(shown=STORE_ONLY)
def backup(*, file: str, connection: ConnectionChoice) -> int:
    """Copy the keys to a new FILE, also while they are in use."""
    with _open_store(connection, ask=False) as store:
        store.backup(Path(file))
    output.line("The keys are copied to {}. The copy opens all that they open.", file)
    return DONE


@command.command("check")
@connection_options(shown=STORE_ONLY)
@json_option
def check(*, connection: ConnectionChoice, as_json: bool) -> int:
    """Test the file, and open every key in it."""
    with _open_store(connection) as store:
        found = store.check()
    if as_json:
        output.json_line(
            {
                "path": str(store.path),
                "ok": found.ok,
                "keys": found.keys,
                "materials": found.materials,
                "problems": list(found.problems),
            }
        )
    else:
        for problem in found.problems:
            output.line("{}", problem)
        verdict = "All is well" if found.ok else "The store is damaged"
        output.line(f"{verdict}. Keys: {found.keys}. Key materials: {found.materials}.")
    return DONE if found.ok else FAILED


@command.command("protect")
@connection_options(shown=STORE_ONLY)
def protect(*, connection: ConnectionChoice) -> int:
    """Put the keys under a passphrase, or change it."""
    from sealscope.kms.connection import passphrase_from_file

    with _open_store(connection) as store:
        was_protected = store.is_protected
        # The file's passphrase opens a store that has one; it is the new one of a store that
        # has none.
        given = None if was_protected else passphrase_from_file()
        if given is None:
            _need_terminal("The new passphrase is asked for on a terminal")
            given = ask_new_passphrase()
        store.protect(given)
    output.line("The passphrase is changed." if was_protected else "The keys are protected.")
    output.note("Copies and backups made before are still as they were.")
    return DONE


@command.command("unprotect")
@connection_options(shown=STORE_ONLY)
def unprotect(*, connection: ConnectionChoice) -> int:
    """Take the passphrase off the keys."""
    with _open_store(connection) as store:
        store.unprotect()
    output.line("The keys are protected by their file's mode only.")
    return DONE


@command.command("serve", short_help="Answer KMS calls of other programs.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    metavar="N",
    help="Listen on this port of 127.0.0.1. 0 takes any free one.",
)
@connection_options(shown=STORE_ONLY)
def serve(*, port: int, connection: ConnectionChoice) -> int:
    """Answer KMS calls of other programs on this machine, until Ctrl-C."""
    from sealscope.kms.local import serve as serve_store

    garbage.resume()
    # Ctrl-C is how it ends when all is well.
    with _open_store(connection) as store, contextlib.suppress(KeyboardInterrupt):
        serve_store(store, port, ready=_tell_address)
    output.note("Stopped.")
    return DONE


@contextmanager
def _open_store(connection: ConnectionChoice, *, ask: bool = True) -> Iterator[LocalStore]:
    """The store; its passphrase is asked for when it has one and `ask` is set.

    Raises:
        UsageError: AWS was named.
        StoreError: there is no store, or it cannot be opened.
    """
    from sealscope.kms.connection import passphrase_from_file
    from sealscope.kms.local import LocalStore

    target = replace(connection, local=True).target()
    target.is_local()  # refuses a profile, a region or an endpoint
    path = existing_store(target)
    passphrase = passphrase_from_file()
    store = LocalStore.open(path, passphrase=passphrase)
    try:
        if ask and passphrase is None and store.is_protected and sys.stdin.isatty():
            store.close()
            store = LocalStore.open(path, passphrase=ask_passphrase())
        yield store
    finally:
        store.close()


def _tell_address(address: str) -> None:
    output.note("The local KMS answers at {} until Ctrl-C. For other programs:", address)
    output.line("export AWS_ENDPOINT_URL_KMS={}", address)
    # Of the two names of the region some SDKs read only the one, some only the other.
    output.line("export AWS_REGION=local AWS_DEFAULT_REGION=local")
    output.line("export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local")


def _need_terminal(title: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(
            title,
            hint="Without one, name a file that holds it in SEALSCOPE_LOCAL_PASSPHRASE_FILE.",
        )
