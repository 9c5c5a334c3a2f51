"""The part on one small file, measured for once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import small_file
from tests.bench.figure import Medians


def test_it_is_measured_without_the_peer_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_file, "find_cli", lambda: None)
    found = small_file.measure(runs=1)
    assert [(each.verdict, each.seconds) for each in found] == [
        ("skipped", "aws-encryption-cli is not installed")
    ] * 2


def test_the_peer_that_the_environment_names_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(small_file.CLI_VARIABLE, "/opt/peer")
    assert small_file.find_cli() == Path("/opt/peer")


@pytest.mark.parametrize(("ours", "verdict"), [(0.5, "met"), (0.51, "NOT MET")])
def test_half_of_the_peers_time_is_the_goal(ours: float, verdict: str) -> None:
    medians = Medians({"sealscope": ours, "aws-encryption-cli": 1.0}, {})
    assert small_file.figure("encrypt", medians).verdict == verdict
