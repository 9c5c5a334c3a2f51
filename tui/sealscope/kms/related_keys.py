"""The other keys of a multi-Region family, each described in its own Region."""

from __future__ import annotations

from collections.abc import Iterator

from sealscope.kms.facade import KmsGate
from sealscope.kms.keys import KeyDescription
from sealscope.kms.multi_region import RelatedKey
from sealscope.kms.reading import Missing, attempt


def describe_related(
    gate: KmsGate, key: KeyDescription
) -> Iterator[tuple[RelatedKey, KeyDescription | Missing]]:
    """DescribeKey of every other key of the family (needs kms:DescribeKey on each).

    One call for each, in its Region: the first one in a Region also makes a connection to it.
    Nothing comes for a single-Region key.
    """
    for related in key.family.others(key.arn) if key.family else ():
        yield related, attempt(lambda: gate.describe_key(related.arn))  # noqa: B023 - called at once
