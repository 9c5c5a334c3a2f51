"""Materials managers: where the materials of a message come from.

The default manager asks a keyring for every message. Others wrap it: a caching manager asks
less often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sealscope.engine import encryption_context
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.limits import DEFAULT_MAX_ENCRYPTED_DATA_KEYS, check_number_of_keys
from sealscope.engine.materials import EncryptionMaterials, Keyring, OpenedDataKey
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.signing import SigningKey
from sealscope.engine.suites import AlgorithmSuite


@dataclass(frozen=True, slots=True)
class EncryptionRequest:
    """What is known of a message before it is encrypted.

    Attributes:
        context: as the caller gave it, without reserved keys.
        policy: what may be written.
        suite: the one that was asked for; None for the policy's default.
        plaintext_bytes: most bytes that the plaintext can have; None when that is unknown.
        max_encrypted_data_keys: most wrapping keys.
    """

    context: Mapping[str, str]
    policy: CommitmentPolicy
    suite: AlgorithmSuite | None = None
    plaintext_bytes: int | None = None
    max_encrypted_data_keys: int = DEFAULT_MAX_ENCRYPTED_DATA_KEYS


@dataclass(frozen=True, slots=True)
class DecryptionRequest:
    """What is known of a message before it is decrypted.

    Attributes:
        suite: as its header says.
        encrypted_data_keys: in the message's order.
        context: the full encryption context: stored pairs and those that the caller gave.
        policy: what may be read.
    """

    suite: AlgorithmSuite
    encrypted_data_keys: tuple[EncryptedDataKey, ...]
    context: Mapping[str, str]
    policy: CommitmentPolicy


class MaterialsManager(Protocol):
    """Makes the materials of messages."""

    def for_encryption(self, request: EncryptionRequest) -> EncryptionMaterials:
        """Materials for a new message.

        Raises:
            CommitmentPolicyError: the policy forbids the suite.
            LimitExceeded: more wrapping keys than the limit.
            UsageError: the context cannot be used, or the keyring cannot wrap.
            KmsError: KMS refused.
        """

    def for_decryption(self, request: DecryptionRequest) -> OpenedDataKey:
        """The data key of a message.

        Raises:
            CommitmentPolicyError: the policy forbids the suite.
            NoUsableKey: no encrypted data key opened.
        """


class DefaultManager:
    """Asks a keyring for every message, and makes the signing key of those that are signed."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def for_encryption(self, request: EncryptionRequest) -> EncryptionMaterials:
        """Materials with a data key and a signing key that no other message has."""
        suite = request.suite or request.policy.default_suite
        request.policy.check_encrypt(suite)
        # Before any of them is asked.
        check_number_of_keys(self._keyring.wrapping_keys, request.max_encrypted_data_keys)
        encryption_context.check_caller_context(request.context)
        context = dict(request.context)
        signing_key = SigningKey(suite.signature) if suite.signature else None
        if signing_key is not None:
            context[encryption_context.PUBLIC_KEY] = signing_key.public_key_text()
            encryption_context.serialize(context)
        wrapped = self._keyring.wrap(suite, context)
        return EncryptionMaterials(
            suite, wrapped.data_key, wrapped.encrypted_data_keys, context, signing_key
        )

    def for_decryption(self, request: DecryptionRequest) -> OpenedDataKey:
        """The data key that the keyring opens."""
        request.policy.check_decrypt(request.suite)
        return self._keyring.open(request.encrypted_data_keys, request.suite, request.context)
