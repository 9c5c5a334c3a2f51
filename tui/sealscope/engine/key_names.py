"""How wrapping keys are named in messages.

A KMS key is named by its ARN. A raw key is named by a namespace, which stands where KMS has its
provider id, and a name, which raw AES keeps together with the IV of the wrapped data key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealscope import errors
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.limits import MAX_UINT16
from sealscope.engine.suites import IV_BYTES, TAG_BYTES

RESERVED_NAMESPACE: Final = "aws-kms"
"""No namespace of a raw key starts with it: KMS keyrings use it."""

AES_CONSTANTS: Final = (TAG_BYTES * 8).to_bytes(4, "big") + IV_BYTES.to_bytes(4, "big")
"""Between key name and IV in the provider information: tag length in bits, IV length in bytes."""

_AES_TAIL: Final = len(AES_CONSTANTS) + IV_BYTES


@dataclass(frozen=True, slots=True)
class RawKeyName:
    """Namespace and name of a raw key.

    Raises:
        UsageError: the namespace is reserved for KMS, or the two cannot be stored.
    """

    namespace: str
    name: str

    def __post_init__(self) -> None:
        if self.namespace.startswith(RESERVED_NAMESPACE):
            raise errors.UsageError(
                "The namespace of a raw key is reserved",
                f"{self.namespace!r}: namespaces that start with {RESERVED_NAMESPACE} belong to"
                " KMS",
                "Choose another namespace.",
            )
        for text in (self.namespace, self.name):
            try:
                size = len(text.encode())
            except UnicodeEncodeError:
                raise self._not_storable(text, "it is no valid Unicode text") from None
            if size > MAX_UINT16 - _AES_TAIL:
                raise self._not_storable(f"{text[:20]}...", f"it has {size} bytes")

    @staticmethod
    def _not_storable(text: str, why: str) -> errors.UsageError:
        return errors.UsageError(
            "The name of a raw key cannot be stored in a message",
            f"{text!r}: {why}",
            "Choose another namespace or name.",
        )

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def raw_aes_name(key: EncryptedDataKey) -> bytes | None:
    """The key name of a data key that looks wrapped by a raw AES key; None otherwise."""
    info = key.provider_info
    if key.provider_id.startswith(RESERVED_NAMESPACE) or len(info) < _AES_TAIL:
        return None
    constants = info[-_AES_TAIL:-IV_BYTES]
    return info[:-_AES_TAIL] if constants == AES_CONSTANTS else None


def key_name(key: EncryptedDataKey) -> str:
    """The wrapping key as the message names it: key ARN or key name, without a raw key's IV."""
    name = raw_aes_name(key)
    # Bytes that are no text stay visible, and can never form a key ARN that KMS knows.
    return (key.provider_info if name is None else name).decode("utf-8", "backslashreplace")


def full_name(key: EncryptedDataKey) -> str:
    """The wrapping key with whose it is: a key ARN for KMS, else provider/name."""
    name = key_name(key)
    return name if key.provider_id == RESERVED_NAMESPACE else f"{key.provider_id}/{name}"
