"""Writing the keys that the list shows into a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen

from sealscope.app.chrome.confirm import Confirm
from sealscope.app.display import MUTED, content, error_content, set_titles, toast
from sealscope.app.jobs.paths import typed_path
from sealscope.app.keys.export import FORMATS, lines, proposed_name
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.typed import TypedLine
from sealscope.errors import OutputExists, SealscopeError
from sealscope.files import open_output
from sealscope.text import show

if TYPE_CHECKING:
    from datetime import datetime

    from sealscope.app.services import Services
    from sealscope.kms.inventory import KeyEntry


class Exported(Message):
    """The file is there."""

    def __init__(self, path: Path, keys: int) -> None:
        super().__init__()
        self.path = path
        self.keys = keys


class NotExported(Message):
    """There is no file."""

    def __init__(self, path: Path, error: SealscopeError) -> None:
        super().__init__()
        self.path = path
        self.error = error


class ExportDialog(ModalScreen[None]):
    """A name and a format.

    Args:
        services: the inventory that knows the keys.
        key_ids: those to write, in their order.
        now: for the date in the proposed name.
    """

    DEFAULT_CSS = """
    ExportDialog { align: center middle; }
    ExportDialog > Vertical {
        width: 76; max-width: 96%; height: auto; border: round $border; padding: 0 1;
        background: $surface;
    }
    ExportDialog TypedLine { background: $boost; margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("ctrl+j", "write", show=False, priority=True),
    ]
    AUTO_FOCUS = "#export-path"

    def __init__(self, services: Services, key_ids: Sequence[str], now: datetime) -> None:
        super().__init__()
        self._services = services
        self._key_ids = key_ids
        self._now = now
        self._proposed = ""
        self._is_busy = False

    def compose(self) -> ComposeResult:
        """Two fields, how much it is, and what became of it."""
        with Vertical() as box:
            yield Line(content("File", MUTED))
            yield TypedLine(id="export-path")
            yield Choice([(form, form.upper()) for form in FORMATS], id="export-format")
            yield Line(id="export-note")
            yield Line(id="export-answer")
        set_titles(box, f"Export {_keys(len(self._key_ids))}", "⏎ or ^j writes, Esc leaves")

    def on_mount(self) -> None:
        """Propose a name."""
        self._propose()
        self._say_note()

    def _propose(self) -> None:
        field = self.query_one(TypedLine)
        if field.value != self._proposed:
            return
        gate = self._services.gate
        where = gate.region if gate.is_local else f"{gate.profile or ''} {gate.region}"
        self._proposed = proposed_name(where, self._now, self._form)
        field.value = self._proposed

    def _say_note(self) -> None:
        note = (
            "Every text as it is; the objects of `sealscope keys --json`."
            if self._form == "json"
            else "For a spreadsheet: what it would take for a formula gets a ' before it."
        )
        self.query_one("#export-note", Line).set(
            content(f"The keys that the filter shows, as far as they are described. {note}", MUTED)
        )

    @property
    def _form(self) -> str:
        return self.query_one(Choice).value

    @on(Choice.Changed)
    def _form_changed(self, event: Choice.Changed) -> None:
        event.stop()
        self._propose()
        self._say_note()

    @on(TypedLine.Submitted)
    def _submitted(self, event: TypedLine.Submitted) -> None:
        event.stop()
        self.action_write()

    def action_write(self) -> None:
        """Write, unless something is there already."""
        try:
            path = typed_path(self.query_one(TypedLine).value, "file")
        except SealscopeError as error:
            self._say(error)
            return
        self._write(path, overwrite=False)

    def _write(self, path: Path, *, overwrite: bool) -> None:
        if self._is_busy:
            return
        self._is_busy = True
        self.query_one("#export-answer", Line).set(content("Writing …", MUTED))
        form, key_ids, inventory = self._form, self._key_ids, self._services.inventory

        def entries() -> Iterator[KeyEntry]:
            found = (inventory.entry(key_id) for key_id in key_ids)
            return (entry for entry in found if entry is not None)

        def writing() -> Message:
            try:
                with open_output(path, overwrite=overwrite) as output:
                    for text in lines(entries(), form):
                        output.stream.write(text.encode("utf-8"))
                    output.publish()
            except SealscopeError as error:
                return NotExported(path, error)
            return Exported(path, len(key_ids))

        self._services.in_background(self, writing)

    @on(Exported)
    def _exported(self, message: Exported) -> None:
        toast(self.app, f"Wrote {_keys(message.keys)} to ", show(str(message.path)))
        self.dismiss()

    @on(NotExported)
    def _not_exported(self, message: NotExported) -> None:
        self._is_busy = False
        self._say(message.error)
        if isinstance(message.error, OutputExists):
            self.app.push_screen(
                Confirm("Replace the file?", show(str(message.path))),
                lambda yes: self._write(message.path, overwrite=True) if yes else None,
            )

    def _say(self, error: SealscopeError) -> None:
        self.query_one("#export-answer", Line).set(error_content(error))


def _keys(number: int) -> str:
    return "1 key" if number == 1 else f"{number:,} keys"
