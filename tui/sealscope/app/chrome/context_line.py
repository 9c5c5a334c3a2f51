"""The top line: the three places, what is being looked at, who calls and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

from sealscope.app.display import BAD, MUTED, STRONG, Part, line
from sealscope.app.services import Phase, Standing
from sealscope.text import Shown, shorten, show

if TYPE_CHECKING:
    from sealscope.app.page import Page

PLACES: Final = (("1", "keys", "Keys"), ("2", "envelopes", "Envelopes"), ("3", "jobs", "Jobs"))


class ContextLine(Widget):
    """One line that never lies about who is calling, where, and whether changes are allowed."""

    DEFAULT_CSS = """
    ContextLine { height: 1; }
    """

    def render(self) -> Content:
        """The places on the left; on the right as much of the context as fits."""
        page = self._page
        width = self.size.width
        left = self._places(page)
        badge = _badge(page.seal.standing)
        room = width - left.cell_length - badge.cell_length - 3
        where = _where(page.seal.standing, max(0, room))
        crumb_room = width - left.cell_length - where.cell_length - badge.cell_length - 7
        if page.crumb and crumb_room >= 8:
            left = line(left, (" > ", MUTED), shorten(show(page.crumb), crumb_room))
        gap = max(1, width - left.cell_length - where.cell_length - badge.cell_length - 2)
        return line(left, " " * gap, where, " ", badge)

    def on_click(self, event: events.Click) -> None:
        """Go to the place whose name was clicked."""
        start = 1
        for _, mode, label in PLACES:
            end = start + len(label) + 4
            if start <= event.x < end:
                self._page.seal.go_to(mode)
                return
            start = end

    @property
    def _page(self) -> Page[object]:
        from sealscope.app.page import Page

        screen = self.screen
        assert isinstance(screen, Page)  # noqa: S101 - narrows the type
        return screen

    def _places(self, page: Page[object]) -> Content:
        parts: list[Part] = [" "]
        for key, mode, label in PLACES:
            current = page.seal.current_mode == mode
            style = "bold reverse" if current else MUTED
            parts.append((f" {key} {label} ", style))
        return line(*parts)


def _badge(standing: Standing) -> Content:
    services = standing.services
    if services is None:
        failed = standing.phase is Phase.FAILED
        return line((f" {standing.phase.value} ", f"bold reverse {BAD}" if failed else MUTED))
    if standing.is_locked:
        return line((" LOCAL KMS, LOCKED ", "bold reverse $text-warning"))
    if services.gate.is_local:
        return line((" LOCAL KMS ", "bold reverse"))
    if services.gate.is_read_only:
        return line((" READ-ONLY ", "bold reverse"))
    return line((" WRITE ", "bold reverse $text-warning"))


def _where(standing: Standing, room: int) -> Content:
    """Identity, profile and region; the region stays longest when room is short."""
    services = standing.services
    if services is None or services.gate.is_local or room < 4:
        return line("")
    region = show(services.gate.region)
    profile = show(services.gate.profile or "")
    who = _who(standing)
    for pieces in ((who, profile, region), (profile, region), (region,)):
        shown = [piece for piece in pieces if piece]
        length = sum(cell_len(piece) for piece in shown) + 3 * (len(shown) - 1)
        if length <= room:
            parts: list[Part] = []
            for number, piece in enumerate(shown):
                parts += [(" · ", MUTED)] if number else []
                parts.append((piece, STRONG if piece is region else ""))
            return line(*parts)
    return line((shorten(region, room), STRONG))


def _who(standing: Standing) -> Shown:
    if standing.identity is not None:
        return show(f"{standing.identity.name}@{standing.identity.account}")
    return show("who: not known" if standing.identity_error else "who: asking")
