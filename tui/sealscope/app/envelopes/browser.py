"""The folder browser: names as text, envelopes marked by their bytes, read in a thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.worker import get_current_worker

from sealscope import units
from sealscope.app.display import BAD, GOOD, MUTED, Part, line, set_titles
from sealscope.app.envelopes.listing import (
    Entry,
    EntryKind,
    Listing,
    Mark,
    list_folder,
    marks,
)
from sealscope.app.widgets.cells import cut, fit
from sealscope.app.widgets.row_list import RowList
from sealscope.errors import SealscopeError
from sealscope.jobs.request import ENCRYPTED_SUFFIX
from sealscope.text import Shown, show

_MOST_MARK_CELLS: Final = 11
_MARKS_A_MESSAGE: Final = 64
_STYLES: Final = {Mark.ENVELOPE: GOOD, Mark.DAMAGED: BAD, Mark.UNREADABLE: BAD}


@dataclass(frozen=True)
class EntryRow:
    """A name in the folder."""

    entry: Entry
    mark: Mark | None = None
    mark_cells: int = 0
    size_cells: int = 0
    selectable: bool = True

    def draw(self, width: int) -> Content:
        """Name, mark in words, size; the folder says how wide the last two are."""
        entry = self.entry
        room = max(8, width - self.mark_cells - self.size_cells - 2)
        slash = "/" if entry.kind is EntryKind.FOLDER else ""
        arrow = " →" if entry.is_link else ""
        name = _cut_name(entry.path.name, room - len(slash) - len(arrow))
        mark = self.mark or Mark.PLAIN
        padding = " " * max(0, room - line(name, slash, arrow).cell_length)
        style = "bold" if entry.kind is EntryKind.FOLDER else ""
        parts: list[Part] = [(name, style), (slash + arrow, MUTED), padding, " "]
        parts.append((fit(_note(entry, mark), self.mark_cells), _STYLES.get(mark, MUTED)))
        parts += [" ", (fit(_size(entry), self.size_cells, right=True), MUTED)]
        return line(*parts)


@dataclass(frozen=True)
class UpRow:
    """The way to the folder above."""

    folder: Path
    selectable: bool = True

    def draw(self, width: int) -> Content:
        """`../`."""
        del width
        return line(("../", "bold"))


@dataclass(frozen=True)
class NoteRow:
    """A line that is only read."""

    text: str
    style: str = MUTED
    selectable: bool = False

    def draw(self, width: int) -> Content:
        """The text."""
        del width
        return line((self.text, self.style))


class FolderRead(Message):
    """A folder was read, or could not be."""

    def __init__(self, folder: Path, listing: Listing | None, error: SealscopeError | None) -> None:
        super().__init__()
        self.folder = folder
        self.listing = listing
        self.error = error


class MarksFound(Message):
    """Some of a folder's files were looked at."""

    def __init__(self, folder: Path, found: dict[Path, Mark]) -> None:
        super().__init__()
        self.folder = folder
        self.found = found


class Browser(RowList):
    """One folder at a time.

    Messages: `RowList.Moved` when another name is under the cursor, `FileChosen` on Enter.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "choose", "Open", show=False),
    ]

    class FileChosen(Message):
        """A file is to be inspected."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    def __init__(self, folder: Path, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane", empty="Reading the folder …")
        self.folder = folder
        self.hidden = False
        self._listing: Listing | None = None
        self._marks: dict[Path, Mark] = {}
        self._wanted: Path | None = None

    def on_mount(self) -> None:
        """Read the first folder."""
        self.go_to(self.folder)

    @property
    def file(self) -> Path | None:
        """The regular file under the cursor."""
        row = self.current
        if isinstance(row, EntryRow) and row.entry.kind is EntryKind.FILE:
            return row.entry.path
        return None

    def on_resize(self) -> None:
        """Cut the title to the width that there is now."""
        self._set_titles()

    def go_to(self, folder: Path, *, select: Path | None = None) -> None:
        """Read a folder and show it; the cursor rests on `select` when it is there."""
        self.folder = folder
        self._wanted = select
        # The cursor must be able to rest on what was asked for.
        self.hidden = self.hidden or (select is not None and select.name.startswith("."))
        self._listing = None
        self._marks = {}
        self.set_rows(())
        self._set_titles()
        self.look_again()

    def look_again(self) -> None:
        """Read the folder in a thread; what is shown stays until something else was read."""
        read = partial(self._read, self.folder)
        self.run_worker(read, thread=True, exit_on_error=False, group="folder", exclusive=True)

    def go_up(self) -> None:
        """Show the folder above, with the cursor on the one we come from."""
        if self.folder.parent != self.folder:
            self.go_to(self.folder.parent, select=self.folder)

    def toggle_hidden(self) -> None:
        """Show or hide names that start with a dot."""
        self.hidden = not self.hidden
        self._show_rows(self.entry_path)

    def reload(self) -> None:
        """Read the folder again."""
        self.go_to(self.folder, select=self.entry_path)

    @property
    def entry_path(self) -> Path | None:
        """The path under the cursor."""
        row = self.current
        return row.entry.path if isinstance(row, EntryRow) else None

    def on_folder_read(self, event: FolderRead) -> None:
        """Show the names; looking into the files goes on."""
        event.stop()
        if event.folder != self.folder:
            return
        if event.error is not None:
            self._show_error(event.error)
            return
        select = self._wanted if self._listing is None else self.entry_path
        if event.listing != self._listing:
            self._listing = event.listing
            self._show_rows(select)

    def on_marks_found(self, event: MarksFound) -> None:
        """Mark the envelopes among the names."""
        event.stop()
        if event.folder == self.folder and event.found.items() - self._marks.items():
            self._marks.update(event.found)
            self._show_rows(self.entry_path)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Open a folder, or tell which file was chosen."""
        event.stop()
        row = event.row
        if isinstance(row, UpRow):
            self.go_up()
        elif isinstance(row, EntryRow):
            if row.entry.kind is EntryKind.FOLDER:
                self.go_to(row.entry.path)
            else:
                self.post_message(self.FileChosen(row.entry.path))

    def _read(self, folder: Path) -> None:
        worker = get_current_worker()
        try:
            listing = list_folder(folder)
        except SealscopeError as error:
            self.post_message(FolderRead(folder, None, error))
            return
        self.post_message(FolderRead(folder, listing, None))
        stale = lambda: worker.is_cancelled or self.folder != folder  # noqa: E731
        found: dict[Path, Mark] = {}
        for path, mark in marks(listing.entries, stop=stale):
            found[path] = mark
            if len(found) >= _MARKS_A_MESSAGE:
                self.post_message(MarksFound(folder, found))
                found = {}
        self.post_message(MarksFound(folder, found))

    def _show_rows(self, select: Path | None) -> None:
        if self._listing is None:
            return
        entries = self._listing.visible(hidden=self.hidden)
        rows: list[UpRow | EntryRow | NoteRow] = []
        if self.folder.parent != self.folder:
            rows.append(UpRow(self.folder.parent))
        found = [(entry, self._marks.get(entry.path)) for entry in entries]
        notes = (len(_note(entry, mark or Mark.PLAIN)) for entry, mark in found)
        mark_cells = min(_MOST_MARK_CELLS, max(notes, default=0))
        size_cells = max((len(_size(entry)) for entry in entries), default=0)
        rows += [EntryRow(entry, mark, mark_cells, size_cells) for entry, mark in found]
        if self._listing.is_cut:
            rows.append(NoteRow(f"… and more: only {len(self._listing.entries):,} names are read"))
        self.set_rows(rows, cursor=_index_of(select, rows))
        self._set_titles()

    def _show_error(self, error: SealscopeError) -> None:
        rows: list[UpRow | NoteRow] = []
        if self.folder.parent != self.folder:
            rows.append(UpRow(self.folder.parent))
        texts = (error.title, error.detail, error.hint)
        styles = (BAD, "", MUTED)
        rows += [NoteRow(t, s) for t, s in zip(texts, styles, strict=True) if t]
        self.set_rows(rows, cursor=0)
        self._set_titles()

    def _set_titles(self) -> None:
        hidden = "hidden names shown" if self.hidden else ". shows hidden names"
        number = sum(mark is Mark.ENVELOPE for mark in self._marks.values())
        count = "1 envelope" if number == 1 else f"{number} envelopes"
        title = cut(_with_home(self.folder), max(12, self.size.width - 4))
        set_titles(self, title, f"{count}, {hidden}")


def _note(entry: Entry, mark: Mark) -> str:
    other = "not a file" if entry.kind is EntryKind.OTHER else mark.value
    return entry.problem or other


def _size(entry: Entry) -> str:
    return "" if entry.size is None else units.size(entry.size)


def _cut_name(name: str, cells: int) -> Shown:
    """A name in full, or as much of its start as fits before `.encrypted`."""
    whole = show(name)
    start = cells - len(ENCRYPTED_SUFFIX) - 1
    if cell_len(whole) <= cells or start < 4 or not name.endswith(ENCRYPTED_SUFFIX):
        return cut(name, cells)
    stem = Shown(whole[: -len(ENCRYPTED_SUFFIX)])
    while cell_len(stem) > start:
        stem = Shown(stem[:-1])
    return Shown(f"{stem}…{ENCRYPTED_SUFFIX}")


def _with_home(folder: Path) -> str:
    """The folder's path, with `~` for the home folder."""
    home = Path.home()
    if folder == home:
        return "~"
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


def _index_of(path: Path | None, rows: Iterable[UpRow | EntryRow | NoteRow]) -> int:
    first = 0
    for index, row in enumerate(rows):
        if isinstance(row, EntryRow):
            if row.entry.path == path:
                return index
            first = first or index
    # Without a wish the cursor starts on the first name, not on the way up.
    return first if path is None else 0
