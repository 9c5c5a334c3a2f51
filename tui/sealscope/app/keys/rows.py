"""A key as the list shows it: what is searched, how it is ordered, what each cell says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealscope import errors
from sealscope.kms.inventory import bare_key_id
from sealscope.text import Shown, show

if TYPE_CHECKING:
    from sealscope.app.widgets.virtual_table import Cell
    from sealscope.errors import SealscopeError
    from sealscope.kms.inventory import KeyEntry
    from sealscope.kms.keys import RotationStatus

_STATE_TONES: Final = {
    "Enabled": "good",
    "Disabled": "warn",
    "PendingDeletion": "bad",
    "PendingReplicaDeletion": "bad",
    "Unavailable": "bad",
}
_USES: Final = {
    "ENCRYPT_DECRYPT": "encrypt",
    "SIGN_VERIFY": "sign",
    "GENERATE_VERIFY_MAC": "mac",
    "KEY_AGREEMENT": "agree",
    "ENCAPSULATE_DECAPSULATE": "encaps.",
}
_NOT_YET: Final[Cell] = (Shown("…"), "muted")
_NONE: Final[Cell] = (Shown("-"), "muted")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key in the list.

    Attributes:
        haystack: lower-case text that the filter's words look through.
        order: customer aliases by name, then keys without one, then AWS's own.
    """

    entry: KeyEntry
    haystack: str
    order: tuple[int, str]

    @property
    def key_id(self) -> str:
        """The key's id."""
        return self.entry.key_id


def key_row(entry: KeyEntry) -> KeyRow:
    """The row of a key, to be made again whenever more is known of it."""
    names = [bare_alias(alias.name) for alias in entry.aliases]
    description = entry.description.description if entry.description else ""
    haystack = "\n".join((*names, entry.key_id, description)).lower()
    return KeyRow(entry, haystack, _order(names, entry.key_id))


def cells(row: KeyRow) -> tuple[Cell, ...]:
    """What the columns say, in the order of `COLUMNS`."""
    entry = row.entry
    alias = alias_text(entry)
    key_id: Cell = (show(entry.key_id), "muted")
    described = entry.description
    if described is None:
        state = _NOT_YET if entry.error is None else (failure_word(entry.error), "bad")
        rest = _NOT_YET if entry.error is None else _NONE
        return (alias, state, rest, rest, rest, key_id)
    return (
        alias,
        (state_word(described.state), _STATE_TONES.get(described.state, "warn")),
        (spec_word(described.spec), ""),
        (show(_USES.get(described.usage, described.usage)), ""),
        (rotation_word(entry.rotation, entry.rotation_error), ""),
        key_id,
    )


def alias_text(entry: KeyEntry) -> Cell:
    """The first alias and how many more there are; a key without one says so."""
    if not entry.aliases:
        return (show(f"(no alias) {bare_key_id(entry.key_id)[:8]}"), "muted")
    first = show(bare_alias(entry.aliases[0].name))
    more = len(entry.aliases) - 1
    return (Shown(f"{first} (+{more})") if more else first, "")


def bare_alias(name: str) -> str:
    """An alias without its prefix."""
    return name.removeprefix("alias/")


def state_word(state: str) -> Shown:
    """A key's state; the column cuts the long ones where it is narrow."""
    return show(state)


def spec_word(spec: str) -> Shown:
    """A key's spec; the usual one in a word."""
    return Shown("SYMMETRIC") if spec == "SYMMETRIC_DEFAULT" else show(spec)


def failure_word(error: SealscopeError) -> Shown:
    """Why a cell is empty, in one or two words."""
    if isinstance(error, errors.AccessDenied):
        return Shown("no access")
    if isinstance(error, errors.KeyNotFound):
        return Shown("gone")
    if isinstance(error, errors.Throttled):
        return Shown("throttled")
    return Shown("not known")


def rotation_word(status: RotationStatus | None, error: SealscopeError | None) -> Shown:
    """`365 d`, `off`, `-` where KMS never rotates."""
    if status is None:
        return Shown("…") if error is None else failure_word(error)
    if not status.applicable:
        return Shown("-")
    if not status.enabled:
        return Shown("off")
    return Shown(f"{status.period_days} d") if status.period_days else Shown("on")


def _order(names: list[str], key_id: str) -> tuple[int, str]:
    if not names:
        return (1, key_id)
    first = names[0].lower()
    return (2 if first.startswith("aws/") else 0, first)
