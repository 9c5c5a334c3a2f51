"""The bottom line: what can be done here, from the command table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

from sealscope.app.command import Command
from sealscope.app.commands import commands_of
from sealscope.app.display import MUTED, STRONG, Part, line

if TYPE_CHECKING:
    from sealscope.app.page import Page

MOST_KEYS: Final = 8
"""More than this nobody reads; the rest is under help."""


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
            key, label = command.key_names[0], command.label
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
        wanted = sorted(
            (command for command in commands_of(self.page.scopes) if command.priority),
            key=lambda command: command.priority,
        )
        chosen: list[Command] = []
        for command in wanted:
            needs = cell_len(command.key_names[0]) + cell_len(command.label) + 3
            if len(chosen) == MOST_KEYS or needs > width:
                break
            chosen.append(command)
            width -= needs
        return chosen

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
