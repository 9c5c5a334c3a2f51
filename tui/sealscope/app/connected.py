"""The app's connection: opening it, opening it again, who calls, and a locked store.

A thread does the work and posts one event; the handlers here keep `standing`, which the pages
watch. Events of an attempt that is no longer the current one are dropped by its number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from textual.app import App
from textual.message import Message
from textual.reactive import reactive

from sealscope.app.display import error_line, toast
from sealscope.app.events import (
    ConnectionFailed,
    ConnectionOpened,
    ConnectionReplaced,
    IdentityAnswered,
    UnlockAnswered,
)
from sealscope.app.options import AppOptions
from sealscope.app.services import Phase, Services, Standing, WorkBroke, post_result
from sealscope.errors import SealscopeError
from sealscope.kms.call_log import CallLog
from sealscope.kms.threads import DaemonThreads

if TYPE_CHECKING:
    from sealscope.app.navigation import Navigator
    from sealscope.secret import SecretBytes

KMS_THREADS: Final = 8
"""For connecting and for the calls of places; the lists and the jobs have their own."""


class ConnectedApp(App[int]):
    """An app with a connection to KMS.

    Attributes:
        standing: how far the connection is, and the services once it is open.
        lists_failed: whether it is open and its keys or aliases could not be listed.
        threads: for KMS calls of the places.
        calls: every call since the start, over all connections.
        navigator: goes to another place; the app that has the places sets it.
    """

    navigator: Navigator
    standing: reactive[Standing] = reactive(Standing(), init=False)

    def __init__(self, options: AppOptions, **settings: Any) -> None:
        super().__init__(**settings)
        self.options = options
        self.threads = DaemonThreads(KMS_THREADS, "kms")
        self.calls = CallLog()
        self.lists_failed = False
        self._generation = 0

    def action_reconnect(self) -> None:
        """Open the connection; once more when it is open and the lists failed."""
        self._generation += 1
        generation = self._generation
        services = self.standing.services
        if services is not None:
            self._replace_connection(services, generation)
            return
        self.standing = Standing(Phase.CONNECTING)
        self.threads.submit(lambda: self._open_connection(generation))

    def why_no_reconnect(self) -> str | None:
        """Reason why there is nothing to reconnect."""
        if self.standing.phase is Phase.CONNECTING:
            return "The connection is being opened"
        services = self.standing.services
        if services is None:
            return None
        if not self.lists_failed:
            return "The connection is open"
        return "Jobs are running on this connection" if services.runner.busy else None

    def _replace_connection(self, services: Services, generation: int) -> None:
        def opening() -> Message:
            try:
                services.gate.reconnect(self.options.connect(self.options.target))
            except SealscopeError as error:
                return ConnectionReplaced(generation, error)
            return ConnectionReplaced(generation, None)

        self.lists_failed = False
        services.in_background(self, opening)

    def on_connection_replaced(self, event: ConnectionReplaced) -> None:
        """Load again on the new connection; jobs that are over stay listed."""
        services = self.standing.services
        if event.generation != self._generation or services is None:
            return
        if event.error is not None:
            self.lists_failed = True
            toast(self, "Connect again: ", error_line(event.error), severity="error")
            return
        self.standing = Standing(Phase.CONNECTED, services, is_locked=services.gate.is_locked)
        services.inventory.load()
        self._ask_who(services)

    def _open_connection(self, generation: int) -> None:
        def opening() -> Message:
            from sealscope.app.connecting import open_services

            try:
                services = open_services(self)
            except SealscopeError as error:
                return ConnectionFailed(generation, error)
            return ConnectionOpened(generation, services)

        post_result(self, opening)

    def on_connection_opened(self, event: ConnectionOpened) -> None:
        """Give the services to the pages, and ask who we are."""
        if event.generation != self._generation:
            event.services.close()
            return
        services = event.services
        is_locked = services.gate.is_locked
        self.standing = Standing(Phase.CONNECTED, services, is_locked=is_locked)
        if is_locked:
            self.action_unlock()
        self._ask_who(services)

    def _ask_who(self, services: Services) -> None:
        generation = self._generation

        def asking() -> Message:
            try:
                return IdentityAnswered(generation, services.gate.identity(), None)
            except SealscopeError as error:
                return IdentityAnswered(generation, None, error)

        services.in_background(self, asking)

    def on_connection_failed(self, event: ConnectionFailed) -> None:
        """Say so in place; the pages show the error and how to try again."""
        if event.generation == self._generation:
            self.standing = Standing(Phase.FAILED, error=event.error)

    def on_identity_answered(self, event: IdentityAnswered) -> None:
        """Complete the context line."""
        if event.generation == self._generation:
            self.standing = replace(
                self.standing, identity=event.identity, identity_error=event.error
            )

    # The passphrase of a local store.

    def action_unlock(self) -> None:
        """Ask for the passphrase; Escape goes on without it."""
        from sealscope.app.chrome.unlock import UnlockDialog

        self.push_screen(UnlockDialog(self._unlock))

    def why_no_unlock(self) -> str | None:
        """Reason why there is nothing to unlock."""
        return None if self.standing.is_locked else "No local key store is locked"

    def _unlock(self, passphrase: SecretBytes) -> None:
        services, generation = self.standing.services, self._generation
        if services is None:
            return
        gate = services.gate

        def unlocking() -> Message:
            try:
                gate.unlock(passphrase)
            except SealscopeError as error:
                return UnlockAnswered(generation, error)
            return UnlockAnswered(generation, None)

        services.in_background(self, unlocking)

    def on_unlock_answered(self, event: UnlockAnswered) -> None:
        """Close the dialog, or let it say why the store stays locked."""
        from sealscope.app.chrome.unlock import UnlockDialog

        if event.generation != self._generation:
            return
        dialog = self.screen if isinstance(self.screen, UnlockDialog) else None
        if event.error is None:
            self.standing = replace(self.standing, is_locked=False)
            if dialog is not None:
                dialog.dismiss()
        elif dialog is not None:
            dialog.refused(event.error)

    def on_work_broke(self, event: WorkBroke) -> None:
        """A fault of ours in a thread: say so and go on."""
        toast(self, "Sealscope failed inside: ", event.kind, severity="error")
