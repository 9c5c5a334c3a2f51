"""The Keys place's part of the command table."""

from __future__ import annotations

from typing import Final

from sealscope.app.command import Command, Danger
from sealscope.app.keys.actions.commands import ACTIONS

# Pages with one key in hand: the list and the page of one key.
KEY: Final = (
    Command(
        "key.copy_id",
        "y",
        "Copy id",
        "Copy the key's id to the terminal's clipboard (OSC 52).",
        "key",
        "copy_id",
        priority=40,
        why_disabled="why_no_key",
    ),
    Command(
        "key.copy_arn",
        "Y",
        "Copy ARN",
        "Copy the key's ARN to the terminal's clipboard (OSC 52).",
        "key",
        "copy_arn",
        why_disabled="why_no_key",
    ),
    Command(
        "key.copy_menu",
        "c",
        "Copy …",
        "Choose what to copy: alias, id, ARN, JSON, the aws command, the console's address.",
        "key",
        "copy_menu",
        why_disabled="why_no_key",
    ),
    Command(
        "key.console",
        "x",
        "Console",
        "Copy the key's address in AWS's web console, and show it.",
        "key",
        "console",
        why_disabled="why_no_console",
    ),
    Command(
        "key.encrypt",
        "E",
        "Encrypt",
        "Encrypt a file under this key.",
        "key",
        "encrypt",
        priority=30,
        why_disabled="why_no_key",
    ),
    Command(
        "key.refresh",
        "r",
        "Refresh",
        "Load again from KMS; connect again when there is no connection.",
        "key",
        "refresh",
    ),
    *ACTIONS,
)

LIST: Final = (
    Command(
        "keys.filter",
        "slash",
        "Filter",
        "Show only keys that match: words, state: spec: usage: alias:, ! for not.",
        "keys",
        "filter",
        priority=10,
    ),
    Command(
        "keys.open",
        "enter,d",
        "Open",
        "Show the key in detail.",
        "keys",
        "open",
        priority=20,
        why_disabled="why_no_key",
    ),
    Command(
        "keys.create",
        "n",
        "New key",
        "Create a key with an alias.",
        "keys",
        "create",
        priority=50,
        why_disabled="why_no_new_key",
    ),
    Command(
        "keys.export",
        "ctrl+s",
        "Export",
        "Write the keys that the filter shows into a file, as JSON or CSV.",
        "keys",
        "export",
        why_disabled="why_no_export",
    ),
    Command("keys.clear", "escape", "Clear", "Clear the filter.", "keys", "clear"),
)

ONE: Final = (
    Command("key.back", "escape", "Back", "Back to the list.", "keys.one", "back", priority=10),
)

NEW: Final = (
    Command(
        "keys.new.create",
        "ctrl+j",
        "Create",
        "Create the key and its alias; asks first where it costs money.",
        "keys.new",
        "submit",
        priority=10,
        danger=Danger.ASKS,
        overrides_input=True,
    ),
    Command(
        "keys.new.back",
        "escape",
        "Back",
        "Back to the list, nothing is created.",
        "keys.new",
        "back",
        priority=20,
        overrides_input=True,
    ),
)

COMMANDS: Final = (*LIST, *KEY, *ONE, *NEW)
