"""A KMS in memory, as strict as the real one about keys, states and contexts.

It implements `sealscope.engine.kms.KmsService` and notes every call. Tests of other rooms use
it too.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealscope import errors
from sealscope.engine.kms import GeneratedDataKey, UnwrappedDataKey, WrappedDataKey
from sealscope.secret import SecretBytes

REGION = "eu-central-1"
ACCOUNT = "111122223333"


class State(Enum):
    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"


@dataclass
class FakeKey:
    arn: str
    material: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    state: State = State.ENABLED
    denied: bool = False

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def material_id(self) -> str:
        return f"material-of-{self.id}"


@dataclass(frozen=True)
class Call:
    operation: str
    key_id: str
    context: Mapping[str, str]


class FakeKms:
    """Keys, aliases and the three calls of envelope encryption.

    Attributes:
        calls: every call, also refused ones, in order.
        answer_as: when set, changes the ARN that Decrypt answers with.
        shorten_data_keys: when set, answers carry data keys of that many bytes.
    """

    def __init__(self) -> None:
        self.keys: dict[str, FakeKey] = {}
        self.aliases: dict[str, str] = {}
        self.calls: list[Call] = []
        self.answer_as: Callable[[str], str] | None = None
        self.shorten_data_keys: int | None = None
        self._lock = threading.Lock()

    def create_key(
        self,
        alias: str | None = None,
        *,
        key_id: str | None = None,
        account: str = ACCOUNT,
        region: str = REGION,
        partition: str = "aws",
    ) -> str:
        """Make a key; its ARN."""
        number = len(self.keys) + 1
        name = key_id or f"00000000-0000-4000-8000-{number:012d}"
        arn = f"arn:{partition}:kms:{region}:{account}:key/{name}"
        self.keys[arn] = FakeKey(arn)
        if alias is not None:
            self.aliases[alias] = arn
        return arn

    def replicate(self, arn: str, region: str) -> str:
        """Make a replica of a multi-Region key, with the same material; its ARN."""
        primary = self.keys[arn]
        parts = arn.split(":")
        replica = ":".join([*parts[:3], region, *parts[4:]])
        self.keys[replica] = FakeKey(replica, primary.material)
        return replica

    def generate_data_key(
        self, key_id: str, number_of_bytes: int, context: Mapping[str, str]
    ) -> GeneratedDataKey:
        key = self._use("GenerateDataKey", key_id, context)
        plaintext = os.urandom(self.shorten_data_keys or number_of_bytes)
        return GeneratedDataKey(key.arn, SecretBytes(plaintext), _wrap(key, plaintext, context))

    def encrypt(
        self, key_id: str, plaintext: SecretBytes, context: Mapping[str, str]
    ) -> WrappedDataKey:
        key = self._use("Encrypt", key_id, context)
        return WrappedDataKey(key.arn, _wrap(key, plaintext.reveal(), context))

    def decrypt(
        self, key_id: str, ciphertext: bytes, context: Mapping[str, str]
    ) -> UnwrappedDataKey:
        key = self._use("Decrypt", key_id, context)
        name, _, sealed = ciphertext.partition(b"\x00")
        if name.decode("utf-8", "replace") not in {known.id for known in self.keys.values()}:
            raise errors.InvalidCiphertext("The ciphertext is not valid", request_id="req-invalid")
        if name.decode() != key.id:
            raise errors.IncorrectKey("Another key made it", key.arn, request_id="req-incorrect")
        try:
            plaintext = AESGCM(key.material).decrypt(sealed[:12], sealed[12:], _aad(context))
        except (InvalidTag, ValueError):
            raise errors.InvalidCiphertext(
                "The ciphertext is damaged or the context differs",
                key.arn,
                "Check the encryption context.",
                request_id="req-invalid",
            ) from None
        arn = self.answer_as(key.arn) if self.answer_as else key.arn
        kept = plaintext[: self.shorten_data_keys]
        return UnwrappedDataKey(arn, SecretBytes(kept), key.material_id)

    def _use(self, operation: str, key_id: str, context: Mapping[str, str]) -> FakeKey:
        with self._lock:
            self.calls.append(Call(operation, key_id, dict(context)))
        key = self._find(key_id)
        if key.denied:
            raise errors.AccessDenied(f"{operation} is not allowed", key.arn, request_id="req-deny")
        if key.state is State.DISABLED:
            raise errors.KeyDisabled("The key is disabled", key.arn, request_id="req-disabled")
        if key.state is State.PENDING_DELETION:
            raise errors.KeyPendingDeletion("The key is pending deletion", key.arn)
        return key

    def _find(self, key_id: str) -> FakeKey:
        arn = self.aliases.get(key_id, key_id)
        for key in self.keys.values():
            if arn in (key.arn, key.id):
                return key
        raise errors.KeyNotFound("No such key", key_id, request_id="req-not-found")


def _wrap(key: FakeKey, plaintext: bytes, context: Mapping[str, str]) -> bytes:
    iv = os.urandom(12)
    return (
        key.id.encode() + b"\x00" + iv + AESGCM(key.material).encrypt(iv, plaintext, _aad(context))
    )


def _aad(context: Mapping[str, str]) -> bytes:
    # Lengths go before the texts, so that no two contexts read the same.
    parts = []
    for pair in sorted(context.items()):
        for text in pair:
            data = text.encode()
            parts.append(len(data).to_bytes(4, "big") + data)
    return b"".join(parts)
