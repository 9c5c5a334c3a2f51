"""The one way from the command line to the app."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sealscope.cli import garbage
from sealscope.errors import UsageError

if TYPE_CHECKING:
    from sealscope.cli.options import ConnectionChoice


def launch(path: str | None, connection: ConnectionChoice) -> int:
    """Open the app.

    Args:
        path: file or folder to open it on.
        connection: where its keys are.

    Raises:
        UsageError: nothing is at `path`, or there is no terminal to draw on.
    """
    if path is not None and not _exists(path):
        raise UsageError(
            "There is no such command or file", path, "`sealscope --help` lists the commands."
        )
    target = connection.target()
    target.is_local()  # contradictory options are told here, not on a screen
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "The app needs a terminal",
            hint="In a script, use a command: `sealscope --help` lists them.",
        )
    # Measured: collecting garbage while thousands of classes load is a fifth of the time to the
    # first picture; the app takes it up again once that is on the screen.
    garbage.resume()
    gc.disable()
    from sealscope.app.app import run_app
    from sealscope.app.options import AppOptions

    return run_app(
        AppOptions(target=target, path=None if path is None else Path(path), write=connection.write)
    )


def _exists(path: str) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # a NUL in the name
        return False
