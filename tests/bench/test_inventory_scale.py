"""The inventory's part of the benchmark, on a small store."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate
from tests.bench import inventory_scale
from tests.bench.inventory_scale import UNITS, VIEW, figure


class TestARun:
    def test_loads_the_whole_store_in_a_process_of_its_own(self, tmp_path: Path) -> None:
        store = tmp_path / "kms.sqlite3"
        inventory_scale.fill(store, keys=150, aliases=70)
        measured = inventory_scale.run(store, delay=1)
        assert measured.keys() == UNITS.keys()
        assert measured["DescribeKey calls for the first screen"] == 2 * VIEW
        assert measured["first keys"] <= measured["all key ids"]

    def test_is_on_as_many_keys_and_aliases_as_it_says(self, tmp_path: Path) -> None:
        store = tmp_path / "kms.sqlite3"
        inventory_scale.fill(store, keys=150, aliases=70)
        connection = connect(Target(local_store=store))
        gate = KmsGate(connection)
        assert sum(map(len, gate.key_pages())) == 150
        assert sum(map(len, gate.alias_pages())) == 70
        connection.close()


class TestAFigure:
    @pytest.mark.parametrize(
        ("name", "keys", "delay", "goal"),
        [
            ("first keys", 100_000, 40, "at most 0.5 s"),
            ("first keys", 100_000, 0, ""),
            ("all aliases", 100_000, 0, "at most 8 s"),
            ("all aliases", 100_000, 40, ""),
            ("peak memory", 10_000, 0, ""),
            ("quit while loading", 10_000, 40, "at most 0.5 s"),
        ],
    )
    def test_has_the_goal_of_its_run(self, name: str, keys: int, delay: int, goal: str) -> None:
        assert figure(name, keys, delay, 0.1).goal == goal

    def test_above_its_goal_is_not_met(self) -> None:
        assert figure("quit while loading", 10, 0, 0.6).verdict == "NOT MET"
        assert figure("quit while loading", 10, 0, 0.4).verdict == "met"

    def test_of_one_run_has_a_name_of_its_own(self) -> None:
        zeros = dict.fromkeys(UNITS, 0.0)
        runs = [(keys, delay) for keys in (1, 2) for delay in (0, 40)]
        made = [each for run in runs for each in inventory_scale.figures(*run, zeros)]
        assert len({each.name for each in made}) == len(made)
