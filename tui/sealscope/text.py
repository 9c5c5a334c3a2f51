r"""The text gate: every string from outside passes here before anyone sees it.

Terminals obey control characters, people are fooled by invisible and look-alike ones, and
Textual and Rich parse `[...]` as markup. `show` makes every such character visible as an
escape (`\x1b`, `\u202e`, `\U000e0041`) and yields `Shown`, the only text type that the app
and the command line put on a screen. Markup is never parsed: the faces build `Content` and
`Text` objects from `Shown`, so a bracket is only a bracket.

What is escaped: the Unicode categories Cc, Cf, Cs, Co, Cn, Zl, Zp, spaces other than U+0020,
a space at the end, characters that show nothing or change how others look, combining marks
beyond what a letter carries in ordinary writing, and what `look_alikes` finds. A backslash is
doubled where the result could be read as an escape, so different inputs always look different.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final, final

from sealscope.look_alikes import (
    always_misleads,
    is_mark,
    is_readable_mark,
    misleading_positions,
)

__all__ = ["Shown", "shorten", "show", "show_bytes", "show_lines"]

MAX_SHOWN: Final = 8192
"""Characters kept of one string: more than any screen shows, few enough to draw at once."""

_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Drawn as nothing at all by usual fonts: fillers, blank letters, the grapheme joiner.
_BLANK: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffc\U0001d159"
)
# Of a width on which terminals disagree, so that one would spoil the rest of its line: what
# joins with its neighbours or changes them (conjoining Hangul letters, variation selectors,
# flag letters, skin tones), and signs that Unicode 16 made wide.
_UNSURE_WIDTH: Final = (
    range(0x1100, 0x1200),
    range(0x2630, 0x2638),
    range(0x268A, 0x2690),
    range(0x4DC0, 0x4E00),
    range(0xA960, 0xA980),
    range(0xD7B0, 0xD800),
    range(0xFE00, 0xFE10),
    range(0x1D300, 0x1D380),
    range(0x1F1E6, 0x1F200),
    range(0x1F3FB, 0x1F400),
    range(0xE0100, 0xE01F0),
)
_NAMED: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ESCAPE_LEADS: Final = frozenset("xuUntr\\")


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
        # Nearly all text is of this kind; a look at it takes less time than one into the cache.
        if _is_ordinary(text):
            return Shown(text)
        return _shown(text) if len(text) <= 256 else Shown(_escape(text))
    return Shown(f"{_escape(text[:limit])}…(+{len(text) - limit} characters)")


def show_bytes(data: bytes, *, limit: int = MAX_SHOWN) -> Shown:
    r"""Show bytes as text where they are UTF-8; other bytes appear as `\udcXX`."""
    # A character takes at most four bytes, so this much decides all that is shown.
    kept = data[: 4 * limit].decode("utf-8", "surrogateescape")[:limit]
    left = len(data) - len(kept.encode("utf-8", "surrogateescape"))
    return show(kept, limit=limit) if not left else Shown(f"{_escape(kept)}…(+{left} bytes)")


def show_lines(text: str, *, limit: int = 65536) -> list[Shown]:
    """Show a text of several lines (a key policy), one `Shown` a line."""
    kept = text[:limit]
    lines = [show(line.expandtabs(4)) for line in kept.replace("\r\n", "\n").split("\n")]
    if len(text) > limit:
        lines.append(Shown(f"…(+{len(text) - limit} characters)"))
    return lines


def shorten(text: Shown, width: int) -> Shown:
    """Cut in the middle to at most `width` cells, so that both ends stay readable."""
    if sum(map(_cells, text)) <= width:
        return text
    if width <= 1:
        return Shown("…"[: max(width, 0)])
    tail = _fitting(text[::-1], (width - 1) // 2)
    # A mark must not come to stand on the ellipsis.
    while tail and is_mark(text[len(text) - tail]):
        tail -= 1
    head = _fitting(text, width // 2)
    return Shown(f"{text[:head]}…{text[len(text) - tail :]}")


def _fitting(text: str, cells: int) -> int:
    """How many of the first characters fit into so many cells."""
    for count, char in enumerate(text):
        cells -= _cells(char)
        if cells < 0:
            return count
    return len(text)


@lru_cache(maxsize=4096)
def _cells(char: str) -> int:
    """Terminal cells of a character that is fit to show."""
    if is_mark(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@lru_cache(maxsize=4096)
def _shown(text: str) -> Shown:
    return Shown(_escape(text))


def _is_ordinary(text: str) -> bool:
    return text.isascii() and text.isprintable() and "\\" not in text and not text.endswith(" ")


def _escape(text: str) -> str:
    if _is_ordinary(text):
        return text
    out: list[str] = []
    escaped = misleading_positions(text)
    if text.endswith(" "):
        escaped |= {len(text) - 1}  # nobody would see it
    cluster = ""  # the letter and its marks that the next mark would be drawn on
    for index, char in enumerate(text):
        if char == "\\":
            out.append("\\\\" if text[index + 1 : index + 2] in _ESCAPE_LEADS else "\\")
            cluster = ""
        elif index not in escaped and _is_plain(char) and _stands(cluster, char):
            out.append(char)
            cluster = cluster + char if is_mark(char) else char if char.isalpha() else ""
        else:
            if out and out[-1] == "\\":
                out[-1] = "\\\\"
            out.append(_visible(char))
            cluster = ""
    return "".join(out)


def _stands(cluster: str, char: str) -> bool:
    return char.isascii() or not is_mark(char) or is_readable_mark(cluster, char)


@lru_cache(maxsize=4096)
def _is_plain(char: str) -> bool:
    if char.isascii():
        return " " <= char <= "~"
    category = unicodedata.category(char)
    if category in _HIDDEN_CATEGORIES or category == "Zs" or char in _BLANK:
        return False
    code = ord(char)
    return not any(code in unsure for unsure in _UNSURE_WIDTH) and not always_misleads(char)


def _visible(char: str) -> str:
    code = ord(char)
    if char in _NAMED:
        return _NAMED[char]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
