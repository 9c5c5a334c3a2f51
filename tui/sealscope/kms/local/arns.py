"""Names of keys and aliases: making ARNs, and reading the KeyId parameter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sealscope.kms.local.faults import Fault, not_found

ACCOUNT: Final = "000000000000"
USER_ARN: Final = f"arn:aws:iam::{ACCOUNT}:user/local"

_KEY_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32}"
)
_ARN = re.compile(r"arn:([a-z0-9-]+):kms:([a-z0-9-]*):([0-9]*):(key|alias)/(.+)")


@dataclass(frozen=True)
class Reference:
    """What a KeyId parameter names: a key by id, or an alias by its full name."""

    key_id: str | None = None
    alias: str | None = None


def is_key_id(text: str) -> bool:
    """Whether a text is a key id of the local KMS."""
    return _KEY_ID.fullmatch(text) is not None


def key_arn(region: str, key_id: str) -> str:
    """A key's ARN."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{key_id}"


def alias_arn(region: str, name: str) -> str:
    """An alias's ARN; `name` begins with `alias/`."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:{name}"


def parse_reference(text: str, region: str, action: str) -> Reference:
    """Read a key id, a key ARN, an alias or an alias ARN.

    Raises:
        Fault: malformed, of another Region, or of another account.
    """
    if text.startswith("alias/"):
        return Reference(alias=text)
    if not text.startswith("arn:"):
        if not _KEY_ID.fullmatch(text):
            raise not_found(f"Invalid keyId '{text}'")
        return Reference(key_id=text)
    match = _ARN.fullmatch(text)
    if match is None or match[1] != "aws":
        raise Fault("InvalidArnException", f"Invalid arn {text}")
    if match[2] != region:
        raise not_found(f"Invalid arn {match[2]}")
    if match[3] != ACCOUNT:
        raise Fault(
            "AccessDeniedException",
            f"User: {USER_ARN} is not authorized to perform: kms:{action} on resource: {text}"
            f" because no resource-based policy allows the kms:{action} action",
        )
    if match[4] == "alias":
        return Reference(alias=f"alias/{match[5]}")
    if not _KEY_ID.fullmatch(match[5]):
        raise not_found(f"Invalid keyId '{match[5]}'")
    return Reference(key_id=match[5])
