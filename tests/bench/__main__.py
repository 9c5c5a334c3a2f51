"""The benchmark: `python -m tests.bench [start-up] [memory]`; all of them by default."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from tests.bench import machine, memory, start_up

PARTS = {"start-up": start_up.measure, "memory": memory.measure}


def main(names: list[str]) -> int:
    """Measure the named parts and print each figure beside its goal."""
    unknown = set(names) - set(PARTS)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
        return 2
    print(f"{datetime.now(UTC):%Y-%m-%d}: {machine.describe()}")
    for name in names or PARTS:
        print(name)
        machine.show(PARTS[name]())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
