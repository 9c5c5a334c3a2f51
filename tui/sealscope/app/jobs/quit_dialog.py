"""What to do with running jobs when the app is to be left."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen

from sealscope.app.display import STRONG, content
from sealscope.app.widgets.button import PlainButton
from sealscope.app.widgets.line import Line

_LOOK_SECONDS: Final = 0.1


class QuitAnswer(Enum):
    """What was decided."""

    STAY = "stay"
    QUIT = "quit"


class QuitDialog(ModalScreen[QuitAnswer]):
    """Stay, wait for the jobs and quit, or cancel them and quit; the focus is on stay.

    Its answer is `QUIT` when the app may be closed: nothing runs any more, or what runs is to
    be cancelled.

    Args:
        running: how many jobs are not over; asked again while it waits.
    """

    DEFAULT_CSS = """
    QuitDialog { align: center middle; }
    QuitDialog > Vertical {
        width: 66; max-width: 96%; height: auto; border: round $warning; padding: 1 2;
        background: $surface;
    }
    QuitDialog Horizontal { height: auto; margin-top: 1; }
    QuitDialog Button { margin-right: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,s,n", "stay", "Stay", show=False),
        Binding("w", "wait", "Wait", show=False),
        Binding("c", "cancel", "Cancel", show=False),
        Binding("right,l", "app.focus_next", "Next", show=False),
        Binding("left,h", "app.focus_previous", "Previous", show=False),
    ]

    def __init__(self, running: Callable[[], int]) -> None:
        super().__init__()
        self._count_running = running
        self._waits = False

    def compose(self) -> ComposeResult:
        """The question and three answers."""
        with Vertical():
            yield Line(content(_words(self._count_running()), STRONG), id="title")
            yield Line(content("A cancelled job leaves nothing half-written."), id="text")
            with Horizontal():
                yield PlainButton("Stay", id="stay", variant="primary")
                yield PlainButton("Wait, then quit", id="wait")
                yield PlainButton("Cancel jobs and quit", id="cancel")

    def on_mount(self) -> None:
        """Enter says stay."""
        self.query_one("#stay").focus()
        self.set_interval(_LOOK_SECONDS, self._look)

    def on_button_pressed(self, event: PlainButton.Pressed) -> None:
        """Answer."""
        event.stop()
        answers = {"stay": self.action_stay, "wait": self.action_wait, "cancel": self.action_cancel}
        answers[event.button.id or "stay"]()

    def action_stay(self) -> None:
        """Go on as if nothing had been asked."""
        self.dismiss(QuitAnswer.STAY)

    def action_wait(self) -> None:
        """Quit as soon as the jobs are over; Escape still stays."""
        self._waits = True
        self.query_one("#text", Line).set(content("Quits when they are over; Esc stays."))
        self.query_one("#stay").focus()
        self._look()

    def action_cancel(self) -> None:
        """Quit now."""
        self.dismiss(QuitAnswer.QUIT)

    def _look(self) -> None:
        running = self._count_running()
        self.query_one("#title", Line).set(content(_words(running), STRONG))
        if self._waits and not running and self.is_current:
            self.dismiss(QuitAnswer.QUIT)


def _words(running: int) -> str:
    if not running:
        return "No job is running any more"
    return "1 job is still running" if running == 1 else f"{running} jobs are still running"
