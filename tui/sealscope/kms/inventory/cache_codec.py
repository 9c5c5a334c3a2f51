"""What KMS told as JSON values, and back; what comes back has the right types or is refused."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

Record = TypeVar("Record")


def to_json(value: Any) -> Any:
    """A frozen record as a list of its fields, a time as seconds since 1970."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [to_json(getattr(value, each.name)) for each in dataclasses.fields(value)]
    if isinstance(value, tuple):
        return [to_json(each) for each in value]
    return value.timestamp() if isinstance(value, datetime) else value


def from_json(kind: type[Record], value: Any) -> Record:
    """A record of this kind.

    Raises:
        ValueError: the value is none.
    """
    made: Record = _read(kind, value)
    return made


@cache
def shape(kind: Any) -> str:
    """What the JSON of a kind looks like: it changes when a field comes, goes or moves."""
    hints = typing.get_type_hints(kind)
    inner = sorted(each for hint in hints.values() for each in _records_in(hint))
    return f"{kind.__name__}{hints}" + "".join(inner)


def _records_in(hint: Any) -> list[str]:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return [shape(hint)]
    return [each for argument in typing.get_args(hint) for each in _records_in(argument)]


@cache
def _fields(kind: Any) -> tuple[Any, ...]:
    hints = typing.get_type_hints(kind)
    return tuple(hints[each.name] for each in dataclasses.fields(kind))


def _read(kind: Any, value: Any) -> Any:
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        if value is None:
            return None
        kind = next(each for each in typing.get_args(kind) if each is not types.NoneType)
    if typing.get_origin(kind) is tuple:
        (each_kind, _) = typing.get_args(kind)
        return tuple(_read(each_kind, each) for each in _checked(list, value))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _fields(kind)
        values = _checked(list, value)
        if len(values) != len(hints):
            raise ValueError(f"not the fields of {kind.__name__}")
        return kind(*(_read(hint, each) for hint, each in zip(hints, values, strict=True)))
    if kind is datetime:
        return moment(value)
    return _checked(kind, value)


def moment(value: Any) -> datetime:
    """The time that a number of seconds since 1970 stands for.

    Raises:
        ValueError: it stands for none.
    """
    if type(value) not in {int, float}:
        raise ValueError("not a time")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("not a time") from error


def _checked(kind: Any, value: Any) -> Any:
    if type(value) is not kind:
        raise ValueError(f"not of type {kind.__name__}")
    return value
