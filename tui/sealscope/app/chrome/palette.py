"""The command palette's entries: the command table of the page that is shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from sealscope.app.commands import commands_of
from sealscope.app.display import content, line
from sealscope.text import show

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealscope.app.app import SealscopeApp
    from sealscope.app.command import Command


class CommandTableProvider(Provider):
    """Finds commands by label and tooltip; those that cannot be done now say why."""

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for command in self._commands():
            yield DiscoveryHit(
                content(command.label), self._run(command), command.label, self._help(command)
            )

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for command in self._commands():
            score = max(matcher.match(command.label), matcher.match(command.tooltip) * 0.5)
            if score > 0:
                yield Hit(
                    score,
                    line((command.label, "bold")),
                    self._run(command),
                    command.label,
                    self._help(command),
                )

    def _commands(self) -> tuple[Command, ...]:
        page = self._seal.page
        scopes = page.scopes if page is not None else ()
        return tuple(c for c in commands_of(scopes) if c.id != "app.palette")

    def _help(self, command: Command) -> str:
        reason = self._seal.why_not(command)
        keys = ", ".join(command.key_names)
        text = f"{command.tooltip} ({keys})" if reason is None else f"Not now: {reason}"
        # The palette parses its help lines as markup, and escaping that is not reliable.
        return show(text).replace("[", "(")

    def _run(self, command: Command) -> Callable[[], Awaitable[None]]:
        return partial(self._seal.action_command, command.id)

    @property
    def _seal(self) -> SealscopeApp:
        from sealscope.app.app import SealscopeApp

        assert isinstance(self.app, SealscopeApp)  # noqa: S101 - narrows the type
        return self.app
