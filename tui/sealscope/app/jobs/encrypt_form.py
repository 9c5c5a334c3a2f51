"""The encrypt form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from sealscope.app.display import MUTED, content
from sealscope.app.jobs.advanced import Advanced
from sealscope.app.jobs.form import JobForm, field
from sealscope.app.jobs.key_names import default_key, split_names
from sealscope.app.jobs.seal_advanced import SealAdvanced
from sealscope.app.jobs.suite_choice import default_suite, offered_suites, suite_help, suite_like
from sealscope.app.services import Services
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.typed import TypedLine, TypedText
from sealscope.errors import UsageError
from sealscope.jobs.request import DEFAULT_POLICY, EncryptRequest, SealOptions, encrypted_name
from sealscope.kms.inventory import Event, ListFinished


class KeysListed(Message):
    """One of the inventory's lists is complete."""


class EncryptForm(JobForm):
    """Which file, under which keys, with which context."""

    title_text = "Encrypt"
    first_field = "#keys"
    key_field = "#keys"

    def __init__(self, source: Path | None, key: str | None) -> None:
        super().__init__(source)
        self._key = key
        self._proposed_key = ""
        self._unsubscribe: Callable[[], None] | None = None

    def own_fields(self) -> ComposeResult:
        """Keys, context, suite."""
        keys = TypedLine(self._key or "", placeholder="alias, id or ARN; ⏎ picks", id="keys")
        yield from field("Keys", keys)
        yield from field("Context", TypedText(id="context"))
        yield from field("", Line(content("NAME=VALUE, one a line; not secret", MUTED)))
        suites = offered_suites(DEFAULT_POLICY)
        yield from field("Suite", Choice(suites, id="suite"))
        yield from field("", Line(content(suite_help(suites[0][0]), MUTED), id="suite-help"))

    def advanced_part(self) -> Advanced:
        """What `SealOptions` has beyond that."""
        self._options = SealAdvanced(self.seal.threads, self.context)
        return self._options

    def connected(self, services: Services) -> None:
        """Propose a key as soon as the keys are listed."""
        super().connected(services)
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._unsubscribe = services.inventory.subscribe(self._heard)
        if not services.inventory.generation:
            services.inventory.load()
        self._propose_key()

    def on_unmount(self) -> None:
        """Stop following the inventory."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    def on_keys_listed(self, event: KeysListed) -> None:
        """There may be one to propose now."""
        event.stop()
        self._propose_key()

    def _heard(self, event: Event) -> None:
        if isinstance(event, ListFinished):
            self.post_message(KeysListed())

    def _propose_key(self) -> None:
        keys = self.query_one("#keys", TypedLine)
        if self.services is not None and not keys.value and not self._proposed_key:
            self._proposed_key = default_key(self.services.inventory)
            keys.value = self._proposed_key

    def build(self, source: Path, destination: Path) -> EncryptRequest:
        """See `JobForm`."""
        names = split_names(self.text_of("#keys"))
        options = self._options.complete(SealOptions(keys=names, context=self.context()))
        if not names and not options.raw_keys:
            raise UsageError("No key is named", hint="Press F3 to pick one, or type its alias.")
        suite = self.query_one("#suite", Choice).value
        if suite != default_suite(options.commitment_policy):
            options = replace(options, suite=suite)
        return EncryptRequest(source, destination, options, self.overwrite)

    def proposed_destination(self, source: Path) -> Path:
        """`NAME.encrypted`."""
        return encrypted_name(source) if source.name else source

    @on(Choice.Changed, "#suite")
    def _explain(self, event: Choice.Changed) -> None:
        self.query_one("#suite-help", Line).set(content(suite_help(event.choice.value), MUTED))

    @on(Choice.Changed, "#policy")
    def _offer_suites(self, event: Choice.Changed) -> None:
        suites = self.query_one("#suite", Choice)
        chosen = suite_like(suites.value, event.choice.value)
        suites.offer(offered_suites(event.choice.value), chosen)
