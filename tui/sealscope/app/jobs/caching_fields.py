"""The fields for data-key caching: off, unless its limits are chosen."""

from __future__ import annotations

from typing import Any, Final

from sealscope.app.jobs.option_field import OptionField
from sealscope.app.jobs.typed_number import typed_number, typed_seconds
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.typed import TypedLine
from sealscope.jobs.request import Caching

PROPOSED_AGE: Final = 300.0
MOST_BYTES: Final = 2**63 - 1
MOST_MESSAGES: Final = 2**32
_NO_LIMIT: Final = "empty: only the format's limit"


class CachingFields:
    """Whether a data key is used again, for how long, and for how much."""

    def __init__(self, help_text: str, *, for_encryption: bool) -> None:
        """Make the fields; bytes and files limit nothing where files are decrypted."""
        self._choice = Choice((("off", "off"), ("on", "on")), id="caching")
        age = TypedLine("300", placeholder="seconds", id="max-age")
        self._for_encryption = for_encryption
        self._switch = OptionField(
            "Caching", self._choice, lambda: self.is_on, default=False, help_text=help_text
        )
        self._max_age = OptionField(
            "  max age",
            age,
            lambda: typed_seconds(age.value) if self.is_on else PROPOSED_AGE,
            default=PROPOSED_AGE,
            help_text="Seconds until the next file gets a data key of its own."
            if for_encryption
            else "Seconds until KMS is asked again.",
        )
        self._max_bytes = self._limit(
            "  max bytes",
            "max-bytes",
            MOST_BYTES,
            "Plaintext under one data key; the less, the less is at risk.",
        )
        self._max_messages = self._limit(
            "  max files",
            "max-messages",
            MOST_MESSAGES,
            "Files under one data key; the fewer, the less is at risk.",
        )

    @property
    def fields(self) -> tuple[OptionField[Any], ...]:
        """Top to bottom."""
        limits = (self._max_bytes, self._max_messages) if self._for_encryption else ()
        return (self._switch, self._max_age, *limits)

    @property
    def is_on(self) -> bool:
        """Whether data keys are to be used again."""
        return self._choice.value == "on"

    def arrange(self) -> None:
        """Limits are asked for only where they limit something."""
        for field in self.fields[1:]:
            field.display = self.is_on

    def caching(self) -> Caching | None:
        """The limits, or None when it is off.

        Raises:
            UsageError: a limit is no number.
        """
        if not self.is_on:
            return None
        return Caching(self._max_age.value(), self._max_bytes.value(), self._max_messages.value())

    def _limit(self, label: str, name: str, most: int, help_text: str) -> OptionField[int | None]:
        editor = TypedLine(placeholder=_NO_LIMIT, id=name)

        def read() -> int | None:
            return typed_number(editor.value, least=1, most=most) if self.is_on else None

        return OptionField(label, editor, read, default=None, help_text=help_text)
