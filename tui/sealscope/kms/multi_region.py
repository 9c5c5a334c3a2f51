"""The family of a multi-Region key: its primary and its replicas, each in a Region of its own.

All have the same material and the same id; state, policy, grants, tags, aliases and last use are
each one's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealscope.kms.answers import member, odd, optional, text


@dataclass(frozen=True)
class RelatedKey:
    """One key of the family."""

    arn: str
    region: str


@dataclass(frozen=True)
class Family:
    """A multi-Region key's relations, as DescribeKey tells them (needs kms:DescribeKey).

    Attributes:
        primary: None where the endpoint does not say.
        replicas: in KMS's order; empty for a primary that has none yet.
    """

    primary: RelatedKey | None
    replicas: tuple[RelatedKey, ...]

    def others(self, arn: str) -> tuple[RelatedKey, ...]:
        """The family without this key."""
        everyone = (self.primary, *self.replicas)
        return tuple(key for key in everyone if key is not None and key.arn != arn)


def family_from(configuration: Mapping[str, Any]) -> Family:
    """DescribeKey's MultiRegionConfiguration.

    Raises:
        KmsError: it is none.
    """
    primary = optional(configuration, "PrimaryKey", dict)
    replicas = optional(configuration, "ReplicaKeys", list) or []
    return Family(
        primary=None if primary is None else _related(primary),
        replicas=tuple(_related(replica) for replica in replicas),
    )


def _related(answer: object) -> RelatedKey:
    if not isinstance(answer, Mapping):
        raise odd("ReplicaKeys")
    return RelatedKey(arn=member(answer, "Arn", str), region=text(answer, "Region"))
