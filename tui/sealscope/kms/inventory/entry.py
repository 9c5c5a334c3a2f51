"""One key as far as it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sealscope.errors import SealscopeError
from sealscope.kms.keys import Alias, KeyDescription, RotationStatus


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """All that is known of one key now.

    Attributes:
        aliases: in the order in which they were listed.
        description: None until described, or when it may not be.
        rotation: None until asked, or when it may not be.
        error: why there is no description.
        rotation_error: why there is no rotation status.
        described_at: when KMS told the description; None as long as there is none.
    """

    key_id: str
    arn: str
    aliases: tuple[Alias, ...] = ()
    description: KeyDescription | None = None
    rotation: RotationStatus | None = None
    error: SealscopeError | None = None
    rotation_error: SealscopeError | None = None
    described_at: datetime | None = None


def bare_key_id(key_id: str) -> str:
    """The id in a key ARN; an id stays as it is."""
    return key_id.rsplit(":key/", 1)[-1]
