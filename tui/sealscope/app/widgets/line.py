"""Text on the screen that is never parsed."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from sealscope.app.display import content


class Line(Static):
    """A `Static` that takes only content made by `sealscope.app.display`."""

    def __init__(
        self,
        text: Content | None = None,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(text or content(""), id=id, classes=classes, markup=False)

    def set(self, text: Content) -> None:
        """Show other text."""
        self.update(text)
