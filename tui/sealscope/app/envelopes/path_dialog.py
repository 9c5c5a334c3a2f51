"""Typing a path."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from sealscope.app.display import MUTED, content, set_titles
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.typed import TypedLine


class PathDialog(ModalScreen[Path | None]):
    """A field for a path; Enter opens it, Escape does not."""

    DEFAULT_CSS = """
    PathDialog { align: center middle; }
    PathDialog > Vertical {
        width: 76; max-width: 96%; height: auto; border: round $border; padding: 0 1;
        background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def compose(self) -> ComposeResult:
        """The field and how to leave it."""
        with Vertical() as box:
            yield TypedLine(placeholder="path of a file or a folder", id="path")
            yield Line(content("⏎ opens it, Esc does not; ~ is your home folder", MUTED))
        set_titles(box, "Open a path")

    def on_input_submitted(self, event: TypedLine.Submitted) -> None:
        """The path, seen from the folder that is shown."""
        event.stop()
        typed = event.value
        if typed.strip():
            self.dismiss(self._folder / os.path.expanduser(typed))
        else:
            self.dismiss(None)
