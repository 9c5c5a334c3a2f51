"""What a figure was measured on, and how measurements are taken and shown."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured figure against its goal.

    Attributes:
        goal: in words; empty when there is none.
        met: None when there is no goal.
    """

    name: str
    value: str
    goal: str = ""
    met: bool | None = None


def describe() -> str:
    """The machine and the versions that matter, in one line."""
    cpu = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [x for x in info.read_text(encoding="utf-8").splitlines() if "model name" in x]
        cpu = names[0].split(":", 1)[1].strip() if names else cpu
    packages = ", ".join(f"{name} {version(name)}" for name in ("textual", "click", "cryptography"))
    return f"{os.cpu_count()} x {cpu}, Python {platform.python_version()}, {packages}"


def show(figures: Sequence[Figure]) -> None:
    """Print a table of figures."""
    for figure in figures:
        verdict = {None: "", True: "met", False: "NOT MET"}[figure.met]
        print(f"  {figure.name:<58} {figure.value:>16}   {figure.goal:<22} {verdict}")


def seconds_of(command: Sequence[str], environment: dict[str, str] | None = None) -> float:
    """Wall seconds of one run of a command that must succeed."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - started


def alternating(runs: int, *measures: Callable[[], float]) -> list[float]:
    """The median of each measure, taken in turns so that a noisy moment hits all alike."""
    taken: list[list[float]] = [[] for _ in measures]
    for _ in range(runs):
        for values, measure in zip(taken, measures, strict=True):
            values.append(measure())
    return [statistics.median(values) for values in taken]
