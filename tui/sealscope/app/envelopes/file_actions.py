"""What can be done with the file in hand; the place and the file's own page share it."""

from __future__ import annotations

from pathlib import Path

from sealscope.app.display import toast
from sealscope.app.envelopes.inspector import Inspector
from sealscope.app.page import Page
from sealscope.app.services import Services
from sealscope.app.widgets.row_list import RowList


class FilePart(Page[None]):
    """A page that shows one file in an inspector."""

    @property
    def inspector(self) -> Inspector:
        """Where the file is shown."""
        return self.query_one(Inspector)

    @property
    def file(self) -> Path | None:
        """The file in hand."""
        return self.inspector.path

    def connected(self, services: Services) -> None:
        """Keys can be asked for now."""
        self.inspector.connected(services)

    def action_open(self) -> None:
        """Open what is under the cursor of the list that has the focus, or decode the text."""
        if isinstance(self.focused, RowList):
            self.focused.action_choose()
        elif self.why_no_decode() is None:
            self.action_decode()

    def action_decode(self) -> None:
        """Show what the Base64 text stands for."""
        path = self.inspector.path
        if path is not None:
            self.inspector.show_file(path, decode=True)

    def action_decrypt(self) -> None:
        """Fill in the form."""
        self.navigator.open_decrypt_form(self.file, decode=self.is_text)

    def action_encrypt(self) -> None:
        """Fill in the form."""
        self.navigator.open_encrypt_form(self.file)

    def action_copy(self) -> None:
        """Copy what is under the cursor, through the terminal."""
        copied = self.inspector.copied
        if copied is not None:
            # What is shown, not what is stored: a pasted control character does harm as well.
            self.app.copy_to_clipboard(copied)
            toast(self.app, "Sent to the terminal's clipboard: ", copied[:60])

    @property
    def is_text(self) -> bool:
        """Whether the file in hand is known to be the Base64 text of an envelope."""
        reading = self.inspector.reading
        if reading is None or reading.path != self.file:
            return False
        return reading.is_base64 or (reading.is_decoded and reading.envelope is not None)

    def why_no_decode(self) -> str | None:
        """Reason why there is nothing to decode."""
        reading = self.inspector.reading
        if reading is not None and reading.is_base64:
            return None
        return "This file is no Base64 text of an envelope"

    def why_no_file(self) -> str | None:
        """Reason why there is nothing to encrypt."""
        return None if self.file is not None else "No file is chosen"

    def why_no_copy(self) -> str | None:
        """Reason why there is nothing to copy."""
        return self.why_no_file()

    def why_no_decrypt(self) -> str | None:
        """Reason why there is nothing to decrypt."""
        if self.file is None:
            return "No file is chosen"
        reading = self.inspector.reading
        if reading is None:
            return "The file is still being read"
        if reading.envelope is not None or reading.is_base64:
            return None
        return "This file is not an envelope"

    def on_inspector_key_wanted(self, event: Inspector.KeyWanted) -> None:
        """Go to the key."""
        event.stop()
        self.navigator.open_key(event.arn)

    def on_inspector_changed(self, event: Inspector.Changed) -> None:
        """The footer says what can be done with this file."""
        event.stop()
        self.refresh_commands()
