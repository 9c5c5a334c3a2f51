"""An encryption context as it is typed: one `NAME=VALUE` a line."""

from __future__ import annotations

from typing import Final

from sealscope.errors import UsageError

RESERVED_PREFIX: Final = "aws-crypto-"
"""Names that the AWS Encryption SDK keeps for itself."""


def parse_context(text: str) -> tuple[tuple[str, str], ...]:
    """The pairs of a typed context, in the order of their lines; empty lines count for nothing.

    The first `=` of a line ends the name; spaces belong to what they stand in.

    Raises:
        UsageError: a line has no `=` or no name, or a name is doubled or reserved.
    """
    pairs: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        name, equals, value = line.partition("=")
        where = f"line {number}: {line}"
        if not equals:
            raise UsageError("A line of the context has no =", where, "Write NAME=VALUE.")
        if not name:
            raise UsageError("A line of the context has no name", where, "Write NAME=VALUE.")
        if name.startswith(RESERVED_PREFIX):
            raise UsageError(
                f"Names that start with {RESERVED_PREFIX} are reserved",
                where,
                "Choose another name; the signed suite adds its own pair itself.",
            )
        if name in pairs:
            raise UsageError("A name is in the context twice", where, "Leave one of them out.")
        pairs[name] = value
    return tuple(pairs.items())
