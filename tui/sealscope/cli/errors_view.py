"""Errors in words, on standard error: what happened, where, and what to do next."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

from sealscope.cli.output import note
from sealscope.errors import LooksBase64, NoUsableKey, OutputExists, SealscopeError, UsageError

_REPLACE_HINT: Final = "Use --overwrite to replace it, or choose another name with -o."
_DECODE_HINT: Final = (
    "Add --decode to read the text as it is, or decode it first: base64 -d FILE > FILE.bin"
)


class ListedUsageError(UsageError):
    """A usage error whose detail is a list, one entry a line; no entry holds a line break."""


def tell_error(error: SealscopeError, subject: str | None = None) -> None:
    """Print an error.

    Args:
        error: what happened.
        subject: the item it happened to, a path; None when it is about the whole command.
    """
    if subject is None:
        note("sealscope: {}", error.title)
    else:
        note("sealscope: {}: {}", subject, error.title)
    for part in _detail(error):
        note("  {}", part)
    hint = _hint(error, is_item=subject is not None)
    if hint:
        note("  {}", hint)
    if error.request_id:
        note("  request id: {}", error.request_id)


def item_error(error: SealscopeError) -> dict[str, str]:
    """The `error` object of a failed item in `--json`."""
    return {**error.as_json(), "hint": _hint(error, is_item=True)}


def tell_inner_fault(fault: Exception) -> None:
    """Print what only a fault of Sealscope's can cause: its class and place, no values."""
    frames = traceback.extract_tb(fault.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    tell_error(
        SealscopeError(
            "Sealscope failed inside", f"{type(fault).__name__} at {place}", "Please report this."
        )
    )


def _hint(error: SealscopeError, *, is_item: bool) -> str:
    """What to do next. Errors speak to the app's forms as well; only here are there options."""
    if isinstance(error, LooksBase64):
        return _DECODE_HINT
    return _REPLACE_HINT if is_item and isinstance(error, OutputExists) else error.hint


def _detail(error: SealscopeError) -> list[str]:
    # Only where the parts are known to hold no line break of their own: a file name with one
    # must not look like a second line of the error.
    if isinstance(error, NoUsableKey | ListedUsageError):
        return error.detail.split("\n")
    return [error.detail] if error.detail else []
