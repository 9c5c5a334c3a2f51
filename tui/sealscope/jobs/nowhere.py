"""A sink for what is only verified."""

from __future__ import annotations


class Nowhere:
    """Takes everything and keeps nothing; also at an offset, so that frames go in parallel."""

    def __init__(self) -> None:
        self._at = 0

    def write(self, data: bytes | memoryview) -> int:
        """Take all of it."""
        self._at += len(data)
        return len(data)

    def write_at(self, data: memoryview, offset: int) -> None:
        """Take all of it, wherever it belongs."""

    def seek(self, offset: int, /) -> int:
        """Go on at this byte."""
        self._at = offset
        return offset

    def tell(self) -> int:
        """Where the next byte would go."""
        return self._at

    def flush(self) -> None:
        """Nothing is held."""

    def truncate(self, size: int, /) -> int:
        """Nothing is there to be cut off."""
        return size
