"""One file of the disk cache: JSON lines between a head and an end.

Lines of JSON and not a database: a file that is always written whole goes through the file gate
as every other output does, so that it is never half there, never wider than 0600, and needs no
files beside it and no locks; the last of two processes that write it wins. The head says whose
rows these are, the end proves that none is missing or changed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sealscope.errors import FileError
from sealscope.files import open_output, open_source
from sealscope.kms.inventory.cache_codec import moment

MOST_BYTES: Final = 64 << 20
"""Beyond this a file is neither read nor written."""

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

    def read(self) -> tuple[datetime, list[Row]] | None:
        """When the rows were fetched, and the rows; None when there is no file.

        Raises:
            CacheUnusableError: not one byte of it is used then.
        """
        if not os.path.lexists(self.path):
            return None
        body = self._body()
        try:
            # All lines in one go: a hundred thousand calls of the parser take twice the time.
            head, *rows = json.loads(b"[" + body.replace(b"\n", b",") + b"]")
            fetched = moment(head.pop("fetched"))
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise CacheUnusableError("no cache") from error
        if head != self._head or not all(isinstance(row, list) and row for row in rows):
            raise CacheUnusableError("another cache")
        return fetched, rows

    def write(self, fetched: datetime, rows: Iterable[Row]) -> bool:
        """Replace the file; False when it would be too long, which leaves what is there.

        Raises:
            FileError: it cannot be written.
        """
        head = json.dumps({**self._head, "fetched": fetched.timestamp()})
        body = "\n".join((head, *(json.dumps(row, separators=(",", ":")) for row in rows), ""))
        data = body.encode("ascii")
        if len(data) > MOST_BYTES:
            return False
        with open_output(self.path, overwrite=True) as output:
            output.stream.write(data)
            output.stream.write(_end_of(data))
            output.publish()
        return True

    def _body(self) -> bytes:
        """The file without its last line, all there and unchanged."""
        if self.path.is_symlink():
            raise CacheUnusableError("a link")
        try:
            with open_source(self.path) as source:
                status = os.fstat(source.stream.fileno())
                if source.mode & 0o077 or status.st_uid != os.geteuid():
                    raise CacheUnusableError("others may write or read it")
                if source.size > MOST_BYTES:
                    raise CacheUnusableError("too long")
                data = source.stream.read(MOST_BYTES + 1)
        except FileError as error:
            raise CacheUnusableError("not readable") from error
        start_of_end = data.rfind(b"\n", 0, -1) + 1
        body, end = data[:start_of_end], data[start_of_end:]
        if not body or end != _end_of(body):
            raise CacheUnusableError("damaged")
        return body.removesuffix(b"\n")


def _end_of(body: bytes) -> bytes:
    return f'["end","{hashlib.sha256(body).hexdigest()}"]\n'.encode("ascii")
