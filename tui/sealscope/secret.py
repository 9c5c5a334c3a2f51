"""The one type that holds secrets: plaintext data keys, private keys, passphrases."""

from __future__ import annotations

from typing import NoReturn, final


@final
class SecretBytes:
    """Bytes that no repr, format, log, traceback, pickle or copy shows.

    The bytes come out by one call only, `reveal()`, which is easy to find in a review.
    """

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = bytes(value)

    def reveal(self) -> bytes:
        """The bytes themselves. Never pass the result to anything that prints or stores."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __repr__(self) -> str:
        return f"<secret, {len(self._value)} bytes>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretBytes):
            return NotImplemented
        # Loads OpenSSL's hashes, which the app's first picture does not need.
        from hmac import compare_digest

        return compare_digest(self._value, other._value)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        msg = "a secret is never pickled or copied to another process"
        raise TypeError(msg)
