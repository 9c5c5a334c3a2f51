"""What `sealscope kms` works on: given in the command, in a file, or on standard input."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from sealscope.cli.options import NOT_EMPTY, Command
from sealscope.cli.pipes import STREAM
from sealscope.errors import UsageError

if TYPE_CHECKING:
    from sealscope.secret import SecretBytes

READ_AT_MOST: Final = 1 << 20
"""Bytes; more than any small data, whatever text stands for it."""

_FORMS: Final = {
    "text": ("--text", "TEXT", "Take this text, in UTF-8. Others on this machine can see it."),
    "base64": ("--base64", "TEXT", "Take the bytes that this Base64 stands for."),
    "hex": ("--hex", "TEXT", "Take the bytes that this hexadecimal stands for."),
}


def plaintext_input(command: Command) -> Command:
    """The options for a plaintext; see `read_plaintext`."""
    help_of_file = "Take what is in this file, as it is. - is standard input."
    return _inputs(command, ("text", "base64", "hex"), help_of_file)


def ciphertext_input(command: Command) -> Command:
    """The options for a ciphertext; see `read_ciphertext`."""
    help_of_file = (
        "Take what is in this file: bytes, or Base64 or hexadecimal of them. - is standard input."
    )
    return _inputs(command, ("base64", "hex"), help_of_file)


def read_plaintext(given: dict[str, str | None]) -> SecretBytes:
    """The plaintext that was given.

    Args:
        given: what the options and the argument held.

    Raises:
        UsageError: none or several were given, or it is not of the form that it should be.
        SourceUnreadable: the file cannot be read.
        InvalidRequest: it is far too long.
    """
    from sealscope.kms.small_data import MAX_PLAINTEXT, too_long
    from sealscope.kms.small_data_input import InputForm, plaintext_from
    from sealscope.secret import SecretBytes

    name, value = _the_one(given)
    if name in _FORMS:
        return plaintext_from(value, InputForm[name.upper()])
    content = _content(value)
    if len(content) > READ_AT_MOST:
        raise too_long(f"more than {READ_AT_MOST:,} bytes; at most {MAX_PLAINTEXT:,}")
    return SecretBytes(content)


def read_ciphertext(given: dict[str, str | None]) -> bytes:
    """The ciphertext that was given. Arguments and errors as in `read_plaintext`."""
    from sealscope.kms.small_data_input import ciphertext_from, from_base64, from_hex

    name, value = _the_one(given)
    if name == "base64":
        return from_base64(value)
    return from_hex(value) if name == "hex" else ciphertext_from(_content(value))


def _inputs(command: Command, forms: tuple[str, ...], help_of_file: str) -> Command:
    option = click.option("--file", "file", type=NOT_EMPTY, metavar="PATH", help=help_of_file)
    command = option(command)
    for name in reversed(forms):
        flag, metavar, text = _FORMS[name]
        command = click.option(flag, name, type=NOT_EMPTY, metavar=metavar, help=text)(command)
    return click.argument("path", required=False, type=NOT_EMPTY, metavar="[PATH]")(command)


def _the_one(given: dict[str, str | None]) -> tuple[str, str]:
    found = [(name, value) for name, value in given.items() if value is not None]
    options = [flag for name, (flag, _, _) in _FORMS.items() if name in given]
    ways = f"Give one of {', '.join(options)}, --file, a PATH, or - for standard input."
    if not found:
        raise UsageError("There is no input", hint=ways)
    if len(found) > 1:
        raise UsageError("There is more than one input", hint=ways)
    return found[0]


def _content(path: str) -> bytes:
    from sealscope.cli.pipes import standard_input
    from sealscope.files import open_source

    if path == STREAM:
        return _read(standard_input())
    with open_source(Path(path)) as source:
        content = _read(source.stream)
        source.verify_unchanged()
    return content


def _read(stream: BinaryIO) -> bytes:
    """All of it, or one byte more than is of use."""
    content = b""
    while len(content) <= READ_AT_MOST:
        more = stream.read(READ_AT_MOST + 1 - len(content))
        if not more:
            break
        content += more
    return content
