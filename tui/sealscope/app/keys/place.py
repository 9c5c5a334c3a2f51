"""The Keys place: the list, and beside it the key under the cursor."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from sealscope.app.command import bindings
from sealscope.app.display import MUTED, content, error_content, lines, set_titles
from sealscope.app.keys.actions.acting import ActsOnKeys
from sealscope.app.keys.columns import COLUMNS
from sealscope.app.keys.commands import KEY, LIST
from sealscope.app.keys.detail import KeyDetail
from sealscope.app.place import Place
from sealscope.app.services import Services, Standing
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.virtual_table import NO_ROWS, VirtualTable

if TYPE_CHECKING:
    from sealscope.app.keys.model import KeyList
    from sealscope.kms.inventory import Event, KeyEntry

SOONEST = 0.05
"""Seconds between two arrangements of the list while it loads."""

REST = 0.15
"""Seconds the cursor rests on a key before it is asked about."""

DESCRIBED_FOR_FILTER = 500
"""Keys described on their own account so that a filter by field can judge them."""


class InventoryChanged(Message):
    """The inventory told something."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class KeysPlace(ActsOnKeys, Place):
    """The list of keys."""

    scopes = ("keys", "key")
    BINDINGS = bindings((*LIST, *KEY))
    AUTO_FOCUS: ClassVar[str | None] = "#keys"

    def __init__(self) -> None:
        super().__init__()
        self._keys: KeyList | None = None
        self._filter: Input | None = None
        self._timer: Timer | None = None
        self._resting: Timer | None = None
        self._spent = 0.0
        self._sought = ""

    def place_body(self) -> ComposeResult:
        """List and detail side by side; the detail hides on narrow screens."""
        with Vertical(id="keys-pane", classes="pane"):
            yield Line(id="keys-notice")
            yield VirtualTable(COLUMNS, id="keys")
        yield KeyDetail(id="key-detail", classes="pane")

    def on_mount(self) -> None:
        """No key yet."""
        self.query_one("#key-detail", KeyDetail).show_entry(None, self.seal.options.clock())

    # Connection.

    def connected(self, services: Services) -> None:
        """Load the keys."""
        from sealscope.app.keys.model import KeyList

        self._keys = KeyList(services.inventory)
        self._keys.set_filter(self._filter.value if self._filter else "")
        services.inventory.subscribe(self._heard)
        services.inventory.load()
        self._arrange()

    def _heard(self, event: Event) -> None:
        self.post_message(InventoryChanged(event))

    def not_connected(self, standing: Standing) -> None:
        """Say why there are no keys."""
        self._keys = None
        self.query_one(VirtualTable).set_rows(NO_ROWS)
        self._show_notice()
        del standing

    def _show_notice(self) -> None:
        standing = self.seal.standing
        notice = self.query_one("#keys-notice", Line)
        pane = self.query_one("#keys-pane")
        keys = self._keys
        set_titles(pane, keys.title() if keys else "Keys")
        self.seal.lists_failed = keys is not None and bool(keys.failures)
        text = None
        if standing.error is not None:
            text = lines([error_content(standing.error), content(""), content("r tries again.")])
        elif keys is None or (keys.is_loading and not keys.total and not keys.failures):
            text = content("Connecting to KMS…", MUTED)
        elif keys.failures:
            rows = [error_content(error) for error in keys.failures]
            text = lines([*rows, content("F5 connects again.")])
        elif not len(keys) and not keys.is_loading:
            text = content(
                "No key matches the filter; Esc clears it."
                if keys.filter_text
                else "There are no keys yet; n makes one."
            )
        notice.display = text is not None
        if text is not None:
            notice.set(text)

    # The list.

    @on(InventoryChanged)
    def _take_in(self, message: InventoryChanged) -> None:
        if self._keys is None or not self._keys.apply(message.event):
            return
        if self._keys.is_fresh:
            self._show_notice()
        elif self._timer is None:
            # A long list is arranged less often, so that keys still find the loop free.
            self._timer = self.set_timer(max(SOONEST, 4 * self._spent), self._arrange)

    def _arrange(self) -> None:
        self._timer = None
        keys = self._keys
        if keys is None:
            return
        started = time.perf_counter()
        table = self.query_one(VirtualTable)
        before = keys.key_id(table.cursor) if self._sought == "" else self._sought
        keys.arrange()
        cursor = keys.index(before) if before else None
        if cursor is not None and before == self._sought:
            self._sought = ""
        table.set_rows(keys, cursor)
        self._spent = time.perf_counter() - started
        self._show_notice()
        self._show_detail()
        self._ask()

    @on(VirtualTable.Moved)
    def _moved(self) -> None:
        self._show_detail()
        self._ask_soon()

    @on(VirtualTable.Scrolled)
    def _scrolled(self) -> None:
        self._ask_soon()

    @on(VirtualTable.Chosen)
    def _chosen(self) -> None:
        self.action_open()

    def _ask_soon(self) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST, self._ask)

    def _ask(self) -> None:
        """Have the keys described that are in view, and one screen around them."""
        services, keys = self.services, self._keys
        if services is None or keys is None:
            return
        table = self.query_one(VirtualTable)
        view = table.view
        around = range(max(0, view.start - len(view)), view.stop + len(view))
        wanted = keys.key_ids([table.cursor, *view, *around])
        if keys.needs_descriptions:
            wanted += keys.not_described(DESCRIBED_FOR_FILTER)
        if wanted:
            services.inventory.describe(wanted)

    def _show_detail(self) -> None:
        from sealscope.app.keys.rows import alias_text

        entry = self.current_key()
        self.query_one(KeyDetail).show_entry(entry, self.seal.options.clock())
        self.set_crumb(alias_text(entry)[0] if entry else "")
        self.refresh_commands()

    def current_key(self) -> KeyEntry | None:
        """The key under the cursor."""
        services, keys = self.services, self._keys
        if services is None or keys is None:
            return None
        key_id = keys.key_id(self.query_one(VirtualTable).cursor)
        return services.inventory.entry(key_id) if key_id else None

    # Commands.

    def action_filter(self) -> None:
        """Show the filter and type into it."""
        if self._filter is None:
            # Not before: a field costs a tenth of the time to the first picture.
            from sealscope.app.widgets.typed import TypedLine

            self._filter = TypedLine(
                id="filter", placeholder="words  state:enabled  spec:rsa  alias:pay  !not"
            )
            self.query_one("#keys-pane").mount(self._filter, before=0)
        self._filter.display = True
        self._filter.focus()

    def action_clear(self) -> None:
        """Clear the filter and go back to the list."""
        if self._filter is not None:
            self._filter.value = ""
            self._filter.display = False
        self.query_one(VirtualTable).focus()

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        if self._keys is not None:
            self._keys.set_filter(event.value)
            self._arrange()

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        self.query_one(VirtualTable).focus()

    def action_open(self) -> None:
        """Go to the detail: the pane beside the list, or a page of its own."""
        entry = self.current_key()
        if entry is None:
            return
        if self.has_class("-wide"):
            self.query_one(KeyDetail).focus()
        else:
            self._push(entry.key_id)

    def _push(self, key_id: str) -> None:
        from sealscope.app.keys.key_page import KeyPage

        self.app.push_screen(KeyPage(key_id))

    def action_refresh(self) -> None:
        """Load again, or connect again."""
        services = self.services
        if services is not None:
            key = self.current_key()
            self._sought = key.key_id if key else ""
            services.inventory.load()
        elif self.seal.why_no_reconnect() is None:
            self.seal.action_reconnect()

    def action_create(self) -> None:
        """Open the form for a new key."""
        from sealscope.app.keys.create import CreateKeyPage

        self.app.push_screen(CreateKeyPage(), self._created)

    def _created(self, key_id: str | None) -> None:
        if key_id is not None and self.services is not None:
            self.action_clear()
            self._sought = key_id
            self.services.inventory.load()

    def why_no_new_key(self) -> str | None:
        """Reason why no key can be created."""
        services = self.services
        if services is not None and services.gate.is_read_only:
            return "This connection is read-only; start with --write to change keys"
        return self.why_not_connected()

    def action_export(self) -> None:
        """Write the keys that the list shows into a file."""
        from sealscope.app.keys.export_dialog import ExportDialog

        services, keys = self.services, self._keys
        if services is not None and keys is not None:
            now = self.seal.options.clock()
            self.app.push_screen(ExportDialog(services, keys.key_ids(range(len(keys))), now))

    def why_no_export(self) -> str | None:
        """Reason why there is nothing to export."""
        return self.why_not_connected() or (None if self._keys else "The list shows no key")

    def show_key(self, arn: str) -> None:
        """Show a key of this or another account, by id or ARN."""
        services, keys = self.services, self._keys
        if services is None or keys is None:
            return
        entry = services.inventory.entry(arn)
        if entry is None or not keys.is_listed(entry.key_id):
            self._push(arn)
            return
        self.action_clear()
        self._arrange()
        index = keys.index(entry.key_id)
        self.query_one(VirtualTable).move_to(index or 0)
        if not self.has_class("-wide"):
            self._push(entry.key_id)
