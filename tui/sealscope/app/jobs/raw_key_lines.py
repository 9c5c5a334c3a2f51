"""Raw wrapping keys as they are typed: one `NAMESPACE/NAME=FILE` a line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sealscope.errors import UsageError

_FORM = "Write NAMESPACE/NAME=FILE."


@dataclass(frozen=True)
class NamedFile:
    """A raw key's names and its file."""

    namespace: str
    name: str
    file: Path


def parse_named_files(text: str) -> tuple[NamedFile, ...]:
    """The keys of a field, in the order of their lines; empty lines count for nothing.

    The first `=` of a line ends the names, the first `/` before it the namespace; spaces belong
    to what they stand in, and `~` is the home folder.

    Raises:
        UsageError: a line lacks one of the three, or names what another one names.
    """
    keys: dict[tuple[str, str], NamedFile] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        names, equals, file = line.partition("=")
        namespace, slash, name = names.partition("/")
        where = f"line {number}: {line}"
        if not equals or not file.strip():
            raise UsageError("A raw key has no file", where, _FORM)
        if not (namespace and slash and name):
            raise UsageError("A raw key lacks its namespace or its name", where, _FORM)
        if (namespace, name) in keys:
            raise UsageError("A raw key is named twice", where, "Leave one of them out.")
        keys[namespace, name] = NamedFile(namespace, name, Path(os.path.expanduser(file)))
    return tuple(keys.values())


def with_file(text: str, row: int, path: str) -> tuple[str, int]:
    """The text of a field after a file was picked for one of its lines.

    Args:
        text: of the field.
        row: of the cursor, from 0; a line that names its file already stays as it is.
        path: of the file.

    Returns:
        The text, and the row in which the file is named.
    """
    lines = text.split("\n")
    names, _, file = lines[row].partition("=")
    if file.strip():
        while lines and not lines[-1].strip():
            lines.pop()
        lines.append("")
        names, row = "", len(lines) - 1
    lines[row] = f"{names}={path}"
    return "\n".join(lines), row
