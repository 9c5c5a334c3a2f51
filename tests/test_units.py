"""Sizes, rates, durations and dates in the words people read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sealscope.units import age, date, date_time, duration, exact_size, rate, size

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (812, "812 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (1024**2, "1.0 MiB"),
        (13_314_398_618, "12.4 GiB"),
        (1024**4, "1.0 TiB"),
        (2**63, "8.0 EiB"),
        (2**80, "1048576.0 EiB"),
    ],
)
def test_a_size_has_one_decimal_and_a_binary_unit(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("count", "text"), [(7, "7 B"), (1024, "1,024 B (1.0 KiB)"), (1048576, "1,048,576 B (1.0 MiB)")]
)
def test_an_exact_size_keeps_every_byte(count: int, text: str) -> None:
    assert exact_size(count) == text


def test_a_rate_is_a_size_a_second() -> None:
    assert rate(118 * 1024**2) == "118.0 MiB/s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (12, "12 s"),
        (59.6, "1:00"),
        (72, "1:12"),
        (3600, "1:00:00"),
        (7384, "2:03:04"),
        (4 * 86400 + 5 * 3600, "4 d 5 h"),
    ],
)
def test_a_duration_names_what_matters(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_dates_are_in_utc() -> None:
    there = datetime(2026, 3, 2, 1, 5, 33, tzinfo=timezone(timedelta(hours=3)))
    assert date(there) == "2026-03-01"
    assert date_time(there) == "2026-03-01 22:05:33 UTC"


def test_a_missing_date_is_a_dash() -> None:
    assert (date(None), date_time(None), age(None, NOW)) == ("-", "-", "-")


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=4), "4 h ago"),
        (timedelta(days=12), "12 d ago"),
        (timedelta(days=986), "2.7 y ago"),
        (timedelta(days=-12), "in 12 d"),
    ],
)
def test_an_age_says_how_long_ago_or_how_far_ahead(before: timedelta, text: str) -> None:
    assert age(NOW - before, NOW) == text
