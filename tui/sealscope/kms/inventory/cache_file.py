"""One file of the disk cache: JSON lines between a head and an end.

Lines of JSON and not a database: a file that is always written whole goes through the file gate
as every other output does, so that it is never half there, never wider than 0600, and needs no
files beside it and no locks; the last of two processes that write it wins. The head says whose
rows these are, the end proves that none is missing or changed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final

from sealscope.errors import FileError
from sealscope.files import Source, open_output, open_source
from sealscope.kms.inventory.cache_codec import moment

MOST_BYTES: Final = 64 << 20
"""Beyond this a file is neither read nor written."""

_AT_ONCE: Final = 64 << 10
"""Bytes parsed in one go: fewer take longer, more keep other threads from running."""

_LONGEST_HEAD: Final = 64 << 10

Row = list[Any]


class CacheUnusableError(Exception):
    """A cache file that is damaged, another one's, or open to others; it is ignored."""


class CacheFile:
    """A file of rows.

    Args:
        head: whose rows these are; a file that says otherwise is not read.
    """

    def __init__(self, path: Path, head: dict[str, str]) -> None:
        self.path = path
        self._head = head

    def fetched(self) -> datetime | None:
        """When its rows were fetched, by the head alone; None when it is not to be trusted."""
        try:
            with self._open() as source:
                return self._fetched(source.stream.readline(_LONGEST_HEAD))
        except (FileError, CacheUnusableError):
            return None

    def read(self) -> tuple[datetime, Iterator[list[Row]]]:
        """When the rows were fetched, and the rows, some at a time.

        All of the file has been checked before the first row comes; only a forged one, whose
        end is right and whose rows are none, breaks off later.

        Raises:
            CacheUnusableError: there is no file, or not one byte of it is used.
        """
        body = io.BytesIO(self._body())
        return self._fetched(body.readline()), _rows(body)

    def write(self, fetched: datetime, rows: Iterable[Row]) -> bool:
        """Replace the file; False when it would be too long, which leaves what is there.

        Raises:
            FileError: it cannot be written.
        """
        hashed, size = hashlib.sha256(), 0
        head: object = {**self._head, "fetched": fetched.timestamp()}
        with open_output(self.path, overwrite=True) as output:
            # Line by line: a text of the whole would keep other threads from running.
            for value in chain([head], rows):
                line = f"{json.dumps(value, separators=(',', ':'))}\n".encode("ascii")
                size += len(line)
                if size > MOST_BYTES:
                    return False
                hashed.update(line)
                output.stream.write(line)
            output.stream.write(_end(hashed.hexdigest()))
            output.publish()
        return True

    def _fetched(self, line: bytes) -> datetime:
        try:
            head = json.loads(line)
            fetched = moment(head.pop("fetched"))
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise CacheUnusableError("no head") from error
        if head != self._head:
            raise CacheUnusableError("the head of another cache")
        return fetched

    def _body(self) -> bytes:
        """The file without its last line, all there and unchanged."""
        try:
            with self._open() as source:
                data = source.stream.read(MOST_BYTES + 1)
        except FileError as error:
            raise CacheUnusableError("not readable") from error
        start_of_end = data.rfind(b"\n", 0, -1) + 1
        body = memoryview(data)[:start_of_end]
        if not body or data[start_of_end:] != _end(hashlib.sha256(body).hexdigest()):
            raise CacheUnusableError("damaged")
        return data[:start_of_end]

    def _open(self) -> Source:
        if self.path.is_symlink():
            raise CacheUnusableError("a link")
        source = open_source(self.path)
        status = os.fstat(source.stream.fileno())
        if source.mode & 0o077 or status.st_uid != os.geteuid() or source.size > MOST_BYTES:
            source.stream.close()
            raise CacheUnusableError("open to others, or too long")
        return source


def _end(digest: str) -> bytes:
    return f'["end","{digest}"]\n'.encode("ascii")


def _rows(body: io.BytesIO) -> Iterator[list[Row]]:
    while lines := body.readlines(_AT_ONCE):
        try:
            rows = json.loads(b"[" + b",".join(lines) + b"]")
        except (ValueError, RecursionError) as error:
            raise CacheUnusableError("a line that is no row") from error
        if not all(isinstance(row, list) and row for row in rows):
            raise CacheUnusableError("a line that is no row")
        yield rows
