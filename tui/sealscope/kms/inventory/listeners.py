"""Who is told of changes, and telling many small ones together.

An event loop that draws a list must not be called for each of a hundred thousand descriptions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Final

from sealscope.kms.inventory.events import Event, KeysDescribed, Listener

TOGETHER: Final = 0.05
"""Seconds for which descriptions are collected before they are told."""


class Listeners:
    """Listeners of one inventory; they are called in worker threads.

    Args:
        generation: the number of the current load; events of others are not told.
    """

    def __init__(self, generation: Callable[[], int]) -> None:
        self._generation = generation
        self._changed = threading.Condition()
        self._listeners: list[Listener] = []
        self._described: dict[str, None] = {}
        self._described_in = 0
        self._thread: threading.Thread | None = None
        self._closed = False

    def add(self, listener: Listener) -> Callable[[], None]:
        """Be told of changes; the result ends it."""
        with self._changed:
            self._listeners.append(listener)

        def remove() -> None:
            with self._changed:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return remove

    def tell(self, event: Event) -> None:
        """Tell of a change at once, in the caller's thread."""
        with self._changed:
            if self._closed or event.generation != self._generation():
                return
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(event)

    def tell_described(self, generation: int, key_ids: Iterable[str]) -> None:
        """Tell that more is known of these keys, soon and together with others."""
        with self._changed:
            if self._closed or generation != self._generation():
                return
            if generation != self._described_in:
                self._described_in = generation
                self._described.clear()
            self._described.update(dict.fromkeys(key_ids))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._serve, name="kms-described", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Tell nobody anything any more."""
        with self._changed:
            self._closed = True
            self._listeners.clear()
            self._changed.notify_all()

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._described)
                self._changed.wait_for(lambda: self._closed, TOGETHER)
                if self._closed:
                    return
                event = KeysDescribed(self._described_in, tuple(self._described))
                self._described.clear()
            self.tell(event)
