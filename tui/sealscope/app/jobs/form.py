"""What the encrypt and the decrypt form have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from sealscope.app.command import bindings
from sealscope.app.display import MUTED, content, set_titles, toast
from sealscope.app.jobs.advanced import Advanced
from sealscope.app.jobs.command_line import connection_words, headless_command
from sealscope.app.jobs.command_screen import CommandScreen
from sealscope.app.jobs.commands import FORM
from sealscope.app.jobs.context_lines import parse_context
from sealscope.app.jobs.file_picker import FilePicker
from sealscope.app.jobs.key_names import split_names
from sealscope.app.jobs.key_picker import KeyPicker
from sealscope.app.jobs.paths import short_path, typed_path
from sealscope.app.jobs.preflight_text import PreflightRows, any_failed
from sealscope.app.page import Page
from sealscope.app.services import Services
from sealscope.app.widgets.button import PlainButton
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.typed import TypedLine, TypedText
from sealscope.errors import SealscopeError, UsageError
from sealscope.jobs.preflight import Check, CheckState, preflight
from sealscope.jobs.request import Request

DEBOUNCE_SECONDS: Final = 0.3
"""How long a form rests before it is checked: KMS is asked, so not on every key."""
IF_EXISTS: Final = (("refuse", "refuse"), ("overwrite", "overwrite"))


class Checked(Message):
    """A preflight is done."""

    def __init__(self, generation: int, checks: tuple[Check, ...]) -> None:
        super().__init__()
        self.generation = generation
        self.checks = checks


class JobForm(Page[int | None]):
    """A form that is checked while it is filled in; its result is the number of the job."""

    scopes: ClassVar[tuple[str, ...]] = ("job-form",)
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(FORM),
        # With priority the focus moves before the next key is handed out, however fast they come.
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", "Previous field", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    JobForm #form {
        height: 1fr; border: round $border; padding: 0 1; scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
    }
    JobForm .field { height: auto; }
    JobForm .field > Line { width: 1fr; }
    JobForm .field > .label { width: 14; color: $text-muted; }
    JobForm .field > TypedLine { width: 1fr; background: $boost; }
    JobForm TypedText { height: 3; width: 1fr; background: $boost; }
    JobForm TypedLine:focus, JobForm TypedText:focus { background: $surface-lighten-2; }
    JobForm TypedLine:nocolor:focus, JobForm TypedText:nocolor:focus { text-style: underline; }
    JobForm TickList { height: auto; max-height: 5; width: 1fr; }
    JobForm #preflight { width: 1fr; }
    JobForm #run { margin: 0 0 0 14; }
    """
    title_text: ClassVar[str] = ""

    def __init__(self, source: Path | None) -> None:
        super().__init__()
        self._source = source
        self._generation = 0
        self._resting: Timer | None = None
        self._checks: tuple[Check, ...] = ()
        self._warned = 0
        self._proposed = ""
        self.crumb = self.title_text

    def place_body(self) -> ComposeResult:
        """Source and destination, the form's own fields, preflight and button."""
        source = short_path(self._source) if self._source else ""
        with VerticalScroll(id="form", can_focus=False) as box:
            yield from field("Source", TypedLine(source, placeholder="a file", id="source"))
            yield from field("Destination", TypedLine(id="destination"))
            yield from self.own_fields()
            yield from field("If exists", Choice(IF_EXISTS, id="exists"))
            self._advanced = self.advanced_part()
            yield self._advanced
            yield from field(
                "Preflight", PreflightRows(content("not checked yet", MUTED), id="preflight")
            )
            yield PlainButton("Run", id="run", variant="primary")
        set_titles(box, self.title_text, "^J runs, F2 shows the command")

    @abstractmethod
    def own_fields(self) -> ComposeResult:
        """The fields between destination and "If exists"."""

    @abstractmethod
    def advanced_part(self) -> Advanced:
        """The options that are folded away."""

    @abstractmethod
    def build(self, source: Path, destination: Path) -> Request:
        """The request that the form describes.

        Raises:
            UsageError: the form is not complete, or contradicts itself.
        """

    @abstractmethod
    def proposed_destination(self, source: Path) -> Path:
        """Where the output goes unless another name is typed."""

    def on_mount(self) -> None:
        """Start where something is to be typed."""
        self._propose_destination()
        # At once, where `focus` would wait: keys that are typed ahead go to the focused field.
        first = "#source" if self._source is None else self.first_field
        self.set_focus(self.query_one(first))
        self.changed()

    first_field: ClassVar[str] = "#destination"
    key_field: ClassVar[str] = "#keys"
    """The field that picked keys go to."""

    def connected(self, services: Services) -> None:
        """The preflight needs KMS."""
        del services
        self.changed()

    # What is in the fields.

    def text_of(self, selector: str) -> str:
        """What was typed into a one-line field."""
        return self.query_one(selector, TypedLine).value

    def context(self) -> tuple[tuple[str, str], ...]:
        """The typed context.

        Raises:
            UsageError: a line is wrong.
        """
        return parse_context(self.query_one("#context", TypedText).text)

    @property
    def overwrite(self) -> bool:
        """Whether an existing output may be replaced."""
        return self.query_one("#exists", Choice).value == "overwrite"

    def request(self) -> Request:
        """What the form describes.

        Raises:
            UsageError: it is not complete.
        """
        source = typed_path(self.text_of("#source"), "source")
        return self.build(source, typed_path(self.text_of("#destination"), "destination"))

    # Checking.

    def changed(self) -> None:
        """Something in the form is different: what was found before counts no more."""
        self._generation += 1
        self._checks = ()
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(DEBOUNCE_SECONDS, self._check)

    def on_checked(self, event: Checked) -> None:
        """Show what was found, unless the form has changed since."""
        event.stop()
        if event.generation == self._generation:
            self._checks = event.checks
            self.query_one(PreflightRows).show_checks(event.checks)

    @on(TypedLine.Changed)
    @on(TypedText.Changed)
    @on(Choice.Changed)
    def _field_changed(self, event: Message) -> None:
        event.stop()
        changed = event.control
        if isinstance(event, TypedLine.Changed) and event.input.id == "source":
            self._propose_destination()
            self.source_changed()
        elif changed is not None and (
            changed.id == "context" or self._advanced in changed.ancestors
        ):
            self._advanced.changed()
        self.changed()

    def source_changed(self) -> None:
        """Another file is named."""

    def _propose_destination(self) -> None:
        field_ = self.query_one("#destination", TypedLine)
        typed = self.text_of("#source")
        if field_.value != self._proposed or not typed.strip():
            return  # the user has chosen a name
        self._proposed = str(self.proposed_destination(Path(typed)))
        field_.value = self._proposed

    def _check(self) -> None:
        services, generation = self.services, self._generation
        rows = self.query_one(PreflightRows)
        self._advanced.look_at_files()
        try:
            request = self.request()
        except UsageError as error:
            self.on_checked(Checked(generation, (_failure(error),)))
            return
        if services is None:
            rows.say(self.why_not_connected() or "")
            return
        rows.say("checking …")
        gate = services.gate

        def checking() -> Message:
            try:
                return Checked(generation, preflight(request, gate))
            except SealscopeError as error:
                return Checked(generation, (_failure(error),))

        services.in_background(self, checking)

    # Commands.

    def action_run(self) -> None:
        """Start the job, once the fields have taken what was typed before."""
        self._run_after([*self.query(TypedLine), *self.query(TypedText)])

    def _run_after(self, fields: Sequence[Widget]) -> None:
        # Each field has a queue of its own, in which keys may still wait.
        if fields:
            fields[0].call_later(self._run_after, fields[1:])
        else:
            self.call_later(self._run)

    def _run(self) -> None:
        """Start the job; a form that is known to fail asks for a second press."""
        services = self.services
        if services is None or not self.is_current:
            return
        self._propose_destination()
        try:
            request = self.request()
        except UsageError as error:
            self._say(error)
            return
        if any_failed(self._checks) and self._warned != self._generation:
            self._warned = self._generation
            self._show_checks("The preflight found what will fail. ^J again runs the job anyway.")
            return
        self.dismiss(services.runner.submit(request))

    def _say(self, error: UsageError) -> None:
        """Show in place, and at once, why the form describes no job."""
        if self._resting is not None:
            self._resting.stop()
        self._checks = (_failure(error),)
        self._show_checks()

    def _show_checks(self, note: str = "") -> None:
        rows = self.query_one(PreflightRows)
        rows.show_checks(self._checks, note)
        self.call_after_refresh(rows.scroll_visible, animate=False)

    @on(PlainButton.Pressed, "#run")
    async def _pressed(self, event: PlainButton.Pressed) -> None:
        event.stop()
        await self.seal.action_command("form.run")

    def action_pick_keys(self) -> None:
        """Choose from the list of keys."""
        services = self.services
        if services is None:
            return

        def picked(names: tuple[str, ...] | None) -> None:
            if names is not None:
                self.picked(names)

        chosen = split_names(self.text_of(self.key_field))
        self.app.push_screen(KeyPicker(services.inventory, chosen), picked)

    async def action_advanced(self) -> None:
        """Show the options that are folded away, or hide them again."""
        await self._advanced.toggle()

    def action_pick_key_file(self) -> None:
        """Choose the file of a raw key."""

        async def picked(path: Path | None) -> None:
            if path is not None:
                await self._advanced.file_picked(path)

        self.app.push_screen(FilePicker(Path.cwd(), "the key file"), picked)

    def picked(self, names: tuple[str, ...]) -> None:
        """These keys were picked."""
        self.query_one(self.key_field, TypedLine).value = " ".join(names)

    @on(TypedLine.Submitted)
    async def _submitted(self, event: TypedLine.Submitted) -> None:
        event.stop()
        if f"#{event.input.id}" == self.key_field:
            await self.seal.action_command("form.keys")

    def action_show_command(self) -> None:
        """Show the command line that does the same."""
        try:
            request = self.request()
        except UsageError as error:
            self._say(error)
            return
        target = self.seal.options.target
        self.app.push_screen(CommandScreen(headless_command(request, connection_words(target))))

    def action_back(self) -> None:
        """Leave the form; nothing was started."""
        self.dismiss(None)

    def action_stay(self) -> None:
        """A key that quits elsewhere; here it would lose what was filled in."""
        toast(self.app, "Esc leaves the form")


def field(label: str, widget: Widget) -> Iterator[Widget]:
    """A label and what it labels, side by side."""
    yield Horizontal(Line(content(label), classes="label"), widget, classes="field")


def _failure(error: SealscopeError) -> Check:
    return Check("fields", CheckState.FAILED, error.title, error)
