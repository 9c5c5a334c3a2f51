"""Resident memory of the whole command while a large file is sealed and opened."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from tests.bench.machine import Figure
from tests.bench.start_up import sealscope_command

FILE_BYTES = 1 << 30
GOAL_MIB = 150


def run_and_measure(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and peak resident MiB of one run that must succeed."""
    started = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def measure() -> list[Figure]:
    """Seal and open one file of 1 GiB with each suite."""
    figures: list[Figure] = []
    block = os.urandom(1 << 20)
    with tempfile.TemporaryDirectory() as folder:
        source, sealed, opened = (Path(folder) / name for name in ("s", "s.encrypted", "o"))
        with source.open("wb") as file:
            for _ in range(FILE_BYTES >> 20):
                file.write(block)
        environment = {"HOME": folder, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        key = ["-k", "alias/getting-started", "--overwrite"]
        for suite in ("0478", "0578"):
            seal = [sealscope_command(), "encrypt", str(source), *key, "--suite", suite]
            open_ = [sealscope_command(), "decrypt", str(sealed), *key, "-o", str(opened)]
            for verb, command in (("encrypt", seal), ("decrypt", open_)):
                seconds, mib = run_and_measure(command, environment)
                figures.append(
                    Figure(
                        f"{verb} 1 GiB, suite {suite}, {seconds:.1f} s: peak resident memory",
                        f"{mib:.0f} MiB",
                        f"under {GOAL_MIB} MiB",
                        mib < GOAL_MIB,
                    )
                )
            if opened.stat().st_size != FILE_BYTES:
                msg = "the opened file has another size"
                raise AssertionError(msg)
    return figures
