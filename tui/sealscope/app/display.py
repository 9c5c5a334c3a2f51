"""The only place in the app where text becomes `Content`.

Every string passes the text gate on its way, also those that need not: what is `Shown`
already stays as it is. Markup is never parsed, so a bracket is a bracket.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from textual.content import Content

from sealscope.text import Shown, show

if TYPE_CHECKING:
    from textual.app import App
    from textual.notifications import SeverityLevel
    from textual.widget import Widget

    from sealscope.errors import SealscopeError

Part = str | Content | tuple[str, str]
"""Text, text with a style (`"bold"`, `"$error"`), or content that is made already."""

MUTED = "$quiet"
STRONG = "bold"
GOOD = "$text-success"
WARN = "$text-warning"
BAD = "$text-error"


def content(text: str, style: str = "") -> Content:
    """One piece of text.

    Spaces at the end of a plain `str` are layout and stay spaces; in a name from outside they
    mean something, and `show(name)` makes them visible.
    """
    core = text.rstrip(" ")
    shown = text if isinstance(text, Shown) else show(core) + text[len(core) :]
    return Content.styled(shown, style) if style else Content(shown)


def line(*parts: Part) -> Content:
    """Several pieces side by side."""
    return Content("").join([_piece(part) for part in parts])


def lines(rows: Iterable[Content]) -> Content:
    """Several lines, one below the other."""
    return Content("\n").join(list(rows))


def label_row(name: str, value: Part, width: int = 12) -> Content:
    """A name in muted type, padded, and its value."""
    return line((name.ljust(width), MUTED), " ", value)


def error_content(error: SealscopeError) -> Content:
    """An error in its three parts, and the service's request id where there is one."""
    rows = [line(("Error: ", f"bold {BAD}"), (show(error.title), STRONG))]
    if error.detail:
        rows.append(content(show(error.detail)))
    if error.hint:
        rows.append(line(("What to do: ", MUTED), show(error.hint)))
    if error.request_id:
        rows.append(line(("Request id: ", MUTED), show(error.request_id)))
    return lines(rows)


def error_line(error: SealscopeError) -> Shown:
    """An error's title and detail on one line, for toasts and table cells."""
    return show(str(error))


def set_titles(widget: Widget, title: Part = "", subtitle: Part = "") -> None:
    """Give a widget's border its texts."""
    # Textual parses a str here as markup and takes Content as it is.
    widget.border_title = _piece(title) if title else None
    widget.border_subtitle = _piece(subtitle) if subtitle else None


def toast(app: App[Any], *parts: Part, severity: SeverityLevel = "information") -> None:
    """A short notice at the bottom right."""
    app.notify(line(*parts).plain, severity=severity, markup=False)


def _piece(part: Part) -> Content:
    if isinstance(part, Content):
        return part
    if isinstance(part, tuple):
        return content(*part)
    return content(part)
