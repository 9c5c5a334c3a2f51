"""The benchmark: `python -m tests.bench`; `--help` lists its parts and options."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sealscope.errors import SealscopeError
from tests.bench import machine, parts, peers, readme_table
from tests.bench.figure import Figure
from tests.bench.rounds import WrongResultError
from tests.bench.settings import Settings, parse

README: Final = Path(__file__).resolve().parents[2] / "README.md"
FAILURES: Final = (subprocess.CalledProcessError, SealscopeError, TimeoutError, WrongResultError)


def main(words: list[str]) -> int:
    """Measure the named parts and print each figure beside its goal; the exit status.

    1 when a part could not be measured; a goal that is not met is no failure.
    """
    available = parts.available()
    asked = parse(words, tuple(available))
    if asked.make_peers is not None:
        peers.make(asked.make_peers)
        print(f"made; name it with --peers {asked.make_peers} or in {peers.PEERS_VARIABLE}")
        return 0
    try:
        settings = asked.settings()
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    if asked.peers is not None:
        # For the parts that look for the peers themselves.
        os.environ[peers.PEERS_VARIABLE] = str(asked.peers.resolve())
    date = f"{datetime.now(UTC):%Y-%m-%d}"
    described = machine.describe(settings.folder, settings.peers)
    print(f"{date}: {how(settings)}")
    for name, value in described.items():
        print(f"  {name:<24} {value}")
    measured: dict[str, Sequence[Figure]] = {}
    failed = []
    for name in asked.parts or available:
        print(name, flush=True)
        try:
            measured[name] = available[name](settings)
        except FAILURES as error:
            failed.append(name)
            print(f"  FAILED: {reason(error)}")
        else:
            show(measured[name])
    if asked.json is not None:
        asked.json.write_text(as_json(date, described, settings, measured), encoding="utf-8")
    if failed:
        print(f"not measured: {', '.join(failed)}")
        return 1
    if asked.readme:
        told = {part: each for part, each in measured.items() if part not in parts.NOT_IN_README}
        section = readme_table.render(told, date=date, machine=described, how=how(settings))
        readme = README.read_text(encoding="utf-8")
        README.write_text(readme_table.replaced(readme, section), encoding="utf-8")
    return 0


def how(settings: Settings) -> str:
    """What the figures are made of, in words."""
    return (
        f"a large file of {settings.size >> 20:,} MiB, page cache warm, in turns, medians of"
        f" {settings.runs} runs ({settings.cli_runs} of {peers.ENCRYPTION_CLI} on the large file)"
    )


def show(figures: Sequence[Figure]) -> None:
    """Print a table of figures."""
    for each in figures:
        print(
            f"  {each.name:<66} {each.value:>9}  {each.goal:<40} {each.verdict:<15} {each.seconds}"
        )


def reason(error: BaseException) -> str:
    """What is to be told of a part that failed, with the end of what the program said."""
    if isinstance(error, subprocess.CalledProcessError) and error.stderr:
        return f"{error}\n{error.stderr.decode(errors='replace')[-2000:]}"
    return str(error)


def as_json(
    date: str,
    described: Mapping[str, str],
    settings: Settings,
    measured: Mapping[str, Sequence[Figure]],
) -> str:
    """The run as one JSON object."""
    figures = [
        {"part": part, **asdict(each), "verdict": each.verdict}
        for part, found in measured.items()
        for each in found
    ]
    run = {"size": settings.size, "runs": settings.runs, "cli_runs": settings.cli_runs}
    whole = {"date": date, "machine": dict(described), "settings": run, "figures": figures}
    return json.dumps(whole, indent=2) + "\n"


if __name__ == "__main__":
    # Ended from outside, the benchmark still stops its servers and removes its files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    raise SystemExit(main(sys.argv[1:]))
