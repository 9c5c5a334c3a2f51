r"""The text gate: every string from outside passes here before anyone sees it.

Terminals obey control characters, people are fooled by invisible and look-alike ones, and
Textual and Rich parse `[...]` as markup. `show` makes every such character visible as an
escape (`\x1b`, `\u202e`, `\U000e0041`) and yields `Shown`, the only text type that the app
and the command line put on a screen. Markup is never parsed: the faces build `Content` and
`Text` objects from `Shown`, so a bracket is only a bracket.

What is escaped: the Unicode categories Cc, Cf, Cs, Co, Cn, Zl, Zp, spaces other than U+0020,
letters that show nothing, the second and later of a run of combining marks, and letters that
look like ASCII (a Cyrillic `а` in a Latin word). A backslash is doubled where the result could
be read as an escape, so different inputs always look different.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final, final

__all__ = ["Shown", "show", "show_bytes", "show_lines", "shorten"]

MAX_SHOWN: Final = 8192
"""Characters kept of one string: more than any screen shows, few enough to draw at once."""

_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_COMBINING: Final = frozenset({"Mn", "Me", "Mc"})
# Letters and symbols that fonts draw as nothing at all: Hangul fillers, the blank Braille
# pattern, the Khmer inherent vowels and the like.
_BLANK: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u180b\u180c\u180d\u180e")
# Cyrillic, Greek and Armenian letters that usual terminal fonts draw like an ASCII letter.
_LOOKS_LATIN: Final = frozenset(
    "АВЕЅІЈКМНОРСТХҮԌԚԜаеѕіјорсухһԁԛԝӏҮү"  # noqa: RUF001 - look-alikes are the point
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχϲϳ"  # noqa: RUF001
    "ՕՏՍոսօցհյզ"  # noqa: RUF001
)
_ESCAPE_LEADS: Final = frozenset("xuU\\")


@final
class Shown(str):
    """Text that is fit to show: printable, one line, no character that is not what it seems."""

    __slots__ = ()


def show(text: str, *, limit: int = MAX_SHOWN) -> Shown:
    r"""Make a string from outside fit to show on one line.

    Newlines and tabs become `\n` and `\t`. Showing what is already `Shown` changes nothing.

    Args:
        text: any string, also one with lone surrogates (undecodable file names).
        limit: characters of the input that are kept; the rest is counted, not shown.
    """
    if isinstance(text, Shown):
        return text
    if len(text) <= limit:
        return _shown(text) if len(text) <= 256 else Shown(_escape(text))
    return Shown(f"{_escape(text[:limit])}…(+{len(text) - limit} characters)")


def show_bytes(data: bytes, *, limit: int = MAX_SHOWN) -> Shown:
    r"""Show bytes as text where they are UTF-8; other bytes appear as `\udcXX`."""
    return show(data.decode("utf-8", "surrogateescape"), limit=limit)


def show_lines(text: str, *, limit: int = 65536) -> list[Shown]:
    """Show a text of several lines (a key policy), one `Shown` a line."""
    kept = text[:limit]
    lines = [show(line.expandtabs(4)) for line in kept.replace("\r\n", "\n").split("\n")]
    if len(text) > limit:
        lines.append(Shown(f"…(+{len(text) - limit} characters)"))
    return lines


def shorten(text: Shown, width: int) -> Shown:
    """Cut in the middle to at most `width` characters, so that both ends stay readable."""
    if len(text) <= width:
        return text
    if width <= 1:
        return Shown("…"[:width])
    head = width // 2
    tail = width - head - 1
    return Shown(f"{text[:head]}…{text[len(text) - tail :]}")


@lru_cache(maxsize=4096)
def _shown(text: str) -> Shown:
    return Shown(_escape(text))


def _escape(text: str) -> str:
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    out: list[str] = []
    foolers = _look_alike_positions(text)
    marks = 0
    for index, char in enumerate(text):
        combining = unicodedata.category(char) in _COMBINING
        marks = marks + 1 if combining else 0
        # A mark at the very start would sit on whatever the screen shows before it.
        if index in foolers or marks > 1 or (combining and index == 0) or not _is_plain(char):
            if out and out[-1] == "\\":
                out[-1] = "\\\\"
            out.append(_visible(char))
        elif char == "\\" and text[index + 1 : index + 2] in _ESCAPE_LEADS | {"n", "t", "r"}:
            out.append("\\\\")
        else:
            out.append(char)
    return "".join(out)


def _is_plain(char: str) -> bool:
    if " " <= char <= "~":
        return True
    category = unicodedata.category(char)
    if category in _HIDDEN_CATEGORIES or category == "Zs" or char in _BLANK:
        return False
    # Variation selectors change how the character before them looks, or hide data.
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return False
    return not _folds_to_ascii(char)


def _folds_to_ascii(char: str) -> bool:
    """Full-width, mathematical and similar forms of ASCII letters, digits and signs."""
    folded = unicodedata.normalize("NFKC", char)
    return folded != char and len(folded) == 1 and folded.isascii() and char not in "ªº²³¹"


def _visible(char: str) -> str:
    code = ord(char)
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char)
    if named:
        return named
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _look_alike_positions(text: str) -> frozenset[int]:
    """Positions of non-Latin letters that would pass for Latin ones in their word.

    A word is suspicious when it mixes ASCII letters with look-alikes, or consists of
    look-alikes only; an ordinary Cyrillic or Greek word has other letters too and stays.
    """
    if text.isascii():
        return frozenset()
    found: list[int] = []
    start = 0
    while start < len(text):
        if not text[start].isalpha():
            start += 1
            continue
        end = start
        while end < len(text) and text[end].isalpha():
            end += 1
        word = text[start:end]
        letters = [i for i, char in enumerate(word, start) if char in _LOOKS_LATIN]
        if letters and (any(c.isascii() for c in word) or len(letters) == len(word)):
            found.extend(letters)
        start = end
    return frozenset(found)
