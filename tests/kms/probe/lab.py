"""What a probe works with: clients, and keys made for it and cleared away afterwards."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

from botocore.exceptions import ClientError

T = TypeVar("T")

USAGE_OF_FAMILY = {
    "SYMMETRIC": "ENCRYPT_DECRYPT",
    "RSA": "ENCRYPT_DECRYPT",
    "ECC": "SIGN_VERIFY",
    "HMAC": "GENERATE_VERIFY_MAC",
}


class ClientFactory(Protocol):
    """Makes a client of a service in the place that is probed."""

    def __call__(self, service: str, *, validate: bool = True) -> Any:
        """Make it; without `validate`, requests leave botocore unchecked."""


class NothingMayBeCreatedError(Exception):
    """A probe that calls itself safe asked for a key."""


@dataclass(frozen=True)
class Key:
    """A KMS key as it was when created."""

    id: str
    arn: str
    metadata: Mapping[str, Any]


@dataclass
class Refusal:
    """What a refused request was answered."""

    code: str = ""
    message: str = ""
    status: int = 0
    answer: dict[str, Any] = field(default_factory=dict)


class Lab:
    """A place to probe.

    Args:
        client_of: makes clients of the place.
        create: whether keys may be created in it.
        patience: seconds to wait for what AWS does eventually; 0 where all is immediate.
    """

    def __init__(
        self, client_of: ClientFactory, *, create: bool = True, patience: float = 0
    ) -> None:
        self.client_of = client_of
        self._create = create
        self._patience = patience
        self._shared: dict[tuple[str, str, bool], Key] = {}
        self._made: list[Key] = []
        self._aliases: list[str] = []

    @cached_property
    def kms(self) -> Any:
        """The KMS client."""
        return self.client_of("kms")

    @cached_property
    def unchecked(self) -> Any:
        """A KMS client that leaves every check of the request to the service."""
        return self.client_of("kms", validate=False)

    @cached_property
    def caller(self) -> list[str]:
        """The parts of the caller's ARN."""
        return str(self.client_of("sts").get_caller_identity()["Arn"]).split(":")

    @property
    def account(self) -> str:
        """The account of the caller."""
        return self.caller[4]

    @property
    def root(self) -> str:
        """A principal that exists in every account: its root."""
        return f"arn:{self.caller[1]}:iam::{self.account}:root"

    @property
    def region(self) -> str:
        """The region that ARNs of this place name."""
        return str(self.kms.meta.region_name)

    def arn(self, resource: str) -> str:
        """The ARN of a resource (`key/...`, `alias/...`) of this account and region."""
        return f"arn:{self.caller[1]}:kms:{self.region}:{self.account}:{resource}"

    def new_key(self, spec: str = "SYMMETRIC_DEFAULT", usage: str = "", **settings: Any) -> Key:
        """Create a key for one probe alone, to be changed at will."""
        if not self._create:
            raise NothingMayBeCreatedError
        if spec != "SYMMETRIC_DEFAULT" or usage:
            family = spec.partition("_")[0]
            settings |= {"KeySpec": spec, "KeyUsage": usage or USAGE_OF_FAMILY[family]}
        metadata = self.kms.create_key(**settings)["KeyMetadata"]
        key = Key(metadata["KeyId"], metadata["Arn"], metadata)
        self._made.append(key)
        return key

    def key(self, spec: str = "SYMMETRIC_DEFAULT", usage: str = "", *, other: bool = False) -> Key:
        """An enabled key shared by all probes, which none of them changes."""
        if (spec, usage, other) not in self._shared:
            self._shared[spec, usage, other] = self.new_key(spec, usage)
        return self._shared[spec, usage, other]

    def new_name(self) -> str:
        """An alias name that nobody has."""
        return f"alias/sealscope-probe-{uuid.uuid4().hex}"

    def new_alias(self, key: Key) -> str:
        """Give a key a new alias."""
        name = self.new_name()
        self.kms.create_alias(AliasName=name, TargetKeyId=key.id)
        self._aliases.append(name)
        return name

    def describe(self, key: Key) -> dict[str, Any]:
        """The key's metadata now."""
        metadata: dict[str, Any] = self.kms.describe_key(KeyId=key.id)["KeyMetadata"]
        return metadata

    def aliases_of(self, key: Key) -> list[dict[str, Any]]:
        """The key's aliases now."""
        aliases: list[dict[str, Any]] = self.kms.list_aliases(KeyId=key.id)["Aliases"]
        return aliases

    def eventually(self, ask: Callable[[], T], wanted: Callable[[T], bool]) -> T:
        """Ask until the answer is as wanted, as long as this place needs; return the last one."""
        deadline = time.monotonic() + self._patience
        answer = ask()
        while not wanted(answer) and time.monotonic() < deadline:
            time.sleep(2)
            answer = ask()
        return answer

    def close(self) -> None:
        """Delete the aliases and schedule the deletion of every key that was made."""
        for name in self._aliases:
            _unless_gone(self.kms.delete_alias, AliasName=name)
        for key in self._made:
            _unless_gone(self.kms.schedule_key_deletion, KeyId=key.id, PendingWindowInDays=7)


@contextmanager
def refused(*codes: str, saying: str = "") -> Iterator[Refusal]:
    """Expect the requests inside to be refused with one of the codes (any, when none is named)."""
    refusal = Refusal()
    try:
        yield refusal
    except ClientError as error:
        refusal.answer = error.response
        refusal.code = error.response["Error"]["Code"]
        refusal.message = error.response["Error"].get("Message", "")
        refusal.status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    assert refusal.code, f"it was not refused; {' or '.join(codes) or 'a refusal'} was expected"
    assert not codes or refusal.code in codes, f"{refusal.code}: {refusal.message}"
    assert saying in refusal.message, f"{saying!r} is not in {refusal.message!r}"
    assert 400 <= refusal.status < 500, f"HTTP status {refusal.status}"


def answer_or_error(call: Callable[..., dict[str, Any]], **request: object) -> dict[str, Any]:
    """The answer, or the error's: for requests that AWS may take or refuse, nobody says which."""
    try:
        return call(**request)
    except ClientError as error:
        refused_answer: dict[str, Any] = error.response
        return refused_answer


def _unless_gone(clear: Callable[..., object], **what: object) -> None:
    try:
        clear(**what)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NotFoundException", "KMSInvalidStateException"}:
            raise
