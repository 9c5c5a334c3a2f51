"""Numbers as they are typed into forms."""

from __future__ import annotations

import math
import re
from typing import Final

from sealscope.errors import UsageError

_SECONDS: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_MOST_DIGITS: Final = 20
"""More than any limit has; `int` refuses to look at very many."""


def typed_number(text: str, *, least: int, most: int) -> int | None:
    """The whole number that was typed; None for an empty field.

    Spaces around it, and commas or underscores between its digits, count for nothing.

    Raises:
        UsageError: it is no whole number, or not between `least` and `most`.
    """
    digits = text.strip().replace(",", "").replace("_", "")
    if not digits and not text.strip():
        return None
    hint = f"Type one from {least:,} to {most:,}, or nothing."
    if not (digits.isascii() and digits.isdigit()):
        raise UsageError("This is not a whole number", hint=hint)
    number = int(digits[: _MOST_DIGITS + 1])
    if not least <= number <= most:
        raise UsageError("This number is out of bounds", hint=hint)
    return number


def typed_seconds(text: str) -> float:
    """The number of seconds that was typed, whole or not.

    Raises:
        UsageError: nothing was typed, or no number above 0.
    """
    digits = text.strip()
    # `float` takes more than a number as people write it.
    seconds = float(digits) if _SECONDS.fullmatch(digits) else math.nan
    if not (seconds > 0 and math.isfinite(seconds)):
        raise UsageError("This is not a number of seconds", hint="Type one above 0, such as 600.")
    return seconds
