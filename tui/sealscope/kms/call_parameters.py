"""The parameters of a call as the call log keeps them: what is secret, or long, stays out.

Only parameters that are named here are kept. Every other one leaves a `Withheld` behind, so that
a parameter of the future is hidden until somebody has thought about it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

MOST_CHARACTERS: Final = 2048
"""Of one parameter; policies and long contexts would fill the memory, 2,000 calls deep."""

_KEPT: Final = frozenset(
    {
        "AliasName", "BypassPolicyLockoutSafetyCheck", "CloudHsmClusterId", "Constraints",
        "CustomKeyStoreId", "CustomKeyStoreName", "CustomKeyStoreType", "CustomerMasterKeySpec",
        "Description", "DestinationEncryptionAlgorithm", "DestinationEncryptionContext",
        "DestinationKeyId", "DryRun", "DryRunModifiers", "EncapsulationAlgorithm",
        "EncryptionAlgorithm", "EncryptionContext", "ExpirationModel", "GrantId",
        "GranteePrincipal", "GranteeServicePrincipal", "ImportType", "IncludeKeyMaterial",
        "KeyAgreementAlgorithm", "KeyId", "KeyMaterialDescription", "KeyMaterialId",
        "KeyPairSpec", "KeySpec", "KeyUsage", "Limit", "MacAlgorithm", "Marker", "MessageType",
        "MultiRegion", "Name", "NewCustomKeyStoreName", "NumberOfBytes", "Operations", "Origin",
        "PendingWindowInDays", "Policy", "PolicyName", "PrimaryRegion", "ReplicaRegion",
        "ResourceOwners", "RetiringPrincipal", "RetiringServicePrincipal",
        "RotationPeriodInDays", "SigningAlgorithm", "SourceEncryptionAlgorithm",
        "SourceEncryptionContext", "SourceKeyId", "TagKeys", "Tags", "TargetKeyId", "ValidTo",
        "WrappingAlgorithm", "WrappingKeySpec", "XksKeyId", "XksProxyConnectivity",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Withheld:
    """Stands for a value that is not kept.

    Attributes:
        size: bytes of a blob, characters of a long text; None where even that says too much.
        is_bytes: whether it was a blob.
    """

    size: int | None
    is_bytes: bool = False


@dataclass(frozen=True, slots=True)
class Structure:
    """A list or a map, as JSON."""

    text: str


Kept = str | int | bool | Structure | Withheld
Parameters = tuple[tuple[str, Kept], ...]
"""Names as in KMS's API, in the order of the request."""


def without_secrets(parameters: Mapping[str, Any]) -> Parameters:
    """The parameters of a request, fit to be kept.

    Args:
        parameters: as boto3 takes them.
    """
    return tuple(_kept(parameters))


def _kept(parameters: Mapping[str, Any]) -> Iterator[tuple[str, Kept]]:
    for name, value in parameters.items():
        if isinstance(value, bytes | bytearray | memoryview):
            yield name, Withheld(len(value), is_bytes=True)
        elif name not in _KEPT:
            yield name, Withheld(None)
        else:
            yield name, _short(value)


def _short(value: Any) -> Kept:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return value if len(value) <= MOST_CHARACTERS else Withheld(len(value))
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        # Something in it that no KMS operation takes; the call itself says so.
        return Withheld(None)
    return Structure(text) if len(text) <= MOST_CHARACTERS else Withheld(len(text))
