"""The passphrase of a protected local store."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from sealscope.app.display import MUTED, content, error_content, set_titles
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.typed import TypedLine
from sealscope.errors import SealscopeError
from sealscope.secret import SecretBytes


class _Passphrase(TypedLine):
    def action_copy(self) -> None:
        """Nothing: the clipboard is no place for a passphrase."""

    def action_cut(self) -> None:
        """Nothing, likewise."""


class UnlockDialog(ModalScreen[None]):
    """A field for the passphrase; stays until the passphrase is right, or Escape.

    Args:
        give: takes what was typed, and answers by `refused` or by dismissing the dialog.
    """

    DEFAULT_CSS = """
    UnlockDialog { align: center middle; }
    UnlockDialog > Vertical {
        width: 72; max-width: 96%; height: auto; border: round $border; padding: 0 1;
        background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, give: Callable[[SecretBytes], None]) -> None:
        super().__init__()
        self._give = give
        self._is_waiting = False

    def compose(self) -> ComposeResult:
        """The field, and what Escape means."""
        with Vertical() as box:
            yield Line(content("The local key store is protected by a passphrase."))
            field = _Passphrase(placeholder="passphrase", id="passphrase")
            field.password = True
            yield field
            yield Line(id="answer")
            yield Line(content("⏎ unlocks; Esc goes on locked: keys are listed, no more", MUTED))
        set_titles(box, "Unlock the local KMS")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(_Passphrase).focus()

    def on_input_submitted(self, event: TypedLine.Submitted) -> None:
        """Try what was typed; the field forgets it."""
        event.stop()
        if self._is_waiting or not event.value:
            return
        passphrase = SecretBytes(event.value.encode("utf-8", "surrogateescape"))
        self.query_one(_Passphrase).clear()
        self._is_waiting = True
        self.query_one("#answer", Line).set(content("Trying …", MUTED))
        self._give(passphrase)

    def refused(self, error: SealscopeError) -> None:
        """Say why the store stays locked; another passphrase may be typed."""
        self._is_waiting = False
        self.query_one("#answer", Line).set(error_content(error))
