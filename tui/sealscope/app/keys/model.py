"""The list of keys as the inventory fills it; no widget in it."""

from __future__ import annotations

from collections.abc import Iterable

from sealscope.app.keys.filter import Filter, parse_filter
from sealscope.app.keys.rows import KeyRow, cells, key_row
from sealscope.app.widgets.virtual_table import Cell
from sealscope.errors import AccessDenied, SealscopeError
from sealscope.kms.inventory import (
    AliasesPageLoaded,
    Event,
    Inventory,
    KeysDescribed,
    KeysGone,
    KeysPageLoaded,
    ListFailed,
    ListFinished,
    LoadStarted,
)
from sealscope.text import Shown

BOTH_LISTS = frozenset({"keys", "aliases"})


class KeyList:
    """Rows in order, after the filter.

    Args:
        inventory: where entries come from.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._filter = Filter()
        self.filter_text = ""
        self.finished: frozenset[str] = frozenset()
        self.failures: tuple[SealscopeError, ...] = ()
        self._rows: dict[str, KeyRow] = {}
        self._shown: list[KeyRow] = []
        self._index: dict[str, int] = {}
        self._add(inventory.key_ids())

    def apply(self, event: Event) -> bool:
        """Take in what the inventory tells; False when it is stale."""
        if event.generation != self._inventory.generation:
            return False
        match event:
            case LoadStarted():
                self._forget()
            case KeysPageLoaded(key_ids=key_ids):
                self._add(key_ids)
            case KeysGone(key_ids=key_ids):
                for key_id in key_ids:
                    self._rows.pop(key_id, None)
            case AliasesPageLoaded(key_ids=key_ids):
                self._add(key_id for key_id in key_ids if key_id in self._rows)
            case KeysDescribed(key_ids=key_ids):
                self._add(key_id for key_id in key_ids if key_id in self._rows)
            case ListFinished(what=what):
                self.finished |= {what}
            case ListFailed(what=what, error=error):
                self.finished |= {what}
                if not any(_is_same(error, known) for known in self.failures):
                    self.failures = (*self.failures, error)
        return True

    def set_filter(self, text: str) -> None:
        """Show only what matches; takes effect with `arrange`."""
        self.filter_text = text
        self._filter = parse_filter(text)

    def arrange(self) -> None:
        """Filter and sort again."""
        matching = self._rows.values()
        shown = [row for row in matching if self._filter.matches(row)]
        shown.sort(key=lambda row: row.order)
        self._shown = shown
        self._index = {row.key_id: number for number, row in enumerate(shown)}

    def __len__(self) -> int:
        return len(self._shown)

    def cells(self, index: int) -> tuple[Cell, ...]:
        """The cells of a row in view, with the newest that is known."""
        row = self._shown[index]
        return cells(self._rows.get(row.key_id, row))

    def key_id(self, index: int) -> str | None:
        """The key at an index; None beyond the end."""
        return self._shown[index].key_id if 0 <= index < len(self._shown) else None

    def index(self, key_id: str) -> int | None:
        """Where a key is in the list; None when the filter hides it or it is not listed."""
        return self._index.get(key_id)

    def is_listed(self, key_id: str) -> bool:
        """Whether the key is in the list, be it hidden by the filter."""
        return key_id in self._rows

    def key_ids(self, indexes: Iterable[int]) -> list[str]:
        """The keys at these indexes."""
        return [self._shown[index].key_id for index in indexes if 0 <= index < len(self._shown)]

    def not_described(self, most: int) -> list[str]:
        """Keys that a filter by field cannot judge yet."""
        found: list[str] = []
        for row in self._rows.values():
            if len(found) == most:
                break
            if row.entry.description is None and row.entry.error is None:
                found.append(row.key_id)
        return found

    @property
    def needs_descriptions(self) -> bool:
        """Whether the filter looks at fields that DescribeKey tells."""
        return self._filter.needs_descriptions

    @property
    def is_fresh(self) -> bool:
        """Whether a load has begun and brought nothing yet."""
        return not self._rows and not self.finished

    @property
    def is_loading(self) -> bool:
        """Whether keys or aliases are still coming."""
        return self.finished != BOTH_LISTS

    @property
    def total(self) -> int:
        """How many keys are listed so far, whatever the filter."""
        return len(self._rows)

    def title(self) -> Shown:
        """How much is loaded; never more than is true."""
        total = self.total
        listed = f"{total:,}" if not self.filter_text else f"{len(self):,} of {total:,}"
        notes = []
        if "keys" not in self.finished:
            notes.append("loading keys")
        elif "aliases" not in self.finished:
            notes.append("loading aliases")
        if self.failures:
            notes.append("not all could be listed")
        if self.needs_descriptions:
            undescribed = sum(
                row.entry.description is None and row.entry.error is None
                for row in self._rows.values()
            )
            if undescribed:
                notes.append(f"{undescribed:,} not described yet")
        return Shown(" · ".join([f"Keys {listed}", *notes]))

    def _forget(self) -> None:
        # What is shown stays until `arrange`: the screen may be drawn before that.
        self._rows = {}
        self.finished = frozenset()
        self.failures = ()

    def _add(self, key_ids: Iterable[str]) -> None:
        for key_id in key_ids:
            entry = self._inventory.entry(key_id)
            if entry is not None:
                self._rows[key_id] = key_row(entry)


def _is_same(one: SealscopeError, other: SealscopeError) -> bool:
    """Whether both lists failed for one reason; each permission that is missing counts."""
    if isinstance(one, AccessDenied) and one.detail != other.detail:
        return False
    return type(one) is type(other) and one.title == other.title
