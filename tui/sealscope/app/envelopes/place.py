"""The Envelopes place: a folder, and beside it what the file under the cursor is."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer

from sealscope.app.command import bindings
from sealscope.app.envelopes.browser import Browser
from sealscope.app.envelopes.commands import BROWSER, FILE
from sealscope.app.envelopes.file_actions import FilePart
from sealscope.app.envelopes.file_page import FilePage
from sealscope.app.envelopes.inspector import Inspector
from sealscope.app.envelopes.path_dialog import PathDialog
from sealscope.app.place import Place
from sealscope.app.widgets.row_list import RowList

WIDE: Final = 100
"""Columns from which the inspector stands beside the folder."""
REST_SECONDS: Final = 0.25
"""How long the cursor rests on a file before it is read."""


class EnvelopesPlace(FilePart, Place):
    """Pick a file, see what is in it."""

    scopes: ClassVar[tuple[str, ...]] = ("browser", "file")
    BINDINGS = bindings((*BROWSER, *FILE))
    DEFAULT_CSS = """
    EnvelopesPlace Browser { width: 2fr; }
    EnvelopesPlace Browser:nocolor:focus { border-title-style: bold reverse; }
    EnvelopesPlace Inspector { width: 3fr; }
    EnvelopesPlace.-narrow Inspector { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._resting: Timer | None = None
        self._rested_on: Path | None = None

    def place_body(self) -> ComposeResult:
        """The folder and the file."""
        with Horizontal():
            yield Browser(Path.cwd(), id="browser")
            yield Inspector(self.seal.threads, id="inspector")

    def on_mount(self) -> None:
        """The folder has the focus."""
        self.browser.focus()

    def on_screen_resume(self) -> None:
        """A job may have written here meanwhile."""
        if self.is_mounted:
            self.browser.look_again()
            self.inspector.look_again()

    @property
    def browser(self) -> Browser:
        """The folder."""
        return self.query_one(Browser)

    @property
    def is_wide(self) -> bool:
        """Whether the inspector stands beside the folder."""
        return self.size.width >= WIDE

    @property
    def file(self) -> Path | None:
        """The file under the cursor, or the one shown when the focus is there."""
        in_browser = self.browser.has_focus or not self.is_wide
        return self.browser.file if in_browser else self.inspector.path

    def why_no_copy(self) -> str | None:
        """What is copied is what is shown, which may be another file than the next one."""
        return None if self.inspector.path is not None else "No file is chosen"

    def why_no_decrypt(self) -> str | None:
        """A file that has not been read yet may be one: its form will tell."""
        if self.file is None or self.inspector.path != self.file or not self.inspector.reading:
            return self.why_no_file()
        return super().why_no_decrypt()

    def show_envelope(self, path: Path) -> None:
        """Show a file, or browse a folder."""
        path = path if path.is_absolute() else Path.cwd() / path
        if path.is_dir():
            self.browser.go_to(path)
            self.browser.focus()
            return
        if path.parent != self.browser.folder or self.browser.entry_path != path:
            self.browser.go_to(path.parent, select=path)
        self._inspect(path)

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Read the file under the cursor once the cursor rests."""
        if event.source is not self.browser:
            return
        event.stop()
        # Rows are also set again when a mark is found; what was opened by path stays then.
        if self.browser.file == self._rested_on:
            return
        self._rested_on = self.browser.file
        if self._resting is not None:
            self._resting.stop()
        if not self.browser.has_focus:
            return
        if self.is_wide:
            self._resting = self.set_timer(REST_SECONDS, self._show_resting)
        self.refresh_commands()

    def on_browser_file_chosen(self, event: Browser.FileChosen) -> None:
        """Read the file now, and go to it."""
        event.stop()
        self._inspect(event.path)

    def action_up(self) -> None:
        """To the folder above; from the file, first back to its folder."""
        if self.browser.has_focus:
            self.browser.go_up()
        else:
            self.browser.focus()

    def action_type_path(self) -> None:
        """Ask for a path."""

        def typed(path: Path | None) -> None:
            if path is not None:
                self.show_envelope(path)

        self.app.push_screen(PathDialog(self.browser.folder), typed)

    def action_toggle_hidden(self) -> None:
        """Show or hide names that start with a dot."""
        self.browser.toggle_hidden()

    def action_refresh(self) -> None:
        """Read folder and file again."""
        self.browser.reload()
        if self.inspector.path is not None:
            self.inspector.show_file(self.inspector.path)

    def _inspect(self, path: Path) -> None:
        if self._resting is not None:
            self._resting.stop()
        if self.is_wide:
            self.inspector.show_file(path)
            self.set_crumb(path.name)
            self.inspector.focus_content()
        elif isinstance(self.app.screen, FilePage):
            self.app.screen.show_file(path)
        else:
            self.app.push_screen(FilePage(path))

    def _show_resting(self) -> None:
        path = self.browser.file
        if path == self.inspector.path:
            return
        if path is None:
            self.inspector.clear()
            self.set_crumb("")
        else:
            self.inspector.show_file(path)
            self.set_crumb(path.name)
