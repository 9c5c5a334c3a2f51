"""The command table: everything the user can do, gathered from the places."""

from __future__ import annotations

from typing import Final

from sealscope.app.calls import commands as calls
from sealscope.app.command import EVERYWHERE, Command
from sealscope.app.envelopes import commands as envelopes
from sealscope.app.jobs import commands as jobs
from sealscope.app.keys import commands as keys
from sealscope.app.small_data import commands as small_data

GLOBAL: Final = (
    Command("app.keys", "1", "Keys", "Go to the Keys place.", EVERYWHERE, "go_keys"),
    Command(
        "app.envelopes", "2", "Envelopes", "Go to the Envelopes place.", EVERYWHERE, "go_envelopes"
    ),
    Command("app.jobs", "3,w", "Jobs", "Go to the Jobs place.", EVERYWHERE, "go_jobs"),
    Command(
        "app.palette",
        "ctrl+p,colon",
        "Palette",
        "Search all commands by name.",
        EVERYWHERE,
        "command_palette",
        priority=95,
    ),
    Command(
        "app.help",
        "question_mark,f1",
        "Help",
        "Show the keys of this page.",
        EVERYWHERE,
        "help",
        priority=90,
    ),
    Command(
        "app.calls",
        "at",
        "Calls",
        "Show what was called: every call of KMS, also as an aws command.",
        EVERYWHERE,
        "calls",
    ),
    Command(
        "app.theme",
        "f9",
        "Light or dark",
        "Switch between the dark and the light theme.",
        EVERYWHERE,
        "toggle_light",
        why_disabled="why_no_theme",
    ),
    Command(
        "app.reconnect",
        "f5",
        "Connect again",
        "Open the connection to KMS again after it or a list failed.",
        EVERYWHERE,
        "reconnect",
        why_disabled="why_no_reconnect",
    ),
    Command(
        "app.unlock",
        "U",
        "Unlock",
        "Give the passphrase of a protected local key store.",
        EVERYWHERE,
        "unlock",
        why_disabled="why_no_unlock",
    ),
    Command(
        "app.quit",
        "ctrl+q,q",
        "Quit",
        "Leave Sealscope; asks when jobs are running.",
        EVERYWHERE,
        "leave",
        priority=99,
    ),
)

TABLE: Final = {
    command.id: command
    for command in (
        *GLOBAL,
        *keys.COMMANDS,
        *envelopes.COMMANDS,
        *jobs.COMMANDS,
        *calls.COMMANDS,
        *small_data.COMMANDS,
    )
}
"""All commands by id, in the order in which help shows them."""


def commands_of(scopes: tuple[str, ...]) -> tuple[Command, ...]:
    """The commands that a page offers: its own first, then those that work everywhere."""
    own = [command for command in TABLE.values() if command.place in scopes]
    return (*own, *GLOBAL)
