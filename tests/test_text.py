"""The text gate: nothing that a terminal obeys or an eye misses gets out, and nothing is lost."""

from __future__ import annotations

import copy
import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import SupportsIndex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size
from rich.text import Text
from textual.content import Content

from sealscope.look_alikes import is_mark
from sealscope.text import MAX_SHOWN, Shown, _cells, shorten, show, show_bytes, show_lines
from tests.hostile import (
    HOSTILE,
    HOSTILE_BY_NAME,
    HOSTILE_BYTES,
    HOSTILE_IDS,
    LOOK_ALIKES,
    MARKUP,
    leaks,
)

NEVER_SHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

# Characters around which an escaping scheme goes wrong, mixed with ordinary and hostile ones.
TRICKY = st.text(
    alphabet=st.one_of(
        st.sampled_from("\\\\\\xuUntr01abef \t\n\r\x1b\x9b\u202e\u200b\u0301\u0323\u0307ia"),
        st.sampled_from(
            "\u0430\u043e\u03bf\u0433\u0393\u0416\ufe0f\U000e0041\udc9b\ufb01\u1100\u1161"
        ),
        st.characters(),
    ),
    max_size=40,
)
ANY = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)

_ESCAPE = re.compile(
    r"\\(?:(?P<named>[ntr\\])|x(?P<x>[0-9a-f]{2})|u(?P<u>[0-9a-f]{4})|U(?P<U>[0-9a-f]{8}))"
)


def unescaped(shown: str) -> str:
    """What a reader would take a shown text for."""

    def char(match: re.Match[str]) -> str:
        named = match["named"]
        if named:
            return {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}[named]
        return chr(int(match["x"] or match["u"] or match["U"], 16))

    return _ESCAPE.sub(char, shown)


@cache
def every_character_shown() -> list[Shown]:
    """Each character of Unicode after a letter, a few thousand at a time."""
    step = 4096
    return [
        show("".join(f"a{chr(code)} " for code in range(first, first + step)), limit=4 * step)
        for first in range(0, sys.maxunicode + 1, step)
    ]


class TestNothingHostileGetsOut:
    @pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
    def test_every_hostile_string_comes_out_clean(self, text: str) -> None:
        assert leaks(show(text)) == []

    @pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
    def test_also_line_by_line(self, text: str) -> None:
        assert [leak for line in show_lines(text) for leak in leaks(line)] == []

    @pytest.mark.parametrize("data", HOSTILE_BYTES)
    def test_bytes_that_are_no_text_come_out_clean_and_all_there(self, data: bytes) -> None:
        shown = show_bytes(data)

        assert leaks(shown) == []
        assert unescaped(shown).encode("utf-8", "surrogateescape") == data

    @given(ANY)
    def test_no_generated_string_leaks(self, text: str) -> None:
        shown = show(text)

        assert not {unicodedata.category(char) for char in shown} & NEVER_SHOWN
        assert leaks(shown) == []

    def test_no_single_character_leaks(self) -> None:
        assert [leak for shown in every_character_shown() for leak in leaks(shown)] == []

    @given(st.lists(st.sampled_from("a\u0301\u0302\u0303\u0308e \u20dd\u0336/"), max_size=20))
    def test_marks_stand_only_on_letters_and_never_more_than_two(self, chars: list[str]) -> None:
        base, marks = "", 0
        for char in show("".join(chars)):
            if is_mark(char):
                marks += 1
                assert base.isalpha()
                assert marks <= 2
            else:
                base, marks = char, 0

    @pytest.mark.parametrize("text", MARKUP)
    def test_what_looks_like_markup_is_only_text(self, text: str) -> None:
        shown = show(text)

        assert Text(shown).plain == shown
        assert Text(shown).spans == []
        assert Content(shown).plain == shown
        assert Content(shown).spans == []

    def test_an_ordinary_bracket_stays_a_bracket(self) -> None:
        assert show("[bold]x[/]") == "[bold]x[/]"


class TestEscapesSayWhatWasThere:
    def test_controls(self) -> None:
        assert show("\x1b]0;x\x07") == r"\x1b]0;x\x07"

    def test_c1_controls(self) -> None:
        assert show("\x9b2J") == r"\x9b2J"

    def test_line_ends_and_tabs_have_their_usual_names(self) -> None:
        assert show("a\r\n\tb") == r"a\r\n\tb"

    def test_bidi_controls(self) -> None:
        assert show("invoice\u202efdp.exe") == r"invoice\u202efdp.exe"

    def test_characters_beyond_the_first_plane(self) -> None:
        assert show("x\U000e0041") == r"x\U000e0041"

    def test_a_backslash_is_doubled_only_where_it_could_be_read_as_an_escape(self) -> None:
        assert show("\\x1b") == r"\\x1b"
        assert show("C:\\Windows") == r"C:\Windows"

    def test_a_space_at_the_end_is_seen(self) -> None:
        assert show("name ") == r"name\x20"
        assert show("two words") == "two words"

    def test_a_mark_at_the_start_cannot_fall_on_what_the_screen_shows_before_it(self) -> None:
        assert show("\u0336x") == r"\u0336x"


class TestDifferentInputsLookDifferent:
    @pytest.mark.parametrize(("one", "other"), LOOK_ALIKES)
    def test_look_alike_pairs(self, one: str, other: str) -> None:
        assert show(one) != show(other)
        assert unicodedata.normalize("NFKC", show(one)) != unicodedata.normalize(
            "NFKC", show(other)
        )

    @settings(max_examples=400)
    @given(TRICKY)
    def test_the_original_can_be_read_back(self, text: str) -> None:
        assert unescaped(show(text)) == text

    @given(TRICKY, TRICKY)
    def test_two_texts_are_never_shown_as_one(self, one: str, other: str) -> None:
        assert (show(one) == show(other)) == (one == other)

    @given(TRICKY)
    def test_nor_are_a_text_and_what_was_shown_for_it(self, text: str) -> None:
        shown = show(text)

        assert (show(str(shown)) == shown) == (str(shown) == text)

    @given(TRICKY)
    def test_equivalent_spellings_differ_however_a_screen_draws_them(self, text: str) -> None:
        composed = unicodedata.normalize("NFC", text)

        if composed != text:
            assert unicodedata.normalize("NFC", show(composed)) != unicodedata.normalize(
                "NFC", show(text)
            )

    def test_a_latin_letter_in_a_word_of_another_script_is_betrayed_too(self) -> None:
        cyrillic = "\u043e\u0442\u0447\u0451\u0442"

        assert show(cyrillic) == cyrillic
        assert show("o" + cyrillic[1:]) == r"o\u0442\u0447\u0451\u0442"

    def test_greek_letters_cannot_pass_for_cyrillic_ones(self) -> None:
        cyrillic = "\u0424\u041e\u0422\u041e"
        greek = "\u03a6\u039f\u03a4\u039f"

        assert show(cyrillic) != show(greek)
        assert "\\" in show(greek)
        assert "\\" in show("\u043d" + "\u03bf")


class TestShowingTwiceChangesNothing:
    @pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
    def test_hostile_strings(self, text: str) -> None:
        assert show(show(text)) == show(text)

    @given(ANY)
    def test_generated_strings(self, text: str) -> None:
        once = show(text)

        assert show(once) is once

    def test_a_copy_is_still_shown_text(self) -> None:
        assert isinstance(copy.deepcopy(show("\x1b")), Shown)


class TestOrdinaryWordsStayReadable:
    @pytest.mark.parametrize(
        "text",
        [
            "alias/getting-started",
            "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            '{"Effect": "Allow", "Action": "kms:*", "Resource": ["*"]}',
            "Stra\u00dfe \u0141\u00f3d\u017a na\u00efve caf\u00e9 \u011f\u0131d\u0131r",
            "Ti\u1ebfng Vi\u1ec7t",
            "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440 \u2116 5",
            "\u0444\u043e\u0442\u043e \u0424\u041e\u0422\u041e \u043a\u043b\u044e\u0447",
            "\u03b5\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac \u03ba\u03b1\u03b9",
            "\u65e5\u672c\u8a9efile \u30d5\u30a1\u30a4\u30eb \uff8a\uff9d\uff76\uff78",
            "\ud55c\uae00 \u4e2d\u6587",
            "\u0645\u064f\u0641\u0652\u062a\u064e\u0627\u062d",
            "\u0642\u0627\u0639\u062f\u0629 \u0661\u0662\u0663",
            "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd",
            "\u0e44\u0e1f\u0e25\u0e4c\u0e17\u0e35\u0e48",
            "\u0939\u093f\u0928\u094d\u0926\u0940",
            "\U0001f600 \U0001f511 \u2713 \u2192",
            "Report \u2013 2024 \u201cfinal\u201d O\u2019Brien\u2026",
            "\u00bd cup 10 \u00b5s \u2122 20 \u20ac",
        ],
    )
    def test_unchanged(self, text: str) -> None:
        assert show(text) == text

    @given(st.text(alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x7E)))
    def test_printable_ascii_changes_only_by_doubled_backslashes(self, text: str) -> None:
        shown = show(text)

        assert shown.replace("\\", "") == text.replace("\\", "")
        assert shown == text or "\\\\" in shown


class TestWidth:
    @given(ANY)
    def test_a_shown_text_is_as_wide_as_its_characters(self, text: str) -> None:
        shown = show(text)

        assert cell_len(shown) == sum(map(get_character_cell_size, shown))

    def test_every_character_is_as_wide_as_the_screen_draws_it_and_only_marks_take_no_room(
        self,
    ) -> None:
        kept = {char for shown in every_character_shown() for char in shown}
        drawn = {char: get_character_cell_size(char) for char in kept}

        assert [hex(ord(char)) for char in kept if _cells(char) != drawn[char]] == []
        assert [hex(ord(char)) for char in kept if not drawn[char] and not is_mark(char)] == []

    @given(ANY, st.integers(0, 30))
    def test_shortened_text_fits_and_keeps_both_ends(self, text: str, width: int) -> None:
        shown = show(text)
        short = shorten(shown, width)

        assert leaks(short) == []
        assert cell_len(short) <= width or short == shown
        assert short == shown or not width or "\u2026" in short

    def test_wide_characters_count_twice(self) -> None:
        assert shorten(show("\u6f22" * 10), 7) == "\u6f22\u2026\u6f22"
        assert shorten(show("abcdefghij"), 7) == "abc\u2026hij"
        assert shorten(show("abcdefghij"), 10) == "abcdefghij"

    def test_a_mark_does_not_come_to_stand_on_the_ellipsis(self) -> None:
        assert shorten(show("abcdef\u6f22\u0303"), 4) == "ab\u2026"


class TestLongTextIsCut:
    def test_what_is_left_out_is_counted(self) -> None:
        assert show("x" * (MAX_SHOWN + 7)) == "x" * MAX_SHOWN + "\u2026(+7 characters)"

    def test_what_just_fits_is_whole(self) -> None:
        assert show("x" * MAX_SHOWN) == "x" * MAX_SHOWN

    def test_bytes_are_counted_as_bytes(self) -> None:
        data = "\u6f22".encode() * 20

        assert show_bytes(data, limit=5) == "\u6f22" * 5 + "\u2026(+45 bytes)"
        assert show_bytes(data, limit=20) == "\u6f22" * 20

    @given(st.binary(max_size=40), st.integers(0, 12))
    def test_no_byte_is_lost_without_being_counted(self, data: bytes, limit: int) -> None:
        shown, _, left = show_bytes(data, limit=limit).partition("\u2026(+")
        count = int(left.removesuffix(" bytes)")) if left else 0

        assert len(unescaped(shown).encode("utf-8", "surrogateescape")) + count == len(data)

    @pytest.mark.parametrize("char", ["x", "\x1b", "\u0301", "\u0430", "\u6f22", "\\", "\udc80"])
    def test_a_string_of_10_mib_is_cut_before_it_is_looked_at(self, char: str) -> None:
        text = Counting(char * (10 << 20))

        shown = show(text)

        assert len(shown) <= 10 * MAX_SHOWN + 40
        assert shown.endswith(f"\u2026(+{(10 << 20) - MAX_SHOWN} characters)")
        assert text.characters_taken <= MAX_SHOWN

    def test_the_work_grows_with_the_length_not_with_its_square(self) -> None:
        short, long = (calls_made("a\u0301\u0430\\\x1b" * count) for count in (100, 1000))

        assert long < 11 * short


class Counting(str):  # noqa: SLOT000 - it counts
    """A string that counts the characters handed out of it."""

    characters_taken = 0

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        part = super().__getitem__(key)
        self.characters_taken += len(part)
        return part

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the whole string was walked through")


def calls_made(text: str) -> int:
    """Python and C calls that showing a text takes: the same on every run and machine."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(counted)
    try:
        show(text, limit=1 << 20)
    finally:
        sys.setprofile(None)
    return count


class TestLines:
    def test_each_line_is_shown_by_itself(self) -> None:
        assert show_lines('{\n\t"a": "\x1b"\r\n}') == ["{", '    "a": "\\x1b"', "}"]

    def test_separators_that_are_no_line_feed_do_not_start_a_line(self) -> None:
        assert show_lines("a\u2028b\x85c\rd") == [r"a\u2028b\x85c\rd"]

    def test_a_long_text_is_cut_and_the_rest_counted(self) -> None:
        assert show_lines("ab\ncd", limit=4) == ["ab", "c", "\u2026(+1 characters)"]


def test_the_corpus_itself_is_hostile() -> None:
    """The check above would find these, were they shown as they are."""
    clean = {name for name, text in HOSTILE_BY_NAME.items() if not leaks(text)}

    assert len(HOSTILE) >= 60
    assert not {name for name in clean if name.startswith(("osc", "csi", "c1", "bidi", "zero"))}
