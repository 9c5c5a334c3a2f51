"""A keyring that knows the data key: for tests of everything behind it."""

from __future__ import annotations

from sealscope.engine.materials import OpenedDataKey, WrappedDataKeys
from sealscope.secret import SecretBytes


class KnownDataKey:
    """Opens any message with the data key it was given.

    Attributes:
        asked: how often it was asked.
    """

    def __init__(self, data_key: bytes) -> None:
        self._data_key = SecretBytes(data_key)
        self.asked = 0

    wrapping_keys = 1

    def wrap(self, *_: object) -> WrappedDataKeys:
        msg = "it only opens"
        raise AssertionError(msg)

    def open(self, *_: object) -> OpenedDataKey:
        self.asked += 1
        return OpenedDataKey(self._data_key, "known", None, ())
