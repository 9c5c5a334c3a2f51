"""Sizes, rates, durations and dates in the words people read; pure text, no terminal library."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_SIZE_UNITS: Final = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def size(count: float) -> str:
    """Bytes in binary units: `812 B`, `4.0 KiB`, `12.4 GiB`."""
    if abs(count) < 1024:
        return f"{count:.0f} B"
    power = 1
    # 1023.95 would be printed as 1024.0.
    while abs(count) / 1024**power >= 1023.95 and power < len(_SIZE_UNITS):
        power += 1
    return f"{count / 1024**power:.1f} {_SIZE_UNITS[power - 1]}"


def exact_size(count: int) -> str:
    """Bytes with thousands separators, and in a unit where that helps: `1,048,576 B (1.0 MiB)`."""
    exact = f"{count:,} B"
    return exact if count < 1024 else f"{exact} ({size(count)})"


def rate(bytes_a_second: float) -> str:
    """`118.0 MiB/s`."""
    return f"{size(bytes_a_second)}/s"


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `1:12`, `2:03:04`, `3 d 4 h`."""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}:{minutes:02d}:{rest:02d}"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def date(moment: datetime | None) -> str:
    """`2026-03-02`, in UTC; `-` where there is none."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d") if moment else "-"


def date_time(moment: datetime | None) -> str:
    """`2026-03-02 14:05:33 UTC`; `-` where there is none."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if moment else "-"


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago, or how far ahead: `just now`, `5 min ago`, `in 12 d`, `2.7 y ago`."""
    if moment is None:
        return "-"
    seconds = (now - moment).total_seconds()
    distance = abs(seconds)
    if distance < 60:
        return "just now"
    if distance < 3600:
        text = f"{distance // 60:.0f} min"
    elif distance < 86400:
        text = f"{distance // 3600:.0f} h"
    elif distance < 365 * 86400:
        text = f"{distance // 86400:.0f} d"
    else:
        text = f"{distance / (365.25 * 86400):.1f} y"
    return f"{text} ago" if seconds >= 0 else f"in {text}"
