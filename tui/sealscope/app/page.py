"""The base of every full screen: context line above, jobs strip and footer below."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen

from sealscope.app.chrome.context_line import ContextLine
from sealscope.app.chrome.footer import KeyFooter
from sealscope.app.chrome.jobs_strip import JobsStrip
from sealscope.app.services import Phase, Services, Standing

if TYPE_CHECKING:
    from sealscope.app.app import SealscopeApp
    from sealscope.app.navigation import Navigator

Result = TypeVar("Result")


class Page(Screen[Result]):
    """A screen with the app's chrome.

    Subclasses say which parts of the command table they offer in `scopes`, set
    `BINDINGS = bindings(...)` to the same commands, and yield their widgets in `place_body`.
    """

    scopes: ClassVar[tuple[str, ...]] = ()
    is_passing: ClassVar[bool] = False
    """Whether it is left behind when somebody goes to a place, as a dialog is."""
    crumb: str = ""
    """Where we are below the place, for the context line; outside text is fine."""

    def compose(self) -> ComposeResult:
        """The chrome, with the page's own widgets in the middle."""
        # Textual sets these on the first resize, and then styles every widget a second time.
        breakpoints = self.app.HORIZONTAL_BREAKPOINTS or []
        names = [name for least, name in breakpoints if self.app.size.width >= least]
        self.add_class(*names[-1:])
        yield ContextLine()
        with Vertical(id="body"):
            yield from self.place_body()
        yield JobsStrip()
        yield KeyFooter()

    def place_body(self) -> ComposeResult:
        """The page's own widgets."""
        yield from ()

    def on_mount(self) -> None:
        """Follow the connection."""
        self.watch(self.seal, "standing", self._standing_changed)
        self.watch(self, "focused", self._focus_changed, init=False)

    def on_screen_resume(self) -> None:
        """In view again: what happened meanwhile shows."""
        for strip in self.query(JobsStrip):
            strip.look()
        self.query(KeyFooter).refresh()

    @property
    def seal(self) -> SealscopeApp:
        """The app, by its own type."""
        from sealscope.app.app import SealscopeApp

        assert isinstance(self.app, SealscopeApp)  # noqa: S101 - narrows the type
        return self.app

    @property
    def services(self) -> Services | None:
        """None until the connection is open."""
        return self.seal.standing.services

    @property
    def navigator(self) -> Navigator:
        """Goes to another place; works without a connection."""
        return self.seal.navigator

    def connected(self, services: Services) -> None:
        """The connection is open; also called when the page is made later than that."""

    def not_connected(self, standing: Standing) -> None:
        """There is no connection: it is being opened, or failed with `standing.error`."""

    def why_not_connected(self) -> str | None:
        """The reason for commands that need KMS; name it as `why_disabled`."""
        phase = self.seal.standing.phase
        if phase is Phase.CONNECTED:
            return None
        if phase is Phase.CONNECTING:
            return "The connection is still being opened"
        return "There is no connection to KMS; r tries again"

    def set_crumb(self, crumb: str) -> None:
        """Say in the context line what is being looked at."""
        self.crumb = crumb
        self.query_one(ContextLine).refresh()

    def refresh_commands(self) -> None:
        """Draw the footer again after something changed that enables or disables commands."""
        self.query_one(KeyFooter).refresh()

    def _focus_changed(self) -> None:
        self.query(KeyFooter).refresh()

    def _standing_changed(self, before: Standing | None, now: Standing) -> None:
        del before
        self.query_one(ContextLine).refresh()
        self.query_one(KeyFooter).refresh()
        if now.services is None:
            self.not_connected(now)
        elif self._known_services is not now.services:
            self._known_services = now.services
            self.connected(now.services)

    _known_services: Services | None = None
