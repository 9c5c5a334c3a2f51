"""The app: it switches places, carries out commands and ends well."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual._callback import invoke
from textual.app import App
from textual.command import CommandPalette
from textual.message import Message
from textual.screen import ModalScreen, Screen

from sealscope.app.chrome.jobs_strip import JobsStrip
from sealscope.app.clipboard import clipboard_sequence
from sealscope.app.colours import own_variables
from sealscope.app.command import EVERYWHERE, Command, bindings
from sealscope.app.commands import GLOBAL, TABLE
from sealscope.app.connected import ConnectedApp
from sealscope.app.crash import crash_report
from sealscope.app.display import toast
from sealscope.app.events import ServicesClosed
from sealscope.app.navigation import Navigator
from sealscope.app.options import AppOptions
from sealscope.app.page import Page
from sealscope.app.places import MODES
from sealscope.text import show

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import PurePath

    from textual.command import Provider

    from sealscope.text import Shown


MANY_COLOURS: Final = ("textual-dark", "textual-light")
TERMINALS_OWN: Final = ("ansi-dark", "ansi-light")
"""For terminals of 16 colours: shades that are told apart by a little become one there."""


def _themes() -> tuple[str, str]:
    """The dark and the light theme for this terminal."""
    many = os.environ.get("COLORTERM") or "256color" in os.environ.get("TERM", "256color")
    return MANY_COLOURS if many else TERMINALS_OWN


def _is_passing(screen: Screen[object]) -> bool:
    return isinstance(screen, ModalScreen) or (isinstance(screen, Page) and screen.is_passing)


def _palette() -> type[Provider]:
    from sealscope.app.chrome.palette import CommandTableProvider

    return CommandTableProvider


class SealscopeApp(ConnectedApp):
    """Keys, Envelopes and Jobs."""

    TITLE = "Sealscope"
    # The first place's style is read here: a screen's own CSS_PATH parses everything again.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["styles/app.tcss", "styles/keys.tcss"]
    MODES: ClassVar[dict[str, str | Callable[[], Screen[object]]]] = MODES  # type: ignore[assignment]
    DEFAULT_MODE = "keys"
    BINDINGS = bindings(GLOBAL)
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it as an instance's
        (0, "-narrow"),
        (100, "-wide"),
    ]
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    NOTIFICATION_TIMEOUT = 3  # a toast lies over the jobs strip

    def __init__(self, options: AppOptions) -> None:
        # no-color.org: only a non-empty value counts; Textual looks at presence alone.
        if os.environ.get("NO_COLOR") == "":
            del os.environ["NO_COLOR"]
        # Textual's own NO_COLOR sends grey colours, except with an ANSI theme.
        colourless = "NO_COLOR" in os.environ
        self._themes = _themes()
        own_palette = colourless or self._themes == TERMINALS_OWN
        super().__init__(options, ansi_color=True if own_palette else None)
        self.navigator = Navigator(self)
        self._awaited: frozenset[int] = frozenset()
        self.farewell: tuple[Shown, ...] = ()
        """Lines for the terminal, once the app has closed."""
        self.theme = "ansi-dark" if colourless else options.theme or self._themes[0]

    def get_css_variables(self) -> dict[str, str]:
        """The theme's variables and ours."""
        theme = super().get_css_variables()
        return {**theme, **own_variables(theme)}

    def on_ready(self) -> None:
        """Connect once the first picture is on the screen, because boto3 is slow to load."""
        gc.freeze()
        gc.enable()
        self.call_after_refresh(self.action_reconnect)
        if self.options.path is not None:
            self.navigator.open_envelope(self.options.path)

    def on_job_changed(self) -> None:
        """Let the strip look; a job that runs keeps its timer going."""
        for strip in self.screen.query(JobsStrip):
            strip.look()

    # Places.

    def go_to(self, mode: str) -> Screen[object]:
        """Switch to a place; its base screen, which may still be composing itself."""
        self.switch_mode(mode)
        while len(self.screen_stack) > 1 and _is_passing(self.screen):
            self.pop_screen()
        return self.screen_stack[0]

    def action_go_keys(self) -> None:
        """Show the Keys place."""
        self.go_to("keys")

    def action_go_envelopes(self) -> None:
        """Show the Envelopes place."""
        self.go_to("envelopes")

    def action_go_jobs(self) -> None:
        """Show the Jobs place."""
        self.go_to("jobs")

    # Commands.

    async def action_command(self, command_id: str) -> None:
        """Carry out a command of the table, or say why it cannot be done now."""
        command = TABLE[command_id]
        target = self._target(command)
        if target is None:
            return
        reason = self.why_not(command)
        if reason is not None:
            toast(self, command.label, ": ", reason, severity="warning")
            return
        await invoke(getattr(target, f"action_{command.action}"))

    def why_not(self, command: Command) -> str | None:
        """Why a command cannot be done now; None when it can."""
        target = self._target(command)
        if target is None:
            return "This page does not offer it"
        if not command.why_disabled:
            return None
        reason: str | None = getattr(target, command.why_disabled)()
        return reason

    def _target(self, command: Command) -> App[int] | Screen[object] | None:
        if command.place == EVERYWHERE:
            return self
        page = self.page
        return page if page is not None and command.place in page.scopes else None

    @property
    def page(self) -> Page[object] | None:
        """The page in view, also while a dialog lies over it."""
        pages = (screen for screen in reversed(self.screen_stack) if isinstance(screen, Page))
        return next(pages, None)

    def action_calls(self) -> None:
        """Show what was called, or go back from there."""
        from sealscope.app.calls.page import CallsPage

        page = self.page
        if page is not None and page.is_passing and page.is_current:
            page.dismiss()
        else:
            self.push_screen(CallsPage())

    def action_help(self) -> None:
        """Show the keys of this page."""
        from sealscope.app.chrome.help import HelpScreen

        self.push_screen(HelpScreen(self.page.scopes if self.page else ()))

    def action_toggle_light(self) -> None:
        """Switch between the dark and the light theme."""
        dark, light = self._themes
        self.theme = light if self.current_theme.dark else dark

    def why_no_theme(self) -> str | None:
        """Without colours there is only one theme."""
        return "NO_COLOR is set" if self.no_color else None

    # The end.

    def action_leave(self) -> None:
        """Quit; ask first when jobs are running, because quitting stops them."""
        services = self.standing.services
        if services is None or not services.runner.busy:
            self._close_and_exit()
            return
        from sealscope.app.jobs.farewell import unfinished

        self._awaited = unfinished(services.runner.views())
        from sealscope.app.jobs.quit_dialog import QuitAnswer, QuitDialog

        self.push_screen(
            QuitDialog(lambda: sum(not view.state.is_over for view in services.runner.views())),
            lambda answer: self._close_and_exit() if answer is QuitAnswer.QUIT else None,
        )

    async def on_event(self, event: events.Event) -> None:
        """Take what the text gate would escape out of a paste into Textual's own field."""
        if isinstance(event, events.Paste) and isinstance(self.screen, CommandPalette):
            event.text = "".join(char for char in event.text if char == " " or show(char) == char)
        await super().on_event(event)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through the terminal (OSC 52), also from inside tmux."""
        self._clipboard = text
        if self._driver is not None:
            in_tmux = bool(os.environ.get("TMUX"))
            self._driver.write(clipboard_sequence(text, in_tmux=in_tmux))

    def action_help_quit(self) -> None:
        """Ctrl+C by habit: say what quits."""
        toast(self, "ctrl+q quits")

    async def action_quit(self) -> None:
        """Textual's own way out, from its own screens: the same question."""
        self.action_leave()

    def _close_and_exit(self) -> None:
        services = self.standing.services
        self._generation += 1
        if services is None:
            self.threads.close()
            self.exit(0)
            return

        def closing() -> Message:
            services.close()
            return ServicesClosed()

        # Cancelled jobs clean up behind them, which may take a moment.
        services.in_background(self, closing)

    def on_services_closed(self) -> None:
        """Nothing runs any more; jobs that came to nothing meanwhile are told of."""
        self.threads.close()
        services = self.standing.services
        if self._awaited and services is not None:
            from sealscope.app.jobs.farewell import farewell

            self.farewell = farewell(services.runner.views(), self._awaited)
        status = 1 if self.farewell else 0
        self.exit(status, return_code=status)

    def _fatal_error(self) -> None:
        # Textual's own prints every local variable of every frame, secrets included.
        self.bell()
        self._exit_renderables.append(crash_report(self.console))
        self._close_messages_no_wait()


def run_app(options: AppOptions) -> int:
    """Run the app until it is left; the exit status."""
    app = SealscopeApp(options)
    status = app.run()
    if app.standing.services is not None:
        app.standing.services.release()
    for line in app.farewell:
        sys.stderr.write(line + "\n")
    return app.return_code or status or 0
