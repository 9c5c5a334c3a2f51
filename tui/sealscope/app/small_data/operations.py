"""One call of the panel: what it takes, how it is made, what it brings."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from sealscope.errors import UsageError
from sealscope.files import open_source
from sealscope.kms import small_data
from sealscope.kms.facade import KmsGate
from sealscope.kms.small_data_input import (
    InputForm,
    ciphertext_from,
    from_base64,
    from_hex,
    plaintext_from,
)
from sealscope.secret import SecretBytes

FILE: Final = "file"
MOST_READ: Final = 1 << 16
"""Bytes of a file that are looked at: more than any ciphertext, whatever text stands for it."""


class Operation(Enum):
    """The value is its name on the command line."""

    ENCRYPT = "encrypt"
    DECRYPT = "decrypt"
    RE_ENCRYPT = "re-encrypt"
    DATA_KEY = "generate-data-key"
    DATA_KEY_ENCRYPTED = "generate-data-key-without-plaintext"
    RANDOM = "generate-random"

    @property
    def takes_input(self) -> bool:
        """Whether there is something to work on."""
        return self in {Operation.ENCRYPT, Operation.DECRYPT, Operation.RE_ENCRYPT}

    @property
    def makes_bytes(self) -> bool:
        """Whether it asks for a number of bytes."""
        return not self.takes_input

    @property
    def takes_key(self) -> bool:
        """Whether a key can be named."""
        return self is not Operation.RANDOM

    @property
    def needs_key(self) -> bool:
        """Whether a key must be named."""
        return self not in {Operation.RANDOM, Operation.DECRYPT}


@dataclass(frozen=True, repr=False)
class Given:
    """What was filled in; nothing shows it, because the text may be a secret.

    Attributes:
        form: the name of an `InputForm`, or `FILE`.
        text: what was typed, or a path.
        source_context: of the ciphertext that is re-encrypted.
    """

    operation: Operation
    key: str
    form: str
    text: str
    context: Mapping[str, str]
    source_context: Mapping[str, str]
    number_of_bytes: int

    @property
    def path(self) -> Path | None:
        """The file, where there is one."""
        return Path(self.text).expanduser() if self.form == FILE and self.text else None

    def check(self) -> None:
        """Refuse what is not complete.

        Raises:
            UsageError: a key or an input is missing.
        """
        if self.operation.needs_key and not self.key:
            raise UsageError("No key is named", hint="Press F3 to pick one, or type its alias.")
        if self.operation.takes_input and not self.text:
            raise UsageError("There is no input", hint="Type it, or name a file.")


@dataclass(frozen=True)
class Result:
    """What came back; ciphertext and plaintext where there are any."""

    facts: tuple[tuple[str, str], ...]
    ciphertext: bytes | None = None
    plaintext: SecretBytes | None = None

    @property
    def base64(self) -> str:
        """The ciphertext as text."""
        return base64.b64encode(self.ciphertext or b"").decode("ascii")


def perform(given: Given, gate: KmsGate) -> Result:
    """Make the call; nothing is sent when the input cannot be right.

    Raises:
        UsageError, SourceUnreadable: the input.
        InvalidRequest: it is too long, or empty.
        KmsError: KMS refused.
    """
    context = given.context
    match given.operation:
        case Operation.ENCRYPT:
            sealed = small_data.encrypt(gate, given.key, _plaintext(given), context=context)
            return Result((("Key", sealed.key_arn),), sealed.ciphertext)
        case Operation.DECRYPT:
            opened = small_data.decrypt(gate, _ciphertext(given), key_id=given.key, context=context)
            facts = (("Key", opened.key_arn), ("Material", opened.key_material_id))
            return Result(facts, plaintext=opened.plaintext)
        case Operation.RE_ENCRYPT:
            moved = small_data.re_encrypt(
                gate,
                _ciphertext(given),
                given.key,
                context=context,
                source_context=given.source_context,
            )
            facts = (("Key", moved.key_arn), ("Was under", moved.source_key_arn))
            return Result(facts, moved.ciphertext)
        case Operation.DATA_KEY | Operation.DATA_KEY_ENCRYPTED:
            generate = (
                small_data.generate_data_key
                if given.operation is Operation.DATA_KEY
                else small_data.generate_data_key_without_plaintext
            )
            made = generate(gate, given.key, number_of_bytes=given.number_of_bytes, context=context)
            return Result((("Key", made.key_arn),), made.ciphertext, made.plaintext)
        case Operation.RANDOM:
            return Result((), plaintext=small_data.generate_random(gate, given.number_of_bytes))


def _content(path: Path) -> bytes:
    with open_source(path) as source:
        return source.stream.read(MOST_READ)


def _plaintext(given: Given) -> SecretBytes:
    path = given.path
    return (
        SecretBytes(_content(path)) if path else plaintext_from(given.text, InputForm[given.form])
    )


def _ciphertext(given: Given) -> bytes:
    path = given.path
    if path is not None:
        return ciphertext_from(_content(path))
    return from_hex(given.text) if given.form == "HEX" else from_base64(given.text)
