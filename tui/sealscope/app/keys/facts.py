"""All that is known of one key, as names and values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sealscope.app.display import BAD, GOOD, MUTED, WARN, Part, error_content, line
from sealscope.app.keys.rows import bare_alias, failure_word
from sealscope.app.widgets.facts import Fact
from sealscope.errors import SealscopeError
from sealscope.kms.inventory import KeyEntry
from sealscope.kms.keys import KeyDescription, RotationStatus
from sealscope.text import show
from sealscope.units import age, date, date_time

_STYLES: Final = {"Enabled": f"bold {GOOD}", "Disabled": f"bold {WARN}"}


def key_facts(entry: KeyEntry, now: datetime) -> Iterator[Fact]:
    """All that is known of a key."""
    yield Fact("Key id", show(entry.key_id))
    described = entry.description
    if described is not None:
        yield Fact("State", (show(described.state), _STYLES.get(described.state, f"bold {BAD}")))
        yield from _dates(described, now)
        yield Fact("Spec", show(described.spec))
        yield Fact("Use", show(described.usage))
        yield Fact("Origin", show(described.origin or "-"))
        yield Fact("Manager", show(described.manager or "-"))
        yield Fact("Regions", _regions(described))
        yield from _rotation(entry.rotation, entry.rotation_error, now)
        if described.key_material_id:
            yield Fact("Material", show(described.key_material_id))
        yield Fact("Created", _when(described.created, now))
        yield Fact("Description", show(described.description) or ("none", MUTED))
        yield Fact("Account", show(described.account or "-"))
    elif entry.error is None:
        yield Fact("State", ("being asked", MUTED))
    else:
        yield Fact("State", (failure_word(entry.error), f"bold {BAD}"))
    yield Fact("ARN", show(entry.arn))
    yield from _aliases(entry, now)
    if entry.error is not None:
        yield Fact("", "")
        yield Fact("", error_content(entry.error))


def _dates(described: KeyDescription, now: datetime) -> Iterator[Fact]:
    if described.deletion_date is not None:
        when = f"{date(described.deletion_date)} ({age(described.deletion_date, now)})"
        yield Fact("Deleted on", (when, f"bold {BAD}"))
    if described.valid_to is not None:
        when = f"{date(described.valid_to)} ({age(described.valid_to, now)})"
        yield Fact("Expires on", (when, f"bold {WARN}"))


def _regions(described: KeyDescription) -> Part:
    kinds = {"PRIMARY": "multi-Region, primary", "REPLICA": "multi-Region, replica"}
    return kinds.get(described.multi_region, show(described.multi_region) or "this one only")


def _rotation(
    status: RotationStatus | None, error: SealscopeError | None, now: datetime
) -> Iterator[Fact]:
    if status is None:
        word: Part = ("being asked", MUTED) if error is None else (failure_word(error), BAD)
        yield Fact("Rotation", word)
        if error is not None:
            yield Fact("", show(str(error)))
    elif not status.applicable:
        yield Fact("Rotation", "- (KMS does not rotate this kind of key)")
    elif not status.enabled:
        yield Fact("Rotation", "off")
    else:
        period = f"every {status.period_days} days" if status.period_days else "on"
        yield Fact("Rotation", period)
        if status.next_date is not None:
            yield Fact("Next", f"{date(status.next_date)} ({age(status.next_date, now)})")


def _aliases(entry: KeyEntry, now: datetime) -> Iterator[Fact]:
    if not entry.aliases:
        yield Fact("Aliases", ("none", MUTED))
    for number, alias in enumerate(entry.aliases):
        moved = ""
        if alias.updated is not None and alias.updated != alias.created:
            moved = f"  moved {age(alias.updated, now)}"
        name = "Aliases" if number == 0 else "also"
        yield Fact(name, line(show(bare_alias(alias.name)), (moved, MUTED)))


def _when(moment: datetime | None, now: datetime) -> str:
    return f"{date_time(moment)} ({age(moment, now)})" if moment else "-"
