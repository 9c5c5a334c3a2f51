"""What Sealscope knows of a key: frozen records made from KMS's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sealscope.engine.arn import parse_key_arn
from sealscope.kms.answers import member, optional, text, texts
from sealscope.kms.multi_region import Family, family_from

_ALGORITHMS: Final = (
    "EncryptionAlgorithms",
    "SigningAlgorithms",
    "MacAlgorithms",
    "KeyAgreementAlgorithms",
    "EncapsulationAlgorithms",
)
"""Where KMS lists a key's algorithms, one list for each usage."""


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
        valid_to: when imported material expires; None when it does not.
        expiration_model: KEY_MATERIAL_EXPIRES or KEY_MATERIAL_DOES_NOT_EXPIRE; empty for
            material that was not imported.
        pending_window_days: the waiting period of a multi-Region primary whose deletion waits
            for its replicas; it has no deletion date yet.
        algorithms: those that the key allows, whatever its usage.
        custom_key_store_id: empty for keys in KMS's own store.
        cloudhsm_cluster_id: where an AWS_CLOUDHSM key is; empty for others.
        external_key_id: what an external key store calls the key; empty for others.
        family: the multi-Region primary and its replicas; None for a single-Region key.
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
    expiration_model: str = ""
    pending_window_days: int | None = None
    algorithms: tuple[str, ...] = ()
    custom_key_store_id: str = ""
    cloudhsm_cluster_id: str = ""
    external_key_id: str = ""
    family: Family | None = None

    @property
    def region(self) -> str | None:
        """The Region of its ARN; None where the endpoint gives none."""
        parsed = parse_key_arn(self.arn)
        return parsed.region if parsed else None

    @property
    def is_symmetric(self) -> bool:
        """Whether it is a symmetric encryption key, the only kind that makes data keys."""
        return self.spec == "SYMMETRIC_DEFAULT"

    @property
    def has_public_key(self) -> bool:
        """Whether it is a key pair."""
        return bool(self.spec) and not self.is_symmetric and not self.spec.startswith("HMAC_")

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
        on_demand_started: when a rotation on demand that is still under way was asked for.
    """

    applicable: bool
    enabled: bool
    period_days: int | None = None
    next_date: datetime | None = None
    on_demand_started: datetime | None = None


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
        expiration_model=text(metadata, "ExpirationModel"),
        pending_window_days=optional(metadata, "PendingDeletionWindowInDays", int),
        algorithms=tuple(name for group in _ALGORITHMS for name in texts(metadata, group)),
        custom_key_store_id=text(metadata, "CustomKeyStoreId"),
        cloudhsm_cluster_id=text(metadata, "CloudHsmClusterId"),
        external_key_id=text(optional(metadata, "XksKeyConfiguration", dict) or {}, "Id"),
        family=family_from(regions) if regions else None,
    )


def rotation_status_from(answer: Mapping[str, Any]) -> RotationStatus:
    """GetKeyRotationStatus's answer.

    Raises:
        KmsError: it is none.
    """
    return RotationStatus(
        applicable=True,
        enabled=member(answer, "KeyRotationEnabled", bool),
        period_days=optional(answer, "RotationPeriodInDays", int),
        next_date=optional(answer, "NextRotationDate", datetime),
        on_demand_started=optional(answer, "OnDemandRotationStartDate", datetime),
    )
