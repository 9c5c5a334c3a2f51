"""Taking measures in turns, so that a noisy moment of the machine hits all alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BLOCK = 1 << 20


class WrongResultError(Exception):
    """What was measured did not do its work."""


@dataclass(frozen=True)
class Contender:
    """One of those that take turns.

    Attributes:
        work: does the whole of the work once.
        output: the file that the work makes. It is removed before the work starts, so that
            everybody writes to a new one; None when nothing is written.
        runs: how often it is measured.
        keep: leave the output of the last run where it is.
    """

    name: str
    work: Callable[[], object]
    output: Path | None
    runs: int
    keep: bool = False


def take_turns(
    contenders: Sequence[Contender], *, prepare: Callable[[], object] = lambda: None
) -> dict[str, float]:
    """The median seconds of each contender, after one round that is not measured.

    Args:
        prepare: called before each run, outside of the measured time.
    """
    taken: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    rounds = max((contender.runs for contender in contenders), default=0)
    for turn in range(rounds + 1):
        for contender in contenders:
            if turn > contender.runs:
                continue
            seconds = _one_run(contender, prepare)
            if turn:
                taken[contender.name].append(seconds)
    return {name: statistics.median(values) for name, values in taken.items()}


def _one_run(contender: Contender, prepare: Callable[[], object]) -> float:
    if contender.output is not None:
        contender.output.unlink(missing_ok=True)
    prepare()
    started = time.perf_counter()
    contender.work()
    seconds = time.perf_counter() - started
    if contender.output is not None and not contender.keep:
        contender.output.unlink()
    return seconds


def command(words: Sequence[str | Path], environment: Mapping[str, str]) -> Callable[[], object]:
    """Work that is a program which must succeed."""
    return lambda: subprocess.run(words, check=True, capture_output=True, env=environment)


def touch_memory(folder: Path, size: int) -> None:
    """Make the system have `size` bytes of free memory that were used a moment ago.

    In a virtual machine the first use of a page after a while is up to ten times slower than
    any other; whose turn it is must not decide who pays for it.
    """
    scratch = folder / "scratch"
    fill(scratch, size, bytes(BLOCK))
    scratch.unlink()


def make_file(path: Path, size: int) -> None:
    """A new file that does not compress."""
    fill(path, size, os.urandom(BLOCK))


def fill(path: Path, size: int, block: bytes) -> None:
    """Write a new file of `size` bytes by repeating a block."""
    with path.open("xb", buffering=0) as file:
        for start in range(0, size, len(block)):
            file.write(block[: size - start])
