"""Memory of the whole command, all its processes together, while a large file goes through it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.bench.figure import Figure
from tests.bench.local_kms import KEY, make_local_kms, sealscope_command
from tests.bench.rounds import WrongResultError, make_file
from tests.bench.settings import Settings

GOAL_MIB: Final = 150
SUITES: Final = ("0478", "0578")
VERBS: Final = ("encrypt", "decrypt")
FRAMES: Final = {"": [], ", frames of 4 KiB": ["--frame-length", "4096"]}
NAMES: Final = [
    f"{verb} {suite}{frames}" for suite in SUITES for frames in FRAMES for verb in VERBS
]
INTERVAL: Final = 0.02


def measure(settings: Settings) -> list[Figure]:
    """Seal and open one file with each suite, in our frames and in the SDK's."""
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.folder) as made:
        folder = Path(made)
        kms = make_local_kms(folder / "home")
        source, sealed, opened = (folder / name for name in ("source", "sealed", "opened"))
        make_file(source, settings.size)
        key = ["-k", KEY, "--overwrite"]
        for suite in SUITES:
            for frames, options in FRAMES.items():
                seal = ["encrypt", str(source), *key, "--suite", suite, *options, "-o", str(sealed)]
                open_ = ["decrypt", str(sealed), *key, "-o", str(opened)]
                for verb, words in zip(VERBS, (seal, open_), strict=True):
                    seconds, peak = run([sealscope_command(), *words], kms.environment)
                    found.append(figure(f"{verb} {suite}{frames}", seconds, peak))
                if opened.stat().st_size != settings.size:
                    raise WrongResultError("the decrypted file has another size")
    return found


def figure(name: str, seconds: float, peak: float) -> Figure:
    """A peak in MiB beside its goal."""
    value, goal = f"{peak:.0f} MiB", f"at most {GOAL_MIB} MiB"
    return Figure(f"{name}: peak memory", value, goal, peak <= GOAL_MIB, f"{seconds:.3g} s")


def run(command: list[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds and peak resident MiB, over all its processes, of one run that must succeed.

    Looked at many times a second: the peak of the first process as the system keeps it, and the
    sum over all of them with what they share counted once.
    """
    started = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    peak = 0.0
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, own_peak_mib(child.pid), proportional_mib(family(child.pid)))
        time.sleep(INTERVAL)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    # Only where there is no better word: on Linux it is at least what this process itself held
    # when it started the other.
    return seconds, peak or usage.ru_maxrss / 1024


def family(pid: int) -> list[int]:
    """A process and all below it; only itself where the system has no `/proc`."""
    found = [pid]
    for each in found:
        for listing in Path(f"/proc/{each}/task").glob("*/children"):
            found += [int(child) for child in _read(listing).split()]
    return found


def own_peak_mib(pid: int) -> float:
    """A process's peak so far in MiB; 0 without `/proc`."""
    return _kib(Path(f"/proc/{pid}/status"), "VmHWM:") / 1024


def proportional_mib(pids: list[int]) -> float:
    """Memory of processes in MiB, what several share counted once; 0 without `/proc`."""
    return sum(_kib(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") for pid in pids) / 1024


def _kib(path: Path, name: str) -> int:
    lines = (line.split() for line in _read(path).splitlines())
    return sum(int(words[1]) for words in lines if words[:1] == [name])


def _read(path: Path) -> str:
    """The text of a file of `/proc`; empty when its process has just ended."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""
