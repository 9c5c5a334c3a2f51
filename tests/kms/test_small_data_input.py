"""Small data as people give it, and what is said when it is not what they say it is."""

from __future__ import annotations

import base64
import contextlib
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscope.errors import UsageError
from sealscope.kms.small_data_input import (
    InputForm,
    ciphertext_from,
    from_base64,
    from_hex,
    from_text,
    plaintext_from,
    recognised,
)
from sealscope.secret import SecretBytes

BLOB = bytes(range(1, 97))


class TestText:
    def test_is_utf_8_exactly_as_it_is(self) -> None:
        assert from_text(" größe\n") == " größe\n".encode()

    def test_that_is_not_utf_8_says_where(self) -> None:
        with pytest.raises(UsageError) as caught:
            from_text("ab\udcff")
        assert caught.value.detail == "character 3"


class TestBase64:
    @given(st.binary(max_size=200))
    def test_gives_back_what_was_encoded(self, content: bytes) -> None:
        assert from_base64(base64.encodebytes(content).decode()) == content

    @pytest.mark.parametrize(
        ("text", "detail", "hint"),
        [
            ("AA\nA#", "character 5", "letters, digits"),
            ("A-A=", "character 2", "form for URLs"),
            ("AAA", "3 characters, which is no multiple of 4", "have been cut"),
            ("AA==AAAA", "an = before its end", "joined"),
            ("A===", "its end", "cut"),
            ("====", "its end", "cut"),
            ("größ", "character 3", "letters, digits"),
        ],
    )
    def test_that_is_none_says_where_and_quotes_nothing(
        self, text: str, detail: str, hint: str
    ) -> None:
        with pytest.raises(UsageError, match="not Base64") as caught:
            from_base64(text)
        assert caught.value.detail == detail
        assert hint in caught.value.hint

    @given(st.text(max_size=40))
    def test_is_read_or_refused_and_nothing_else(self, text: str) -> None:
        with contextlib.suppress(UsageError):
            from_base64(text)


class TestHexadecimal:
    @given(st.binary(max_size=200), st.sampled_from(["", ":", " ", "\n"]))
    def test_gives_back_what_was_written(self, content: bytes, between: str) -> None:
        written = content.hex(between) if between else content.hex()
        assert from_hex(written.upper()) == content

    @pytest.mark.parametrize(
        ("text", "detail", "hint"),
        [
            ("ab:cg", "character 5", "0 to 9"),
            ("0xab", "character 2", "Leave out the 0x"),
            ("abc", "3 digits, which is an odd number", "two digits"),
            ("١٢", "character 1", "0 to 9"),
        ],
    )
    def test_that_is_none_says_where_and_quotes_nothing(
        self, text: str, detail: str, hint: str
    ) -> None:
        with pytest.raises(UsageError, match="not hexadecimal") as caught:
            from_hex(text)
        assert caught.value.detail == detail
        assert hint in caught.value.hint

    @given(st.text(max_size=40))
    def test_is_read_or_refused_and_nothing_else(self, text: str) -> None:
        with contextlib.suppress(UsageError):
            from_hex(text)


class TestAPlaintext:
    @pytest.mark.parametrize(
        ("form", "text"),
        [(InputForm.TEXT, "hi"), (InputForm.BASE64, "aGk="), (InputForm.HEX, "6869")],
    )
    def test_is_a_secret_whatever_its_form(self, form: InputForm, text: str) -> None:
        assert plaintext_from(text, form) == SecretBytes(b"hi")


class TestACiphertextInAFile:
    @pytest.mark.parametrize(
        ("content", "form"),
        [
            (BLOB, InputForm.BYTES),
            (base64.b64encode(BLOB), InputForm.BASE64),
            (base64.encodebytes(BLOB), InputForm.BASE64),
            (BLOB.hex().encode() + b"\n", InputForm.HEX),
        ],
    )
    def test_is_recognised_however_it_is_written(self, content: bytes, form: InputForm) -> None:
        assert recognised(content) is form
        assert ciphertext_from(content) == BLOB

    @pytest.mark.parametrize("content", [b"", b"\n", b"words, not Base64", b"\xff" * 4])
    def test_that_is_nothing_else_is_bytes(self, content: bytes) -> None:
        assert ciphertext_from(content) == content

    def test_that_was_cut_says_so(self) -> None:
        with pytest.raises(UsageError, match="not Base64"):
            ciphertext_from(base64.b64encode(BLOB)[:-3])

    def test_of_random_bytes_is_never_taken_for_text(self) -> None:
        assert all(recognised(os.urandom(60)) is InputForm.BYTES for _ in range(1000))
