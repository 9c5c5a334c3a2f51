r"""Letters and signs that pass for others, and the marks that hide what they stand on.

People read names by their shape. Two names that differ must not look the same, so the text
gate writes as an escape what this module finds: a Cyrillic letter in a Latin word, a word of
Greek letters that all look Latin, a division slash, a ligature, a decomposed letter. An
ordinary Russian or Greek word has letters of its own and stays as it is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

# Letters that usual terminal fonts draw like a Latin one. The lists hold what is common in
# names; a letter missing here is still escaped in a word that mixes scripts.
_LIKE_LATIN: Final = frozenset(
    "АВЕЗЅІЈКМНОРСТУХҮԌԚԜӀаеѕіјорсухһүԁԛԝӏѵ"  # Cyrillic
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϳαινορυχϲ"  # Greek
    "ՕՏՍսոօցհյզ"  # Armenian
    "\u13a0\u13a1\u13a2\u13a5\u13a9\u13aa\u13ab\u13ac\u13b3\u13b7\u13bb\u13bd\u13c0"  # Cherokee
    "\u13c3\u13ce\u13cf\u13d2\u13d4\u13d5\u13d9\u13da\u13de\u13df\u13e2\u13e6\u13f4"
    "ⲀⲂⲈⲌⲎⲒⲔⲘⲚⲞⲢⲤⲦⲨⲬⲟⲣⲥ"  # Coptic
)
# Greek capitals that are Cyrillic ones too. One script of each such pair has to give way, and
# words of nothing but these letters are rarer in Greek.
_LIKE_CYRILLIC: Final = frozenset("ΓΠΦ")
_FOREIGN: Final = _LIKE_LATIN | _LIKE_CYRILLIC

_ALWAYS: Final = frozenset(
    "\u0251\u0261\u0269\u1d04\u1d0f\u1d1c\u1d20\u1d21\u1d22\ua731"  # a g i c o u v w z s
    "\u0185\u01c0\u01c3"  # b | !
    "\u2010\u2011\u2012\u2043\u2212\u02d7"  # -
    "\u2044\u2215\u29f8\u27cb"  # /
    "\u2216\u29f5\u29f9\u27cd"  # a backslash
    "\u2236\ua789\u02d0\u02f8"  # :
    "\u2223\u2758\u05c0"  # |
    "\u2217\u204e\u223c\u02cb\u201a\ua78c"  # * * ~ ` , '
)
_LISU: Final = range(0xA4D0, 0xA500)  # Latin capitals and full stops, upright and turned
_SCRIPTS: Final = frozenset({"GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC"})

# A dot above these letters falls on the dot they have, or gives them the one they lack.
_DOTTED: Final = frozenset("ijl\u0131\u0237\u0456\u0458")
_DOT_ABOVE: Final = "\u0307"
# Strokes drawn through a letter: `o` with one is the letter U+00F8 to any reader.
_STROKES: Final = range(0x0334, 0x0339)
_SYMBOL_MARKS: Final = range(0x20D0, 0x2100)
_MARKS_OF_A_LETTER: Final = 2  # Vietnamese, Thai, Hebrew and Arabic need two


def is_mark(char: str) -> bool:
    """Whether a character is drawn onto the one before it."""
    return unicodedata.category(char)[0] == "M"


@lru_cache(maxsize=4096)
def always_misleads(char: str) -> bool:
    """Whether a character passes for another one wherever it stands."""
    if char in _ALWAYS or ord(char) in _LISU:
        return True
    # What Unicode itself calls the same character (the Angstrom sign, the Greek question mark).
    if unicodedata.normalize("NFC", char) != char:
        return True
    # Full-width, mathematical and circled forms of ASCII, Roman numerals, ligatures.
    folded = unicodedata.normalize("NFKC", char)
    if folded == char or not folded.isascii() or char in "ªº²³¹":
        return False
    return len(folded) == 1 or unicodedata.category(char)[0] == "L" or _is_letter_number(char)


def is_readable_mark(cluster: str, mark: str) -> bool:
    """Whether a mark may stand on the letter and marks before it.

    Args:
        cluster: a letter and the marks that it carries already; empty after anything else.
        mark: the combining character that follows.
    """
    if not cluster or len(cluster) > _MARKS_OF_A_LETTER or mark in cluster:
        return False
    code = ord(mark)
    if code in _STROKES or code in _SYMBOL_MARKS or unicodedata.category(mark) == "Me":
        return False
    if mark == _DOT_ABOVE and cluster[0] in _DOTTED:
        return False
    # A decomposed or reordered letter looks like the composed one.
    return unicodedata.is_normalized("NFC", cluster + mark)


def misleading_positions(text: str) -> frozenset[int]:
    """Positions of letters that would pass for letters of another script in their word."""
    if text.isascii():
        return frozenset()
    found: list[int] = []
    for start, word in _words(text):
        scripts = {_script(char) for char in word}
        foreign = scripts & _SCRIPTS
        if not foreign:
            continue
        if len(foreign) > 1 or "LATIN" in scripts:
            found.extend(i for i, char in enumerate(word, start) if _script(char) in _SCRIPTS)
        elif all(char in _FOREIGN or is_mark(char) for char in word):
            found.extend(range(start, start + len(word)))
    return frozenset(found)


def _words(text: str) -> Iterator[tuple[int, str]]:
    start = None
    for index, char in enumerate(text):
        if char.isalpha() or (start is not None and is_mark(char)):
            start = index if start is None else start
        elif start is not None:
            yield start, text[start:index]
            start = None
    if start is not None:
        yield start, text[start:]


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]


def _is_letter_number(char: str) -> bool:
    return unicodedata.category(char) == "Nl"
