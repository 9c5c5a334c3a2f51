"""Reading one file: the envelope in it, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sealscope.errors import SealscopeError
from sealscope.files import open_source
from sealscope.formats.envelope import Envelope
from sealscope.formats.recognise import describe


@dataclass(frozen=True)
class Reading:
    """What was found in a file.

    Attributes:
        size: bytes; None when the file could not be opened.
        envelope: None when there is none.
        error: why there is no envelope.
    """

    path: Path
    size: int | None
    envelope: Envelope | None
    error: SealscopeError | None


def read_file(path: Path) -> Reading:
    """Describe a file; what is wrong with it is in the result, not raised."""
    size = None
    try:
        with open_source(path) as source:
            size = source.size
            return Reading(path, size, describe(source.stream, source.size), None)
    except SealscopeError as error:
        return Reading(path, size, None, error)
