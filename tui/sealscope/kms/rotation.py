"""A key's rotation: its schedule, its generations of material, and changing both.

What KMS never rotates is not applicable, which is an answer and not an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sealscope.errors import KeyPendingDeletion, KeyStateInvalid
from sealscope.kms.answers import member, optional, text
from sealscope.kms.facade import KmsGate
from sealscope.kms.keys import KeyDescription, RotationStatus, rotation_status_from
from sealscope.kms.reading import Missing, attempt, not_applicable

ROTATIONS_PER_PAGE: Final = 1000  # ListKeyRotations allows 1 to 1000
MAX_ON_DEMAND: Final = 25
"""How often KMS rotates one key on demand."""

_OWN_MATERIAL: Final = ("", "AWS_KMS")
_ROTATED_ORIGINS: Final = (*_OWN_MATERIAL, "EXTERNAL")


@dataclass(frozen=True)
class KeyMaterial:
    """One entry of ListKeyRotations: a generation of a key's material.

    Attributes:
        material_id: what Decrypt names as the generation that opened a ciphertext; empty where
            the endpoint does not say.
        state: CURRENT, NON_CURRENT, PENDING_ROTATION or
            PENDING_MULTI_REGION_IMPORT_AND_ROTATION; empty where the endpoint does not say.
        rotated: when it became the current one; None for the first, and for what is pending.
        rotation_type: AUTOMATIC or ON_DEMAND; empty where there was no rotation.
        import_state: IMPORTED or PENDING_IMPORT; empty for material that KMS made.
        expiration_model: as KMS names it; empty for material that KMS made.
        valid_to: when imported material expires; None when it does not.
        description: given at its import; empty if none was.
    """

    material_id: str
    state: str
    rotated: datetime | None
    rotation_type: str
    import_state: str
    expiration_model: str
    valid_to: datetime | None
    description: str


@dataclass(frozen=True)
class Rotation:
    """All that is known of a key's rotation.

    Attributes:
        automatic: the schedule; not applicable for keys that KMS does not rotate by itself.
        materials: in KMS's order, which is that of their dates.
    """

    automatic: RotationStatus | Missing
    materials: tuple[KeyMaterial, ...] | Missing

    @property
    def on_demand_count(self) -> int | None:
        """How many of the `MAX_ON_DEMAND` rotations have been used up; None if not known."""
        if isinstance(self.materials, Missing):
            return None
        return sum(material.rotation_type == "ON_DEMAND" for material in self.materials)


def rotation_of(gate: KmsGate, key: KeyDescription) -> Rotation:
    """The rotation of a described key.

    Needs kms:GetKeyRotationStatus and kms:ListKeyRotations; what is refused is `Missing` in its
    place. Nothing is asked for a key that KMS never rotates.
    """
    if not key.is_symmetric or key.origin not in _ROTATED_ORIGINS:
        why = not_applicable("KMS rotates symmetric encryption keys in its own store only")
        return Rotation(why, why)
    automatic: RotationStatus | Missing
    if key.origin in _OWN_MATERIAL:
        automatic = attempt(lambda: _schedule(gate, key))
    else:
        automatic = not_applicable("imported material is rotated on demand only")
    return Rotation(automatic, attempt(lambda: key_materials(gate, key.arn)))


def key_materials(gate: KmsGate, key_id: str) -> tuple[KeyMaterial, ...]:
    """ListKeyRotations to the end, all material included (needs kms:ListKeyRotations).

    Args:
        gate: the KMS gate.
        key_id: id or ARN of the key.

    Raises:
        UnsupportedOperation: KMS does not rotate such keys, or does not know the operation.
        KmsError: KMS refused.
    """
    return tuple(
        _material_from(entry)
        for answer in gate.pages(
            "ListKeyRotations",
            ROTATIONS_PER_PAGE,
            KeyId=key_id,
            IncludeKeyMaterial="ALL_KEY_MATERIAL",
        )
        for entry in member(answer, "Rotations", list)
    )


def enable_rotation(gate: KmsGate, key_id: str, *, period_days: int | None = None) -> None:
    """EnableKeyRotation, or a new period for a key that rotates (needs kms:EnableKeyRotation).

    Args:
        gate: the KMS gate.
        key_id: id or ARN of the key.
        period_days: 90 to 2560; what KMS takes (365, or the period it had) when not given.

    Raises:
        ReadOnly: the connection is read-only.
        UnsupportedOperation: KMS does not rotate such keys.
        KmsError: KMS refused.
    """
    period: dict[str, Any] = {} if period_days is None else {"RotationPeriodInDays": period_days}
    gate.call("EnableKeyRotation", KeyId=key_id, **period)


def disable_rotation(gate: KmsGate, key_id: str) -> None:
    """DisableKeyRotation; the generations made so far stay (needs kms:DisableKeyRotation).

    Raises:
        ReadOnly: the connection is read-only.
        UnsupportedOperation: KMS does not rotate such keys.
        KmsError: KMS refused.
    """
    gate.call("DisableKeyRotation", KeyId=key_id)


def rotate_on_demand(gate: KmsGate, key_id: str) -> None:
    """RotateKeyOnDemand; the schedule stays as it is (needs kms:RotateKeyOnDemand).

    It costs as every rotation does, and cannot be taken back. Of imported material the one that
    waits for its rotation becomes current.

    Raises:
        ReadOnly: the connection is read-only.
        UnsupportedOperation: KMS does not rotate such keys.
        InvalidRequest: all 25 rotations on demand are used up.
        KeyStateInvalid: a rotation is under way, or there is no imported material to rotate to.
        KmsError: KMS refused.
    """
    gate.call("RotateKeyOnDemand", KeyId=key_id)


def _schedule(gate: KmsGate, key: KeyDescription) -> RotationStatus | Missing:
    """The schedule, which KMS does not tell of every key that is not in use."""
    try:
        return rotation_status_from(gate.call("GetKeyRotationStatus", KeyId=key.arn))
    except (KeyStateInvalid, KeyPendingDeletion):
        return not_applicable(f"KMS does not rotate a key in the state {key.state}")


def _material_from(answer: object) -> KeyMaterial:
    return KeyMaterial(
        material_id=text(answer, "KeyMaterialId"),
        state=text(answer, "KeyMaterialState"),
        rotated=optional(answer, "RotationDate", datetime),
        rotation_type=text(answer, "RotationType"),
        import_state=text(answer, "ImportState"),
        expiration_model=text(answer, "ExpirationModel"),
        valid_to=optional(answer, "ValidTo", datetime),
        description=text(answer, "KeyMaterialDescription"),
    )
