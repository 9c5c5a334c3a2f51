"""Base64 text of a message, as aws-encryption-cli writes it: standard alphabet, one line."""

from __future__ import annotations

import binascii
import io
from typing import TYPE_CHECKING, BinaryIO

from sealscope.engine.streams import write_all

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Base64Output(io.RawIOBase):
    """A sink that passes its bytes on as Base64 text; `finish` writes the end of it."""

    def __init__(self, text: BinaryIO) -> None:
        self._text = text
        self._rest = b""

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        """Encode all of it, but for a last incomplete group of three bytes."""
        with memoryview(data).cast("B") as view:
            count = len(view)
            everything = self._rest + bytes(view)
        whole = len(everything) - len(everything) % 3
        self._rest = everything[whole:]
        if whole:
            write_all(self._text, binascii.b2a_base64(everything[:whole], newline=False))
        return count

    def finish(self) -> None:
        """Write what is left, with its padding. Nothing may be written afterwards."""
        write_all(self._text, binascii.b2a_base64(self._rest, newline=False))
        self._rest = b""
