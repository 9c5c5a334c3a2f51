"""One frame, sealed and opened: nothing here knows the frames before or after it.

    regular frame     sequence number 4 | IV 12 | content | tag 16
    final frame       FFFFFFFF | sequence number 4 | IV 12 | content length 4 | content | tag 16
    non-framed block  IV 12 | content length 8 | content | tag 16  (see `sealscope.engine.block`)

The IV of frame `s` is `s` itself, and what a frame authenticates beside its content is the
message id, its kind, its sequence number and its length. So a frame is coded from the content
key, the sequence number and the length alone, in any order.
"""

from __future__ import annotations

import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealscope import errors
from sealscope.engine.suites import TAG_BYTES
from sealscope.secret import SecretBytes

REGULAR_OVERHEAD: Final = 32
FINAL_OVERHEAD: Final = 40
REGULAR_PREFIX: Final = 16
FINAL_PREFIX: Final = 24
BLOCK_PREFIX: Final = 20
END_MARKER: Final = b"\xff\xff\xff\xff"

_REGULAR_LABEL: Final = b"AWSKMSEncryptionClient Frame"
_FINAL_LABEL: Final = b"AWSKMSEncryptionClient Final Frame"

_END_NUMBER: Final = 0xFFFFFFFF
_NUMBER = struct.Struct(">I")
_REGULAR = struct.Struct(">IQI")  # number, IV (8 zero bytes and the number)
_FINAL = struct.Struct(">IIQII")  # end marker, number, IV, content length
_AAD_TAIL = struct.Struct(">IQ")  # number, content length


class FrameCipher:
    """Seals and opens the frames of one message.

    Args:
        content_key: of the message.
        message_id: of the message.
    """

    def __init__(self, content_key: SecretBytes, message_id: bytes) -> None:
        self._cipher = AESGCM(content_key.reveal())
        self._regular = message_id + _REGULAR_LABEL
        self._final = message_id + _FINAL_LABEL

    def seal_regular(self, first: int, length: int, content: memoryview, out: memoryview) -> None:
        """Seal regular frames that follow each other.

        Args:
            first: sequence number of the first one.
            length: bytes of content in a frame.
            content: of all frames, so that its size is a multiple of `length`.
            out: takes the frames; 32 bytes a frame longer than `content`.
        """
        step = length + REGULAR_OVERHEAD
        # Short frames cost about as much Python as AES: nothing is looked up twice.
        put_prefix, tail, seal = _REGULAR.pack_into, _AAD_TAIL.pack, self._cipher.encrypt_into
        label = self._regular
        at = start = 0
        for number in range(first, first + len(content) // length):
            put_prefix(out, at, number, 0, number)
            end, stop = at + step, start + length
            aad = label + tail(number, length)
            seal(out[at + 4 : at + 16], content[start:stop], aad, out[at + 16 : end])
            at, start = end, stop

    def seal_final(self, number: int, content: memoryview, out: memoryview) -> None:
        """Seal the final frame into `out`, which is 40 bytes longer than `content`."""
        _FINAL.pack_into(out, 0, 0xFFFFFFFF, number, 0, number, len(content))
        aad = self._final + _AAD_TAIL.pack(number, len(content))
        self._cipher.encrypt_into(out[8:20], content, aad, out[FINAL_PREFIX:])

    def open_regular(self, first: int, length: int, frames: memoryview, out: memoryview) -> int:
        """Open regular frames that follow each other, up to one that does not bear its number.

        Args:
            first: sequence number that the first one must have.
            length: bytes of content in a frame.
            frames: whole ones, prefixes included.
            out: takes their content; 32 bytes a frame shorter than `frames`.

        Returns:
            The number of frames opened. If that is not all, the next one is the final frame or
            out of sequence.

        Raises:
            BodyNotAuthentic: a tag is wrong.
        """
        step = length + REGULAR_OVERHEAD
        number_at, tail, open_ = _NUMBER.unpack_from, _AAD_TAIL.pack, self._cipher.decrypt_into
        label = self._regular
        at = start = 0
        count = len(frames) // step
        number = first
        try:
            for number in range(first, first + count):
                if number == _END_NUMBER or number_at(frames, at)[0] != number:
                    return number - first
                end, stop = at + step, start + length
                aad = label + tail(number, length)
                open_(frames[at + 4 : at + 16], frames[at + 16 : end], aad, out[start:stop])
                at, start = end, stop
        except InvalidTag:
            raise _not_authentic(f"frame {number}") from None
        return count

    def open_final(self, number: int, iv: bytes, sealed: memoryview, out: memoryview) -> None:
        """Open a final frame's content and tag into `out`.

        Raises:
            BodyNotAuthentic: its tag is wrong.
        """
        aad = self._final + _AAD_TAIL.pack(number, len(out))
        try:
            self._cipher.decrypt_into(iv, sealed, aad, out)
        except InvalidTag:
            raise _not_authentic(f"frame {number}, the final one") from None


def _not_authentic(where: str) -> errors.BodyNotAuthentic:
    return errors.BodyNotAuthentic(
        "The body is not authentic",
        f"the authentication tag of {where} does not fit its bytes",
        "The file was changed or damaged after it was encrypted. Get it again from its source.",
    )


def sealed_bytes(content: int) -> int:
    """Bytes of a content together with its tag."""
    return content + TAG_BYTES
