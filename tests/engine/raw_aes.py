"""A raw AES keyring for the tests: the known answers and public vectors are wrapped this way."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealscope.engine import encryption_context
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.materials import (
    Attempt,
    Fate,
    NoUsableKey,
    OpenedDataKey,
    WrappedDataKeys,
)
from sealscope.engine.suites import AlgorithmSuite
from sealscope.secret import SecretBytes

CONSTANTS = (128).to_bytes(4, "big") + (12).to_bytes(4, "big")


class RawAesKeyring:
    """Opens data keys wrapped by AES-GCM under a key at hand."""

    def __init__(self, namespace: str, name: str, key: bytes) -> None:
        self._namespace = namespace
        self._prefix = name.encode() + CONSTANTS
        self._key = AESGCM(key)

    wrapping_keys = 1

    def wrap(
        self,
        suite: AlgorithmSuite,
        context: Mapping[str, str],
        data_key: SecretBytes | None = None,
    ) -> WrappedDataKeys:
        made = data_key or SecretBytes(os.urandom(suite.key_bytes))
        wrapped = self.wrap_with(made.reveal(), os.urandom(12), context)
        return WrappedDataKeys(made, (wrapped,))

    def open(
        self,
        keys: Sequence[EncryptedDataKey],
        suite: AlgorithmSuite,
        context: Mapping[str, str],
    ) -> OpenedDataKey:
        attempts: list[Attempt] = []
        for number, key in enumerate(keys, 1):
            data_key = self._open(key, encryption_context.serialize(context))
            fate = Fate.OPENED if data_key and len(data_key) == suite.key_bytes else Fate.FAILED
            attempts.append(Attempt(number, key.provider_id, repr(key.provider_info), fate))
            if data_key and fate is Fate.OPENED:
                name = self._prefix[: -len(CONSTANTS)].decode()
                return OpenedDataKey(SecretBytes(data_key), name, None, tuple(attempts))
        raise NoUsableKey(attempts, "")

    def _open(self, key: EncryptedDataKey, aad: bytes) -> bytes | None:
        prefix, iv = key.provider_info[:-12], key.provider_info[-12:]
        if key.provider_id != self._namespace or prefix != self._prefix:
            return None
        try:
            return self._key.decrypt(iv, key.ciphertext, aad)
        except InvalidTag:
            return None

    def wrap_with(self, data_key: bytes, iv: bytes, context: Mapping[str, str]) -> EncryptedDataKey:
        aad = encryption_context.serialize(context)
        sealed = self._key.encrypt(iv, data_key, aad)
        return EncryptedDataKey(self._namespace, self._prefix + iv, sealed)
