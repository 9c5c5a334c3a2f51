"""Paths as they are typed into forms and shown in them."""

from __future__ import annotations

import os
from itertools import chain
from pathlib import Path
from typing import Final

from sealscope.errors import UsageError
from sealscope.jobs.request import DECRYPTED_SUFFIX

_MOST_NUMBERED: Final = 1000
"""Names that are tried; whoever has more of them names the next one."""


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


def free_name(wanted: Path) -> Path:
    """A name at which nothing is yet: `NAME`, `NAME.decrypted`, `NAME.decrypted-2` and so on."""
    other = wanted.name.removesuffix(DECRYPTED_SUFFIX) + DECRYPTED_SUFFIX
    numbered = (f"{other}-{number}" for number in range(2, _MOST_NUMBERED))
    names = (wanted.with_name(name) for name in chain((wanted.name, other), numbered))
    return next((name for name in names if not os.path.lexists(os.path.expanduser(name))), wanted)
