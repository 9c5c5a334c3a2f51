"""What the list of calls and the page of one call share: the call in hand and its command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealscope.app.calls.aws_command import command_of
from sealscope.app.display import toast
from sealscope.app.page import Page

if TYPE_CHECKING:
    from sealscope.kms.call_log import CallRecord
    from sealscope.text import Shown


class CopiesCalls(Page[None]):
    """A page with a call in hand."""

    def current_call(self) -> CallRecord | None:
        """The call in hand."""
        raise NotImplementedError

    def command_of(self, record: CallRecord) -> Shown:
        """The call as a command of the AWS CLI."""
        return command_of(record, self.seal.options.target.endpoint_url)

    def aliases_of(self, key: str) -> str:
        """The aliases of a key as named in a call, without prefix; empty when none is known."""
        services = self.services
        if services is None:
            return ""
        entry = services.inventory.entry(key)
        names = [alias.name.removeprefix("alias/") for alias in entry.aliases] if entry else []
        return " ".join(names)

    def why_no_call(self) -> str | None:
        """Reason for commands that need a call."""
        return None if self.current_call() else "No call is selected"

    def action_copy(self) -> None:
        """Copy the call as a command."""
        record = self.current_call()
        if record is not None:
            self.app.copy_to_clipboard(self.command_of(record))
            toast(self.app, "Sent the command to the terminal's clipboard (OSC 52)")
