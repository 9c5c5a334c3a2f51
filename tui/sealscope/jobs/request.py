"""What to do to one file: plain values that can be shown, stored and sent elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

DEFAULT_SUITE: Final = "0578"
DEFAULT_POLICY: Final = "require-encrypt-require-decrypt"
DEFAULT_MAX_LENGTH: Final = 32 << 20
DEFAULT_RSA_PADDING: Final = "oaep-mgf1-sha256"
DEFAULT_MAX_ENCRYPTED_DATA_KEYS: Final = 10
ENCRYPTED_SUFFIX: Final = ".encrypted"
DECRYPTED_SUFFIX: Final = ".decrypted"


class Kind(Enum):
    """What a job does."""

    ENCRYPT = "encrypt"
    DECRYPT = "decrypt"
    VERIFY = "verify"


@dataclass(frozen=True)
class RawAesKey:
    """A wrapping key that is 16, 24 or 32 bytes in a file.

    Attributes:
        namespace, name: as messages name it.
        file: holds the bytes, and nothing else.
    """

    namespace: str
    name: str
    file: Path


@dataclass(frozen=True)
class RawRsaKey:
    """A wrapping key that is an RSA key in a PEM file.

    Attributes:
        namespace, name: as messages name it.
        file: a public key to encrypt, a private key to decrypt.
        padding: "pkcs1", "oaep-sha1", "oaep-mgf1-sha256", "oaep-mgf1-sha384" or
            "oaep-mgf1-sha512"; messages do not say which.
    """

    namespace: str
    name: str
    file: Path
    padding: str = DEFAULT_RSA_PADDING


RawKey = RawAesKey | RawRsaKey


@dataclass(frozen=True)
class Caching:
    """How long one data key may be used again, for other files of the same context.

    Attributes:
        max_age: seconds.
        max_bytes: of plaintext under one data key; None for the format's limit.
        max_messages: under one data key; None for the format's limit.
    """

    max_age: float
    max_bytes: int | None = None
    max_messages: int | None = None


@dataclass(frozen=True)
class SealOptions:
    """How to encrypt.

    Attributes:
        keys: KMS keys as the user named them (id, ARN, alias, alias ARN); the first one
            generates the data key.
        raw_keys: further wrapping keys; the first generates the data key if there is no KMS
            key.
        context: encryption context pairs.
        required_context: keys of `context` that are authenticated and not stored.
        suite: algorithm suite, four hex digits; None for the commitment policy's default.
        frame_length: bytes of plaintext a frame; 0 for a message without frames; None for the
            engine's default.
        caching: None to ask for a new data key for each file.
        encode: write the message as Base64 text.
    """

    keys: tuple[str, ...] = ()
    raw_keys: tuple[RawKey, ...] = ()
    context: tuple[tuple[str, str], ...] = ()
    required_context: tuple[str, ...] = ()
    suite: str | None = None
    frame_length: int | None = None
    commitment_policy: str = DEFAULT_POLICY
    max_encrypted_data_keys: int = DEFAULT_MAX_ENCRYPTED_DATA_KEYS
    caching: Caching | None = None
    encode: bool = False


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
        raw_keys: tried after the KMS keys.
        discovery: the filter, when discovery was asked for.
        context: pairs that must be in the message's context, or complete it.
        max_length: bytes of a frame, or of a body without frames in a pipe, that may be held in
            memory until they are verified.
        caching: None to have the data key of each file opened anew; bytes and messages do not
            limit what is decrypted.
        decode: read the message from its Base64 text.
    """

    keys: tuple[str, ...] = ()
    raw_keys: tuple[RawKey, ...] = ()
    discovery: Discovery | None = None
    context: tuple[tuple[str, str], ...] = ()
    commitment_policy: str = DEFAULT_POLICY
    max_encrypted_data_keys: int = DEFAULT_MAX_ENCRYPTED_DATA_KEYS
    max_length: int = DEFAULT_MAX_LENGTH
    caching: Caching | None = None
    decode: bool = False


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


@dataclass(frozen=True)
class VerifyRequest:
    """Authenticate all of one file; nothing is written."""

    source: Path
    options: OpenOptions
    kind: Kind = Kind.VERIFY


def encrypted_name(source: Path) -> Path:
    """`NAME.encrypted`, beside the source."""
    return source.with_name(source.name + ENCRYPTED_SUFFIX)


def decrypted_name(source: Path) -> Path:
    """The source's name without `.encrypted`, else with `.decrypted` added."""
    stem = source.name.removesuffix(ENCRYPTED_SUFFIX)
    # What is left of `..encrypted` would name a folder.
    stripped = stem not in {"", ".", "..", source.name}
    return source.with_name(stem if stripped else source.name + DECRYPTED_SUFFIX)
