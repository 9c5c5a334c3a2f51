"""The part on reading headers, measured for once on a few."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bench import inspect_speed
from tests.bench.local_kms import sealscope_command
from tests.bench.rounds import WrongResultError


def test_both_ways_to_print_are_measured() -> None:
    found = inspect_speed.measure(envelopes=5, runs=1)
    assert [each.name for each in found] == [
        "inspect of 5 envelopes",
        "inspect --json of 5 envelopes",
    ]
    assert all(each.value.endswith("a second") for each in found)


@pytest.mark.parametrize(("seconds", "verdict"), [(2.0, "met"), (2.01, "NOT MET")])
def test_5000_a_second_are_the_goal(seconds: float, verdict: str) -> None:
    assert inspect_speed.figure("inspect", 10_000, seconds).verdict == verdict


def test_an_envelope_that_is_not_described_is_no_result(tmp_path: Path) -> None:
    inspect_speed.make_envelopes(tmp_path / "e", 2)
    words = [sealscope_command(), "inspect", "--json", *map(str, (tmp_path / "e").iterdir())]
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    inspect_speed.check(words, environment, 2)
    with pytest.raises(WrongResultError, match="2 of 3"):
        inspect_speed.check(words, environment, 3)
