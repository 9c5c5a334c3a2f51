"""What encrypting or decrypting one message needs from outside: its data key and company.

A keyring makes, wraps and opens data keys. A materials manager (`sealscope.engine.managers`)
stands between it and the messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from sealscope import errors
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.signing import SigningKey
from sealscope.engine.suites import AlgorithmSuite
from sealscope.secret import SecretBytes

NOT_GIVEN: Final = "its key is not among the given keys"
NOT_KMS: Final = "it is not wrapped by KMS"
NOT_TRIED: Final = "it was not tried"
"""Reasons to skip an encrypted data key that keyrings have in common."""


class Fate(Enum):
    """What became of one encrypted data key."""

    SKIPPED = "skipped"
    FAILED = "failed"
    OPENED = "opened"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One encrypted data key of a message, and what became of it.

    Attributes:
        number: its place in the message, from 1.
        provider: provider id as stored.
        key: key ARN for KMS, else the key's name or the provider information as text.
        reason: why it was skipped, or what went wrong; when it opened, empty or by what other
            key than the message names.
        error: what KMS answered, if it refused.
    """

    number: int
    provider: str
    key: str
    fate: Fate
    reason: str = ""
    error: errors.KmsError | None = None

    def __str__(self) -> str:
        said = f"{self.fate.value}: {self.reason}" if self.reason else self.fate.value
        return (
            f"encrypted data key {self.number} ({_plain(self.provider)} {_plain(self.key)}) {said}"
        )


def _plain(text: str) -> str:
    # A line break in a name must not make one line look like two.
    return text if text.isprintable() and text else repr(text)


class NoUsableKey(errors.NoUsableKey):
    """No encrypted data key could be opened.

    Attributes:
        attempts: the fate of each, in message order.
    """

    def __init__(self, attempts: Sequence[Attempt], hint: str) -> None:
        failures = [attempt for attempt in attempts if attempt.fate is Fate.FAILED]
        only = failures[0].error if len(failures) == 1 else None
        super().__init__(
            _what_happened(attempts, only),
            "\n".join(str(attempt) for attempt in attempts),
            only.hint if only is not None and only.hint else hint,
            request_id=only.request_id if only is not None else None,
        )
        self.attempts = tuple(attempts)


def _what_happened(attempts: Sequence[Attempt], only: errors.KmsError | None) -> str:
    if only is not None:
        return f"The message could not be opened: {only.title}"
    if all(attempt.fate is Fate.SKIPPED for attempt in attempts):
        return "The message is not sealed under any of the keys to try"
    return "No encrypted data key of the message could be opened"


@dataclass(frozen=True, slots=True)
class OpenedDataKey:
    """A data key and how it was opened.

    Attributes:
        opened_by: the wrapping key, a key ARN for KMS, else namespace/name.
        key_material_id: which generation of a rotated key, where KMS says so.
        attempts: the fate of every encrypted data key, in message order.
        doubt: why it may be the wrong data key all the same, for a hint; empty where opening
            proves that it is the right one.
    """

    data_key: SecretBytes
    opened_by: str
    key_material_id: str | None
    attempts: tuple[Attempt, ...]
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class WrappedDataKeys:
    """A data key and its wrapped copies.

    Attributes:
        encrypted_data_keys: those that were made now, in the order of the wrapping keys; never
            empty.
    """

    data_key: SecretBytes
    encrypted_data_keys: tuple[EncryptedDataKey, ...]


class Keyring(Protocol):
    """Wraps and opens data keys under one or more wrapping keys."""

    @property
    def wrapping_keys(self) -> int:
        """How many encrypted data keys `wrap` makes."""

    def wrap(
        self,
        suite: AlgorithmSuite,
        context: Mapping[str, str],
        data_key: SecretBytes | None = None,
    ) -> WrappedDataKeys:
        """Wrap a data key under every wrapping key; one that fails fails all of it.

        Args:
            suite: tells how long a data key is.
            context: the full encryption context.
            data_key: to wrap; a new one is made when None.

        Raises:
            UsageError: this keyring cannot wrap.
            KmsError: KMS refused.
        """

    def open(
        self,
        keys: Sequence[EncryptedDataKey],
        suite: AlgorithmSuite,
        context: Mapping[str, str],
    ) -> OpenedDataKey:
        """Open one of the encrypted data keys.

        Args:
            keys: of the message, in its order.
            suite: tells how long a data key is.
            context: the full encryption context.

        Raises:
            NoUsableKey: none opened.
        """


@dataclass(frozen=True, slots=True)
class EncryptionMaterials:
    """Everything that one message is encrypted with.

    Attributes:
        context: the full encryption context, the verification key included.
        signing_key: None when the suite does not sign.
        max_plaintext_bytes: what the message may have at most, as a cache counts it against
            the data key's limit; None for no limit.
    """

    suite: AlgorithmSuite
    data_key: SecretBytes
    encrypted_data_keys: tuple[EncryptedDataKey, ...]
    context: Mapping[str, str]
    signing_key: SigningKey | None
    max_plaintext_bytes: int | None = None
