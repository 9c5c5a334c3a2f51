"""The decrypt form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from sealscope.app.display import BAD, MUTED, content
from sealscope.app.envelopes.key_lookup import LiveKey, live_keys
from sealscope.app.envelopes.reading import read_file
from sealscope.app.jobs.advanced import Advanced
from sealscope.app.jobs.form import JobForm, field
from sealscope.app.jobs.key_names import split_names
from sealscope.app.jobs.key_rows import key_rows
from sealscope.app.jobs.open_advanced import OpenAdvanced
from sealscope.app.jobs.paths import free_name, typed_path
from sealscope.app.services import Services
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.tick_list import TickList, TickRow
from sealscope.app.widgets.typed import TypedLine, TypedText
from sealscope.errors import SealscopeError, UsageError
from sealscope.jobs.request import DecryptRequest, Discovery, OpenOptions, decrypted_name

MODES: Final = (("keys", "the ticked keys"), ("discovery", "discovery: any key it names"))


class KeysOfFile(Message):
    """The keys that the source names, with what KMS tells of them."""

    def __init__(
        self, generation: int, keys: tuple[LiveKey, ...], error: SealscopeError | None
    ) -> None:
        super().__init__()
        self.generation = generation
        self.keys = keys
        self.error = error


class DecryptForm(JobForm):
    """Which file, by which keys, with which context."""

    title_text = "Decrypt"
    first_field = "#key-list"
    key_field = "#other-keys"

    def __init__(self, source: Path | None, *, decode: bool = False) -> None:
        super().__init__(source)
        self._decode = decode
        self._source_generation = 0

    def own_fields(self) -> ComposeResult:
        """How to open it, the keys that it names, others, context."""
        yield from field("Open with", Choice(MODES, id="mode"))
        yield from field("Keys", TickList(id="key-list", empty="Name a source to see its keys."))
        hint = "other keys: alias, id or ARN; ⏎ picks"
        other = TypedLine(placeholder=hint, id="other-keys")
        yield from field("", other)
        yield from field("Context", TypedText(id="context"))
        yield from field("", Line(content("NAME=VALUE that must be in it; may be empty", MUTED)))

    def advanced_part(self) -> Advanced:
        """What `OpenOptions` has beyond that."""
        self._options = OpenAdvanced(self.seal.threads, decode=self._decode)
        return self._options

    def connected(self, services: Services) -> None:
        """The keys can be asked for now."""
        super().connected(services)
        self.source_changed()

    def build(self, source: Path, destination: Path) -> DecryptRequest:
        """See `JobForm`."""
        options = self.open_options()
        return DecryptRequest(source, destination, options, self.overwrite)

    def open_options(self) -> OpenOptions:
        """How to open it.

        Raises:
            UsageError: no key is chosen, or a field cannot be understood.
        """
        options = self._options.complete(OpenOptions(context=self.context()))
        if self.query_one("#mode", Choice).value == "discovery":
            return replace(options, discovery=Discovery())
        ticked = self.query_one(TickList).ticked
        keys = tuple(dict.fromkeys((*ticked, *split_names(self.text_of("#other-keys")))))
        if not keys and not options.raw_keys:
            raise UsageError(
                "No key is chosen", hint="Tick a key, type another one, or choose discovery."
            )
        return replace(options, keys=keys)

    def proposed_destination(self, source: Path) -> Path:
        """The name without `.encrypted`, or where there is such a file the next free one."""
        return free_name(decrypted_name(source)) if source.name else source

    def source_changed(self) -> None:
        """Ask which keys the file names."""
        self._source_generation += 1
        generation, services = self._source_generation, self.services
        try:
            path = typed_path(self.text_of("#source"), "source")
        except UsageError:
            self.query_one(TickList).set_ticks(())
            return
        if services is None:
            return
        gate, decode = services.gate, self._options.base64.value()

        def asking() -> Message:
            reading = read_file(path, decode=decode)
            if reading.envelope is None:
                return KeysOfFile(generation, (), reading.error)
            stop = lambda: self._source_generation != generation  # noqa: E731
            return KeysOfFile(
                generation, tuple(live_keys(reading.envelope.recipients, gate, stop=stop)), None
            )

        services.in_background(self, asking)

    def on_keys_of_file(self, event: KeysOfFile) -> None:
        """Offer the keys; those that this connection sees are ticked."""
        event.stop()
        if event.generation != self._source_generation:
            return
        rows: list[TickRow] = key_rows(event.keys)
        if event.error is not None:
            rows = [TickRow("", ((event.error.title, BAD),))]
        self.query_one(TickList).set_ticks(rows)

    def picked(self, names: tuple[str, ...]) -> None:
        """Keys that were picked are meant to be used."""
        super().picked(names)
        self.query_one("#mode", Choice).choose("keys")

    @on(TickList.Ticked)
    def _ticks_changed(self, event: TickList.Ticked) -> None:
        event.stop()
        self.changed()

    @on(Choice.Changed, "#base64")
    def _read_otherwise(self) -> None:
        self.source_changed()
