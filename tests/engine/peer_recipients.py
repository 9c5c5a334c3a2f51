"""Wrapping keys as both sides take them: Sealscope's keyrings and the peer's providers.

The peer is the AWS Encryption SDK for Python, its master key providers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_encryption_sdk.identifiers import EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.kms import StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.key_providers.raw import RawMasterKeyProvider

from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.materials import Keyring
from sealscope.engine.multi_keyring import MultiKeyring
from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.engine.raw_rsa_keyring import RawRsaKeyring, RsaPadding
from sealscope.kms.connection import Connection
from sealscope.kms.facade import KmsGate
from sealscope.secret import SecretBytes
from tests.engine.rsa_keys import private_key, private_pem

AES: Final = {
    16: WrappingAlgorithm.AES_128_GCM_IV12_TAG16_NO_PADDING,
    24: WrappingAlgorithm.AES_192_GCM_IV12_TAG16_NO_PADDING,
    32: WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
}
RSA: Final = {
    RsaPadding.PKCS1: WrappingAlgorithm.RSA_PKCS1,
    RsaPadding.OAEP_SHA1: WrappingAlgorithm.RSA_OAEP_SHA1_MGF1,
    RsaPadding.OAEP_SHA256: WrappingAlgorithm.RSA_OAEP_SHA256_MGF1,
    RsaPadding.OAEP_SHA384: WrappingAlgorithm.RSA_OAEP_SHA384_MGF1,
    RsaPadding.OAEP_SHA512: WrappingAlgorithm.RSA_OAEP_SHA512_MGF1,
}


@dataclass(frozen=True)
class Recipient:
    """One wrapping key on both sides.

    Attributes:
        named: how a message names it: provider id, and what its provider info begins with.
        theirs: makes a provider anew, because adding one to another changes it.
    """

    name: str
    named: tuple[str, bytes]
    ours: Keyring
    theirs: Callable[[], Any]


def our_keyring(recipients: Sequence[Recipient]) -> Keyring:
    """The first generates the data key, as everywhere."""
    first, *rest = (recipient.ours for recipient in recipients)
    return MultiKeyring(first, rest) if rest else first


def their_provider(recipients: Sequence[Recipient]) -> Any:
    first, *rest = (recipient.theirs() for recipient in recipients)
    for provider in rest:
        first.add_master_key_provider(provider)
    return first


def kms_recipient(name: str, connection: Connection, gate: KmsGate) -> Recipient:
    arn = gate.call("CreateKey")["KeyMetadata"]["Arn"]

    def theirs() -> Any:
        return StrictAwsKmsMasterKeyProvider(
            key_ids=[arn], botocore_session=connection.session._session
        )

    return Recipient(name, ("aws-kms", arn.encode()), KmsKeyring.strict(gate, [arn]), theirs)


def aes_recipient(size: int, namespace: str, name: str) -> Recipient:
    key = os.urandom(size)

    def theirs() -> Any:
        return _raw_provider(
            namespace, name, WrappingKey(AES[size], key, EncryptionKeyType.SYMMETRIC)
        )

    ours = RawAesKeyring(namespace, name, SecretBytes(key))
    return Recipient(f"aes-{size}", (namespace, name.encode()), ours, theirs)


def rsa_recipient(padding: RsaPadding, namespace: str, name: str) -> Recipient:
    key = private_key()

    def theirs() -> Any:
        wrapping = WrappingKey(RSA[padding], private_pem(key), EncryptionKeyType.PRIVATE)
        return _raw_provider(namespace, name, wrapping)

    ours = RawRsaKeyring(namespace, name, padding, private_key=key)
    return Recipient(padding.value, (namespace, name.encode()), ours, theirs)


def _raw_provider(namespace: str, name: str, key: WrappingKey) -> Any:
    class Provider(RawMasterKeyProvider):  # type: ignore[misc] # ships no types
        provider_id = namespace

        def _get_raw_key(self, _key_id: bytes) -> WrappingKey:
            return key

    provider = Provider()
    provider.add_master_key(name)
    return provider
