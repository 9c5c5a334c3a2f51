"""Reading one file: the envelope in it, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sealscope.errors import LooksBase64, SealscopeError
from sealscope.files import open_source
from sealscope.formats.base64_text import decoded
from sealscope.formats.envelope import Envelope
from sealscope.formats.recognise import describe

MOST_DECODED: Final = 256 << 20
"""Bytes of a message that are looked for behind a Base64 text; all of it has to be read."""


@dataclass(frozen=True)
class Reading:
    """What was found in a file.

    Attributes:
        size: bytes; None when the file could not be opened.
        envelope: None when there is none.
        error: why there is no envelope.
        is_decoded: whether the file was read as Base64 text.
    """

    path: Path
    size: int | None
    envelope: Envelope | None
    error: SealscopeError | None
    is_decoded: bool = False

    @property
    def is_base64(self) -> bool:
        """Whether it is the text of an envelope, which can be decoded."""
        return isinstance(self.error, LooksBase64)


def read_file(path: Path, *, decode: bool = False) -> Reading:
    """Describe a file; what is wrong with it is in the result, not raised.

    Args:
        path: of the file.
        decode: describe what its Base64 text stands for, instead of the file itself.
    """
    size = None
    try:
        with open_source(path) as source:
            size = source.size
            if decode:
                message = decoded(source.stream, limit=MOST_DECODED)
                return Reading(path, size, describe(message), None, is_decoded=True)
            return Reading(path, size, describe(source.stream, source.size), None)
    except SealscopeError as error:
        return Reading(path, size, None, error, decode)
