"""The parts of the benchmark, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from tests.bench import (
    inspect_speed,
    inventory_scale,
    kms_calls,
    large_file,
    memory,
    small_file,
    small_files,
    start_up,
)
from tests.bench.figure import Figure
from tests.bench.settings import Settings

NOT_IN_README: Final = frozenset({"inventory"})
"""Parts whose figures are printed and are no rows of the README's table."""

Measure = Callable[[Settings], Sequence[Figure]]


def available() -> dict[str, Measure]:
    """Every part, by its name."""
    return {
        "files": large_file.measure,
        "small-files": small_files.measure,
        "kms-calls": kms_calls.measure,
        "small-file": lambda _: small_file.measure(),
        "inspect": lambda _: inspect_speed.measure(),
        "start-up": start_up.measure,
        "memory": memory.measure,
        "inventory": inventory_scale.measure,
    }
