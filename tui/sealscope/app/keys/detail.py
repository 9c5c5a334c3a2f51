"""One key in detail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from textual.containers import VerticalScroll
from textual.content import Content

from sealscope.app.display import (
    BAD,
    GOOD,
    MUTED,
    WARN,
    Part,
    content,
    error_content,
    label_row,
    line,
    lines,
    set_titles,
)
from sealscope.app.keys.rows import alias_text, bare_alias, failure_word
from sealscope.app.widgets.line import Line
from sealscope.errors import SealscopeError
from sealscope.kms.inventory import KeyEntry
from sealscope.kms.keys import KeyDescription, RotationStatus
from sealscope.units import age, date, date_time

_STYLES = {"Enabled": f"bold {GOOD}", "Disabled": f"bold {WARN}"}


class KeyDetail(VerticalScroll):
    """What is known of one key; scrolls when it is longer than the pane."""

    DEFAULT_CSS = """
    KeyDetail { scrollbar-size-vertical: 1; }
    """

    def compose(self) -> Iterator[Line]:
        """One text."""
        yield Line(id="key-text")

    def show_entry(self, entry: KeyEntry | None, now: datetime) -> None:
        """Show a key; None while there is none."""
        text = self.query_one("#key-text", Line)
        if entry is None:
            set_titles(self, "Key")
            text.set(content("No key is selected.", MUTED))
            return
        set_titles(self, alias_text(entry)[0])
        text.set(detail_content(entry, now))


def detail_content(entry: KeyEntry, now: datetime) -> Content:
    """All facts of a key, one a line."""
    return lines(_rows(entry, now))


def _rows(entry: KeyEntry, now: datetime) -> Iterator[Content]:
    yield label_row("Key id", entry.key_id)
    described = entry.description
    if described is not None:
        yield label_row("State", (described.state, _STYLES.get(described.state, f"bold {BAD}")))
        yield from _dates(described, now)
        yield label_row("Spec", described.spec)
        yield label_row("Use", described.usage)
        yield label_row("Origin", described.origin or "-")
        yield label_row("Manager", described.manager or "-")
        yield label_row("Regions", _regions(described))
        yield from _rotation(entry.rotation, entry.rotation_error, now)
        if described.key_material_id:
            yield label_row("Material", described.key_material_id)
        yield label_row("Created", _when(described.created, now))
        yield label_row("Description", described.description or ("none", MUTED))
        yield label_row("Account", described.account or "-")
    elif entry.error is None:
        yield label_row("State", ("being asked", MUTED))
    else:
        yield label_row("State", (failure_word(entry.error), f"bold {BAD}"))
    yield label_row("ARN", entry.arn)
    yield from _aliases(entry, now)
    if entry.error is not None:
        yield content("")
        yield error_content(entry.error)


def _dates(described: KeyDescription, now: datetime) -> Iterator[Content]:
    if described.deletion_date is not None:
        when = f"{date(described.deletion_date)} ({age(described.deletion_date, now)})"
        yield label_row("Deleted on", (when, f"bold {BAD}"))
    if described.valid_to is not None:
        when = f"{date(described.valid_to)} ({age(described.valid_to, now)})"
        yield label_row("Expires on", (when, f"bold {WARN}"))


def _regions(described: KeyDescription) -> Part:
    kinds = {"PRIMARY": "multi-Region, primary", "REPLICA": "multi-Region, replica"}
    return kinds.get(described.multi_region, described.multi_region or "this one only")


def _rotation(
    status: RotationStatus | None, error: SealscopeError | None, now: datetime
) -> Iterator[Content]:
    if status is None:
        word: Part = ("being asked", MUTED) if error is None else (failure_word(error), BAD)
        yield label_row("Rotation", word)
        if error is not None:
            yield label_row("", str(error))
    elif not status.applicable:
        yield label_row("Rotation", "- (KMS does not rotate this kind of key)")
    elif not status.enabled:
        yield label_row("Rotation", "off")
    else:
        period = f"every {status.period_days} days" if status.period_days else "on"
        yield label_row("Rotation", period)
        if status.next_date is not None:
            yield label_row("Next", f"{date(status.next_date)} ({age(status.next_date, now)})")


def _aliases(entry: KeyEntry, now: datetime) -> Iterator[Content]:
    if not entry.aliases:
        yield label_row("Aliases", ("none", MUTED))
    for number, alias in enumerate(entry.aliases):
        moved = ""
        if alias.updated is not None and alias.updated != alias.created:
            moved = f"  moved {age(alias.updated, now)}"
        name = "Aliases" if number == 0 else ""
        yield label_row(name, line(bare_alias(alias.name), (moved, MUTED)))


def _when(moment: datetime | None, now: datetime) -> str:
    return f"{date_time(moment)} ({age(moment, now)})" if moment else "-"
