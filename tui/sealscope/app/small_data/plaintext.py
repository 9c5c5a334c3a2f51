"""A plaintext on the screen and on the clipboard, only when somebody asks for it."""

from __future__ import annotations

import base64

from textual.content import Content

from sealscope.app.display import MUTED, content, line, lines
from sealscope.app.widgets.line import Line
from sealscope.secret import SecretBytes
from sealscope.text import show


class Plaintext(Line):
    """Hidden until it is asked for; cannot be marked by the mouse."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._secret: SecretBytes | None = None
        self._shown = False

    @property
    def is_there(self) -> bool:
        """Whether there is one."""
        return self._secret is not None

    def hold(self, secret: SecretBytes | None) -> None:
        """Hold another one, hidden; None forgets."""
        self._secret = secret
        self._shown = False
        self._draw()

    def toggle(self) -> None:
        """Show it, or hide it again."""
        self._shown = not self._shown
        self._draw()

    def as_base64(self) -> str:
        """For the clipboard."""
        return "" if self._secret is None else _base64(self._secret)

    def _draw(self) -> None:
        self.display = self._secret is not None
        if self._secret is None:
            self.set(content(""))
        elif self._shown:
            self.set(_drawn(self._secret))
        else:
            said = f"{len(self._secret):,} bytes, hidden; F7 shows, F6 copies"
            self.set(line(("Plaintext    ", MUTED), said))


def _base64(secret: SecretBytes) -> str:
    return base64.b64encode(secret.reveal()).decode("ascii")


def _drawn(secret: SecretBytes) -> Content:
    rows = [line(("Plaintext    ", MUTED), _base64(secret))]
    try:
        text = secret.reveal().decode("utf-8")
    except UnicodeDecodeError:
        return lines(rows)
    return lines([*rows, line(("As text      ", MUTED), show(text))])
