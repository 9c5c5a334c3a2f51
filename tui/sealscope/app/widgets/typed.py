"""Fields for typing that hold any text and show only harmless characters.

A path or a pasted text may hold control characters. The field keeps them, because they belong
to the name, and draws a `�` in their place, because Textual would send them to the terminal.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from rich.segment import Segment
from textual import events
from textual.binding import BindingsMap
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, TextArea

from sealscope.app.display import content

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters that fonts draw as nothing, and the selectors that change the letter before them.
_BLANK: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u180b\u180c\u180d\u180e\u180f"
)
_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_COMBINING: Final = frozenset({"Mn", "Me", "Mc"})
_REPLACEMENT: Final = "\ufffd"


class TypedLine(Input):
    """A one-line field."""

    DEFAULT_CSS = """
    TypedLine > .input--placeholder { color: $quiet; }
    """

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(value, placeholder=placeholder, id=id, compact=True, select_on_focus=False)

    async def on_key(self, event: events.Key) -> None:
        """Carry out a key of the field's own at once."""
        await _obey(self, self._bindings, event)

    def render_line(self, y: int) -> Strip:
        """The field's line without hidden characters."""
        return harmless(super().render_line(y))


class TypedText(TextArea):
    """A field of several lines."""

    DEFAULT_CSS = """
    TypedText > .text-area--placeholder { color: $quiet; }
    """

    def __init__(
        self,
        text: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(
            text,
            id=id,
            compact=True,
            soft_wrap=False,
            highlight_cursor_line=False,
            placeholder=content(placeholder),
        )

    async def on_key(self, event: events.Key) -> None:
        """Carry out a key of the field's own at once."""
        await _obey(self, self._bindings, event)

    def render_line(self, y: int) -> Strip:
        """A line of the field without hidden characters."""
        return harmless(super().render_line(y))


async def _obey(field: Widget, bindings: BindingsMap, event: events.Key) -> None:
    """Carry out a key that a field itself binds (`ctrl+u`, `end`), and no letter.

    Textual lets such a key go up to the app, which looks for the focused field only then: of keys
    that come in one burst, another one may have the focus by that time.
    """
    bound = bindings.key_to_bindings.get(event.key)
    if bound and not event.is_printable:
        event.stop()
        event.prevent_default()
        await field.run_action(bound[0].action)


def harmless(strip: Strip) -> Strip:
    """A strip of the same width in which every hidden character is a `�`."""
    if all(_is_harmless(segment.text) for segment in strip):
        return strip
    segments = [
        segment if segment.control else Segment(_replaced(segment.text), segment.style)
        for segment in strip
    ]
    return Strip(segments).adjust_cell_length(strip.cell_length)


def _is_harmless(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _replaced(text: str) -> str:
    out: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in _COMBINING else 0
        if _is_hidden(char):
            out.append(_REPLACEMENT)
        elif marks <= 1:
            out.append(char)
    return "".join(out)


def _is_hidden(char: str) -> bool:
    return (
        unicodedata.category(char) in _HIDDEN
        or char in _BLANK
        or any(ord(char) in selectors for selectors in _SELECTORS)
    )
