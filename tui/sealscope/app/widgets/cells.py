"""Text in a fixed number of terminal cells."""

from __future__ import annotations

from rich.cells import cell_len

from sealscope.text import Shown, shorten, show


def fit(text: str, cells: int, *, right: bool = False) -> Shown:
    """Text cut in the middle and padded to exactly `cells`; wide characters take two.

    Args:
        text: from outside or not; it passes the text gate.
        cells: of the column.
        right: pad on the left.
    """
    shown = cut(text, cells)
    padding = " " * (cells - cell_len(shown))
    # Spaces around text that has passed the gate leave it as fit to show as it was.
    return Shown(padding + shown if right else shown + padding)


def cut(text: str, cells: int) -> Shown:
    """Text cut in the middle to at most `cells`."""
    return shorten(show(text), max(0, cells))
