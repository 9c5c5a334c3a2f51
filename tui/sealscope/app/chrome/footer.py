"""The bottom line: what can be done here, from the command table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, TextArea

from sealscope.app.command import Command, key_name
from sealscope.app.commands import commands_of
from sealscope.app.display import MUTED, STRONG, Part, line

if TYPE_CHECKING:
    from sealscope.app.page import Page

MOST_KEYS: Final = 8
"""More than this nobody reads; the rest is under help."""

_NEED: Final = {"app.help": 0, "app.quit": 2, "app.palette": 3}


def _passes_fields(key: str) -> bool:
    return key in {"escape", "ctrl+p", "ctrl+q"} or (key[0] == "f" and key[1:].isdigit())


class KeyFooter(Widget):
    """The keys of the page; what cannot be done now is dimmed, and says why when pressed."""

    DEFAULT_CSS = """
    KeyFooter { height: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._spans: list[tuple[int, int, str]] = []

    def render(self) -> Content:
        """As many commands as fit, by priority, at most `MOST_KEYS`."""
        parts: list[Part] = []
        self._spans = []
        x = 0
        for command in self.fitting(self.size.width):
            key, label = self._shown_key(command), command.label
            enabled = self.page.seal.why_not(command) is None
            text = f" {key} {label} "
            parts += [
                (f" {key}", STRONG if enabled else f"dim {MUTED}"),
                (f" {label} ", "" if enabled else f"dim {MUTED}"),
            ]
            self._spans.append((x, x + cell_len(text), command.id))
            x += cell_len(text)
        return line(*parts)

    def fitting(self, width: int) -> list[Command]:
        """The commands that the footer shows at this width, most important first."""
        offered = sorted(
            (command for command in commands_of(self.page.scopes) if command.priority),
            key=lambda command: command.priority,
        )
        if self.is_typing:
            # Here other keys are letters, or the field's own.
            offered = [command for command in offered if self._shown_key(command)]
        # Help comes first of all: without it nobody finds what has no room.
        by_need = sorted(offered, key=lambda command: _NEED.get(command.id, 1))
        chosen: list[Command] = []
        for command in by_need:
            needs = cell_len(self._shown_key(command)) + cell_len(command.label) + 3
            if len(chosen) == MOST_KEYS or needs > width:
                break
            chosen.append(command)
            width -= needs
        return [command for command in offered if command in chosen]

    @property
    def is_typing(self) -> bool:
        """Whether a text field takes the letters."""
        return isinstance(self.screen.focused, Input | TextArea)

    def _shown_key(self, command: Command) -> str:
        """The key to name, or nothing when a field takes all of them."""
        if not self.is_typing:
            return command.key_names[0]
        keys = command.keys.split(",")
        if command.overrides_input:
            return key_name(keys[0])
        return next((key_name(key) for key in keys if _passes_fields(key)), "")

    async def on_click(self, event: events.Click) -> None:
        """Do what was clicked."""
        for start, end, command_id in self._spans:
            if start <= event.x < end:
                await self.page.seal.action_command(command_id)

    @property
    def page(self) -> Page[object]:
        """The page whose commands these are."""
        from sealscope.app.page import Page

        screen = self.screen
        assert isinstance(screen, Page)  # noqa: S101 - narrows the type
        return screen
