"""The inspector: what one file is, read in a thread; its keys asked for in another."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message

from sealscope import units
from sealscope.app.display import MUTED, STRONG, content, error_content, line, lines, set_titles
from sealscope.app.envelopes.facts import AUTHENTICATED, UNAUTHENTICATED
from sealscope.app.envelopes.key_lookup import LiveKey, live_keys
from sealscope.app.envelopes.outline import FieldPath, FieldRow, OutlineRow, RecipientRow, outline
from sealscope.app.envelopes.reading import Reading, read_file
from sealscope.app.services import Services, post_result
from sealscope.app.widgets.cells import cut
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.row_list import RowList
from sealscope.errors import LooksBase64, NotAnEnvelope, SealscopeError
from sealscope.formats.envelope import Envelope
from sealscope.kms.threads import DaemonThreads
from sealscope.text import Shown, show

_SCROLLBAR_CELLS: Final = 1


class FileRead(Message):
    """A file was read."""

    def __init__(self, generation: int, reading: Reading) -> None:
        super().__init__()
        self.generation = generation
        self.reading = reading


class KeyAnswered(Message):
    """KMS told of one of the recipients."""

    def __init__(self, generation: int, index: int, live: LiveKey) -> None:
        super().__init__()
        self.generation = generation
        self.index = index
        self.live = live


class KeysAsked(Message):
    """All recipients were asked for."""


class Outline(RowList):
    """The rows; groups of fields open and close."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,plus", "unfold(True)", "Open", show=False),
        Binding("left,h,minus", "unfold(False)", "Close", show=False),
    ]

    class Unfolded(Message):
        """A group of fields is to be opened or closed."""

        def __init__(self, path: FieldPath, *, is_open: bool) -> None:
            super().__init__()
            self.path = path
            self.is_open = is_open

    def action_unfold(self, is_open: bool) -> None:
        """Open or close the group under the cursor, or close the one around it."""
        row = self.current
        if not isinstance(row, FieldRow):
            return
        if row.is_open is not None and row.is_open is not is_open:
            self.post_message(self.Unfolded(row.path, is_open=is_open))
        elif not is_open and len(row.path) > 1:
            self._go_to_field(row.path[:-1])

    def _go_to_field(self, path: FieldPath) -> None:
        for index, row in enumerate(self.rows):
            if isinstance(row, FieldRow) and row.path == path:
                self.move_to(index)


class Inspector(Vertical):
    """What one file is.

    Messages: `KeyWanted` when Enter is pressed on a recipient, `Changed` when there is
    something else to act on.
    """

    DEFAULT_CSS = """
    Inspector { border-subtitle-color: $text-warning; }
    Inspector:nocolor:focus-within { border-title-style: bold reverse; }
    Inspector > VerticalScroll { height: 1fr; display: none; }
    Inspector.-message > VerticalScroll { display: block; }
    Inspector.-message > Outline { display: none; }
    """

    class KeyWanted(Message):
        """A recipient's key is to be shown in Keys."""

        def __init__(self, arn: str) -> None:
            super().__init__()
            self.arn = arn

    class Changed(Message):
        """Another file, or the same one read."""

    def __init__(self, threads: DaemonThreads, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self.reading: Reading | None = None
        self.path: Path | None = None
        self._threads = threads
        self._services: Services | None = None
        self._generation = 0
        self._live: list[LiveKey] = []
        self._opened: set[FieldPath] = set()
        self._decode = False

    def compose(self) -> ComposeResult:
        """The rows, and in their place a message when there is no envelope."""
        yield Outline(id="outline")
        with VerticalScroll(can_focus=True, id="message"):
            yield Line(id="words")

    def on_mount(self) -> None:
        """Nothing is chosen yet."""
        self.clear()

    def clear(self) -> None:
        """Show nothing."""
        self._generation += 1
        self.path = self.reading = None
        self._say(content("Choose a file; o types a path.", MUTED))
        set_titles(self, "No file", "")
        self.post_message(self.Changed())

    def show_file(self, path: Path, *, decode: bool = False) -> None:
        """Read a file, or what its Base64 text stands for, and show what it is."""
        self._decode = decode
        self._generation += 1
        generation = self._generation
        self.path, self.reading = path, None
        self._live, self._opened = [], set()
        self._say(content("Decoding …" if decode else "Reading …", MUTED))
        self._set_titles("")
        self._read(generation, path)

    def look_again(self) -> None:
        """Read the file once more; what is shown stays unless the file is another one now."""
        if self.path is not None and self.reading is not None:
            self._read(self._generation, self.path)

    def connected(self, services: Services) -> None:
        """Ask for the keys, now that it can be done."""
        self._services = services
        self._ask_for_keys()

    def focus_content(self) -> None:
        """Put the focus on what is shown."""
        self.query_one("#message" if self.has_class("-message") else "#outline").focus()

    @property
    def is_envelope(self) -> bool:
        """Whether an envelope is shown."""
        return self.reading is not None and self.reading.envelope is not None

    @property
    def copied(self) -> Shown | None:
        """What the copy key copies: the value under the cursor, else the path."""
        row = self.query_one(Outline).current if self.is_envelope else None
        copied = getattr(row, "copied", None)
        if isinstance(copied, Shown):
            return copied
        return show(str(self.path)) if self.path else None

    def on_file_read(self, event: FileRead) -> None:
        """Show the envelope, or why there is none."""
        event.stop()
        if event.generation != self._generation or event.reading == self.reading:
            return
        self.reading = reading = event.reading
        if reading.envelope is None:
            self._say_no_envelope(reading)
        else:
            envelope = reading.envelope
            self._live = [LiveKey(recipient) for recipient in envelope.recipients]
            had_focus = self.query_one("#message").has_focus
            self.remove_class("-message")
            self.query_one(Outline).set_rows(self._rows(), cursor=0)
            if had_focus:
                self.focus_content()
            self._set_titles(_subtitle(reading, envelope))
            self._ask_for_keys()
        self.post_message(self.Changed())

    def on_key_answered(self, event: KeyAnswered) -> None:
        """Fill in one recipient."""
        event.stop()
        if event.generation == self._generation and event.index < len(self._live):
            self._live[event.index] = event.live
            self.query_one(Outline).set_rows(self._rows())

    def on_keys_asked(self, event: KeysAsked) -> None:
        """Every answer has been shown already."""
        event.stop()

    def on_resize(self) -> None:
        """Wrap again, once the rows have their new width."""
        self.call_after_refresh(lambda: self.query_one(Outline).set_rows(self._rows()))

    def on_outline_unfolded(self, event: Outline.Unfolded) -> None:
        """List the parts of a group, or stop to."""
        event.stop()
        self._unfold(event.path, is_open=event.is_open)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Enter: to the key, or open and close a group."""
        event.stop()
        row = event.row
        if isinstance(row, FieldRow) and row.is_open is not None:
            self._unfold(row.path, is_open=not row.is_open)
        elif isinstance(row, RecipientRow) and row.live.arn:
            self.post_message(self.KeyWanted(row.live.arn))

    def _read(self, generation: int, path: Path) -> None:
        decode = self._decode

        def reading() -> Message:
            return FileRead(generation, read_file(path, decode=decode))

        self._threads.submit(lambda: post_result(self, reading))

    def _unfold(self, path: FieldPath, *, is_open: bool) -> None:
        if is_open:
            self._opened.add(path)
        else:
            self._opened.discard(path)
        self.query_one(Outline).set_rows(self._rows())

    def _rows(self) -> tuple[OutlineRow, ...]:
        if self.reading is None or self.reading.envelope is None:
            return ()
        # Not the list's own width: it has none while the message stands in its place.
        width = self.content_size.width - _SCROLLBAR_CELLS
        return outline(self.reading.envelope, tuple(self._live), self._opened, width)

    def _ask_for_keys(self) -> None:
        reading, services, generation = self.reading, self._services, self._generation
        if services is None or reading is None or reading.envelope is None:
            return
        recipients = reading.envelope.recipients

        def asking() -> Message:
            answers = live_keys(
                recipients, services.gate, stop=lambda: self._generation != generation
            )
            for index, live in enumerate(answers):
                self.post_message(KeyAnswered(generation, index, live))
            return KeysAsked()

        services.in_background(self, asking)

    def _say_no_envelope(self, reading: Reading) -> None:
        assert reading.error is not None  # noqa: S101 - narrows the type
        rows = [_no_envelope(reading.error)]
        if reading.size is not None:
            rows.append(line(("Size: ", MUTED), units.exact_size(reading.size)))
        if isinstance(reading.error, NotAnEnvelope) and not reading.is_decoded:
            rows.append(content("E encrypts it."))
        self._say(lines(rows))
        self._set_titles("")

    def _say(self, text: Content) -> None:
        outline_had_focus = self.query_one(Outline).has_focus
        self.query_one("#words", Line).set(text)
        self.add_class("-message")
        if outline_had_focus:
            self.query_one("#message").focus()

    def _set_titles(self, subtitle: str) -> None:
        name = self.path.name if self.path else ""
        set_titles(self, cut(name, max(12, self.size.width - 6)), subtitle)


def _subtitle(reading: Reading, envelope: Envelope) -> str:
    proven = AUTHENTICATED if envelope.authenticated else UNAUTHENTICATED
    return f"decoded from Base64, {proven}" if reading.is_decoded else proven


def _no_envelope(error: SealscopeError) -> Content:
    """A plain file is nothing wrong, nor is a text to decode; everything else is an error."""
    if isinstance(error, LooksBase64):
        rows = [content(error.title, STRONG), content(error.detail)]
        rows.append(content("⏎ or b decodes it here and writes nothing; D decrypts it."))
        rows.append(content("From a shell: inspect, decrypt and verify take --decode.", MUTED))
        return lines(rows)
    if not isinstance(error, NotAnEnvelope):
        return error_content(error)
    rows = [content(error.title, STRONG), content(error.detail), content(error.hint, MUTED)]
    return lines(row for row in rows if row.plain)
