"""Numbers as they are typed into a form."""

from __future__ import annotations

import pytest

from sealscope.app.jobs.typed_number import typed_number, typed_seconds
from sealscope.errors import UsageError
from tests.hostile import HOSTILE


class TestWholeNumbers:
    @pytest.mark.parametrize(
        ("text", "number"),
        [("", None), ("  ", None), ("0", 0), (" 12 ", 12), ("131,072", 131072), ("1_000", 1000)],
    )
    def test_are_read_as_people_write_them(self, text: str, number: int | None) -> None:
        assert typed_number(text, least=0, most=1 << 20) == number

    @pytest.mark.parametrize(
        "text", ["x", "1.5", "-1", "+1", "0x10", "1 2", ",", "\u0661", "\u00b2"]
    )
    def test_are_nothing_else(self, text: str) -> None:
        with pytest.raises(UsageError, match="not a whole number"):
            typed_number(text, least=0, most=10)

    @pytest.mark.parametrize("text", ["0", "11", "9" * 5000])
    def test_are_within_their_bounds(self, text: str) -> None:
        with pytest.raises(UsageError, match="out of bounds") as caught:
            typed_number(text, least=1, most=10)
        assert "from 1 to 10" in caught.value.hint

    def test_come_of_any_text_or_our_error_does(self) -> None:
        for text in HOSTILE:
            for read in (lambda t: typed_number(t, least=0, most=9), typed_seconds):
                try:
                    read(text)
                except UsageError:
                    continue


class TestSeconds:
    @pytest.mark.parametrize(
        ("text", "seconds"), [("300", 300.0), (" 0.5 ", 0.5), ("1250000", 1250000.0)]
    )
    def test_may_have_a_fraction(self, text: str, seconds: float) -> None:
        assert typed_seconds(text) == seconds

    @pytest.mark.parametrize(
        "text", ["", "0", "-1", "nan", "inf", "1e3", "1_0", ".5", "x", "\u0661"]
    )
    def test_are_finite_and_above_zero(self, text: str) -> None:
        with pytest.raises(UsageError):
            typed_seconds(text)
