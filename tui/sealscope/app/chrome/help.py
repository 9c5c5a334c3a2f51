"""Help: the keys of the page, then those that work everywhere, from the command table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from sealscope.app.command import EVERYWHERE
from sealscope.app.commands import commands_of
from sealscope.app.display import STRONG, set_titles
from sealscope.app.widgets.facts import Fact, Facts

_MOVING: Final = (
    Fact("↑ ↓ k j", "Move one row."),
    Fact("^f ^b PgDn PgUp", "Move one screen."),
    Fact("g G Home End", "Go to the first, the last row."),
    Fact("Tab", "Go to the next pane or field."),
)


class HelpScreen(ModalScreen[None]):
    """All keys, scrollable; Escape closes."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 76; max-width: 96%; height: auto; max-height: 90%;
        border: round $border; padding: 0 1; background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss(None)", "Close", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("g", "scroll_to(False)", show=False),
        Binding("G", "scroll_to(True)", show=False),
    ]

    def __init__(self, scopes: tuple[str, ...]) -> None:
        super().__init__()
        self._scopes = scopes

    def compose(self) -> ComposeResult:
        """One scrolling list of facts."""
        with VerticalScroll() as box:
            yield Facts(label_cells=16)
        set_titles(box, "Help", "Esc closes")

    def _facts(self) -> Iterator[Fact]:
        yield Fact("", ("This page", STRONG))
        everywhere = False
        for command in commands_of(self._scopes):
            if command.place == EVERYWHERE and not everywhere:
                everywhere = True
                yield from (Fact("", ""), Fact("", ("Lists", STRONG)), *_MOVING)
                yield from (Fact("", ""), Fact("", ("Everywhere", STRONG)))
            yield Fact(" ".join(command.key_names), command.tooltip)

    def on_mount(self) -> None:
        """The list takes the scrolling keys."""
        self.query_one(Facts).set(self._facts())
        self.query_one(VerticalScroll).focus()

    def action_scroll_to(self, last: bool) -> None:
        """Scroll to the first or the last line."""
        box = self.query_one(VerticalScroll)
        (box.scroll_end if last else box.scroll_home)(animate=False)

    def action_scroll(self, rows: int) -> None:
        """Scroll by rows."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)
