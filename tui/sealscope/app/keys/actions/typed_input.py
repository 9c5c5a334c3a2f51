"""What is typed for a change, read and checked."""

from __future__ import annotations

from typing import Final

from sealscope.app.jobs.typed_number import typed_number
from sealscope.errors import UsageError
from sealscope.kms.inventory import KeyEntry

MOST_DESCRIPTION: Final = 8192
LEAST_PERIOD: Final = 90
MOST_PERIOD: Final = 2560
END_OF_ID: Final = 6
"""Characters of a key's id that stand for it when no alias is typed."""


def alias_name(text: str) -> str:
    """An alias, as it was typed.

    Raises:
        UsageError: nothing was typed, or a name that AWS keeps for itself.
    """
    name = text.strip()
    bare = name.removeprefix("alias/")
    if not bare:
        raise UsageError("No alias is named", hint="Type one, such as payments/prod.")
    if bare.startswith("aws/"):
        raise UsageError("Aliases that start with aws/ are AWS's own", hint="Choose another name.")
    return name


def alias_and_key(values: tuple[str, ...]) -> tuple[str, str]:
    """An alias and the key that it is to name.

    Raises:
        UsageError: one of them is missing.
    """
    name, key = alias_name(values[0]), values[1].strip()
    if not key:
        raise UsageError("No key is named", hint="Type its id, its ARN or an alias of it.")
    return name, key


def own_alias(text: str, entry: KeyEntry) -> str:
    """One of the key's own aliases, as it was typed.

    Raises:
        UsageError: the key has no such alias.
    """
    name = alias_name(text)
    full = name if name.startswith("alias/") else f"alias/{name}"
    if full not in {alias.name for alias in entry.aliases}:
        raise UsageError("The key has no such alias", full, "Type one of those above.")
    return full


def description(text: str) -> str:
    """A key's description; empty for none.

    Raises:
        UsageError: it is too long.
    """
    if len(text) > MOST_DESCRIPTION:
        raise UsageError("The description is too long", f"{len(text):,} of {MOST_DESCRIPTION:,}")
    return text


def tag(values: tuple[str, ...]) -> tuple[str, str]:
    """A tag's name and value; the value may be empty.

    Raises:
        UsageError: the name is empty, or AWS's own.
    """
    name = tag_name(values[0])
    if name.startswith("aws:"):
        raise UsageError("Tags that start with aws: are AWS's own", hint="Choose another name.")
    return name, values[1]


def tag_name(text: str) -> str:
    """A tag's name.

    Raises:
        UsageError: it is empty.
    """
    if not text.strip():
        raise UsageError("No tag is named", hint="Type its name.")
    return text


def period(text: str) -> int | None:
    """Days between two rotations; None to leave it to KMS.

    Raises:
        UsageError: it is no number from 90 to 2,560.
    """
    return typed_number(text, least=LEAST_PERIOD, most=MOST_PERIOD)


def names_the_key(text: str, entry: KeyEntry) -> bool:
    """Whether what was typed is an alias of the key, or the end of its id."""
    typed = text.strip()
    aliases = {alias.name for alias in entry.aliases}
    if typed in aliases or f"alias/{typed}" in aliases:
        return True
    return len(typed) >= END_OF_ID and entry.key_id.endswith(typed)
