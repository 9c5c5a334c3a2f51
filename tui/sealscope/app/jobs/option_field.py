"""A field of a form that says when to use it, and in the same place what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget

from sealscope.app.display import BAD, MUTED, content, line, lines
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.line import Line
from sealscope.errors import SealscopeError, UsageError

Value = TypeVar("Value")


class OptionField(Vertical, Generic[Value]):
    """A label, an editor, and below them a line of help or what is wrong.

    Attributes:
        label: as shown; also how the folded part names it.
        default: the value of a field that nobody touched.
    """

    DEFAULT_CSS: ClassVar[str] = """
    OptionField { height: auto; }
    OptionField > .field > TypedText { height: auto; max-height: 4; }
    """

    def __init__(
        self,
        label: str,
        editor: Widget,
        read: Callable[[], Value],
        *,
        default: Value,
        help_text: str | Mapping[str, str],
    ) -> None:
        """Make a field.

        Args:
            label: of at most 13 characters.
            editor: what is typed into or chosen from.
            read: the value of the editor; raises `UsageError` when it has none.
            default: its value when nobody touches it.
            help_text: when to use it; for a `Choice` it may be said for each of its values.
        """
        super().__init__()
        self.label = label
        self.editor = editor
        self.default = default
        self._read = read
        self._help = help_text
        self._found: SealscopeError | None = None
        self._said = content("")
        self._below = Line()

    def compose(self) -> ComposeResult:
        """Label and editor, and the line below."""
        yield Horizontal(Line(content(self.label), classes="label"), self.editor, classes="field")
        yield Horizontal(Line(classes="label"), self._below, classes="field")

    def on_mount(self) -> None:
        """Say when to use it."""
        self.check()

    def value(self) -> Value:
        """What the field says.

        Raises:
            UsageError: it cannot be understood; says which field it is.
        """
        try:
            return self._read()
        except UsageError as error:
            detail = ": ".join(part for part in (self.label.strip(), error.detail) if part)
            raise UsageError(error.title, detail, error.hint) from error

    @property
    def is_set(self) -> bool:
        """Whether somebody changed it, rightly or not."""
        try:
            return self._read() != self.default
        except UsageError:
            return True

    def check(self) -> SealscopeError | None:
        """What is wrong with the field; it is shown in the place of the help."""
        error = self._found
        try:
            self._read()
        except UsageError as problem:
            error = problem
        said = self._help_line() if error is None else _error_lines(error)
        if said != self._said and self._below.is_attached:
            self._said = said
            self._below.set(said)
        return error

    def found(self, error: SealscopeError | None) -> None:
        """A thread has looked at what the field names."""
        self._found = error
        self.check()

    def _help_line(self) -> Content:
        text = self._help
        if not isinstance(text, str):
            text = text[self.editor.value] if isinstance(self.editor, Choice) else ""
        return lines(content(part, MUTED) for part in text.split("\n"))


def _error_lines(error: SealscopeError) -> Content:
    what = line(
        ("✗ ", BAD), (error.title, BAD), (f": {error.detail}" if error.detail else "", MUTED)
    )
    return lines((what, content(error.hint, MUTED))) if error.hint else what
