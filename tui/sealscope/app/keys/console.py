"""The address of a key in AWS's web console."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from sealscope.engine.arn import parse_key_arn

_DOMAINS: Final = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""Partition -> where its console is."""

_REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")


def console_address(arn: str, manager: str = "") -> str | None:
    """Where the console shows a key; None for a partition whose console is not known.

    Args:
        arn: of the key; its partition and Region decide.
        manager: "AWS" for AWS-managed keys, which the console lists apart.
    """
    key = parse_key_arn(arn)
    if key is None or key.partition not in _DOMAINS or not _REGION.fullmatch(key.region):
        return None
    listed = "defaultKeys" if manager == "AWS" else "keys"
    return (
        f"https://{key.region}.{_DOMAINS[key.partition]}/kms/home?region={key.region}"
        f"#/kms/{listed}/{quote(key.id, safe='', errors='replace')}"
    )
