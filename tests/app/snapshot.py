"""Compares what the screen shows with what was agreed on.

`UPDATE_SNAPSHOTS=1 pytest tests/app` writes the files again; look at the difference before
committing it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent / "snapshots"


def assert_snapshot(name: str, lines: Sequence[str]) -> None:
    """Fail when the screen is not the one in `snapshots/<name>.txt`."""
    shown = "".join(f"{line.rstrip()}\n" for line in lines)
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(shown, encoding="utf-8")
    agreed = path.read_text(encoding="utf-8") if path.exists() else ""
    assert shown == agreed, f"{path.name} differs; it shows now:\n{shown}"
