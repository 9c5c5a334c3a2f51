"""The form for a new key."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from sealscope.app.chrome.confirm import Confirm
from sealscope.app.command import bindings
from sealscope.app.display import MUTED, content, error_content, set_titles
from sealscope.app.keys.commands import NEW
from sealscope.app.page import Page
from sealscope.app.services import Services
from sealscope.app.widgets.button import PlainButton
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.typed import TypedLine
from sealscope.errors import SealscopeError, UsageError


class KeyCreated(Message):
    """KMS made the key."""

    def __init__(self, key_id: str) -> None:
        super().__init__()
        self.key_id = key_id


class KeyNotCreated(Message):
    """KMS refused."""

    def __init__(self, error: SealscopeError) -> None:
        super().__init__()
        self.error = error


class CreateKeyPage(Page[str | None]):
    """Alias and description of a new symmetric key; the result is its id."""

    scopes = ("keys.new",)
    BINDINGS = bindings(NEW)
    AUTO_FOCUS = "#new-alias"
    crumb = "new key"
    DEFAULT_CSS = """
    CreateKeyPage #new-key { height: auto; }
    CreateKeyPage TypedLine { margin-bottom: 1; }
    CreateKeyPage #new-result { margin-top: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._busy = False

    def place_body(self) -> ComposeResult:
        """Two fields, a note, and what KMS answers."""
        with Vertical(id="new-key", classes="pane"):
            yield Line(content("Alias", MUTED))
            yield TypedLine(id="new-alias", placeholder="payments/prod")
            yield Line(content("Description", MUTED))
            yield TypedLine(id="new-description", placeholder="what the key is for")
            yield Line(id="new-note")
            yield PlainButton("Create", id="new-create", variant="primary")
            yield Line(id="new-result")

    def on_mount(self) -> None:
        """Say what will be made, and where."""
        set_titles(self.query_one("#new-key"), "New key")
        services = self.services
        cost = "" if services is None or services.gate.is_local else " AWS charges for each key."
        self.query_one("#new-note", Line).set(
            content(f"A symmetric key to encrypt and decrypt with.{cost}", MUTED)
        )

    @on(TypedLine.Submitted, "#new-alias")
    def _to_description(self) -> None:
        self.query_one("#new-description").focus()

    @on(TypedLine.Submitted, "#new-description")
    @on(PlainButton.Pressed, "#new-create")
    def action_submit(self) -> None:
        """Create the key."""
        services = self.services
        if services is None or self._busy:
            return
        alias = self.query_one("#new-alias", TypedLine).value.strip()
        description = self.query_one("#new-description", TypedLine).value.strip()
        if not alias.removeprefix("alias/"):
            self._say(UsageError("A key needs an alias here", hint="Type a name, then ^j."))
            return
        if services.gate.is_local:
            self._create(services, alias, description)
            return
        self.app.push_screen(
            Confirm("Create a key on AWS?", "AWS charges for every key, each month."),
            lambda yes: self._create(services, alias, description) if yes else None,
        )

    def _create(self, services: Services, alias: str, description: str) -> None:
        self._busy = True
        self.query_one("#new-result", Line).set(content("Creating the key…", MUTED))

        def creating() -> Message:
            try:
                created = services.gate.create_key(alias, description=description)
            except SealscopeError as error:
                return KeyNotCreated(error)
            return KeyCreated(created.key_id)

        services.in_background(self, creating)

    @on(KeyCreated)
    def _created(self, message: KeyCreated) -> None:
        self.dismiss(message.key_id)

    @on(KeyNotCreated)
    def _not_created(self, message: KeyNotCreated) -> None:
        self._busy = False
        self._say(message.error)
        self.query_one("#new-alias").focus()

    def _say(self, error: SealscopeError) -> None:
        self.query_one("#new-result", Line).set(error_content(error))

    def action_back(self) -> None:
        """Leave without a key."""
        self.dismiss(None)
