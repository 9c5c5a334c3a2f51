"""One key on a page of its own: on narrow screens, and for keys that are not in the list."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from sealscope.app.command import bindings
from sealscope.app.keys.actions.acting import ActsOnKeys
from sealscope.app.keys.commands import KEY, ONE
from sealscope.app.keys.detail import KeyDetail
from sealscope.app.keys.rows import alias_text
from sealscope.app.services import Services
from sealscope.kms.inventory import Event, KeyEntry, KeysDescribed


class KeyChanged(Message):
    """More is known of the key."""


class KeyPage(ActsOnKeys):
    """The detail of one key."""

    scopes = ("keys.one", "key")
    BINDINGS = bindings((*ONE, *KEY))
    AUTO_FOCUS = "#key-detail"
    DEFAULT_CSS = """
    KeyPage #key-detail { width: 1fr; }
    """

    def __init__(self, key_id: str) -> None:
        super().__init__()
        self._key_id = key_id
        self._unsubscribe: Callable[[], None] | None = None

    def place_body(self) -> ComposeResult:
        """The detail over the whole screen."""
        yield KeyDetail(id="key-detail", classes="pane")

    def connected(self, services: Services) -> None:
        """Ask for the key."""
        self._unsubscribe = services.inventory.subscribe(self._heard)
        services.inventory.describe([self._key_id], asker="page")
        self._show()

    def on_unmount(self) -> None:
        """Listen no more."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    def _heard(self, event: Event) -> None:
        if isinstance(event, KeysDescribed):
            self.post_message(KeyChanged())

    @on(KeyChanged)
    def _show(self) -> None:
        entry = self.current_key()
        if entry is not None:
            self.query_one(KeyDetail).show_entry(entry, self.seal.options.clock())
            self.set_crumb(alias_text(entry)[0])
            self.refresh_commands()

    def current_key(self) -> KeyEntry | None:
        """The key of this page."""
        services = self.services
        if services is None:
            return None
        return services.inventory.entry(self._key_id) or KeyEntry(self._key_id, self._key_id)

    def action_refresh(self) -> None:
        """Ask again."""
        if self.services is not None:
            self.services.inventory.describe([self._key_id], asker="page", again=True)
        elif self.seal.why_no_reconnect() is None:
            self.seal.action_reconnect()

    def action_back(self) -> None:
        """To the list."""
        self.dismiss(None)
