"""Keys as a file: exactly, as JSON, or as CSV for a spreadsheet.

A spreadsheet takes a cell that begins like a formula for one and runs it, and descriptions and
tags come from whoever may write them. So in CSV such a cell gets an apostrophe before it, and
control characters become visible as on the screen. JSON holds every text as it is, in ASCII.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from sealscope.kms.inventory import KeyEntry
from sealscope.kms.key_object import key_object
from sealscope.text import show

FORMATS: Final = ("json", "csv")

COLUMNS: Final = (
    "aliases",
    "key_id",
    "arn",
    "state",
    "spec",
    "usage",
    "origin",
    "manager",
    "multi_region",
    "rotation",
    "created",
    "deletion_date",
    "description",
    "error",
)

# Spreadsheets that expect another separator than ours split a cell there, and East Asian ones
# read the wide forms as well.
_FORMULA: Final = re.compile("(^|[;,|\t])([\\s\"']*[=+\\-@\uff1d\uff0b\uff0d\uff20])")


def entry_object(entry: KeyEntry) -> dict[str, Any]:
    """What is known of a key, as `sealscope keys --json` says it."""
    return key_object(
        entry.key_id,
        entry.arn,
        sorted(alias.name for alias in entry.aliases),
        entry.error or entry.description,
        entry.rotation_error or entry.rotation,
    )


def lines(entries: Iterable[KeyEntry], form: str) -> Iterator[str]:
    """The lines of the file.

    Args:
        entries: in the order of the list.
        form: one of `FORMATS`.
    """
    return _csv(entries) if form == "csv" else _json(entries)


def proposed_name(where: str, now: datetime, form: str) -> str:
    """`keys-prod-eu-central-1-2026-11-23.json`.

    Args:
        where: profile and region, whatever they hold.
        now: for the date.
        form: one of `FORMATS`.
    """
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", where).strip("-")[:80]
    return "-".join(part for part in ("keys", plain, f"{now:%Y-%m-%d}.{form}") if part)


def csv_cell(value: str) -> str:
    """A cell that is shown and never calculated."""
    return _FORMULA.sub(r"\1'\2", show(value))


def _json(entries: Iterable[KeyEntry]) -> Iterator[str]:
    before = "[\n"
    for entry in entries:
        yield before + json.dumps(entry_object(entry), ensure_ascii=True)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _csv(entries: Iterable[KeyEntry]) -> Iterator[str]:
    yield _csv_line(COLUMNS)
    for entry in entries:
        known = entry_object(entry)
        known["aliases"] = " ".join(known["aliases"])
        known["rotation"] = _rotation_words(known.get("rotation"))
        known["error"] = known["error"]["title"] if "error" in known else ""
        yield _csv_line([csv_cell(str(known.get(name) or "")) for name in COLUMNS])


def _csv_line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


def _rotation_words(rotation: dict[str, Any] | None) -> str:
    if rotation is None:
        return ""
    if "error" in rotation:
        return str(rotation["error"]["title"])
    if not rotation["applicable"]:
        return "not applicable"
    if not rotation["enabled"]:
        return "off"
    return f"every {rotation['period_days']} days" if rotation["period_days"] else "on"
