"""What the engine needs of KMS: three calls, in the engine's own words.

Anything with these methods serves: the KMS gate, a fake in a test. Implementations raise
`sealscope.errors.KmsError` when KMS refuses, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sealscope.secret import SecretBytes


@dataclass(frozen=True)
class GeneratedDataKey:
    """GenerateDataKey's answer.

    Attributes:
        key_arn: ARN of the KMS key that wrapped the data key.
        plaintext: the data key.
        ciphertext: the encrypted data key (KMS's CiphertextBlob).
    """

    key_arn: str
    plaintext: SecretBytes
    ciphertext: bytes


@dataclass(frozen=True)
class WrappedDataKey:
    """Encrypt's answer: the data key wrapped by `key_arn`."""

    key_arn: str
    ciphertext: bytes


@dataclass(frozen=True)
class UnwrappedDataKey:
    """Decrypt's answer.

    Attributes:
        key_arn: ARN of the KMS key that opened it.
        plaintext: the data key.
        key_material_id: which generation of a rotated key opened it, where KMS says so.
    """

    key_arn: str
    plaintext: SecretBytes
    key_material_id: str | None = None


class KmsService(Protocol):
    """The three KMS calls of envelope encryption."""

    def generate_data_key(
        self, key_id: str, number_of_bytes: int, context: Mapping[str, str]
    ) -> GeneratedDataKey:
        """GenerateDataKey (needs kms:GenerateDataKey). `key_id`: id, ARN, alias or alias ARN."""

    def encrypt(
        self, key_id: str, plaintext: SecretBytes, context: Mapping[str, str]
    ) -> WrappedDataKey:
        """Encrypt (needs kms:Encrypt)."""

    def decrypt(
        self, key_id: str, ciphertext: bytes, context: Mapping[str, str]
    ) -> UnwrappedDataKey:
        """Decrypt, always naming the key (needs kms:Decrypt). `key_id` is a key ARN."""
