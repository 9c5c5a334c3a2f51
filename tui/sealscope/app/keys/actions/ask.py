"""A few fields to fill in before a change is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from sealscope.app.display import MUTED, content, error_content, set_titles
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.typed import TypedLine
from sealscope.errors import SealscopeError

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Field:
    """One line to fill in."""

    label: str
    value: str = ""
    placeholder: str = ""


class Ask(ModalScreen[Answer | None], Generic[Answer]):
    """Fields and a note; the result is what `read` makes of them, None when it was left.

    Args:
        title: what is about to be done, and to which key.
        note: what to know before.
        fields: top to bottom; the first that is empty has the focus.
        read: makes the answer; its error is shown, and the dialog stays.
    """

    DEFAULT_CSS = """
    Ask { align: center middle; }
    Ask > VerticalScroll {
        width: 76; max-width: 94%; height: auto; max-height: 90%;
        border: round $border; padding: 0 1; background: $surface;
    }
    Ask Horizontal { height: 1; }
    Ask .label { width: 14; color: $text-muted; }
    Ask TypedLine { width: 1fr; background: $boost; }
    Ask TypedLine:focus { background: $surface-lighten-2; }
    Ask TypedLine:nocolor:focus { text-style: underline; }
    Ask #note { margin-bottom: 1; }
    Ask #ask-error { margin-top: 1; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave", show=False),
        Binding("ctrl+j", "submit", "Do it", show=False, priority=True),
    ]

    def __init__(
        self,
        title: Content,
        note: Content,
        fields: Sequence[Field],
        read: Callable[[tuple[str, ...]], Answer],
    ) -> None:
        super().__init__()
        self._title = title
        self._note = note
        self._fields = tuple(fields)
        self._read = read

    def compose(self) -> ComposeResult:
        """The note, and one line for each field."""
        with VerticalScroll(can_focus=False) as box:
            yield Line(self._note, id="note")
            for number, field in enumerate(self._fields):
                with Horizontal():
                    yield Line(content(field.label, MUTED), classes="label")
                    yield TypedLine(
                        field.value, placeholder=field.placeholder, id=f"field-{number}"
                    )
            yield Line(id="ask-error")
        set_titles(box, self._title, "⏎ goes on, Esc leaves everything as it is")

    def on_mount(self) -> None:
        """Start where something is to be typed."""
        empty = next((n for n, field in enumerate(self._fields) if not field.value), 0)
        self.query_one(f"#field-{empty}").focus()

    @on(TypedLine.Submitted)
    def _next(self, event: TypedLine.Submitted) -> None:
        event.stop()
        last = f"field-{len(self._fields) - 1}"
        if event.input.id == last:
            self.action_submit()
        else:
            self.focus_next()

    def action_submit(self) -> None:
        """Read the fields; say in place what is wrong with them."""
        values = tuple(field.value for field in self.query(TypedLine))
        try:
            answer = self._read(values)
        except SealscopeError as error:
            told = self.query_one("#ask-error", Line)
            told.set(error_content(error))
            told.display = True
            return
        self.dismiss(answer)
