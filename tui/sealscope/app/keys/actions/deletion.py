"""Before a key's deletion is scheduled: what hangs on it, and typing which key it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen

from sealscope.app.display import (
    BAD,
    MUTED,
    WARN,
    Part,
    content,
    error_content,
    line,
    lines,
    set_titles,
)
from sealscope.app.jobs.typed_number import typed_number
from sealscope.app.keys.actions.typed_input import END_OF_ID, names_the_key
from sealscope.app.services import Services
from sealscope.app.widgets.button import PlainButton
from sealscope.app.widgets.facts import Fact, Facts
from sealscope.app.widgets.line import Line
from sealscope.app.widgets.typed import TypedLine
from sealscope.errors import SealscopeError, UsageError
from sealscope.kms.inventory import KeyEntry
from sealscope.kms.key_changes import MAX_WINDOW_DAYS, MIN_WINDOW_DAYS
from sealscope.kms.last_usage import LastUsage, last_usage
from sealscope.text import show
from sealscope.units import age, date

MOST_SHOWN: Final = 3
"""Aliases, and envelopes, named one by one."""


@dataclass(frozen=True)
class Deletion:
    """The answer: days to wait, or None to disable the key instead."""

    window_days: int | None


class UsageTold(Message):
    """KMS told when the key was last used, or why it does not."""

    def __init__(self, usage: LastUsage | SealscopeError) -> None:
        super().__init__()
        self.usage = usage


class DeletionDialog(ModalScreen[Deletion | None]):
    """What hangs on the key, three ways out, and a name to type for the one that destroys."""

    DEFAULT_CSS = """
    DeletionDialog { align: center middle; }
    DeletionDialog > VerticalScroll {
        width: 78; max-width: 96%; height: auto; max-height: 94%;
        border: round $error; padding: 0 1; background: $surface;
    }
    DeletionDialog .row { height: 1; }
    DeletionDialog .label { width: 13; color: $text-muted; }
    DeletionDialog TypedLine { width: 1fr; background: $boost; }
    DeletionDialog TypedLine:focus { background: $surface-lighten-2; }
    DeletionDialog TypedLine:nocolor:focus { text-style: underline; }
    DeletionDialog #days { width: 5; }
    DeletionDialog .unit { width: auto; }
    DeletionDialog #warning { margin-top: 1; margin-bottom: 1; }
    DeletionDialog #buttons { height: auto; margin-top: 1; }
    DeletionDialog Button { margin-right: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Keep", show=False),
    ]

    def __init__(
        self, entry: KeyEntry, envelopes: Sequence[str], services: Services, now: datetime
    ) -> None:
        super().__init__()
        self._entry = entry
        self._envelopes = tuple(envelopes)
        self._services = services
        self._now = now
        self._usage: LastUsage | SealscopeError | None = None

    def compose(self) -> ComposeResult:
        """Facts, warning, two fields, the ways out."""
        alias = self._entry.aliases[0].name if self._entry.aliases else ""
        end = f"…{show(self._entry.key_id[-END_OF_ID:])}"
        hint = (
            f"an alias of it, or the end of its id: {end}" if alias else f"the end of its id: {end}"
        )
        with VerticalScroll(can_focus=False) as box:
            yield Facts()
            yield Line(self._warning(), id="warning")
            with Horizontal(classes="row"):
                yield Line(content("Wait", MUTED), classes="label")
                yield TypedLine(str(MAX_WINDOW_DAYS), id="days")
                yield Line(
                    content(f" days, {MIN_WINDOW_DAYS} to {MAX_WINDOW_DAYS}", MUTED), classes="unit"
                )
            with Horizontal(classes="row"):
                yield Line(content("Type", MUTED), classes="label")
                yield TypedLine(placeholder=hint, id="typed")
            yield Line(id="deletion-error")
            with Horizontal(id="buttons"):
                yield PlainButton("Keep the key", id="keep")
                if self._is_enabled:
                    yield PlainButton("Disable it instead", id="disable")
                yield PlainButton("Schedule deletion", id="delete", disabled=True)
        set_titles(box, "Schedule deletion", "Esc leaves the key as it is")

    @property
    def _is_enabled(self) -> bool:
        described = self._entry.description
        return described is not None and described.state == "Enabled"

    def on_mount(self) -> None:
        """Enter keeps the key; KMS is asked when it was last used."""
        self._show_facts()
        self.query_one("#deletion-error").display = False
        self.query_one("#keep").focus()
        gate, arn = self._services.gate, self._entry.arn

        def asking() -> Message:
            try:
                return UsageTold(last_usage(gate, arn))
            except SealscopeError as error:
                return UsageTold(error)

        self._services.in_background(self, asking)

    def on_usage_told(self, event: UsageTold) -> None:
        """Complete the facts."""
        event.stop()
        self._usage = event.usage
        self._show_facts()

    def _warning(self) -> Content:
        text = "After the wait, all that was encrypted under this key is lost for ever."
        rows = [content(text, f"bold {BAD}")]
        if self._is_enabled:
            advice = "Disabling it first shows who still needs it, and can be taken back."
            rows.append(content(advice, WARN))
        return lines(rows)

    def _show_facts(self) -> None:
        entry = self._entry
        aliases = [show(alias.name) for alias in entry.aliases]
        seen = [show(path) for path in self._envelopes]
        self.query_one(Facts).set(
            [
                Fact("Key id", show(entry.key_id)),
                Fact("Aliases", _some(aliases, "none")),
                Fact("Last used", self._last_used()),
                Fact("Envelopes", _some(seen, "none seen by this app since it started")),
            ]
        )

    def _last_used(self) -> Part:
        usage = self._usage
        if usage is None:
            return ("asking KMS …", MUTED)
        if isinstance(usage, SealscopeError):
            return (f"not known: {show(usage.title)}", WARN)
        if usage.at is None:
            return (usage.usage.value, MUTED)
        when = f"{date(usage.at)} ({age(usage.at, self._now)})"
        return line((when, "bold"), f" by {show(usage.operation)}")

    @on(TypedLine.Changed, "#typed")
    def _typed(self, event: TypedLine.Changed) -> None:
        event.stop()
        self.query_one("#delete", PlainButton).disabled = not names_the_key(
            event.value, self._entry
        )

    @on(TypedLine.Submitted)
    def _submitted(self, event: TypedLine.Submitted) -> None:
        event.stop()
        if event.input.id == "days":
            self.query_one("#typed").focus()
            return
        button = self.query_one("#delete", PlainButton)
        if button.disabled:
            self._say(UsageError("This is not this key's name", hint="Esc leaves it as it is."))
        else:
            button.focus()

    @on(PlainButton.Pressed)
    def _pressed(self, event: PlainButton.Pressed) -> None:
        event.stop()
        if event.button.id == "keep":
            self.dismiss(None)
        elif event.button.id == "disable":
            self.dismiss(Deletion(None))
        else:
            self._delete()

    def _delete(self) -> None:
        try:
            text = self.query_one("#days", TypedLine).value
            days = typed_number(text, least=MIN_WINDOW_DAYS, most=MAX_WINDOW_DAYS)
        except UsageError as error:
            self._say(error)
            return
        self.dismiss(Deletion(days or MAX_WINDOW_DAYS))

    def _say(self, error: SealscopeError) -> None:
        told = self.query_one("#deletion-error", Line)
        told.set(error_content(error))
        told.display = True


def _some(names: Sequence[str], none: str) -> Part:
    if not names:
        return (none, MUTED)
    more = len(names) - MOST_SHOWN
    rows = [content(name) for name in names[:MOST_SHOWN]]
    return lines([*rows, content(f"and {more:,} more", MUTED)] if more > 0 else rows)
