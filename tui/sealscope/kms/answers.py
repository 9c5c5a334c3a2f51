"""What KMS answered, taken apart: botocore hands on whatever the endpoint said.

A proxy's page, another service or a broken imitation of KMS answers too, without the members
that KMS always sends, or with something else in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from sealscope.errors import KmsError

Value = TypeVar("Value")


def member(answer: object, name: str, kind: type[Value]) -> Value:
    """A member that every such answer has.

    Raises:
        KmsError: it is missing, or of another kind.
    """
    value = optional(answer, name, kind)
    if value is None:
        raise odd(name)
    return value


def optional(answer: object, name: str, kind: type[Value]) -> Value | None:
    """A member that an answer may leave out; None then.

    Raises:
        KmsError: it is of another kind.
    """
    if not isinstance(answer, Mapping):
        raise odd(name)
    value = answer.get(name)
    if value is not None and not isinstance(value, kind):
        raise odd(name)
    return value


def text(answer: object, name: str) -> str:
    """A text that an answer may leave out; empty then.

    Raises:
        KmsError: it is no text.
    """
    return optional(answer, name, str) or ""


def texts(answer: object, name: str) -> tuple[str, ...]:
    """A list of texts that an answer may leave out; empty then.

    Raises:
        KmsError: it is no list, or an entry is no text.
    """
    found = optional(answer, name, list) or []
    if not all(isinstance(entry, str) for entry in found):
        raise odd(name)
    return tuple(found)


def odd(name: str) -> KmsError:
    """What to say of a member that is missing, or is not what it should be."""
    return KmsError(
        "KMS did not answer as it should",
        f"{name} is missing in its answer, or is not what it should be",
        "Check the endpoint and what stands before it, such as a proxy.",
    )
