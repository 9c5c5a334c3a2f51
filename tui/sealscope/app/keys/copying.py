"""Copying what a key is called and what is known of it, for the list and the page of one key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sealscope.app.display import toast
from sealscope.app.page import Page
from sealscope.text import show

if TYPE_CHECKING:
    from sealscope.app.keys.copy_menu import Copyable
    from sealscope.app.services import Services
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

    def action_copy_menu(self) -> None:
        """Choose what to copy."""
        from sealscope.app.keys.copy_menu import CopyMenu

        entry, services = self.current_key(), self.services
        if entry is None or services is None:
            return
        self.app.push_screen(
            CopyMenu(list(self._copyables(entry, services))),
            lambda item: self._copy(item.text, item.what) if item else None,
        )

    def action_console(self) -> None:
        """Copy the address of the key in AWS's console, and show it."""
        entry = self.current_key()
        address = self._address(entry) if entry else None
        if address is not None:
            self._copy(address, "console address")

    def why_no_console(self) -> str | None:
        """Reason why the key has no address in AWS's console."""
        reason = self.why_no_key()
        if reason is not None:
            return reason
        if self.services is not None and self.services.gate.is_local:
            return "The local KMS has no web console"
        entry = self.current_key()
        return None if entry and self._address(entry) else "No console is known for this key's ARN"

    def action_encrypt(self) -> None:
        """Open the encrypt form with this key."""
        entry = self.current_key()
        if entry is not None:
            self.navigator.open_encrypt_form(None, entry.arn)

    def _copyables(self, entry: KeyEntry, services: Services) -> Iterator[Copyable]:
        from sealscope.app.calls.aws_command import Where, aws_command
        from sealscope.app.keys.copy_menu import Copyable
        from sealscope.app.keys.export import entry_object
        from sealscope.engine.arn import parse_key_arn

        for alias in entry.aliases[:4]:
            yield Copyable("alias", alias.name)
        yield Copyable("key id", entry.key_id)
        yield Copyable("ARN", entry.arn)
        yield Copyable("JSON", json.dumps(entry_object(entry), indent=2))
        gate, arn = services.gate, parse_key_arn(entry.arn)
        where = Where(
            arn.region if arn else gate.region,
            gate.profile or "",
            self.seal.options.target.endpoint_url,
            gate.is_local,
        )
        command = aws_command("DescribeKey", (("KeyId", entry.arn),), where)
        yield Copyable("aws command", command)
        address = None if gate.is_local else self._address(entry)
        if address is not None:
            yield Copyable("console", address)

    def _address(self, entry: KeyEntry) -> str | None:
        from sealscope.app.keys.console import console_address

        return console_address(entry.arn, entry.description.manager if entry.description else "")

    def _copy(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        # Whether the terminal obeys cannot be known, so the notice promises no more.
        toast(self.app, f"Sent the {what} to the terminal's clipboard (OSC 52): ", show(text))
