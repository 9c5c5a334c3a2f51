"""The encryption context: how it is serialized, parsed and checked.

It is authenticated and never encrypted. On the wire it is sorted by the keys' UTF-8 bytes;
readers take any order, because what is authenticated are the bytes as they stand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from sealscope import errors
from sealscope.engine.limits import MAX_UINT16
from sealscope.engine.suites import AlgorithmSuite

RESERVED_PREFIX: Final = "aws-crypto-"
PUBLIC_KEY: Final = "aws-crypto-public-key"
"""The entry that holds the verification key of a signed message, and no other message has."""


def serialize(context: Mapping[str, str]) -> bytes:
    """The canonical form: a pair count and sorted pairs; no bytes at all when empty.

    Raises:
        UsageError: a string is no valid Unicode text, or the whole is longer than 65,535 bytes.
    """
    if not context:
        return b""
    pairs = sorted(_encoded(context.items()))
    # The size bounds the count and every length, so that each of them fits its two bytes.
    if 2 + sum(4 + len(key) + len(value) for key, value in pairs) > MAX_UINT16:
        raise errors.UsageError(
            "The encryption context is too large",
            f"more than {MAX_UINT16} bytes when stored",
            "Keep a reference in the context and the data elsewhere.",
        )
    parts = [_uint16(len(pairs))]
    for key, value in pairs:
        parts += (_uint16(len(key)), key, _uint16(len(value)), value)
    return b"".join(parts)


def _uint16(number: int) -> bytes:
    return number.to_bytes(2, "big")


def _encoded(pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[bytes, bytes]]:
    for key, value in pairs:
        try:
            yield key.encode(), value.encode()
        except UnicodeEncodeError as problem:
            raise errors.UsageError(
                "The encryption context holds text that cannot be stored",
                f"key {key!r}: {problem.reason}",
                "Use valid Unicode text for keys and values.",
            ) from None


def parse(section: bytes, offset: int) -> dict[str, str]:
    """The context of a header's section, pairs in file order.

    Args:
        section: the bytes after the section's own length field.
        offset: of `section` in the file, for messages.

    Raises:
        Malformed: the section breaks the grammar.
    """
    # Old writers stored an empty context as a zero count.
    if not section or section == b"\x00\x00":
        return {}
    if len(section) < 2:
        raise _malformed("its length is 1 byte", offset)
    count = int.from_bytes(section[:2], "big")
    if count == 0:
        raise _malformed("bytes follow a pair count of zero", offset + 2)
    context: dict[str, str] = {}
    position = 2
    for _ in range(count):
        key, position = _text(section, position, offset, "key")
        value, position = _text(section, position, offset, "value")
        if key in context:
            raise _malformed(f"the key {key!r} is there twice", offset + position)
        context[key] = value
    if position != len(section):
        raise _malformed(f"{len(section) - position} bytes follow its last pair", offset + position)
    return context


def _text(section: bytes, position: int, offset: int, what: str) -> tuple[str, int]:
    start = position + 2
    end = start + int.from_bytes(section[position:start], "big")
    if start > len(section) or end > len(section):
        raise _malformed(f"a {what} runs past its end", offset + position)
    try:
        return section[start:end].decode(), end
    except UnicodeDecodeError:
        raise _malformed(f"a {what} is not valid UTF-8", offset + start) from None


def _malformed(why: str, offset: int) -> errors.Malformed:
    return errors.Malformed(
        "The encryption context in the header is malformed",
        f"{why}, at byte {offset}",
        "The file was damaged or was not written by an AWS Encryption SDK.",
    )


def check_caller_context(context: Mapping[str, str]) -> None:
    """Check a context that somebody wants to encrypt with.

    Raises:
        UsageError: it uses a reserved key, cannot be encoded or is too large.
    """
    for key in context:
        if key.startswith(RESERVED_PREFIX):
            raise errors.UsageError(
                "The encryption context uses a reserved key",
                f"{key!r}: keys that start with {RESERVED_PREFIX} belong to the message format",
                "Choose another key.",
            )
    serialize(context)


def check_required_context(context: Mapping[str, str], required: Collection[str]) -> None:
    """Check the keys whose pairs are to be authenticated and not stored.

    Raises:
        UsageError: the context has no such key.
    """
    for key in required:
        if key not in context:
            raise errors.UsageError(
                "A required key is not in the encryption context",
                f"{key!r}",
                "Give its value too, as for any other pair of the context.",
            )


def split_required(
    context: Mapping[str, str], required: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The pairs of a context that a header stores, and those that it does not."""
    stored = {key: value for key, value in context.items() if key not in required}
    return stored, {key: value for key, value in context.items() if key in required}


def merge_expected(
    stored: Mapping[str, str], expected: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Combine the stored context with what the caller says about it.

    Returns:
        The full context, and the required part: expected pairs that are not stored.

    Raises:
        ContextMismatch: a stored value differs from the expected one.
        UsageError: the expected context cannot be encoded or is too large.
    """
    for key, value in expected.items():
        if key in stored and stored[key] != value:
            raise errors.ContextMismatch(
                "The encryption context is not the expected one",
                f"key {key!r}: expected {value!r}, the message has {stored[key]!r}",
                "Check that this is the right file, or correct the expected context.",
            )
    required = {key: value for key, value in expected.items() if key not in stored}
    full = {**stored, **required}
    serialize(full)
    return full, required


def check_reproduced(given: Mapping[str, str], required: Collection[str]) -> None:
    """Check that whoever decrypts gave every pair that is demanded of them.

    Raises:
        ContextMismatch: one is missing.
    """
    missing = [key for key in required if key not in given]
    if missing:
        raise errors.ContextMismatch(
            "A required pair of the encryption context was not given",
            ", ".join(repr(key) for key in missing),
            "Give its value (-c NAME=VALUE).",
        )


def check_public_key(context: Mapping[str, str], suite: AlgorithmSuite) -> None:
    """Check that the context names a verification key exactly if the suite signs.

    An unsigned message with such a key is a signed one whose signature was stripped.

    Raises:
        ContextMismatch: one is there without the other.
    """
    present = PUBLIC_KEY in context
    if suite.signed == present:
        return
    what = (
        "the suite signs, and the context has no verification key"
        if suite.signed
        else "the suite does not sign, and the context has a verification key"
    )
    raise errors.ContextMismatch(
        "The encryption context disagrees with the algorithm suite",
        f"{what} ({PUBLIC_KEY}); suite {suite.hex_id}",
        "The message was tampered with, perhaps to strip its signature. Get it again from its"
        " source.",
    )
