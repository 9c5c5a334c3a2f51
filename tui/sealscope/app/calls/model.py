"""The list of calls: newest first, after the filter; no widget in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from sealscope.app.widgets.columns import Column
from sealscope.app.widgets.virtual_table import Cell
from sealscope.engine.arn import parse_kms_arn
from sealscope.kms.call_log import REFUSED, CallLog, CallRecord
from sealscope.text import Shown, show

COLUMNS: Final = (
    Column("time", "Time UTC", 8),
    Column("operation", "Operation", 20, full=24),
    Column("key", "Key", 18, grow=1),
    Column("region", "Region", 14, priority=3),
    Column("result", "Result", 15, full=18),
    Column("ms", "ms", 7, priority=1),
    Column("request_id", "Request id", 12, priority=2),
)

FIELDS: Final = {"op": 0, "key": 1, "region": 2, "result": 3}
"""What a filter's `field:value` looks at, by the place in `_Row.texts`."""

Aliases = Callable[[str], str]
"""The aliases of a key as named in a call, in one text; empty when none is known."""


@dataclass(frozen=True)
class _Term:
    field: int | None
    value: str
    wanted: bool

    def matches(self, row: _Row) -> bool:
        texts = row.texts if self.field is None else (row.texts[self.field],)
        return any(self.value in text for text in texts) is self.wanted


@dataclass(frozen=True, slots=True)
class _Row:
    record: CallRecord
    aliases: str

    @property
    def texts(self) -> tuple[str, ...]:
        record = self.record
        return tuple(
            text.lower()
            for text in (
                record.operation,
                f"{self.aliases} {record.key}",
                record.region,
                record.result,
                record.request_id,
            )
        )


class CallList:
    """The calls that are kept, as the table shows them.

    Args:
        log: what was called.
        aliases: names keys.
    """

    def __init__(self, log: CallLog, aliases: Aliases) -> None:
        self._log = log
        self._aliases = aliases
        self._terms: tuple[_Term, ...] = ()
        self._shown: list[_Row] = []
        self.filter_text = ""
        self.kept = 0

    def set_filter(self, text: str) -> None:
        """Show only what matches; takes effect with `arrange`."""
        self.filter_text = text
        self._terms = tuple(_terms(text))

    def arrange(self) -> None:
        """Read the log again."""
        known: dict[str, str] = {}
        records = self._log.records()
        self.kept = len(records)
        self._shown = []
        for record in reversed(records):
            if record.key not in known:
                known[record.key] = self._aliases(record.key) if record.key else ""
            row = _Row(record, known[record.key])
            if all(term.matches(row) for term in self._terms):
                self._shown.append(row)

    def __len__(self) -> int:
        return len(self._shown)

    def record(self, index: int) -> CallRecord | None:
        """The call at an index; None beyond the end."""
        return self._shown[index].record if 0 <= index < len(self._shown) else None

    def index(self, record: CallRecord) -> int | None:
        """Where a call is; None when the filter hides it or it is no longer kept."""
        return next((i for i, row in enumerate(self._shown) if row.record is record), None)

    def cells(self, index: int) -> tuple[Cell, ...]:
        """The cells of a row, in the order of `COLUMNS`."""
        row = self._shown[index]
        record = row.record
        name = f"{row.aliases} {bare_key(record.key)}" if row.aliases else bare_key(record.key)
        return (
            (show(record.at.astimezone(UTC).strftime("%H:%M:%S")), "muted"),
            (show(record.operation), ""),
            (show(name or "-"), "" if name else "muted"),
            (show(record.region), ""),
            result_cell(record),
            (show(f"{record.milliseconds:7.1f}"), ""),
            (show(record.request_id or "-"), "muted"),
        )


def result_cell(record: CallRecord) -> Cell:
    """How a call ended, in a word."""
    if record.result == "DryRunSucceeded":
        return (Shown("would succeed"), "good")
    tone = "good" if record.went_well else "warn" if record.result == REFUSED else "bad"
    return (show(record.result), tone)


def bare_key(key: str) -> str:
    """A key as named in a call, without what is the same for all keys of an account."""
    arn = parse_kms_arn(key)
    if arn is None:
        return key
    return arn.id if arn.is_key else f"alias/{arn.id}"


def _terms(text: str) -> list[_Term]:
    terms: list[_Term] = []
    for word in text.lower().split():
        bare = word.removeprefix("!")
        field, colon, value = bare.partition(":")
        number = FIELDS.get(field) if colon else None
        if number is None:
            value = bare
        # `op:` alone, while it is being typed, hides nothing.
        if value:
            terms.append(_Term(number, value, not word.startswith("!")))
    return terms
