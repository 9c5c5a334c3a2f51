"""Which keys somebody wants to know more of, and in which order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

DESCRIPTION: Final = "description"
ROTATION: Final = "rotation"


@dataclass(frozen=True, slots=True)
class Wish:
    """One question to KMS.

    Attributes:
        what: DESCRIPTION or ROTATION.
        key: the key, as it was named.
    """

    what: str
    key: str
    asker: str


@dataclass(slots=True)
class _Asker:
    """What one asker waits for; `rotation` also holds the keys that must be described first."""

    waiting: dict[str, deque[str]]
    rotation: frozenset[str] = field(default_factory=frozenset)


class Wishes:
    """Waiting questions: the newest asker's first, its first key first.

    Not safe to share without a lock.
    """

    def __init__(self) -> None:
        self._askers: dict[str, _Asker] = {}

    def replace(
        self,
        asker: str,
        *,
        descriptions: Sequence[str],
        rotations: Sequence[str],
        rotation_of: Sequence[str] = (),
    ) -> None:
        """Forget what this asker waits for, and wait for this.

        Args:
            descriptions: keys to describe.
            rotations: described keys whose rotation is to be asked.
            rotation_of: keys whose rotation is to be asked once they are described.
        """
        self._askers.pop(asker, None)
        waiting = {DESCRIPTION: deque(descriptions), ROTATION: deque(rotations)}
        self._askers[asker] = _Asker(waiting, frozenset(rotation_of))

    def described(self, key: str) -> None:
        """Ask for the rotation of a key that has been described, if somebody wants to know it."""
        for asker in reversed(self._askers.values()):
            if key in asker.rotation:
                asker.waiting[ROTATION].append(key)
                return

    def take(self, may: Callable[[str], bool]) -> Wish | None:
        """The next question whose kind may be asked now; it waits no more."""
        for name, asker in reversed(self._askers.items()):
            for what, keys in asker.waiting.items():
                if keys and may(what):
                    return Wish(what, keys.popleft(), name)
        return None

    def give_back(self, wish: Wish) -> None:
        """Let a question wait again, in front, unless its asker wants other things by now."""
        asker = self._askers.get(wish.asker)
        if asker is not None:
            asker.waiting[wish.what].appendleft(wish.key)

    def waiting(self, what: str) -> frozenset[str]:
        """The keys about which such a question waits."""
        return frozenset(key for asker in self._askers.values() for key in asker.waiting[what])

    def __bool__(self) -> bool:
        return any(keys for asker in self._askers.values() for keys in asker.waiting.values())
