"""The keys and aliases of a strict KMS, made by number so that many cost little."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

ACCOUNT: Final = "111122223333"
REGION: Final = "eu-central-1"
CREATED: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

Record = dict[str, Any]


def key_id(number: int) -> str:
    """The id of the key with this number; ids of rising numbers rise."""
    return str(uuid.UUID(int=number << 64 | 0x4000_8000_0000_0000_0001))


def key_arn(key: str, region: str = REGION) -> str:
    """The ARN of a key of the account."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{key}"


def alias_arn(name: str, region: str = REGION) -> str:
    """The ARN of an alias of the account."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:{name}"


@dataclass
class Contents:
    """What is in the account and Region.

    Attributes:
        keys: id -> what differs from an ordinary key's metadata.
        aliases: name -> the id of its key; None for one of AWS's that has no key yet.
        moved: name -> when the alias was last retargeted.
        listed_only: keys that ListKeys still names and that are gone when they are asked about.
    """

    keys: dict[str, Record] = field(default_factory=dict)
    aliases: dict[str, str | None] = field(default_factory=dict)
    moved: dict[str, datetime] = field(default_factory=dict)
    listed_only: set[str] = field(default_factory=set)
    region: str = REGION

    @classmethod
    def of(cls, keys: int, aliases: int = 0, region: str = REGION) -> Contents:
        """So many keys, the first of them with an alias each."""
        made = cls(region=region)
        made.keys = {key_id(number): {} for number in range(keys)}
        made.aliases = {
            f"alias/service-{number:06d}": key_id(number % keys) for number in range(aliases)
        }
        return made

    def add_key(self, key: str = "", **differing: Any) -> str:
        """Add a key; its id."""
        key = key or key_id(1_000_000 + len(self.keys))
        self.keys[key] = differing
        return key

    def metadata(self, key: str) -> Record:
        """DescribeKey's KeyMetadata."""
        known = {
            "AWSAccountId": ACCOUNT,
            "KeyId": key,
            "Arn": key_arn(key, self.region),
            "CreationDate": CREATED,
            "Enabled": True,
            "Description": "",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": "Enabled",
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "MultiRegion": False,
        }
        known.update(self.keys[key])
        known["Enabled"] = known["KeyState"] == "Enabled"
        return known

    def alias(self, name: str) -> Record:
        """An entry of ListAliases; one of AWS's without a key names none."""
        entry: Record = {"AliasName": name, "AliasArn": alias_arn(name, self.region)}
        target = self.aliases[name]
        if target is None:
            return entry
        moved = self.moved.get(name, CREATED)
        return {**entry, "TargetKeyId": target, "CreationDate": CREATED, "LastUpdatedDate": moved}
