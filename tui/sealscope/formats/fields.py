"""Building the tree of fields in file order, so that offsets follow from lengths."""

from __future__ import annotations

from collections.abc import Sequence

from sealscope.formats.envelope import Field


class FieldCursor:
    """Makes fields one after the other.

    Attributes:
        offset: where the next field begins.
    """

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset

    def leaf(
        self, name: str, length: int, value: int | str | bytes | None, meaning: str = ""
    ) -> Field:
        """The next field, `length` bytes long."""
        made = Field(name, value, meaning, self.offset, length)
        self.offset += length
        return made


def group(name: str, children: Sequence[Field], meaning: str = "", *, offset: int) -> Field:
    """A field that consists of others in a row, beginning at `offset` even if it has none."""
    length = children[-1].offset + children[-1].length - offset if children else 0
    return Field(name, None, meaning, offset, length, tuple(children))
