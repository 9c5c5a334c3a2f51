"""A KMS in memory behind the real gate: paging, denial, hanging, and any text in any field."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from botocore.exceptions import ClientError

from sealscope.kms.connection import Connection, Target

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ACCOUNT = "111122223333"
REGION = "eu-central-1"


def key_id(number: int) -> str:
    """The id of the key with this number, the same on every run."""
    return f"{number:08x}-0000-4000-8000-{number:012x}"


@dataclass
class FakeKey:
    """One key; `aliases` without prefix."""

    key_id: str
    aliases: tuple[str, ...] = ()
    state: str = "Enabled"
    spec: str = "SYMMETRIC_DEFAULT"
    usage: str = "ENCRYPT_DECRYPT"
    description: str = ""
    manager: str = "CUSTOMER"
    origin: str = "AWS_KMS"
    rotation_days: int | None = None
    denied: str | None = None
    multi_region: str = ""
    deleted_in: timedelta | None = None
    arn: str = ""

    def __post_init__(self) -> None:
        self.arn = self.arn or f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{self.key_id}"


def fleet() -> list[FakeKey]:
    """A few keys of every kind that the list tells apart."""
    return [
        FakeKey(
            key_id(1),
            ("payments/prod", "pay"),
            rotation_days=365,
            description="Card data at rest",
        ),
        FakeKey(key_id(2), ("payments/stage",)),
        FakeKey(key_id(3), ("backup/nightly",), rotation_days=90),
        FakeKey(key_id(4), ("legacy/etl",), state="PendingDeletion", deleted_in=timedelta(days=12)),
        FakeKey(key_id(5), ("mrk/session",), multi_region="PRIMARY", rotation_days=365),
        FakeKey(key_id(6), ("signing/release",), spec="ECC_NIST_P256", usage="SIGN_VERIFY"),
        FakeKey(key_id(7), ("imported/hsm",), state="PendingImport", origin="EXTERNAL"),
        FakeKey(key_id(8), state="Disabled"),
        FakeKey(key_id(9), ("aws/ebs",), manager="AWS", denied="not for you"),
        FakeKey(key_id(10), ("mac/tokens",), spec="HMAC_256", usage="GENERATE_VERIFY_MAC"),
    ]


@dataclass
class FakeKms:
    """The client that boto3 would make; every call is counted."""

    keys: list[FakeKey] = field(default_factory=fleet)
    page: int = 1000
    identity_arn: str = f"arn:aws:sts::{ACCOUNT}:assumed-role/Auditor/alice"
    account: str = ACCOUNT
    region: str = REGION
    profile: str | None = "prod"
    is_local: bool = False
    is_locked: bool = False
    fail: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Operation -> error code and message."""
    opened: threading.Event = field(default_factory=threading.Event)
    """Every call waits for it; set from the start, tests clear it to make KMS hang."""
    calls: list[str] = field(default_factory=list)
    local_store: None = None

    def __post_init__(self) -> None:
        self.opened.set()

    # What a connection is.

    def connect(self, target: Target) -> Connection:
        """Stands in for `sealscope.kms.connection.connect`."""
        del target
        self._enter("Connect")
        return cast("Connection", self)

    def client(self, region: str | None = None) -> FakeKms:
        return self

    def identity_client(self) -> FakeKms:
        return self

    def close(self) -> None:
        """Nothing to close."""

    # What a client is.

    def list_keys(self, *, Limit: int, Marker: str = "0") -> Mapping[str, Any]:  # noqa: N803
        self._enter("ListKeys")
        pairs = [{"KeyId": key.key_id, "KeyArn": key.arn} for key in self.keys]
        return self._page("Keys", pairs, Marker)

    def list_aliases(
        self,
        *,
        Limit: int = 100,  # noqa: N803
        Marker: str = "0",  # noqa: N803
        KeyId: str = "",  # noqa: N803
    ) -> Mapping[str, Any]:
        self._enter("ListAliases")
        made = NOW - timedelta(days=900)
        rows = [
            {
                "AliasName": f"alias/{alias}",
                "AliasArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/{alias}",
                "TargetKeyId": key.key_id,
                "CreationDate": made,
                "LastUpdatedDate": made + timedelta(days=800 * number),
            }
            for key in self.keys
            if KeyId in {"", key.key_id}
            for number, alias in enumerate(key.aliases)
        ]
        return self._page("Aliases", rows, Marker)

    def describe_key(self, *, KeyId: str) -> Mapping[str, Any]:  # noqa: N803
        self._enter("DescribeKey")
        key = self._find(KeyId, "DescribeKey")
        if key.denied is not None:
            raise _error("AccessDeniedException", key.denied, "DescribeKey")
        metadata: dict[str, Any] = {
            "KeyId": key.key_id,
            "Arn": key.arn,
            "AWSAccountId": self.account,
            "KeyState": key.state,
            "KeySpec": key.spec,
            "KeyUsage": key.usage,
            "Origin": key.origin,
            "KeyManager": key.manager,
            "Description": key.description,
            "CreationDate": NOW - timedelta(days=900),
        }
        if key.multi_region:
            metadata["MultiRegionConfiguration"] = {"MultiRegionKeyType": key.multi_region}
        if key.deleted_in is not None:
            metadata["DeletionDate"] = NOW + key.deleted_in
        return {"KeyMetadata": metadata, "ResponseMetadata": {"RequestId": "req-1"}}

    def get_key_rotation_status(self, *, KeyId: str) -> Mapping[str, Any]:  # noqa: N803
        self._enter("GetKeyRotationStatus")
        key = self._find(KeyId, "GetKeyRotationStatus")
        if key.spec != "SYMMETRIC_DEFAULT" or key.origin != "AWS_KMS":
            raise _error("UnsupportedOperationException", "", "GetKeyRotationStatus")
        if key.rotation_days is None:
            return {"KeyRotationEnabled": False}
        return {
            "KeyRotationEnabled": True,
            "RotationPeriodInDays": key.rotation_days,
            "NextRotationDate": NOW + timedelta(days=100),
        }

    def create_key(self, *, Description: str) -> Mapping[str, Any]:  # noqa: N803
        self._enter("CreateKey")
        made = FakeKey(key_id(100 + len(self.keys)), description=Description)
        self.keys.append(made)
        return self.describe_key(KeyId=made.key_id)

    def create_alias(self, *, AliasName: str, TargetKeyId: str) -> Mapping[str, Any]:  # noqa: N803
        self._enter("CreateAlias")
        key = self._find(TargetKeyId, "CreateAlias")
        key.aliases = (*key.aliases, AliasName.removeprefix("alias/"))
        return {}

    def get_caller_identity(self) -> Mapping[str, Any]:
        self._enter("GetCallerIdentity")
        return {"Account": self.account, "Arn": self.identity_arn}

    def _enter(self, operation: str) -> None:
        self.calls.append(operation)
        self.opened.wait()
        if operation in self.fail:
            raise _error(*self.fail[operation], operation)

    def _find(self, name: str, operation: str) -> FakeKey:
        for key in self.keys:
            if name in {key.key_id, key.arn}:
                return key
        raise _error("NotFoundException", f"Key {name} does not exist", operation)

    def _page(self, what: str, rows: list[dict[str, Any]], marker: str) -> Mapping[str, Any]:
        start = int(marker)
        end = start + self.page
        answer: dict[str, Any] = {what: rows[start:end], "Truncated": end < len(rows)}
        if end < len(rows):
            answer["NextMarker"] = str(end)
        return answer


def _error(code: str, message: str, operation: str) -> ClientError:
    answer = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"RequestId": "9d2b8a2e-req"},
    }
    return ClientError(cast("Any", answer), operation)
