"""What is in a folder, and which of its files are envelopes; reads a bounded amount."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from sealscope.errors import EnvelopeError, FileError, LooksBase64, NotAnEnvelope
from sealscope.file_errors import source_unreadable
from sealscope.files import open_source
from sealscope.formats.recognise import describe

MAX_ENTRIES: Final = 20_000
"""Entries read of one folder: more would take longer to read than anyone scrolls."""
MAX_PROBED: Final = 2_000
"""Files of one folder that are opened to see whether they are envelopes."""


class EntryKind(Enum):
    """What an entry of a folder is; links count as what they lead to."""

    FOLDER = "folder"
    FILE = "file"
    OTHER = "other"


@dataclass(frozen=True)
class Entry:
    """One name in a folder.

    Attributes:
        path: as it can be opened.
        is_link: whether the name is a symbolic link.
        size: bytes; None for what is not a regular file.
        problem: why nothing more is known of it; empty when all is well.
    """

    path: Path
    kind: EntryKind
    is_link: bool = False
    size: int | None = None
    problem: str = ""

    @property
    def is_hidden(self) -> bool:
        """Whether the name starts with a dot."""
        return self.path.name.startswith(".")


@dataclass(frozen=True)
class Listing:
    """A folder read.

    Attributes:
        entries: folders first, then by name without regard to case.
        is_cut: whether the folder holds more than `MAX_ENTRIES`.
    """

    folder: Path
    entries: tuple[Entry, ...]
    is_cut: bool = False

    def visible(self, *, hidden: bool) -> tuple[Entry, ...]:
        """The entries to list, with or without those whose name starts with a dot."""
        return tuple(entry for entry in self.entries if hidden or not entry.is_hidden)


class Mark(Enum):
    """What a file's bytes say it is."""

    ENVELOPE = "envelope"
    BASE64 = "Base64"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    PLAIN = ""


def list_folder(folder: Path) -> Listing:
    """Read a folder.

    Raises:
        SourceUnreadable: it is missing, no folder, or may not be read.
    """
    entries: list[Entry] = []
    try:
        with os.scandir(folder) as found:
            for item in found:
                if len(entries) == MAX_ENTRIES:
                    break
                entries.append(_entry(item))
            else:
                return Listing(folder, _sorted(entries))
    except OSError as error:
        raise source_unreadable(folder, error) from error
    return Listing(folder, _sorted(entries), is_cut=True)


def marks(
    entries: tuple[Entry, ...], *, stop: Callable[[], bool] = lambda: False
) -> Iterator[tuple[Path, Mark]]:
    """Say of each regular file whether it is an envelope, by a few of its bytes.

    Args:
        entries: of a listing; folders and all after `MAX_PROBED` are left out.
        stop: asked between files; True ends the work.
    """
    files = [entry for entry in entries if entry.kind is EntryKind.FILE]
    for entry in files[:MAX_PROBED]:
        if stop():
            return
        yield entry.path, mark(entry.path)


def mark(path: Path) -> Mark:
    """What one file's bytes say it is."""
    try:
        with open_source(path) as source:
            describe(source.stream, source.size, fields=False)
    except NotAnEnvelope:
        return Mark.PLAIN
    except LooksBase64:
        return Mark.BASE64
    except EnvelopeError:
        return Mark.DAMAGED
    except FileError:
        return Mark.UNREADABLE
    return Mark.ENVELOPE


def _entry(item: os.DirEntry[str]) -> Entry:
    path = Path(item.path)
    try:
        is_link = item.is_symlink()
        status = item.stat()
    except OSError as error:
        return Entry(path, EntryKind.OTHER, problem=error.strerror or type(error).__name__)
    if stat.S_ISDIR(status.st_mode):
        return Entry(path, EntryKind.FOLDER, is_link)
    if stat.S_ISREG(status.st_mode):
        return Entry(path, EntryKind.FILE, is_link, status.st_size)
    return Entry(path, EntryKind.OTHER, is_link)


def _sorted(entries: list[Entry]) -> tuple[Entry, ...]:
    def order(entry: Entry) -> tuple[bool, str, str]:
        return entry.kind is not EntryKind.FOLDER, entry.path.name.casefold(), entry.path.name

    return tuple(sorted(entries, key=order))
