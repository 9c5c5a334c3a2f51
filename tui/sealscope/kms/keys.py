"""What Sealscope knows of a key: frozen records made from KMS's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sealscope.kms.answers import member, optional, text


@dataclass(frozen=True)
class KeyRef:
    """One row of ListKeys."""

    key_id: str
    arn: str


@dataclass(frozen=True)
class Alias:
    """One row of ListAliases.

    Attributes:
        name: with its prefix, "alias/payments".
        target_key_id: None for an AWS-managed alias that has no key yet.
    """

    name: str
    arn: str
    target_key_id: str | None
    created: datetime | None
    updated: datetime | None


@dataclass(frozen=True)
class KeyDescription:
    """DescribeKey's answer (needs kms:DescribeKey).

    Attributes:
        state: Enabled, Disabled, PendingDeletion, PendingImport, Unavailable, ...
        spec: SYMMETRIC_DEFAULT, RSA_2048, ...
        usage: ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT, ...
        origin: AWS_KMS, EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE.
        manager: CUSTOMER or AWS.
        multi_region: "PRIMARY", "REPLICA", or empty for a single-Region key.
        key_material_id: of the current material; empty where KMS does not say.
    """

    key_id: str
    arn: str
    account: str
    state: str
    spec: str
    usage: str
    origin: str
    manager: str
    description: str
    multi_region: str
    key_material_id: str
    created: datetime | None
    deletion_date: datetime | None
    valid_to: datetime | None

    @property
    def seals_data_keys(self) -> bool:
        """Whether the key can generate and wrap data keys now."""
        return (
            self.state == "Enabled"
            and self.spec == "SYMMETRIC_DEFAULT"
            and self.usage == "ENCRYPT_DECRYPT"
        )


@dataclass(frozen=True)
class RotationStatus:
    """GetKeyRotationStatus's answer (needs kms:GetKeyRotationStatus).

    Attributes:
        applicable: False for kinds of keys that KMS does not rotate.
        period_days: None when rotation is off or the period is not told.
    """

    applicable: bool
    enabled: bool
    period_days: int | None = None
    next_date: datetime | None = None


def key_ref_from(answer: object) -> KeyRef:
    """One entry of ListKeys.

    Raises:
        KmsError: it is none.
    """
    return KeyRef(member(answer, "KeyId", str), member(answer, "KeyArn", str))


def alias_from(answer: object) -> Alias:
    """One entry of ListAliases.

    Raises:
        KmsError: it is none.
    """
    return Alias(
        name=member(answer, "AliasName", str),
        arn=text(answer, "AliasArn"),
        target_key_id=optional(answer, "TargetKeyId", str),
        created=optional(answer, "CreationDate", datetime),
        updated=optional(answer, "LastUpdatedDate", datetime),
    )


def description_from(answer: Mapping[str, Any]) -> KeyDescription:
    """DescribeKey's or CreateKey's answer; fields an endpoint leaves out stay empty.

    Raises:
        KmsError: it describes no key.
    """
    metadata = member(answer, "KeyMetadata", dict)
    regions = optional(metadata, "MultiRegionConfiguration", dict) or {}
    return KeyDescription(
        key_id=member(metadata, "KeyId", str),
        arn=text(metadata, "Arn"),
        account=text(metadata, "AWSAccountId"),
        state=text(metadata, "KeyState"),
        spec=text(metadata, "KeySpec") or text(metadata, "CustomerMasterKeySpec"),
        usage=text(metadata, "KeyUsage"),
        origin=text(metadata, "Origin"),
        manager=text(metadata, "KeyManager"),
        description=text(metadata, "Description"),
        multi_region=text(regions, "MultiRegionKeyType"),
        key_material_id=text(metadata, "CurrentKeyMaterialId"),
        created=optional(metadata, "CreationDate", datetime),
        deletion_date=optional(metadata, "DeletionDate", datetime),
        valid_to=optional(metadata, "ValidTo", datetime),
    )
