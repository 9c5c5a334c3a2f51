"""What a figure was measured on."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from tests.bench.figure import Figure
from tests.bench.peers import Peers

__all__ = ["Figure", "alternating", "describe", "file_system", "seconds_of"]


def describe(folder: Path, peers: Peers) -> dict[str, str]:
    """The machine and the versions that matter, each under its name."""
    from cryptography.hazmat.backends.openssl import backend

    described = {
        "processor": f"{os.cpu_count()} x {_processor()}",
        "memory": _memory(),
        "load at the start": f"{os.getloadavg()[0]:.1f}",
        "system": platform.system(),
        "Python": platform.python_version(),
    }
    for package in ("cryptography", "boto3", "click", "textual"):
        described[package] = version(package)
    described["OpenSSL of cryptography"] = backend.openssl_version_text()
    described.update(peers.versions())
    described["folder"] = f"{folder} ({file_system(folder)})"
    return described


def file_system(folder: Path) -> str:
    """The type of the file system that a folder is on, "tmpfs"."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "unknown file system"
    real = folder.resolve()
    best = (0, "unknown file system")
    for line in mounts.read_text(encoding="utf-8").splitlines():
        _, point, kind, *_ = line.split()
        if real.is_relative_to(point):
            best = max(best, (len(point), kind))
    return best[1]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


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
