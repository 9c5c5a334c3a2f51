"""Paths as they are typed into forms and shown in them."""

from __future__ import annotations

import os
from pathlib import Path

from sealscope.errors import UsageError


def typed_path(text: str, what: str) -> Path:
    """The path that was typed; `~` is the home folder.

    Args:
        text: as typed.
        what: "source" or "destination", for the error.

    Raises:
        UsageError: nothing was typed.
    """
    if not text.strip():
        raise UsageError(f"The {what} is not named", hint="Type the path of a file.")
    return Path(os.path.expanduser(text))


def short_path(path: Path) -> str:
    """Relative to the working directory where the file is below it."""
    folder = Path.cwd()
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
