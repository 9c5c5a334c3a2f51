"""Fields for single options of a message: commitment policy, number of keys, Base64."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sealscope.app.jobs.option_field import OptionField
from sealscope.app.jobs.typed_number import typed_number
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.typed import TypedLine
from sealscope.jobs.request import DEFAULT_MAX_ENCRYPTED_DATA_KEYS, DEFAULT_POLICY

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
    editor = TypedLine(placeholder=str(DEFAULT_MAX_ENCRYPTED_DATA_KEYS), id="max-keys")

    def read() -> int:
        number = typed_number(editor.value, least=1, most=MOST_KEYS)
        return DEFAULT_MAX_ENCRYPTED_DATA_KEYS if number is None else number

    default = DEFAULT_MAX_ENCRYPTED_DATA_KEYS
    return OptionField("Max keys", editor, read, default=default, help_text=help_text)


def base64_field(help_text: str, *, is_on: bool = False) -> OptionField[bool]:
    """Whether the message is written or read as Base64 text."""
    choice = Choice((("off", "off"), ("on", "on")), value="on" if is_on else "off", id="base64")
    return OptionField(
        "Base64", choice, lambda: choice.value == "on", default=False, help_text=help_text
    )
