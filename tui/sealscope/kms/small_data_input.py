"""Small data as people give it: text, Base64, hexadecimal, or bytes as they are.

What is wrong with an input is said by its place and never by quoting it: it may be a secret.
"""

from __future__ import annotations

import base64
import binascii
import re
from enum import Enum
from typing import Final

from sealscope.errors import UsageError
from sealscope.secret import SecretBytes


class InputForm(Enum):
    """How bytes are written down; the value is how to say it."""

    TEXT = "text"
    BASE64 = "Base64"
    HEX = "hexadecimal"
    BYTES = "bytes"


_BLANKS: Final = " \t\r\n\v\f"
_NO_SPACE: Final = dict.fromkeys(map(ord, _BLANKS))
_NO_SPACE_OR_COLON: Final = {**_NO_SPACE, ord(":"): None}
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/=]")
_NOT_HEX: Final = re.compile(r"[^0-9A-Fa-f]")
_URL_SAFE: Final = frozenset("-_")


def from_text(text: str) -> bytes:
    """A text as UTF-8, exactly as it is.

    Raises:
        UsageError: it holds what UTF-8 cannot hold.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(
            "The text is not UTF-8",
            f"character {error.start + 1}",
            "Give these bytes as a file, in Base64 or in hexadecimal.",
        ) from None


def from_base64(text: str) -> bytes:
    """Base64 of RFC 4648 with its padding; line breaks and spaces are ignored.

    Raises:
        UsageError: it is not that; the detail says where.
    """
    bare = text.translate(_NO_SPACE)
    wrong = _NOT_BASE64.search(bare)
    if wrong is not None:
        hint = "Base64 has letters, digits, + and /, and = at its end."
        if wrong[0] in _URL_SAFE:
            hint = "This is its form for URLs: write + for - and / for _."
        raise _not(InputForm.BASE64, f"character {_place(text, wrong.start())}", hint)
    if "=" in bare.rstrip("="):
        raise _not(InputForm.BASE64, "an = before its end", "It may have been joined or cut.")
    if len(bare) % 4:
        raise _not(
            InputForm.BASE64,
            f"{len(bare)} characters, which is no multiple of 4",
            "It may have been cut, or have lost the = at its end.",
        )
    try:
        return base64.b64decode(bare, validate=True)
    except binascii.Error:
        raise _not(InputForm.BASE64, "its end", "It may have been cut.") from None


def from_hex(text: str) -> bytes:
    """Hexadecimal digits in either case; line breaks, spaces and colons are ignored.

    Raises:
        UsageError: it is not that; the detail says where.
    """
    blanked = text.translate(_NO_SPACE_OR_COLON)
    wrong = _NOT_HEX.search(blanked)
    if wrong is not None:
        hint = "Hexadecimal has the digits 0 to 9 and the letters a to f."
        if wrong[0] in "xX" and blanked[: wrong.start()] == "0":
            hint = "Leave out the 0x."
        place = _place(text, wrong.start(), also=":")
        raise _not(InputForm.HEX, f"character {place}", hint)
    if len(blanked) % 2:
        raise _not(
            InputForm.HEX,
            f"{len(blanked)} digits, which is an odd number",
            "Every byte has two digits; one may have been lost.",
        )
    return bytes.fromhex(blanked)


_READERS: Final = {
    InputForm.TEXT: from_text,
    InputForm.BASE64: from_base64,
    InputForm.HEX: from_hex,
    InputForm.BYTES: from_text,
}


def plaintext_from(text: str, form: InputForm) -> SecretBytes:
    """The plaintext that a text stands for.

    Raises:
        UsageError: it is not of this form.
    """
    return SecretBytes(_READERS[form](text))


def recognised(content: bytes) -> InputForm:
    """How a ciphertext is written in a file: as bytes, or as a text of them.

    Ciphertexts are long and look random, so one that happens to be all letters and digits does
    not occur; for plaintexts this would be a guess.
    """
    try:
        text = content.decode("ascii").translate(_NO_SPACE)
    except UnicodeDecodeError:
        return InputForm.BYTES
    if text and len(text) % 2 == 0 and not _NOT_HEX.search(text):
        return InputForm.HEX
    return InputForm.BASE64 if _BASE64.fullmatch(text) else InputForm.BYTES


def ciphertext_from(content: bytes) -> bytes:
    """The ciphertext in a file's content, whether it is there as bytes, Base64 or hexadecimal.

    Raises:
        UsageError: it is cut or otherwise broken Base64.
    """
    form = recognised(content)
    if form is InputForm.BYTES:
        return content
    return _READERS[form](content.decode("ascii"))


def _place(text: str, index: int, *, also: str = "") -> int:
    """Where in the text, counted from 1, the character is that has this index without blanks."""
    skipped = _BLANKS + also
    places = (place for place, character in enumerate(text, 1) if character not in skipped)
    return next(place for number, place in enumerate(places) if number == index)


def _not(form: InputForm, detail: str, hint: str) -> UsageError:
    return UsageError(f"This is not {form.value}", detail, hint)
