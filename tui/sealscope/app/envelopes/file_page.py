"""One file on the whole screen, for terminals too narrow to show it beside its folder."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult

from sealscope.app.command import bindings
from sealscope.app.envelopes.commands import FILE, PAGE
from sealscope.app.envelopes.file_actions import FilePart
from sealscope.app.envelopes.inspector import Inspector


class FilePage(FilePart):
    """The inspector alone; Escape goes back."""

    scopes = ("file", "file-page")
    BINDINGS = bindings((*FILE, *PAGE))

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self.crumb = path.name

    def place_body(self) -> ComposeResult:
        """The inspector."""
        yield Inspector(self.seal.threads, id="inspector")

    def on_mount(self) -> None:
        """Read the file."""
        self.show_file(self._path)

    def show_file(self, path: Path) -> None:
        """Show a file, this or another."""
        self._path = path
        self.inspector.show_file(path)
        self.set_crumb(path.name)
        self.inspector.focus_content()

    def action_back(self) -> None:
        """Back to the folder."""
        self.dismiss(None)

    def action_reread(self) -> None:
        """Read the file again."""
        self.show_file(self._path)
