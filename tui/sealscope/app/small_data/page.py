"""The panel for KMS's own operations on small data."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message

from sealscope.app.chrome.confirm import Confirm
from sealscope.app.command import bindings
from sealscope.app.display import MUTED, content, error_content, label_row, lines, set_titles, toast
from sealscope.app.jobs.command_line import connection_words
from sealscope.app.jobs.command_screen import CommandScreen
from sealscope.app.jobs.context_lines import parse_context
from sealscope.app.jobs.key_picker import KeyPicker
from sealscope.app.jobs.typed_number import typed_number
from sealscope.app.page import Page
from sealscope.app.small_data.command import kms_command
from sealscope.app.small_data.commands import COMMANDS
from sealscope.app.small_data.operations import FILE, Given, Operation, Result, perform
from sealscope.app.small_data.plaintext import Plaintext
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.typed import TypedLine, TypedText
from sealscope.errors import SealscopeError, UsageError
from sealscope.kms.small_data import MAX_PLAINTEXT, MAX_RANDOM
from sealscope.text import show

_OPERATIONS = (
    ("ENCRYPT", "encrypt"),
    ("DECRYPT", "decrypt"),
    ("RE_ENCRYPT", "re-encrypt"),
    ("DATA_KEY", "data key"),
    ("DATA_KEY_ENCRYPTED", "data key, encrypted only"),
    ("RANDOM", "random bytes"),
)
_PLAINTEXTS = (("TEXT", "text"), ("BASE64", "Base64"), ("HEX", "hexadecimal"), (FILE, "file"))
_CIPHERTEXTS = _PLAINTEXTS[1:]


class Answered(Message):
    """KMS answered, or something refused to ask it."""

    def __init__(self, generation: int, result: Result | SealscopeError, *, too_long: bool) -> None:
        super().__init__()
        self.generation = generation
        self.result = result
        self.too_long = too_long


class SecretLine(TypedLine):
    """A field that may hold a plaintext, which no habitual key copies."""

    ALLOW_SELECT = False

    def action_copy(self) -> None:
        """Nothing: F6 copies a plaintext, and says so."""

    def action_cut(self) -> None:
        """Nothing, likewise."""


class SmallDataPage(Page[None]):
    """One operation at a time; its result stays until the next one, or until the panel closes."""

    scopes = ("small-data",)
    BINDINGS = [  # noqa: RUF012 - Textual declares it so
        *bindings(COMMANDS),
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", "Previous field", show=False, priority=True),
    ]
    crumb = "small data"
    DEFAULT_CSS = """
    SmallDataPage #panel {
        height: 1fr; border: round $border; padding: 0 1; scrollbar-size-vertical: 1;
    }
    SmallDataPage .field { height: auto; }
    SmallDataPage .field > Line { width: 13; color: $text-muted; }
    SmallDataPage TypedLine { width: 1fr; background: $boost; }
    SmallDataPage TypedText { height: 2; width: 1fr; background: $boost; }
    SmallDataPage TypedLine:focus, SmallDataPage TypedText:focus {
        background: $surface-lighten-2;
    }
    SmallDataPage TypedLine:nocolor:focus, SmallDataPage TypedText:nocolor:focus {
        text-style: underline;
    }
    SmallDataPage #told { margin-top: 1; }
    """

    def __init__(self, key: str = "") -> None:
        super().__init__()
        self._key = key
        self._generation = 0
        self._result: Result | None = None

    def place_body(self) -> ComposeResult:
        """Fields above, the result below."""
        with VerticalScroll(id="panel", can_focus=False) as box:
            yield from _field("Operation", Choice(_OPERATIONS, id="operation"))
            yield from _field("Key", TypedLine(self._key, id="key"))
            yield from _field("Input as", Choice(_PLAINTEXTS, id="form"))
            yield from _field("Input", SecretLine(id="input"))
            yield from _field("Bytes", TypedLine("32", id="bytes"))
            yield from _field("Old context", TypedText(id="source-context"))
            yield from _field(
                "Context", TypedText(placeholder="NAME=VALUE, one a line", id="context")
            )
            yield Line(id="told")
            yield Plaintext(id="plaintext")
        set_titles(box, "Small data, with KMS itself", f"at most {MAX_PLAINTEXT:,} bytes; ^J runs")

    def on_mount(self) -> None:
        """Start with encrypting."""
        self.query_one(Plaintext).hold(None)
        self._fit()
        self.query_one("#operation").focus()

    def on_unmount(self) -> None:
        """Forget everything that was typed or came back."""
        self._result = None

    @property
    def _operation(self) -> Operation:
        return Operation[self.query_one("#operation", Choice).value]

    @on(Choice.Changed, "#operation")
    def _other_operation(self, event: Choice.Changed) -> None:
        event.stop()
        self._forget()
        encrypts = self._operation is Operation.ENCRYPT
        self.query_one("#input", TypedLine).value = ""
        self.query_one("#form", Choice).offer(
            *((_PLAINTEXTS, "TEXT") if encrypts else (_CIPHERTEXTS, "BASE64"))
        )
        self._fit()

    @on(Choice.Changed, "#form")
    def _other_form(self, event: Choice.Changed) -> None:
        event.stop()
        self._hide_input()

    def _fit(self) -> None:
        """Show the fields of the operation only."""
        operation = self._operation
        for name, wanted in (
            ("key", operation.takes_key),
            ("form", operation.takes_input),
            ("input", operation.takes_input),
            ("bytes", operation.makes_bytes),
            ("source-context", operation is Operation.RE_ENCRYPT),
            ("context", operation.takes_key),
        ):
            box = self.query_one(f"#{name}").parent
            if box is not None:
                box.display = wanted
        hint = "alias, id or ARN; F3 picks"
        if operation is Operation.DECRYPT:
            hint += "; empty: the ciphertext names it"
        self.query_one("#key", TypedLine).placeholder = show(hint)
        self._hide_input()
        self.refresh_commands()

    def _hide_input(self) -> None:
        secret = self._operation is Operation.ENCRYPT
        typed = self.query_one("#form", Choice).value != FILE
        self.query_one("#input", TypedLine).password = secret and typed

    def _forget(self) -> None:
        self._generation += 1
        self._result = None
        self.query_one(Plaintext).hold(None)
        self.query_one("#told", Line).set(content(""))

    def _given(self) -> Given:
        operation = self._operation
        number = None
        if operation.makes_bytes:
            number = typed_number(self._text("#bytes"), least=1, most=MAX_RANDOM)
        given = Given(
            operation,
            self._text("#key").strip(),
            self.query_one("#form", Choice).value,
            self.query_one("#input", TypedLine).value,
            self._pairs("#context"),
            self._pairs("#source-context"),
            number or 32,
        )
        given.check()
        return given

    def _text(self, selector: str) -> str:
        return self.query_one(selector, TypedLine).value

    def _pairs(self, selector: str) -> Mapping[str, str]:
        return dict(parse_context(self.query_one(selector, TypedText).text))

    def action_run(self) -> None:
        """Make the call."""
        services = self.services
        if services is None:
            return
        self._forget()
        try:
            given = self._given()
        except UsageError as error:
            self._say(error)
            return
        generation, gate = self._generation, services.gate
        self.query_one("#told", Line).set(content("Asking KMS …", MUTED))

        def calling() -> Message:
            try:
                return Answered(generation, perform(given, gate), too_long=False)
            except SealscopeError as error:
                too_long = given.operation is Operation.ENCRYPT and error.detail.endswith(
                    f"at most {MAX_PLAINTEXT:,}"
                )
                return Answered(generation, error, too_long=too_long)

        services.in_background(self, calling)

    @on(Answered)
    def _answered(self, message: Answered) -> None:
        message.stop()
        if message.generation != self._generation:
            return
        result = message.result
        if isinstance(result, SealscopeError):
            self._say(result)
            if message.too_long and self.query_one("#form", Choice).value == FILE:
                self._offer_envelope()
            return
        self._result = result
        facts = [label_row(name, show(value)) for name, value in result.facts if value]
        if result.ciphertext is not None:
            facts.append(label_row("Ciphertext", result.base64))
        self.query_one("#told", Line).set(lines(facts))
        self.query_one(Plaintext).hold(result.plaintext)
        self.query_one("#told").scroll_visible(animate=False)
        self.refresh_commands()

    def _offer_envelope(self) -> None:
        given = self._given()
        self.app.push_screen(
            Confirm(
                "Encrypt the file as an envelope?",
                "It is more than KMS encrypts itself; envelope encryption takes any length.",
            ),
            lambda yes: self.navigator.open_encrypt_form(given.path, given.key) if yes else None,
        )

    def _say(self, error: SealscopeError) -> None:
        told = self.query_one("#told", Line)
        told.set(error_content(error))
        told.scroll_visible(animate=False)

    # Commands.

    def action_unhide(self) -> None:
        """Show what is hidden, or hide it again."""
        plaintext = self.query_one(Plaintext)
        if plaintext.is_there:
            plaintext.toggle()
            plaintext.scroll_visible(animate=False)
        else:
            field = self.query_one("#input", TypedLine)
            field.password = not field.password

    def why_nothing_hidden(self) -> str | None:
        """Reason why there is nothing to show."""
        typed = self._operation is Operation.ENCRYPT and (
            self.query_one("#form", Choice).value != FILE
        )
        return None if typed or self.query_one(Plaintext).is_there else "Nothing is hidden"

    def action_copy_result(self) -> None:
        """Copy the ciphertext."""
        if self._result is not None:
            self.app.copy_to_clipboard(self._result.base64)
            toast(self.app, "Sent the ciphertext to the terminal's clipboard (OSC 52)")

    def why_no_ciphertext(self) -> str | None:
        """Reason why there is no ciphertext to copy."""
        there = self._result is not None and self._result.ciphertext is not None
        return None if there else "There is no ciphertext yet"

    def action_copy_plaintext(self) -> None:
        """Copy the plaintext, and keep none of it in the app."""
        self.app.copy_to_clipboard(self.query_one(Plaintext).as_base64())
        self.app._clipboard = ""  # noqa: SLF001 - Textual would paste it into any field
        toast(self.app, "Sent the plaintext to the terminal's clipboard; others may read it there")

    def why_no_plaintext(self) -> str | None:
        """Reason why there is no plaintext to copy."""
        return None if self.query_one(Plaintext).is_there else "There is no plaintext yet"

    def action_pick_key(self) -> None:
        """Choose from the list of keys."""
        services = self.services
        if services is None:
            return

        def picked(names: tuple[str, ...] | None) -> None:
            if names:
                self.query_one("#key", TypedLine).value = names[0]

        self.app.push_screen(KeyPicker(services.inventory, ()), picked)

    def action_show_command(self) -> None:
        """Show the command line that does the same."""
        try:
            given = self._given()
        except UsageError as error:
            self._say(error)
            return
        words = connection_words(self.seal.options.target)
        self.app.push_screen(CommandScreen(kms_command(given, words)))

    def action_back(self) -> None:
        """Leave the panel, and forget."""
        self._forget()
        self.query_one("#input", TypedLine).value = ""
        self.dismiss(None)


def _field(label: str, widget: TypedLine | TypedText | Choice) -> ComposeResult:
    with Horizontal(classes="field"):
        yield Line(content(label))
        yield widget
