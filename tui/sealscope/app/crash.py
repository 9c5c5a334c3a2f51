"""What a crash prints: where it happened, never what the variables held."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.segment import Segments
from rich.text import Text

from sealscope.text import show

if TYPE_CHECKING:
    from rich.console import Console


def crash_report(console: Console) -> Segments:
    """The exception being handled: its class and the places it passed, and no data.

    The exception's own message is left out as well, because it may quote what was being worked
    on; it is escaped for our errors, which are written to be shown.
    """
    from traceback import extract_tb

    from sealscope.errors import SealscopeError

    kind, error, trace = sys.exc_info()
    text = Text("Sealscope failed inside and had to stop.\n")
    for frame in extract_tb(trace):
        text.append(f"  {show(frame.filename)}:{frame.lineno} in {show(frame.name)}\n")
    text.append(show(kind.__name__) if kind else "unknown")
    if isinstance(error, SealscopeError):
        text.append(f": {show(str(error))}")
    text.append("\nPlease report this. Your files and keys are as they were.\n")
    return Segments(console.render(text, console.options))
