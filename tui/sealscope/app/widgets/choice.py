"""One of a few words, chosen with the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from sealscope.app.display import MUTED, Part, line


class Choice(Widget, can_focus=True):
    """`(•) refuse  ( ) overwrite`: left and right choose, without any colour to tell."""

    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; }
    Choice:focus { background: $boost; text-style: bold; }
    Choice:nocolor:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,space", "step(1)", "Next", show=False),
        Binding("left,h", "step(-1)", "Previous", show=False),
    ]

    class Changed(Message):
        """Another word was chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> Choice:
            """The choice, for `@on` selectors."""
            return self.choice

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Make a choice; `options` are pairs of a value and its label, the default first."""
        super().__init__(id=id)
        self._options = tuple(options)
        self._index = 0

    @property
    def value(self) -> str:
        """The chosen value."""
        return self._options[self._index][0]

    def choose(self, value: str) -> None:
        """Choose by value."""
        index = [option for option, _ in self._options].index(value)
        if index != self._index:
            self._index = index
            self.refresh()
            self.post_message(self.Changed(self))

    def render(self) -> RenderResult:
        """All labels, the chosen one marked."""
        parts: list[Part] = []
        for index, (_, label) in enumerate(self._options):
            chosen = index == self._index
            parts.append((f"({'•' if chosen else ' '}) {label}   ", "" if chosen else MUTED))
        return line(*parts)

    def action_step(self, step: int) -> None:
        """Choose the next or the previous word, round and round."""
        self.choose(self._options[(self._index + step) % len(self._options)][0])

    def on_click(self, event: events.Click) -> None:
        """Choose the word that was clicked."""
        start = 0
        for value, label in self._options:
            end = start + len(label) + 7
            if start <= event.x < end:
                self.choose(value)
            start = end
