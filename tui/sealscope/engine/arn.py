"""The grammar of KMS ARNs, as far as the message format depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class KmsArn:
    """`arn:<partition>:kms:<region>:<account>:<type>/<id>` taken apart."""

    text: str
    partition: str
    region: str
    account: str
    type: Literal["key", "alias"]
    id: str

    @property
    def is_key(self) -> bool:
        """Whether it names a key itself, not an alias."""
        return self.type == "key"

    @property
    def is_multi_region(self) -> bool:
        """Whether it names a multi-Region key; an alias called `mrk-...` is none."""
        return self.is_key and self.id.startswith("mrk-")

    def in_region(self, region: str) -> str:
        """The ARN of the related key in another Region."""
        return f"arn:{self.partition}:kms:{region}:{self.account}:{self.type}/{self.id}"

    def is_related_to(self, other: KmsArn) -> bool:
        """Whether both name one multi-Region key; each then opens what the other has wrapped."""
        return self.is_multi_region and self.in_region("") == other.in_region("")


def parse_kms_arn(text: str) -> KmsArn | None:
    """Take a KMS ARN apart; None when it is not one."""
    parts = text.split(":", 5)
    if len(parts) != 6:
        return None
    prefix, partition, service, region, account, resource = parts
    kind, slash, identifier = resource.partition("/")
    if prefix != "arn" or service != "kms" or not (partition and region and account):
        return None
    if not slash or not identifier:
        return None
    if kind == "key":
        return KmsArn(text, partition, region, account, "key", identifier)
    if kind == "alias":
        return KmsArn(text, partition, region, account, "alias", identifier)
    return None


def parse_key_arn(text: str) -> KmsArn | None:
    """Take a key ARN apart; None for anything else, alias ARNs included."""
    arn = parse_kms_arn(text)
    return arn if arn is not None and arn.is_key else None
