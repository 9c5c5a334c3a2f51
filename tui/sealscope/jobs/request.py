"""What to do to one file: plain values that can be shown, stored and sent elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

DEFAULT_SUITE: Final = "0578"
DEFAULT_MAX_ENCRYPTED_DATA_KEYS: Final = 10
ENCRYPTED_SUFFIX: Final = ".encrypted"
DECRYPTED_SUFFIX: Final = ".decrypted"


class Kind(Enum):
    """What a job does."""

    ENCRYPT = "encrypt"
    DECRYPT = "decrypt"


@dataclass(frozen=True)
class SealOptions:
    """How to encrypt.

    Attributes:
        keys: KMS keys as the user named them (id, ARN, alias, alias ARN); the first one
            generates the data key.
        context: encryption context pairs.
        suite: algorithm suite, four hex digits.
        frame_length: bytes of plaintext a frame; None for the engine's default.
    """

    keys: tuple[str, ...]
    context: tuple[tuple[str, str], ...] = ()
    suite: str = DEFAULT_SUITE
    frame_length: int | None = None
    max_encrypted_data_keys: int = DEFAULT_MAX_ENCRYPTED_DATA_KEYS


@dataclass(frozen=True)
class Discovery:
    """Try every KMS key that the message names, if it passes the filter.

    Attributes:
        accounts: only keys of these accounts; empty for all.
        partition: only keys of this partition ("aws"); None for all.
    """

    accounts: tuple[str, ...] = ()
    partition: str | None = None


@dataclass(frozen=True)
class OpenOptions:
    """How to decrypt: by named keys, or by discovery, never by neither.

    Attributes:
        keys: KMS keys as the user named them; resolved to key ARNs before they are compared.
        discovery: the filter, when discovery was asked for.
        context: pairs that must be in the message's context, or complete it.
    """

    keys: tuple[str, ...] = ()
    discovery: Discovery | None = None
    context: tuple[tuple[str, str], ...] = ()
    commitment_policy: str = "require-encrypt-require-decrypt"
    max_encrypted_data_keys: int = DEFAULT_MAX_ENCRYPTED_DATA_KEYS


@dataclass(frozen=True)
class EncryptRequest:
    """Encrypt one file into another.

    Attributes:
        root: folder that the destination must stay below, its folders made as needed.
    """

    source: Path
    destination: Path
    options: SealOptions
    overwrite: bool = False
    root: Path | None = None
    kind: Kind = Kind.ENCRYPT


@dataclass(frozen=True)
class DecryptRequest:
    """Decrypt one file into another; `root` as in `EncryptRequest`."""

    source: Path
    destination: Path
    options: OpenOptions
    overwrite: bool = False
    root: Path | None = None
    kind: Kind = Kind.DECRYPT


Request = EncryptRequest | DecryptRequest


def encrypted_name(source: Path) -> Path:
    """`NAME.encrypted`, beside the source."""
    return source.with_name(source.name + ENCRYPTED_SUFFIX)


def decrypted_name(source: Path) -> Path:
    """The source's name without `.encrypted`, else with `.decrypted` added."""
    stem = source.name.removesuffix(ENCRYPTED_SUFFIX)
    # What is left of `..encrypted` would name a folder.
    stripped = stem not in {"", ".", "..", source.name}
    return source.with_name(stem if stripped else source.name + DECRYPTED_SUFFIX)
