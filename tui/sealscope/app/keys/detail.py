"""One key in detail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from sealscope.app.display import MUTED, set_titles
from sealscope.app.widgets.facts import Fact, Facts

if TYPE_CHECKING:
    from datetime import datetime

    from sealscope.kms.inventory import KeyEntry


class KeyDetail(VerticalScroll):
    """What is known of one key; scrolls when it is longer than the pane."""

    DEFAULT_CSS = """
    KeyDetail { scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("g", "scroll_home", "Top", show=False),
        Binding("G", "scroll_end", "Bottom", show=False),
    ]

    def compose(self) -> Iterator[Facts]:
        """One list of facts."""
        yield Facts()

    def show_entry(self, entry: KeyEntry | None, now: datetime) -> None:
        """Show a key; None while there is none."""
        facts = self.query_one(Facts)
        if entry is None:
            set_titles(self, "Key")
            facts.set([Fact("", ("No key is selected.", MUTED))])
            return
        # Not needed for the first picture, and KMS's records are slow to load.
        from sealscope.app.keys.facts import key_facts
        from sealscope.app.keys.rows import alias_text

        set_titles(self, alias_text(entry)[0])
        facts.set(key_facts(entry, now))
