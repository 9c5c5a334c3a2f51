"""Going from one place to another, with something in hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sealscope.app.app import SealscopeApp


class Navigator:
    """Switches the place and hands over what to show there.

    Each place's base screen carries the method that is named here:
    `show_key(arn)`, `show_envelope(path)`, `show_encrypt_form(path, key)`,
    `show_decrypt_form(path, decode)`.
    """

    def __init__(self, app: SealscopeApp) -> None:
        self._app = app
        self.came_from = app.DEFAULT_MODE
        """The place from which the last step was made."""

    def open_key(self, arn: str) -> None:
        """Show a key in Keys, by id or ARN."""
        self._go("keys", "show_key", arn)

    def open_envelope(self, path: Path) -> None:
        """Show a file in Envelopes."""
        self._go("envelopes", "show_envelope", path)

    def open_encrypt_form(self, path: Path | None = None, key: str | None = None) -> None:
        """Show the encrypt form in Jobs."""
        self._go("jobs", "show_encrypt_form", path, key)

    def open_decrypt_form(self, path: Path | None = None, *, decode: bool = False) -> None:
        """Show the decrypt form in Jobs; `decode` when the file is a Base64 text."""
        self._go("jobs", "show_decrypt_form", path, decode)

    def _go(self, mode: str, method: str, *arguments: Any) -> None:
        self.came_from = self._app.current_mode
        base = self._app.go_to(mode)
        # Runs after the screen has been composed, when this is its first showing.
        base.call_after_refresh(getattr(base, method), *arguments)
