"""The keys that a message names, as rows to tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual.content import Content

from sealscope.app.display import BAD, GOOD, line
from sealscope.app.envelopes.key_lookup import LiveKey
from sealscope.app.widgets.cells import cut, fit
from sealscope.app.widgets.tick_list import TickRow

_ALIAS_CELLS: Final = 26
_STATE_CELLS: Final = 17
_PROVIDER_CELLS: Final = 9
"""For a key of which only the provider is known, so that the reason has room."""
_NAME_AT_LEAST: Final = 8


@dataclass(frozen=True)
class KeyRow(TickRow):
    """A row that ends with the key's name, in all the room that is left."""

    name: str = ""

    def draw(self, width: int) -> Content:
        """Box, alias, state, name."""
        start = super().draw(width)
        return line(start, cut(self.name, max(_NAME_AT_LEAST, width - start.cell_length)))


def key_rows(keys: Sequence[LiveKey]) -> list[TickRow]:
    """The rows; keys that the connection sees are ticked."""
    states = [len(key.state) for key in keys]
    # Reasons are longer than states: names stand in one column when both are there.
    if any(key.error for key in keys):
        alias_cells, state_cells = _ALIAS_CELLS, _STATE_CELLS
    else:
        alias_cells = min(_ALIAS_CELLS, max((len(_alias(key)) for key in keys), default=0))
        state_cells = min(_STATE_CELLS, max(states, default=0))
    return [_row(key, alias_cells, state_cells) for key in keys]


def _row(live: LiveKey, alias_cells: int, state_cells: int) -> KeyRow:
    if live.error:
        state_cells += alias_cells - _PROVIDER_CELLS
        alias_cells = _PROVIDER_CELLS
    style = GOOD if live.state == "Enabled" else BAD
    return KeyRow(
        live.recipient.key if live.recipient.is_kms else "",
        (fit(_alias(live), alias_cells), " ", (fit(live.state, state_cells), style), " "),
        ticked=live.key is not None,
        name=live.recipient.key.rsplit("/", 1)[-1],
    )


def _alias(live: LiveKey) -> str:
    return ", ".join(live.aliases) or ("(no alias)" if live.key else live.recipient.provider)
