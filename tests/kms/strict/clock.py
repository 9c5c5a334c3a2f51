"""Time that passes only when somebody waits."""

from __future__ import annotations

from threading import Lock


class FakeClock:
    """A clock that tests and fakes share; waiting moves it on and takes no time."""

    def __init__(self, start: float = 1000.0) -> None:
        self._lock = Lock()
        self._now = start
        self.waits: list[float] = []

    def __call__(self) -> float:
        """Seconds, as `time.monotonic` gives them."""
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self._now += max(0.0, seconds)

    def wait(self, seconds: float) -> bool:
        """Let time pass, as a wait that nobody cancels."""
        with self._lock:
            self.waits.append(seconds)
        self.sleep(seconds)
        return False
