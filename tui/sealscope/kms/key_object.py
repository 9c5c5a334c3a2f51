"""One key as the JSON object that scripts read: of `sealscope keys --json` and of exports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sealscope.errors import SealscopeError
from sealscope.kms.keys import KeyDescription, RotationStatus


def key_object(
    key_id: str,
    arn: str,
    aliases: Iterable[str],
    key: KeyDescription | SealscopeError | None,
    rotation: RotationStatus | SealscopeError | None,
) -> dict[str, Any]:
    """What is known of a key.

    Args:
        aliases: with their prefix.
        key: its description, or why there is none; None when nobody has asked yet.
        rotation: its rotation, or why that is not known; None when nobody has asked yet.
    """
    named = {"aliases": list(aliases), "key_id": key_id, "arn": arn}
    if key is None:
        return named
    if isinstance(key, SealscopeError):
        return {**named, "error": key.as_json()}
    return {
        **named,
        "state": key.state,
        "spec": key.spec,
        "usage": key.usage,
        "origin": key.origin,
        "manager": key.manager,
        "multi_region": key.multi_region,
        "rotation": _rotation_object(rotation),
        "created": _moment(key.created),
        "deletion_date": _moment(key.deletion_date),
        "description": key.description,
    }


def _rotation_object(rotation: RotationStatus | SealscopeError | None) -> dict[str, Any] | None:
    if rotation is None:
        return None
    if isinstance(rotation, SealscopeError):
        return {"error": rotation.as_json()}
    if not rotation.applicable:
        return {"applicable": False, "enabled": False, "period_days": None, "next_date": None}
    return {
        "applicable": True,
        "enabled": rotation.enabled,
        "period_days": rotation.period_days,
        "next_date": _moment(rotation.next_date),
    }


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
