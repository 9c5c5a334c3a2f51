"""Two colours of our own, made from the theme's: for quiet text and for a pane at rest."""

from __future__ import annotations

from textual.color import Color

QUIET = 0.68
"""How far quiet text lies from the background towards the foreground; readable in all themes."""

PANE = 0.35
"""The same for the border of a pane that has no focus."""


def own_variables(theme: dict[str, str]) -> dict[str, str]:
    """The CSS variables `$quiet` and `$pane-border` for a theme's variables.

    Textual's own muted text has no fixed colour, and where it is drawn line by line it turns
    white on white.
    """
    background = Color.parse(theme["background"])
    foreground = Color.parse(theme["foreground"])
    if background.ansi is not None or foreground.ansi is not None:
        return {"quiet": "ansi_default", "pane-border": "ansi_default"}
    return {
        "quiet": background.blend(foreground, QUIET, alpha=1).hex,
        "pane-border": background.blend(foreground, PANE, alpha=1).hex,
    }
