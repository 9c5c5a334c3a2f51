"""One entry of the command table, and the bindings made of entries.

The table feeds bindings, footer, command palette and help, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from textual.binding import Binding, BindingType

EVERYWHERE: Final = ""
"""The place of commands that the app itself carries out."""


class Danger(Enum):
    """What a command may break, and so how it is confirmed."""

    NONE = "none"
    ASKS = "asks first"
    TYPED = "asks for the key's name"


@dataclass(frozen=True)
class Command:
    """Something the user can do.

    Attributes:
        id: stable name, "keys.refresh".
        keys: Textual key names, comma-separated; the first one is shown. Empty for what has
            none of its own.
        label: one or two words for the footer.
        tooltip: what it does, one sentence, for help and palette.
        place: which pages offer it: a name in `Page.scopes`, or `EVERYWHERE`.
        action: `action_<action>` of the page (of the app, for `EVERYWHERE`) carries it out.
        priority: order in the footer, lowest first; 0 keeps it out of the footer.
        why_disabled: a method of the page or app that returns the reason why it cannot be
            done now, or None; empty when it always can.
        overrides_input: works also while a text field has the focus and could take the key.
        through: the keys that lead to a command without one of its own, through a menu.
    """

    id: str
    keys: str
    label: str
    tooltip: str
    place: str
    action: str
    priority: int = 0
    danger: Danger = Danger.NONE
    why_disabled: str = ""
    overrides_input: bool = False
    through: str = ""

    @property
    def key_names(self) -> tuple[str, ...]:
        """The keys as people write them: `^p`, `F1`, `Enter`."""
        if not self.keys:
            return (self.through,)
        return tuple(key_name(key) for key in self.keys.split(","))


_NAMES: Final = {
    "enter": "⏎",
    "escape": "Esc",
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "space": "Space",
    "minus": "-",
    "at": "@",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "tab": "Tab",
    "backspace": "Bksp",
    "full_stop": ".",
    "left": "←",
    "right": "→",
}


def key_name(key: str) -> str:
    """How a key is written in footer and help."""
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+')}"
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return _NAMES.get(key, key)


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """The bindings of a page (or of the app): every one goes through `action_command`."""
    return [
        Binding(
            command.keys,
            f"app.command('{command.id}')",
            command.label,
            show=False,
            priority=command.overrides_input,
            tooltip=command.tooltip,
            id=command.id,
        )
        for command in commands
        if command.keys
    ]
