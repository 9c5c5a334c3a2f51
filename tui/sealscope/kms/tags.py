"""A key's tags: reading and changing them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sealscope.kms.answers import member, text
from sealscope.kms.facade import KmsGate

TAGS_PER_PAGE: Final = 50  # ListResourceTags allows 1 to 50


@dataclass(frozen=True)
class Tag:
    """One tag; the value may be empty."""

    name: str
    value: str


def tags_of(gate: KmsGate, key_id: str) -> tuple[Tag, ...]:
    """ListResourceTags to the end (needs kms:ListResourceTags).

    Args:
        gate: the KMS gate.
        key_id: id or ARN of the key.

    Raises:
        KmsError: KMS refused.
    """
    return tuple(
        Tag(member(entry, "TagKey", str), text(entry, "TagValue"))
        for answer in gate.pages("ListResourceTags", TAGS_PER_PAGE, KeyId=key_id)
        for entry in member(answer, "Tags", list)
    )


def tag_key(gate: KmsGate, key_id: str, tags: Mapping[str, str]) -> None:
    """TagResource: add tags, or change the values of those that are there.

    Needs kms:TagResource. KMS keeps at most 50 tags a key, and refuses names in `aws:`. Tags can
    decide who may use a key, where policies have conditions on them.

    Raises:
        ReadOnly: the connection is read-only.
        KmsError: KMS refused.
    """
    listed = [{"TagKey": name, "TagValue": value} for name, value in tags.items()]
    gate.call("TagResource", KeyId=key_id, Tags=listed)


def untag_key(gate: KmsGate, key_id: str, names: Iterable[str]) -> None:
    """UntagResource: remove tags; names that are not there are no error.

    Needs kms:UntagResource.

    Raises:
        ReadOnly: the connection is read-only.
        KmsError: KMS refused.
    """
    gate.call("UntagResource", KeyId=key_id, TagKeys=list(names))
