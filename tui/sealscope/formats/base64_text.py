"""The bytes that a Base64 text stands for, read piece by piece, and no text that is nearly one.

Any reader of Base64 has to choose what it forgives. Here line breaks and spaces are, as every
tool breaks lines elsewhere, and a byte order mark at the start; everything else is an error:
other characters, both alphabets in one text, missing or early padding, and bits behind the end.
"""

from __future__ import annotations

import binascii
import io
import re
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from sealscope import errors

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE: Final = 64 << 10
"""Characters that are read at a time, and so the memory that a text takes, however long."""
_MARK: Final = b"\xef\xbb\xbf"
_SPACES: Final = b" \t\r\n"
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789="
_KNOWN: Final = _LETTERS + b"+/-_" + _SPACES
_FOREIGN: Final = re.compile(rb"[^A-Za-z0-9=+/\-_ \t\r\n]")
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


def decoded(text: BinaryIO, *, limit: int | None = None) -> BinaryIO:
    """The bytes of a Base64 text, as a stream that cannot seek; `text` stays open behind it.

    Args:
        text: at its beginning; standard or URL-safe alphabet, with padding.
        limit: most bytes that may come out; None for any number.

    Raises:
        Malformed: while reading: this is no Base64 text.
        LimitExceeded: while reading: more bytes than the limit.
        OSError: while reading: from `text`, as it came.
    """
    return io.BufferedReader(_Decoded(text, limit), PIECE)


class _Decoded(io.RawIOBase):
    def __init__(self, text: BinaryIO, limit: int | None) -> None:
        self._text = text
        self._limit = limit
        self._ready = b""
        self._group = b""
        """Characters that no decoding has taken yet; never empty between text and its end."""
        self._alphabets: set[int] = set()
        self._read = 0
        self._made = 0
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while not self._ready and not self._ended:
            piece = self._text.read(PIECE) if self._read else self._start()
            self._ready = self._next(piece) if piece else self._last()
            self._made += len(self._ready)
            if self._limit is not None and self._made > self._limit:
                raise errors.LimitExceeded(
                    "The Base64 text is longer than the limit",
                    f"it stands for more than {self._limit:,} bytes",
                    "Decode it first (base64 -d FILE > FILE.bin), then use the decoded file.",
                )
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._ready))
        view[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _start(self) -> bytes:
        start = self._text.read(PIECE)
        while len(start) < len(_MARK) and (more := self._text.read(PIECE)):
            start += more
        # Blank in its place, so that offsets stay those of the file.
        return b"   " + start[3:] if start.startswith(_MARK) else start

    def _next(self, piece: bytes) -> bytes:
        start, self._read = self._read, self._read + len(piece)
        if piece.translate(None, _KNOWN):
            found = cast("re.Match[bytes]", _FOREIGN.search(piece))
            raise _malformed(f"byte {start + found.start()} is 0x{found.group()[0]:02x}")
        # Of "+/" and "-_", which stand for the same values, one text has only one.
        self._alphabets |= {byte in b"+/" for byte in set(piece) & set(b"+/-_")}
        if len(self._alphabets) > 1:
            raise _malformed("it has characters of both alphabets, + or / and - or _")
        characters = self._group + piece.translate(_TO_STANDARD, _SPACES)
        # The last group may be padded, so it waits until it is known to be the last.
        whole = max(0, (len(characters) - 1) // 4 * 4)
        self._group = characters[whole:]
        if b"=" in characters[:whole]:
            raise _malformed("something follows the padding")
        return binascii.a2b_base64(characters[:whole], strict_mode=True)

    def _last(self) -> bytes:
        self._ended = True
        group = self._group
        if len(group) % 4:
            raise _malformed("it ends inside a group of four characters")
        try:
            end = binascii.a2b_base64(group, strict_mode=True)
        except binascii.Error:
            end = b""
        # Also refuses bits behind the end, which would give one message several texts.
        if binascii.b2a_base64(end, newline=False) != group:
            raise _malformed("its last group of four characters is wrong")
        return end


def _malformed(reason: str) -> errors.Malformed:
    return errors.Malformed(
        "This is no Base64 text of a message",
        reason,
        "It was changed or cut on its way, or it is no Base64. Fetch the file again.",
    )
