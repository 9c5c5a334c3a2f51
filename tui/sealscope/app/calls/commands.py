"""The call log's part of the command table."""

from __future__ import annotations

from typing import Final

from sealscope.app.command import Command

# Pages with one call in hand: the list and the page of one call.
CALL: Final = (
    Command(
        "call.copy",
        "y",
        "Copy command",
        "Copy the call as an aws command to the terminal's clipboard (OSC 52).",
        "call",
        "copy",
        priority=30,
        why_disabled="why_no_call",
    ),
)

LIST: Final = (
    Command(
        "calls.filter",
        "slash",
        "Filter",
        "Show only calls that match: words, op: key: region: result:, ! for not.",
        "calls",
        "filter",
        priority=10,
    ),
    Command(
        "calls.open",
        "enter,d",
        "Open",
        "Show the call in full.",
        "calls",
        "open",
        priority=20,
        why_disabled="why_no_call",
    ),
    Command(
        "calls.back",
        "escape",
        "Back",
        "Clear the filter; without one, back to where you were.",
        "calls",
        "back",
        priority=40,
    ),
)

ONE: Final = (
    Command("call.back", "escape", "Back", "Back to the list.", "calls.one", "back", priority=10),
)

COMMANDS: Final = (*LIST, *CALL, *ONE)
