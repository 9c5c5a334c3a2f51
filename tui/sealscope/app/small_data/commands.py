"""The panel's part of the command table."""

from __future__ import annotations

from typing import Final

from sealscope.app.command import Command


def _own(
    name: str, keys: str, label: str, tooltip: str, *, priority: int, why: str = ""
) -> Command:
    return Command(
        f"small-data.{name}",
        keys,
        label,
        tooltip,
        "small-data",
        name,
        priority=priority,
        why_disabled=why,
        overrides_input=True,
    )


COMMANDS: Final = (
    _own("run", "ctrl+j", "Run", "Make the call.", priority=10, why="why_not_connected"),
    _own("back", "escape", "Back", "Leave the panel; plaintexts are forgotten.", priority=20),
    _own("show_command", "f2", "Command", "Show the command line that does the same.", priority=50),
    _own(
        "pick_key",
        "f3",
        "Pick key",
        "Choose a key from the list.",
        priority=25,
        why="why_not_connected",
    ),
    _own(
        "unhide",
        "f7",
        "Show",
        "Show the plaintext, typed or decrypted, or hide it again.",
        priority=30,
        why="why_nothing_hidden",
    ),
    _own(
        "copy_result",
        "f8",
        "Copy",
        "Copy the ciphertext in Base64 to the terminal's clipboard.",
        priority=35,
        why="why_no_ciphertext",
    ),
    _own(
        "copy_plaintext",
        "f6",
        "Copy plaintext",
        "Copy the plaintext in Base64 to the terminal's clipboard, where others may read it.",
        priority=0,
        why="why_no_plaintext",
    ),
)
