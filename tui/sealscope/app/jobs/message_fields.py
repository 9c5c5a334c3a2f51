"""Fields for single options of a message: commitment policy, limits, Base64."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sealscope.app.jobs.option_field import OptionField
from sealscope.app.jobs.typed_number import typed_number
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.typed import TypedLine
from sealscope.engine.limits import MAX_FRAME_LENGTH
from sealscope.jobs.request import (
    DEFAULT_MAX_ENCRYPTED_DATA_KEYS,
    DEFAULT_MAX_LENGTH,
    DEFAULT_POLICY,
)

REQUIRE: Final = DEFAULT_POLICY
ALLOW: Final = "require-encrypt-allow-decrypt"
FORBID: Final = "forbid-encrypt-allow-decrypt"
MOST_KEYS: Final = 65535


def policy_field(help_text: Mapping[str, str]) -> OptionField[str]:
    """The commitment policy, with a line of help for each of the three."""
    choice = Choice([(policy, policy) for policy in (REQUIRE, ALLOW, FORBID)], id="policy")
    return OptionField("Policy", choice, lambda: choice.value, default=REQUIRE, help_text=help_text)


def max_keys_field(help_text: str) -> OptionField[int]:
    """How many encrypted data keys a message may have."""
    default = DEFAULT_MAX_ENCRYPTED_DATA_KEYS
    return _limit_field("Max keys", "max-keys", default, MOST_KEYS, help_text)


def max_length_field(help_text: str) -> OptionField[int]:
    """How many bytes a frame may have, as they are held until they are verified."""
    return _limit_field("Max frame", "max-length", DEFAULT_MAX_LENGTH, MAX_FRAME_LENGTH, help_text)


def _limit_field(
    label: str, name: str, default: int, most: int, help_text: str
) -> OptionField[int]:
    editor = TypedLine(placeholder=f"{default:,}", id=name)

    def read() -> int:
        number = typed_number(editor.value, least=1, most=most)
        return default if number is None else number

    return OptionField(label, editor, read, default=default, help_text=help_text)


def base64_field(help_text: str, *, is_on: bool = False) -> OptionField[bool]:
    """Whether the message is written or read as Base64 text."""
    choice = Choice((("off", "off"), ("on", "on")), value="on" if is_on else "off", id="base64")
    return OptionField(
        "Base64", choice, lambda: choice.value == "on", default=False, help_text=help_text
    )
