"""Checking a JSON request against the shapes of botocore's own service model.

Types, required members, lengths, ranges, patterns and enumerations come from the model, so they
follow botocore's upgrades, and the messages read like AWS's.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Any

from sealscope.kms.local.faults import Fault, invalid


def decode(shape: Any, value: Any) -> dict[str, Any]:
    """Turn a parsed JSON body into the operation's members.

    Blobs become bytes and timestamps aware datetimes; members that the model does not know are
    dropped, as AWS drops them.

    Args:
        shape: botocore's input shape.
        value: what the JSON parser gave.

    Raises:
        Fault: SerializationException for a wrong type, ValidationException for a broken rule.
    """
    broken: list[str] = []
    members: dict[str, Any] = _structure(shape, value, "", broken)
    if broken:
        count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected: "
        raise invalid(count + "; ".join(broken))
    return members


def _value(shape: Any, value: Any, path: str, broken: list[str]) -> Any:
    reader = _READERS.get(shape.type_name)
    if reader is None:
        raise Fault("SerializationException", f"{path}: {shape.type_name} is not supported")
    return reader(shape, value, path, broken)


def _structure(shape: Any, value: Any, path: str, broken: list[str]) -> dict[str, Any]:
    _expect(isinstance(value, dict), path)
    out: dict[str, Any] = {}
    for name, member in shape.members.items():
        where = _join(path, name[:1].lower() + name[1:])
        given = value.get(name)
        if given is None:
            if name in shape.required_members:
                broken.append(_message("null", where, "Member must not be null"))
            continue
        out[name] = _value(member, given, where, broken)
    return out


def _list(shape: Any, value: Any, path: str, broken: list[str]) -> list[Any]:
    _expect(isinstance(value, list), path)
    _check_size(shape, len(value), _shown(shape, value), path, broken)
    return [
        _value(shape.member, item, _join(path, f"{index}.member"), broken)
        for index, item in enumerate(value, 1)
    ]


def _map(shape: Any, value: Any, path: str, broken: list[str]) -> dict[str, Any]:
    _expect(isinstance(value, dict), path)
    return {
        _value(shape.key, name, path, broken): _value(shape.value, item, path, broken)
        for name, item in value.items()
    }


def _string(shape: Any, value: Any, path: str, broken: list[str]) -> str:
    _expect(isinstance(value, str), path)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        # A lone surrogate, which JSON can spell and UTF-8 cannot.
        raise Fault("SerializationException", f"{path}: not a Unicode text") from error
    text: str = value
    shown = _shown(shape, text)
    _check_size(shape, len(text), shown, path, broken)
    choices = shape.metadata.get("enum")
    if choices and text not in choices:
        rule = f"Member must satisfy enum value set: [{', '.join(choices)}]"
        broken.append(_message(shown, path, rule))
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, text):
        rule = f"Member must satisfy regular expression pattern: {pattern}"
        broken.append(_message(shown, path, rule))
    return text


def _blob(shape: Any, value: Any, path: str, broken: list[str]) -> bytes:
    _expect(isinstance(value, str), path)
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Fault("SerializationException", f"{path}: not Base64") from error
    _check_size(shape, len(data), "", path, broken)
    return data


def _integer(shape: Any, value: Any, path: str, broken: list[str]) -> int:
    _expect(isinstance(value, int) and not isinstance(value, bool), path)
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        rule = f"Member must have value greater than or equal to {low}"
        broken.append(_message(f"'{value}'", path, rule))
    if high is not None and value > high:
        rule = f"Member must have value less than or equal to {high}"
        broken.append(_message(f"'{value}'", path, rule))
    number: int = value
    return number


def _boolean(_shape: Any, value: Any, path: str, _broken: list[str]) -> bool:
    _expect(isinstance(value, bool), path)
    return bool(value)


def _timestamp(_shape: Any, value: Any, path: str, _broken: list[str]) -> datetime:
    _expect(isinstance(value, int | float) and not isinstance(value, bool), path)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise Fault("SerializationException", f"{path}: not a time") from error


_READERS = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "blob": _blob,
    "integer": _integer,
    "boolean": _boolean,
    "timestamp": _timestamp,
}


def _check_size(shape: Any, size: int, shown: str, path: str, broken: list[str]) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        rule = f"Member must have length greater than or equal to {low}"
        broken.append(_message(shown, path, rule))
    if high is not None and size > high:
        rule = f"Member must have length less than or equal to {high}"
        broken.append(_message(shown, path, rule))


def _shown(shape: Any, value: Any) -> str:
    """A value as AWS repeats it in a message: sensitive ones and blobs are left out."""
    return "" if shape.metadata.get("sensitive") else f"'{value}'"


def _message(shown: str, path: str, rule: str) -> str:
    value = f"Value {shown} at" if shown else "Value at"
    return f"{value} '{path}' failed to satisfy constraint: {rule}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _expect(holds: bool, path: str) -> None:
    if not holds:
        raise Fault("SerializationException", f"Unexpected type of member {path or 'request'}")
