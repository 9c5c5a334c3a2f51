"""The one place of the command line that prints.

Every string passes the text gate on its way to a terminal, a pipe or a file; JSON is printed in
ASCII, so that no control character can be in it.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from sealscope.errors import OutputFailed
from sealscope.text import show


class Block:
    """Lines that are written to standard output together."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def line(self, words: str, *values: str) -> None:
        """One line.

        Args:
            words: Sealscope's own, with `{}` where a value goes.
            values: any text; each passes the text gate.
        """
        self._lines.append(words.format(*map(show, values)))

    def fields(self, named: Mapping[str, str | int], *, indent: str = "") -> None:
        """Names and values, one a line, the values below each other.

        Args:
            named: Sealscope's own names, and values that pass the text gate.
            indent: spaces.
        """
        width = max(map(len, named))
        for name, value in named.items():
            label = name.replace("_", " ")
            self._lines.append(f"{indent}{label:<{width}}  {show(str(value))}")

    def write(self) -> None:
        """Write what has been put together."""
        _write("\n".join(self._lines))


def line(words: str, *values: str) -> None:
    """One line on standard output. Arguments as in `Block.line`."""
    _write(words.format(*map(show, values)))


def note(words: str, *values: str) -> None:
    """One line on standard error: what is no result. Arguments as in `line`."""
    try:
        sys.stderr.write(words.format(*map(show, values)) + "\n")
        sys.stderr.flush()
    except OSError:
        abandon(sys.stderr)  # nobody is left to tell; the exit status still does


def json_line(item: Mapping[str, Any]) -> None:
    """One JSON object on a line of standard output."""
    json_text(json.dumps(item, ensure_ascii=True))


def json_text(text: str) -> None:
    """One JSON object that is text already, in ASCII."""
    _write(text)


def binary(content: bytes) -> None:
    """Bytes on standard output, as they are: nothing here makes them safe for a terminal."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(error) from error


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns on standard output, alike on a terminal and in a pipe.

    Put the column last that may be broken: a narrow terminal wraps there.
    """
    from rich.cells import cell_len, set_cell_size

    everything: list[Sequence[str]] = [[heading.upper() for heading in headings]]
    everything += [[show(cell) for cell in row] for row in rows]
    widths = [max(cell_len(row[column]) for row in everything) for column in range(len(headings))]
    for row in everything:
        padded = [set_cell_size(cell, width) for cell, width in zip(row, widths, strict=True)]
        _write("  ".join(padded).rstrip())


def fields(named: Mapping[str, str | int]) -> None:
    """Names and values on standard output. Arguments as in `Block.fields`."""
    block = Block()
    block.fields(named)
    block.write()


def prepare_streams() -> None:
    """Make the standard streams safe to write to, whatever the caller made of them."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # Closed by the caller. Left so, the next file that is opened, an output perhaps,
            # would get its number. Opened the wrong way round, it fails as a closed one does.
            flags = os.O_RDONLY if name == "stdout" else os.O_WRONLY
            descriptor = os.open(os.devnull, flags)
            setattr(sys, name, os.fdopen(descriptor, "r" if number == 0 else "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # No character that the terminal's encoding lacks may end the program.
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Write out what is buffered, while an error can still be told."""
    _write(None)


def abandon(stream: TextIO) -> None:
    """Forget what a stream could not take, so that leaving the process stays quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _write(text: str | None) -> None:
    try:
        if text is not None:
            sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(error) from error


def _unwritable(error: OSError) -> OutputFailed:
    return OutputFailed(
        "Standard output cannot be written", error.strerror or "", "Look where it leads."
    )
