"""Ratios become figures with a verdict, and what could not be measured says why."""

from __future__ import annotations

import pytest

from tests.bench.figure import Figure, Medians

TAKEN = Medians({"ours": 0.5, "base": 0.4, "peer": 10.0}, {"gone": "gone is not installed"})


class TestAtMost:
    @pytest.mark.parametrize(("limit", "verdict"), [(1.25, "met"), (1.2, "NOT MET")])
    def test_compares_our_time_with_the_bases(self, limit: float, verdict: str) -> None:
        figure = TAKEN.at_most("work", "ours", "base", limit)
        assert (figure.value, figure.seconds) == ("1.25 x", "0.5 s / 0.4 s")
        assert figure.goal == f"at most {limit:g} x base"
        assert figure.verdict == verdict

    def test_is_skipped_without_the_base(self) -> None:
        figure = TAKEN.at_most("work", "ours", "gone", 1)
        assert (figure.value, figure.verdict) == ("skipped", "skipped")
        assert figure.seconds == "gone is not installed"


class TestAtLeast:
    @pytest.mark.parametrize(("limit", "verdict"), [(20, "met"), (21, "NOT MET")])
    def test_compares_the_peers_time_with_ours(self, limit: float, verdict: str) -> None:
        figure = TAKEN.at_least("work", "ours", "peer", limit)
        assert (figure.value, figure.seconds) == ("20.0 x", "0.5 s / 10 s")
        assert figure.goal == f"at least {limit:g} x as fast as peer"
        assert figure.verdict == verdict

    def test_is_skipped_without_the_peer(self) -> None:
        figure = TAKEN.at_least("work", "ours", "gone", 20)
        assert figure.verdict == "skipped"
        assert figure.goal.startswith("at least 20 x")


class TestInformation:
    def test_has_no_goal(self) -> None:
        figure = TAKEN.information("work", "peer", "base")
        assert (figure.value, figure.goal, figure.verdict) == ("25.00 x", "", "for information")

    def test_is_skipped_without_the_peer(self) -> None:
        assert TAKEN.information("work", "gone", "base").verdict == "skipped"


def test_a_contender_that_is_neither_measured_nor_absent_is_an_error() -> None:
    with pytest.raises(KeyError):
        TAKEN.information("work", "ours", "forgotten")


def test_a_figure_is_as_short_as_it_may_be() -> None:
    assert Figure("name", "1 x").verdict == "for information"
