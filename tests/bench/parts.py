"""The parts of the benchmark, in the order in which they run."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Final

from tests.bench import kms_calls, large_file, memory, small_files, start_up
from tests.bench.figure import Figure
from tests.bench.settings import Settings

Measure = Callable[[Settings], Sequence[Figure]]

OTHERS: Final = {"small-file": "tests.bench.small_file", "inspect": "tests.bench.inspect_speed"}
"""Parts that need no settings, by their modules."""


def available() -> dict[str, Measure]:
    """Every part that is there, by its name."""
    found: dict[str, Measure] = {
        "files": large_file.measure,
        "small-files": small_files.measure,
        "kms-calls": kms_calls.measure,
    }
    for name, module in OTHERS.items():
        if find_spec(module) is not None:
            found[name] = _without_settings(module)
    found["start-up"] = start_up.measure
    found["memory"] = memory.measure
    return found


def _without_settings(module: str) -> Measure:
    def measure(_: Settings) -> Sequence[Figure]:
        figures: Sequence[Figure] = importlib.import_module(module).measure()
        return figures

    return measure
