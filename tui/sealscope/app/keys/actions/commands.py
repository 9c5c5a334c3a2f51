"""Changes to a key, as part of the command table.

The menu shows them all, each with the letter that chooses it there; they have no keys of their
own, so that no single key on a list of keys changes one.
"""

from __future__ import annotations

from typing import Final

from sealscope.app.command import Command, Danger

MENU: Final = Command(
    "key.change",
    "a",
    "Act",
    "Choose what to change of this key; says why what cannot be done cannot.",
    "key",
    "change",
    priority=45,
    why_disabled="why_no_key",
)

SMALL_DATA: Final = Command(
    "key.small_data",
    "K",
    "Small data",
    "Use KMS itself on 4,096 bytes at most: encrypt, decrypt, data keys, random bytes.",
    "key",
    "small_data",
    why_disabled="why_not_connected",
)


def _change(name: str, letter: str, label: str, tooltip: str, danger: Danger) -> Command:
    return Command(
        f"key.change.{name}",
        "",
        label,
        tooltip,
        "key",
        f"change_{name}",
        danger=danger,
        why_disabled=f"why_no_{name}",
        through=f"a {letter}",
    )


_ASKS, _NONE, _TYPED = Danger.ASKS, Danger.NONE, Danger.TYPED

CHANGES: Final = (
    _change("enable", "e", "Enable", "Let the key be used again.", _NONE),
    _change("disable", "d", "Disable", "Let nobody use the key until it is enabled.", _ASKS),
    _change("new_alias", "a", "New alias", "Give the key one more alias.", _NONE),
    _change("move_alias", "m", "Move alias", "Let an alias name another key.", _ASKS),
    _change("delete_alias", "x", "Delete alias", "Delete an alias; the key stays.", _ASKS),
    _change("describe", "t", "Description", "Write what the key is for.", _NONE),
    _change("tag", "g", "Tag", "Add a tag, or change the value of one.", _NONE),
    _change("untag", "u", "Untag", "Remove a tag.", _ASKS),
    _change("rotation_on", "r", "Rotation on", "Rotate by schedule, or set its period.", _ASKS),
    _change("rotation_off", "o", "Rotation off", "Rotate by schedule no more.", _ASKS),
    _change("rotate", "w", "Rotate now", "Make new key material now, on demand.", _ASKS),
    _change("import", "i", "Import material", "Import key material from a file.", _ASKS),
    _change("delete", "s", "Schedule deletion", "Have KMS delete the key after a wait.", _TYPED),
    _change("keep", "k", "Cancel deletion", "Keep the key; it comes back disabled.", _NONE),
)
ACTIONS: Final = (MENU, SMALL_DATA, *CHANGES)
