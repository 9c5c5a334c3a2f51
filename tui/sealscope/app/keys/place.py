"""The Keys place."""

from __future__ import annotations

from textual.app import ComposeResult

from sealscope.app.command import bindings
from sealscope.app.display import content
from sealscope.app.keys.commands import COMMANDS
from sealscope.app.place import Place
from sealscope.app.widgets.line import Line


class KeysPlace(Place):
    """The list of keys."""

    scopes = ("keys",)
    BINDINGS = bindings(COMMANDS)

    def place_body(self) -> ComposeResult:
        """Nothing yet."""
        yield Line(content("Keys"))

    def action_refresh(self) -> None:
        """Load again."""

    def show_key(self, arn: str) -> None:
        """Show a key."""
