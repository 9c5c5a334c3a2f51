"""The rows of the inspector: header facts, recipients, context and the tree of fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from textual.content import Content

from sealscope.app.display import BAD, GOOD, MUTED, STRONG, WARN, Part, line
from sealscope.app.envelopes.facts import Fact, facts
from sealscope.app.envelopes.key_lookup import LiveKey
from sealscope.app.widgets.cells import fit
from sealscope.app.widgets.wrapping import MoreRow, pieces
from sealscope.formats.envelope import Envelope, Field
from sealscope.text import Shown, show

_LABEL_CELLS: Final = 13
_ALIAS_CELLS: Final = 20
_KEY_INDENT: Final = 3
FieldPath = tuple[int, ...]
"""Where a field is in the tree: its index on each level."""


@dataclass(frozen=True)
class HeadingRow:
    """A section's title."""

    title: str
    note: str = ""
    selectable: bool = False

    def draw(self, width: int) -> Content:
        """The title, and what is to be known about the section."""
        del width
        return line((self.title, f"{STRONG} underline"), "  ", (self.note, MUTED))


@dataclass(frozen=True)
class FactRow:
    """A name and a value.

    Attributes:
        copied: what the copy key copies.
    """

    fact: Fact
    piece: Content
    selectable: bool = True

    @property
    def copied(self) -> Shown:
        """What the copy key copies."""
        return show(self.fact.copied or self.fact.value)

    def draw(self, width: int) -> Content:
        """Label and value."""
        del width
        return line((fit(self.fact.label, _LABEL_CELLS), MUTED), " ", self.piece)


@dataclass(frozen=True)
class RecipientRow:
    """A wrapping key, as the file names it and as KMS tells of it now."""

    number: int
    live: LiveKey
    selectable: bool = True

    @property
    def copied(self) -> Shown:
        """The key's ARN, or its name."""
        return show(self.live.arn or self.live.recipient.key)

    def draw(self, width: int) -> Content:
        """Alias now, state or why it is not known, region and account."""
        live = self.live
        style = GOOD if live.state == "Enabled" else BAD if live.error else WARN
        if live.key is None and live.error is None:
            style = MUTED
        where = show(" ".join(part for part in (live.region, live.account) if part))
        where = where or show(live.recipient.provider)
        alias = alias_text(live) or ("(no alias)" if live.key else "?")
        state_cells = max(8, width - 3 - 1 - 1 - cell_len(where))
        parts: list[Part] = [(f"{self.number:>2} ", MUTED)]
        if live.error is None:
            parts += [(fit(alias, _ALIAS_CELLS), STRONG), " "]
            state_cells = max(8, min(15, state_cells - _ALIAS_CELLS - 1))
        parts += [(fit(live.state, min(state_cells, 40)), style), " ", (where, MUTED)]
        return line(*parts)


@dataclass(frozen=True)
class PairRow:
    """One pair of the encryption context."""

    name: str
    value: str
    name_cells: int
    piece: Content
    selectable: bool = True

    @property
    def copied(self) -> Shown:
        """The value."""
        return show(self.value)

    def draw(self, width: int) -> Content:
        """Name and value."""
        del width
        return line((fit(self.name, self.name_cells), MUTED), " ", self.piece)


@dataclass(frozen=True)
class FieldRow:
    """A field with its place in the file.

    Attributes:
        path: where it is in the tree.
        is_open: whether its parts are listed below it; None for a field without parts.
        number_cells: room for the file's size, so that offsets stand in a column.
    """

    field: Field
    path: FieldPath
    is_open: bool | None
    number_cells: int = 1
    selectable: bool = True

    @property
    def copied(self) -> Shown:
        """The raw value; bytes as hexadecimal."""
        value = self.field.value
        return show(value.hex() if isinstance(value, bytes) else str(value or self.field.meaning))

    def draw(self, width: int) -> Content:
        """Offset, length, name, and value with its meaning."""
        field = self.field
        arrow = {True: "▾ ", False: "▸ ", None: "  "}[self.is_open]
        indent = "  " * (len(self.path) - 1)
        room = max(12, width // 3)
        return line(
            (f"{field.offset:>{self.number_cells},}", MUTED),
            (f"  {field.length:>{self.number_cells},}  ", MUTED),
            fit(f"{indent}{arrow}{field.name}", room),
            " ",
            *_value_parts(field),
        )


OutlineRow = HeadingRow | FactRow | RecipientRow | PairRow | FieldRow | MoreRow


def alias_text(live: LiveKey) -> str:
    """The first alias of a key, and how many more it has; empty when none is known."""
    if not live.aliases:
        return ""
    more = len(live.aliases) - 1
    return live.aliases[0].removeprefix("alias/") + (f" (+{more})" if more else "")


def outline(
    envelope: Envelope, live: tuple[LiveKey, ...], opened: AbstractSet[FieldPath], width: int
) -> tuple[OutlineRow, ...]:
    """All rows of an envelope, top to bottom.

    Args:
        envelope: what the file says.
        live: one for each recipient, in the same order.
        opened: the groups of fields whose parts are listed.
        width: cells of a row.
    """
    rows: list[OutlineRow] = list(_fact_rows(envelope, width))
    rows.append(HeadingRow(f"Wrapped data keys ({len(live)})", "Enter goes to the key"))
    for number, key in enumerate(live, start=1):
        rows.append(RecipientRow(number, key))
        named = pieces(key.recipient.key, width - _KEY_INDENT - 1, MUTED)
        rows += [MoreRow(piece, _KEY_INDENT) for piece in named]
    context = envelope.encryption_context
    rows.append(HeadingRow(f"Encryption context ({len(context)})", "plain text, visible to all"))
    rows += _pair_rows(context, width)
    if envelope.fields:
        rows.append(HeadingRow("Fields", "offset, length, name, value; Enter opens a group"))
        cells = len(f"{envelope.sizes.total:,}")
        rows += _field_rows(envelope.fields, (), opened, cells)
    return tuple(rows)


def _fact_rows(envelope: Envelope, width: int) -> Iterator[OutlineRow]:
    for fact in facts(envelope):
        style = BAD if fact.label == "Problem" else ""
        first, *more = pieces(fact.value, width - _LABEL_CELLS - 2, style)
        yield FactRow(fact, first)
        yield from (MoreRow(piece, _LABEL_CELLS + 1) for piece in more)


def _pair_rows(context: Mapping[str, str], width: int) -> Iterator[OutlineRow]:
    longest = max((len(show(name)) for name in context), default=0)
    cells = max(_LABEL_CELLS, min(longest, width // 3))
    for name, value in context.items():
        first, *more = pieces(value, width - cells - 2)
        yield PairRow(name, value, cells, first)
        yield from (MoreRow(piece, cells + 1) for piece in more)


def _field_rows(
    fields: tuple[Field, ...], above: FieldPath, opened: AbstractSet[FieldPath], cells: int
) -> Iterator[FieldRow]:
    for index, field in enumerate(fields):
        path = (*above, index)
        is_open = path in opened if field.children else None
        yield FieldRow(field, path, is_open, cells)
        if is_open:
            yield from _field_rows(field.children, path, opened, cells)


def _value_parts(field: Field) -> list[Part]:
    value = field.value
    if value is None:
        return [(field.meaning, MUTED)]
    if isinstance(value, bytes):
        raw = value[:16].hex() + ("…" if len(value) > 16 else "")
    else:
        raw = str(value)
    return [raw, (f"  {field.meaning}" if field.meaning else "", MUTED)]
