"""The options that most people never need, folded away at the end of a form's own fields."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from sealscope.app.display import BAD, MUTED, content, line, toast
from sealscope.app.jobs.key_files import key_file_problems
from sealscope.app.jobs.option_field import OptionField
from sealscope.app.jobs.paths import short_path
from sealscope.app.services import post_result
from sealscope.app.widgets.fold import FoldHead
from sealscope.errors import SealscopeError
from sealscope.jobs.request import RawKey

if TYPE_CHECKING:
    from sealscope.app.jobs.caching_fields import CachingFields
    from sealscope.app.jobs.raw_key_fields import RawKeyFields
    from sealscope.kms.threads import DaemonThreads


class FilesLooked(Message):
    """A thread has looked at the files of raw keys."""

    def __init__(self, generation: int, problems: Mapping[RawKey, SealscopeError]) -> None:
        super().__init__()
        self.generation = generation
        self.problems = problems


class Advanced(Vertical):
    """Fields below a head that opens and closes; closed, the head still says what is set."""

    DEFAULT_CSS = """
    Advanced { height: auto; }
    Advanced > #advanced-fields { height: auto; display: none; }
    Advanced.-open > #advanced-fields { display: block; }
    """
    offers: ClassVar[str] = ""
    """What is below, in a few words."""

    def __init__(
        self,
        threads: DaemonThreads,
        raw_keys: RawKeyFields,
        caching: CachingFields,
        fields: tuple[OptionField[Any], ...],
    ) -> None:
        """Make the part.

        Args:
            threads: in which files are looked at.
            raw_keys: among `fields`.
            caching: among `fields`.
            fields: all of them, top to bottom.
        """
        super().__init__(id="advanced")
        self.raw_keys = raw_keys
        self.caching = caching
        self.fields = fields
        self._threads = threads
        self._generation = 0

    def compose(self) -> ComposeResult:
        """The head, and room for what it hides."""
        yield FoldHead("Advanced", id="advanced-head")
        yield Vertical(id="advanced-fields")

    def on_mount(self) -> None:
        """Say what is below."""
        self.check()

    def changed(self) -> None:
        """A field of the form is different: what a thread found counts no more."""
        self._generation += 1
        self.raw_keys.found({})
        self.check()

    def check(self) -> None:
        """Show what is wrong at each field, and in the head what is set."""
        self.raw_keys.arrange()
        self.caching.arrange()
        wrong = [field.label.strip() for field in self.fields if field.check() is not None]
        is_set = [field.label.strip() for field in self.fields if field.is_set]
        if wrong:
            note = line(("✗ to correct: ", BAD), (", ".join(wrong), BAD))
        elif is_set:
            note = line("set: ", ", ".join(is_set))
        else:
            note = content(self.offers, MUTED)
        self.query_one(FoldHead).show(note, is_open=self.is_open)

    def look_at_files(self) -> None:
        """See in a thread whether the files of raw keys are there and can be keys."""
        keys, generation = self.raw_keys.understood(), self._generation
        if keys:
            looking = lambda: FilesLooked(generation, key_file_problems(keys))  # noqa: E731
            self._threads.submit(lambda: post_result(self, looking))

    def on_files_looked(self, event: FilesLooked) -> None:
        """Say at the fields what is wrong with their files."""
        event.stop()
        if event.generation == self._generation:
            self.raw_keys.found(event.problems)
            self.check()

    @property
    def is_open(self) -> bool:
        """Whether the fields are shown."""
        return self.has_class("-open")

    async def fold(self, *, is_open: bool) -> None:
        """Show or hide the fields; the focus does not stay behind in them."""
        if is_open and not self.fields[0].is_attached:
            # Not sooner: most forms are filled in without them, and every widget takes its time.
            await self.query_one("#advanced-fields").mount(*self.fields)
        head = self.query_one(FoldHead)
        focused = self.screen.focused
        if not is_open and focused is not None and self in focused.ancestors:
            head.focus()
        self.set_class(is_open, "-open")
        self.check()
        if is_open:
            self.call_after_refresh(self.scroll_visible, animate=False, top=True)

    async def toggle(self) -> None:
        """Open and go to the first field, or close."""
        await self.fold(is_open=not self.is_open)
        if self.is_open:
            self.screen.set_focus(self.fields[0].editor, scroll_visible=False)

    async def on_fold_head_toggled(self, event: FoldHead.Toggled) -> None:
        """Open or close."""
        event.stop()
        await self.fold(is_open=event.is_open)

    async def file_picked(self, path: Path) -> None:
        """Name a picked file in the field for it."""
        shown = short_path(path)
        if "\n" in shown or "\r" in shown:
            toast(self.app, "A name with a line break has no place in a field", severity="warning")
            return
        if not self.is_open:
            await self.fold(is_open=True)
        self.screen.set_focus(self.raw_keys.take(shown, path.suffix, self.screen.focused))
