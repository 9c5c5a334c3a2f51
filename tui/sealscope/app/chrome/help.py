"""Help: the keys of the page, then those that work everywhere, from the command table."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from sealscope.app.command import EVERYWHERE, Danger
from sealscope.app.commands import commands_of
from sealscope.app.display import MUTED, STRONG, line, lines, set_titles
from sealscope.app.widgets.line import Line

_MOVING = (
    ("↑ ↓ k j", "Move one row"),
    ("^f ^b PgDn PgUp", "Move one screen"),
    ("g G Home End", "First, last row"),
    ("Tab", "Next pane or field"),
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
    ]

    def __init__(self, scopes: tuple[str, ...]) -> None:
        super().__init__()
        self._scopes = scopes

    def compose(self) -> ComposeResult:
        """One scrolling list."""
        rows = [line(("This page", STRONG))]
        commands = commands_of(self._scopes)
        everywhere = False
        for command in commands:
            if command.place == EVERYWHERE and not everywhere:
                everywhere = True
                rows += [line(""), line(("Lists", STRONG))]
                rows += [_row(keys, does) for keys, does in _MOVING]
                rows += [line(""), line(("Everywhere", STRONG))]
            danger = "" if command.danger is Danger.NONE else f" ({command.danger.value})"
            rows.append(_row(" ".join(command.key_names), f"{command.tooltip}{danger}"))
        with VerticalScroll() as box:
            yield Line(lines(rows))
        set_titles(box, "Keys", "Esc closes")

    def on_mount(self) -> None:
        """The list takes the scrolling keys."""
        self.query_one(VerticalScroll).focus()

    def action_scroll(self, rows: int) -> None:
        """Scroll by rows."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)


def _row(keys: str, does: str) -> Content:
    return line(" ", (keys.ljust(16), "bold"), " ", (does, MUTED))
