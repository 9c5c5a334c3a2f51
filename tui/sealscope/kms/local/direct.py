"""The KMS client of a local store, without a protocol in between.

An ordinary client writes JSON for the local KMS to read in the same process, and loading what it
needs for that takes longer than all else that a command does with a small file. The operations
that every command needs are answered here at once. Whatever is not plainly right, and whatever is
refused, is asked again of the ordinary client: only that one says what is wrong, as AWS does.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any, Final

from sealscope import errors
from sealscope.kms.local.faults import Fault
from sealscope.kms.local.operations import perform
from sealscope.kms.local.request_id import keeping, request_id
from sealscope.kms.local.store import LocalStore


@dataclass(frozen=True)
class Member:
    """A parameter that is plainly right.

    Attributes:
        kind: its type; that of a map is `dict`, from text to text.
        least, most: length of a text or of bytes, or the number itself.
        pattern: what a text must match as a whole; empty for any text.
    """

    kind: type[str | bytes | int | dict[str, str]]
    least: int = 0
    most: int = 0
    pattern: str = ""


@dataclass(frozen=True)
class Plain:
    """An operation that is answered here.

    Attributes:
        action: its name in the API.
        required: parameters that must be there.
        members: the parameters it may have here.
    """

    action: str
    required: frozenset[str]
    members: Mapping[str, Member]


_KEY: Final = Member(str, 1, 2048)
_CONTEXT: Final = Member(dict)
_PAGE: Final = Member(int, 1, 1000)
_MARKER: Final = Member(str, 1, 1024, r"[\u0020-\u00FF]*")

PLAIN: Final = {
    "decrypt": Plain(
        "Decrypt",
        frozenset(),
        {
            "KeyId": _KEY,
            "CiphertextBlob": Member(bytes, 1, 6144),
            "EncryptionContext": _CONTEXT,
        },
    ),
    "describe_key": Plain("DescribeKey", frozenset({"KeyId"}), {"KeyId": _KEY}),
    "encrypt": Plain(
        "Encrypt",
        frozenset({"KeyId", "Plaintext"}),
        {"KeyId": _KEY, "Plaintext": Member(bytes, 1, 4096), "EncryptionContext": _CONTEXT},
    ),
    "generate_data_key": Plain(
        "GenerateDataKey",
        frozenset({"KeyId"}),
        {"KeyId": _KEY, "NumberOfBytes": Member(int, 1, 1024), "EncryptionContext": _CONTEXT},
    ),
    "get_key_rotation_status": Plain("GetKeyRotationStatus", frozenset({"KeyId"}), {"KeyId": _KEY}),
    "list_aliases": Plain(
        "ListAliases", frozenset(), {"KeyId": _KEY, "Limit": _PAGE, "Marker": _MARKER}
    ),
    "list_keys": Plain("ListKeys", frozenset(), {"Limit": _PAGE, "Marker": _MARKER}),
}
"""Method -> what it takes. A test compares this with botocore's own model."""

TIMES: Final = frozenset(
    {
        "CreationDate",
        "DeletionDate",
        "LastUpdatedDate",
        "NextRotationDate",
        "OnDemandRotationStartDate",
        "ValidTo",
    }
)
"""Members of the answers that are times; also compared."""


class LocalClient:
    """What callers use as a boto3 client of KMS. Threads may share it.

    Every attribute that is not answered here is the ordinary client's.
    """

    def __init__(self, store: LocalStore, region: str = "local") -> None:
        self._store = store
        self._region = region
        self._lock = Lock()
        self._made: Any = None

    def __getattr__(self, name: str) -> Any:
        plain = PLAIN.get(name)
        return getattr(self._ordinary(), name) if plain is None else partial(self._call, name)

    def close(self) -> None:
        """Close the ordinary client, if there is one."""
        if self._made is not None:
            self._made.close()

    def _call(self, name: str, **parameters: Any) -> Any:
        plain = PLAIN[name]
        if not is_plain(plain, parameters):
            return getattr(self._ordinary(), name)(**parameters)
        own_id = request_id(self._store.entropy)
        try:
            answer = perform(self._store, self._region, plain.action, parameters, request_id=own_id)
            read = _as_read("", answer)
        except (Fault, errors.StoreError, sqlite3.Error, ValueError, OSError, OverflowError):
            with keeping(own_id):
                return getattr(self._ordinary(), name)(**parameters)
        read["ResponseMetadata"] = {"RequestId": own_id, "HTTPStatusCode": 200}
        return read

    def _ordinary(self) -> Any:
        with self._lock:
            if self._made is None:
                from sealscope.kms.local.session import LocalSession

                self._made = LocalSession(self._store, self._region).create_client("kms")
            return self._made


def is_plain(plain: Plain, parameters: Mapping[str, Any]) -> bool:
    """Whether a request is one that no check of botocore's or of the protocol would refuse."""
    return plain.required <= parameters.keys() <= plain.members.keys() and all(
        _is_right(plain.members[name], value) for name, value in parameters.items()
    )


def _is_right(member: Member, value: Any) -> bool:
    if type(value) is not member.kind:
        return False
    if isinstance(value, dict):
        return all(_is_text(name) and _is_text(text) for name, text in value.items())
    if isinstance(value, str) and not (_is_text(value) and _matches(member.pattern, value)):
        return False
    size = value if isinstance(value, int) else len(value)
    return member.least <= size <= member.most


def _matches(pattern: str, value: str) -> bool:
    return not pattern or re.fullmatch(pattern, value) is not None


def _is_text(value: object) -> bool:
    if type(value) is not str:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return True


def _as_read(name: str, value: Any) -> Any:
    """A part of an answer as a reader of the protocol finds it."""
    if isinstance(value, dict):
        return {key: _as_read(key, part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_as_read(name, part) for part in value]
    if name in TIMES:
        return datetime.fromtimestamp(value).astimezone()
    return value
