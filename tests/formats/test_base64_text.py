"""Base64 text is decoded strictly, in pieces, in flat memory, and never guessed at."""

from __future__ import annotations

import base64
import io
import os
import tracemalloc
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscope import errors
from sealscope.formats.base64_text import PIECE, decoded
from sealscope.formats.recognise import describe
from tests.engine.known_answers import MESSAGES, KnownMessage

DATA = os.urandom(3 * PIECE + 17)


def bytes_of(text: bytes, **limits: int) -> bytes:
    return decoded(io.BytesIO(text), **limits).read()


class Dripping(io.RawIOBase):
    """Gives a few bytes at a time, as a pipe may."""

    def __init__(self, data: bytes, step: int) -> None:
        self._source = io.BytesIO(data)
        self._step = step

    def read(self, size: int = -1, /) -> bytes:
        del size
        return self._source.read(self._step)


class TestWhatIsDecoded:
    @pytest.mark.parametrize(
        "length", [0, 1, 2, 3, 4, 5, 48, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE]
    )
    def test_is_every_length(self, length: int) -> None:
        assert bytes_of(base64.b64encode(DATA[:length])) == DATA[:length]

    @given(st.binary(max_size=200), st.integers(1, 9))
    def test_is_what_was_encoded_however_it_arrives(self, data: bytes, step: int) -> None:
        text = base64.encodebytes(data)
        assert decoded(cast("BinaryIO", Dripping(text, step))).read() == data

    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b" \t"])
    def test_may_be_broken_into_lines(self, end: bytes) -> None:
        text = base64.b64encode(DATA)
        lines = [text[start : start + 76] for start in range(0, len(text), 76)]
        assert bytes_of(end.join(lines) + end) == DATA

    def test_may_be_in_the_alphabet_of_addresses(self) -> None:
        assert bytes_of(base64.urlsafe_b64encode(DATA)) == DATA

    @pytest.mark.parametrize("step", [1, 2, 3, 4, PIECE])
    def test_may_start_with_a_byte_order_mark(self, step: int) -> None:
        text = b"\xef\xbb\xbf" + base64.b64encode(DATA[:300])
        assert decoded(cast("BinaryIO", Dripping(text, step))).read() == DATA[:300]

    def test_is_as_long_as_the_limit_and_no_longer(self) -> None:
        assert bytes_of(base64.b64encode(DATA), limit=len(DATA)) == DATA
        with pytest.raises(errors.LimitExceeded):
            bytes_of(base64.b64encode(DATA), limit=len(DATA) - 1)

    def test_takes_no_more_memory_than_a_few_pieces(self) -> None:
        text = io.BytesIO(base64.b64encode(bytes(64 * PIECE)))
        tracemalloc.start()
        stream = decoded(text)
        while stream.read(PIECE):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 12 * PIECE

    def test_leaves_the_text_open(self) -> None:
        text = io.BytesIO(b"AAAA")
        with decoded(text) as stream:
            stream.read()
        assert not text.closed


WRONG = {
    "another character": (b"AAAA*AAA", "byte 4 is 0x2a"),
    "a NUL": (b"AAAA\0AAA", "byte 4 is 0x00"),
    "a letter that is no ASCII": ("AAAAäAAA".encode(), "byte 4 is 0xc3"),
    "two byte order marks": (b"\xef\xbb\xbf\xef\xbb\xbfAAAA", "byte 3 is 0xef"),
    "both alphabets": (b"AA+AAA-A", "both alphabets"),
    "both alphabets, far apart": (b"AA+A" * PIECE + b"AA_A", "both alphabets"),
    "no padding": (b"AAAAAA", "ends inside a group"),
    "one character": (b"AAAAA", "ends inside a group"),
    "too much padding": (b"AAAA====", "last group"),
    "padding at the start": (b"=AAA", "last group"),
    "padding inside": (b"AA=A", "last group"),
    "text after padding": (b"AA==AAAA", "follows the padding"),
    "bits behind the end": (b"AAABAAB=", "last group"),
    "more bits behind the end": (b"AB==", "last group"),
}


class TestWhatIsNearlyBase64:
    @pytest.mark.parametrize(("text", "reason"), WRONG.values(), ids=WRONG)
    def test_is_refused_with_the_reason(self, text: bytes, reason: str) -> None:
        with pytest.raises(errors.Malformed) as caught:
            bytes_of(text)
        assert reason in caught.value.detail

    @given(st.binary(max_size=60), st.integers(1, 7))
    def test_is_one_of_our_errors_or_decoded_whatever_the_bytes(
        self, text: bytes, step: int
    ) -> None:
        try:
            data = decoded(cast("BinaryIO", Dripping(text, step))).read()
        except errors.Malformed:
            return
        plain = bytes(text.removeprefix(b"\xef\xbb\xbf").translate(bytes.maketrans(b"-_", b"+/")))
        assert base64.b64encode(data) == b"".join(plain.split())


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
def test_a_decoded_message_is_described_as_the_message_itself(message: KnownMessage) -> None:
    text = io.BytesIO(base64.encodebytes(message.message))
    assert describe(decoded(text)) == describe(io.BytesIO(message.message))
