"""A button whose label is text and nothing else."""

from __future__ import annotations

from typing import Literal

from textual.widgets import Button

from sealscope.app.display import content


class PlainButton(Button):
    """A `Button` with a label that is never parsed."""

    def __init__(
        self,
        label: str,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        variant: Literal["default", "primary", "success", "warning", "error"] = "default",
        disabled: bool = False,
    ) -> None:
        super().__init__(content(label), id=id, variant=variant, disabled=disabled, compact=True)
