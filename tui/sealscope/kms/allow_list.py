"""What a read-only connection may call.

Listing, describing and cryptographic operations change no key. Everything that is not named
here, operations of the future included, needs a writable connection.
"""

from __future__ import annotations

from typing import Final

READ_ONLY_OPERATIONS: Final = frozenset(
    {
        "DescribeCustomKeyStores",
        "DescribeKey",
        "GetKeyLastUsage",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "GetPublicKey",
        "ListAliases",
        "ListGrants",
        "ListKeyPolicies",
        "ListKeyRotations",
        "ListKeys",
        "ListResourceTags",
        "ListRetirableGrants",
        "Decrypt",
        "DeriveSharedSecret",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GenerateRandom",
        "ReEncrypt",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)
