"""Picking a file by walking through folders."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from sealscope.app.display import MUTED, content
from sealscope.app.envelopes.browser import Browser
from sealscope.app.widgets.line import Line


class FilePicker(ModalScreen[Path | None]):
    """A folder; its result is the file that was chosen, or None when it was left."""

    DEFAULT_CSS = """
    FilePicker { align: center middle; }
    FilePicker > Vertical { width: 90%; height: 80%; background: $surface; }
    FilePicker Line { padding: 0 2; height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave", show=False),
        Binding("backspace,h,left", "up", "Up", show=False),
        Binding("full_stop", "hidden", "Hidden", show=False),
    ]

    def __init__(self, folder: Path, what: str) -> None:
        """Make the dialog; `what` is to be picked, said below the folder."""
        super().__init__()
        self._folder = folder
        self._what = what

    def compose(self) -> ComposeResult:
        """The folder and how to use it."""
        with Vertical():
            yield Browser(self._folder, id="files")
            yield Line(content(f"⏎ takes {self._what}, h goes up, Esc leaves", MUTED))

    def on_mount(self) -> None:
        """The folder has the focus."""
        self.query_one(Browser).focus()

    def on_browser_file_chosen(self, event: Browser.FileChosen) -> None:
        """This one."""
        event.stop()
        self.dismiss(event.path)

    def action_up(self) -> None:
        """To the folder above."""
        self.query_one(Browser).go_up()

    def action_hidden(self) -> None:
        """Show or hide names that start with a dot."""
        self.query_one(Browser).toggle_hidden()
