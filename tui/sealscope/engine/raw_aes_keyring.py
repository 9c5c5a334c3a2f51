"""Data keys wrapped by AES-GCM under a key at hand, without KMS."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealscope import errors
from sealscope.engine import encryption_context
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.key_names import AES_CONSTANTS, RawKeyName
from sealscope.engine.materials import OpenedDataKey, WrappedDataKeys
from sealscope.engine.raw_keys import open_first, why_not_ours
from sealscope.engine.suites import IV_BYTES, TAG_BYTES, AlgorithmSuite
from sealscope.secret import SecretBytes

_KEY_BYTES: Final = (16, 24, 32)


class RawAesKeyring:
    """Wraps and opens data keys with AES-GCM under one key; the encryption context is bound."""

    def __init__(
        self,
        namespace: str,
        name: str,
        key: SecretBytes,
        *,
        _random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """A keyring of one key.

        Args:
            namespace: as messages name it; may not start with "aws-kms".
            name: as messages name it.
            key: 16, 24 or 32 bytes, whatever the suite.

        Raises:
            UsageError: the names or the key's length cannot be used.
        """
        self._name = RawKeyName(namespace, name)
        if len(key) not in _KEY_BYTES:
            raise errors.UsageError(
                "A raw AES key has 16, 24 or 32 bytes",
                f"the one for {self._name} has {len(key)}",
                "A key file holds the bytes themselves: no Base64, no hex digits, no line break.",
            )
        self._key = key
        self._random = _random
        self._prefix = name.encode() + AES_CONSTANTS

    @property
    def wrapping_keys(self) -> int:
        """One."""
        return 1

    def wrap(
        self,
        suite: AlgorithmSuite,
        context: Mapping[str, str],
        data_key: SecretBytes | None = None,
    ) -> WrappedDataKeys:
        """Wrap a data key, a new random one when none is given.

        Raises:
            UsageError: the context cannot be encoded.
        """
        data_key = data_key or SecretBytes(self._random(suite.key_bytes))
        iv = self._random(IV_BYTES)
        aad = encryption_context.serialize(context)
        sealed = AESGCM(self._key.reveal()).encrypt(iv, data_key.reveal(), aad)
        wrapped = EncryptedDataKey(self._name.namespace, self._prefix + iv, sealed)
        return WrappedDataKeys(data_key, (wrapped,))

    def open(
        self,
        keys: Sequence[EncryptedDataKey],
        suite: AlgorithmSuite,
        context: Mapping[str, str],
    ) -> OpenedDataKey:
        """Open the first of the encrypted data keys that this key has wrapped.

        Raises:
            NoUsableKey: none opened.
        """
        aad = encryption_context.serialize(context)

        def unwrap(key: EncryptedDataKey) -> SecretBytes | str:
            iv = key.provider_info[-IV_BYTES:]
            try:
                cipher = AESGCM(self._key.reveal())
                return SecretBytes(cipher.decrypt(iv, key.ciphertext, aad))
            except InvalidTag:
                return "another key of this name wrapped it, or the encryption context differs"

        return open_first(
            keys,
            suite,
            opened_by=self._name,
            why_not=self._why_not,
            unwrap=unwrap,
            hint="Check namespace, name and file of the raw key, and the encryption context.",
        )

    def _why_not(self, key: EncryptedDataKey) -> str:
        # The length counts too, as one key name may begin with another.
        matches = (
            key.provider_id == self._name.namespace
            and len(key.provider_info) == len(self._prefix) + IV_BYTES
            and key.provider_info.startswith(self._prefix)
            and len(key.ciphertext) > TAG_BYTES
        )
        return why_not_ours(key, self._name, matches=matches, kind="AES")
