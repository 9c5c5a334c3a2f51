"""Copying a key's names, for the list and the page of one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealscope.app.display import toast
from sealscope.app.page import Page
from sealscope.text import show

if TYPE_CHECKING:
    from sealscope.kms.inventory import KeyEntry


class CopiesKeys(Page[None]):
    """A page with a key in hand that can be copied and encrypted under."""

    def current_key(self) -> KeyEntry | None:
        """The key in hand."""
        raise NotImplementedError

    def why_no_key(self) -> str | None:
        """Reason for commands that need a key."""
        return self.why_not_connected() or (None if self.current_key() else "No key is selected")

    def action_copy_id(self) -> None:
        """Copy the key's id."""
        entry = self.current_key()
        if entry is not None:
            self._copy(entry.key_id, "key id")

    def action_copy_arn(self) -> None:
        """Copy the key's ARN."""
        entry = self.current_key()
        if entry is not None:
            self._copy(entry.arn, "ARN")

    def action_encrypt(self) -> None:
        """Open the encrypt form with this key."""
        entry = self.current_key()
        if entry is not None:
            self.navigator.open_encrypt_form(None, entry.arn)

    def _copy(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        # Whether the terminal obeys cannot be known, so the notice promises no more.
        toast(self.app, f"Sent the {what} to the terminal's clipboard (OSC 52): ", show(text))
