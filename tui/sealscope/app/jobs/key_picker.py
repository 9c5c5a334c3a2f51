"""Picking keys from the inventory, with their states."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen

from sealscope.app.display import BAD, GOOD, MUTED, Part, set_titles
from sealscope.app.jobs.key_names import name_of
from sealscope.app.widgets.cells import fit
from sealscope.app.widgets.row_list import RowList
from sealscope.app.widgets.tick_list import TickList, TickRow
from sealscope.app.widgets.typed import TypedLine
from sealscope.kms.inventory import Event, Inventory, KeyEntry

MOST_ROWS: Final = 200
"""Rows shown; beyond that nobody scrolls, and typing finds the rest."""
_REDRAW_SECONDS: Final = 0.1


class InventoryChanged(Message):
    """More is known of the keys."""


class KeyPicker(ModalScreen[tuple[str, ...] | None]):
    """A list of keys to tick; its result are their names, or None when it was left."""

    DEFAULT_CSS = """
    KeyPicker { align: center middle; }
    KeyPicker > Vertical {
        width: 90%; height: 80%; border: round $border; padding: 0 1; background: $surface;
    }
    KeyPicker TypedLine { background: $boost; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave", show=False),
        Binding("slash", "focus_filter", "Filter", show=False),
    ]

    def __init__(self, inventory: Inventory, chosen: tuple[str, ...]) -> None:
        super().__init__()
        self._inventory = inventory
        self._ticked = dict.fromkeys(chosen)
        self._unsubscribe: Callable[[], None] | None = None
        self._redraw_is_due = False

    def compose(self) -> ComposeResult:
        """A filter and the keys."""
        with Vertical() as box:
            yield TypedLine(placeholder="/ filters by alias, id, state", id="filter")
            yield TickList(id="keys", empty="No keys yet …")
        set_titles(box, "Keys", "Space ticks, ⏎ takes, / filters, Esc leaves")

    def on_mount(self) -> None:
        """Follow the inventory; load it when nobody has."""
        self._unsubscribe = self._inventory.subscribe(self._heard)
        if not self._inventory.generation:
            self._inventory.load()
        self._redraw()
        self.query_one(TickList).focus()

    def on_unmount(self) -> None:
        """Stop following."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    def on_inventory_changed(self, event: InventoryChanged) -> None:
        """Draw again, a few times a second at most."""
        event.stop()
        if not self._redraw_is_due:
            self._redraw_is_due = True
            self.set_timer(_REDRAW_SECONDS, self._redraw)

    @on(TypedLine.Changed, "#filter")
    def _filter(self, event: TypedLine.Changed) -> None:
        event.stop()
        self._redraw()

    @on(TypedLine.Submitted, "#filter")
    def _to_list(self, event: TypedLine.Submitted) -> None:
        event.stop()
        self.query_one(TickList).focus()

    @on(TickList.Ticked)
    def _remember(self, event: TickList.Ticked) -> None:
        event.stop()
        for row in event.source.rows:
            if isinstance(row, TickRow) and row.value:
                if row.ticked:
                    self._ticked.setdefault(row.value)
                else:
                    self._ticked.pop(row.value, None)

    @on(RowList.Chosen)
    def _take(self, event: RowList.Chosen) -> None:
        event.stop()
        row = event.row
        if self._ticked:
            self.dismiss(tuple(self._ticked))
        elif isinstance(row, TickRow) and row.value:
            self.dismiss((row.value,))

    def action_focus_filter(self) -> None:
        """Type what to look for."""
        self.query_one("#filter").focus()

    def _heard(self, event: Event) -> None:
        del event
        self.post_message(InventoryChanged())

    def _redraw(self) -> None:
        self._redraw_is_due = False
        words = self.query_one("#filter", TypedLine).value.casefold().split()
        rows: list[TickRow] = []
        unknown: list[str] = []
        more = 0
        for key_id in self._inventory.key_ids():
            entry = self._inventory.entry(key_id)
            if entry is None or not _matches(entry, words):
                continue
            if len(rows) == MOST_ROWS:
                more += 1
                continue
            rows.append(self._row(entry))
            if entry.description is None and entry.error is None:
                unknown.append(key_id)
        rows.sort(key=lambda row: row.value not in self._ticked)
        if more:
            rows.append(TickRow("", ((f"… and {more:,} more; type to find them", MUTED),)))
        self.query_one(TickList).set_rows(tuple(rows))
        if unknown:
            self._inventory.describe(unknown, asker="picker")

    def _row(self, entry: KeyEntry) -> TickRow:
        name = name_of(entry)
        description = entry.description
        state, style = "asking …", MUTED
        usable = True
        if description is not None:
            usable = description.seals_data_keys
            state = description.state
            if description.state == "Enabled" and not usable:
                state = f"not for envelopes ({description.spec})"
            style = GOOD if usable else BAD
        elif entry.error is not None:
            state, style = entry.error.title, BAD
        parts: tuple[Part, ...] = (
            fit(", ".join(alias.name for alias in entry.aliases) or "(no alias)", 30),
            " ",
            (fit(state, 24), style),
            " ",
            (entry.key_id, MUTED),
        )
        return TickRow(name if usable else "", parts, name in self._ticked)


def _matches(entry: KeyEntry, words: list[str]) -> bool:
    state = entry.description.state if entry.description else ""
    text = " ".join((entry.key_id, state, *(alias.name for alias in entry.aliases))).casefold()
    return all(word in text for word in words)
