"""Raw AES keys as the AWS Encryption SDK for Python takes them."""

from __future__ import annotations

from typing import Any

from aws_encryption_sdk.identifiers import EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.raw import RawMasterKeyProvider

ALGORITHMS = {
    16: WrappingAlgorithm.AES_128_GCM_IV12_TAG16_NO_PADDING,
    24: WrappingAlgorithm.AES_192_GCM_IV12_TAG16_NO_PADDING,
    32: WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
}


def raw_aes_provider(namespace: str, name: str, key: bytes) -> Any:
    """A provider with one wrapping key."""

    class Provider(RawMasterKeyProvider):  # type: ignore[misc] # ships no types
        provider_id = namespace

        def _get_raw_key(self, _key_id: bytes) -> WrappingKey:
            return WrappingKey(
                wrapping_algorithm=ALGORITHMS[len(key)],
                wrapping_key=key,
                wrapping_key_type=EncryptionKeyType.SYMMETRIC,
            )

    provider = Provider()
    provider.add_master_key(name)
    return provider
