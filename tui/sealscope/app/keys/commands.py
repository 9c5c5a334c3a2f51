"""The Keys place's part of the command table."""

from __future__ import annotations

from typing import Final

from sealscope.app.command import Command

LIST: Final = (
    Command("keys.refresh", "r", "Refresh", "Load the keys again.", "keys", "refresh", 60),
)

COMMANDS: Final = (*LIST,)
