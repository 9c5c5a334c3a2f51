"""Asking about the keys that somebody looks at."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from sealscope.errors import CredentialsExpired, CredentialsMissing, SealscopeError, Throttled
from sealscope.kms.inventory.asking import answer_or_error
from sealscope.kms.inventory.events import DescribingStopped, Event, PaceChanged
from sealscope.kms.inventory.load import Known, Load
from sealscope.kms.inventory.wishes import DESCRIPTION, Wish
from sealscope.kms.keys import KeyDescription, RotationStatus

_NEVER_ROTATED: Final = RotationStatus(applicable=False, enabled=False)


class Describer:
    """Serves the wishes of one load; several threads may do so at a time.

    Needs kms:DescribeKey and kms:GetKeyRotationStatus.

    Args:
        tell_described: called with the generation and the keys of which more is known.
    """

    def __init__(
        self,
        load: Load,
        tell: Callable[[Event], None],
        tell_described: Callable[[int, Iterable[str]], None],
    ) -> None:
        self._load = load
        self._tell = tell
        self._tell_described = tell_described

    def serve(self) -> None:
        """Ask as long as the load is wanted."""
        while (wish := self._next()) is not None:
            if wish.what == DESCRIPTION:
                self._describe(wish)
            else:
                self._ask_rotation(wish)

    def _next(self) -> Wish | None:
        """The newest wish that may be served now; None when the load is over."""
        load = self._load
        with load.changed:
            while not load.is_over:
                if load.stopped is not None or not load.wishes:
                    load.changed.wait()
                    continue
                delays = {what: cap.until_free() for what, cap in load.caps.items()}
                wish = load.wishes.take(lambda what: delays[what] <= 0)  # noqa: B023 - used at once
                if wish is None:
                    waiting = [delay for delay in delays.values() if delay > 0]
                    load.timing.wait(load.changed, min(waiting))
                    continue
                if (question := (wish.what, load.name(wish.key))) in load.asked:
                    continue  # another asker was first
                load.asked.add(question)
                load.caps[wish.what].take()
                return wish
            return None

    def _describe(self, wish: Wish) -> None:
        load = self._load
        arn, since = self._arn(wish.key), load.resumed
        description, error = answer_or_error(lambda: load.source.describe_key(arn))
        if self._is_put_off(wish, error, since):
            return
        with load.changed:
            name = load.name(wish.key)
            known = load.known.setdefault(name, Known())
            known.description = None if description is None else _sharing(description)
            known.described_at = None if description is None else load.timing.now()
            known.error = error
            if description is not None:
                load.wishes.described(name)
                load.unsaved.add("keys")
                load.changed.notify_all()
        self._told(name)

    def _ask_rotation(self, wish: Wish) -> None:
        load = self._load
        with load.changed:
            known = load.known.setdefault(load.name(wish.key), Known())
            description = known.description
        rotation: RotationStatus | None = _NEVER_ROTATED
        error: SealscopeError | None = None
        if description is None or not description.spec or description.is_symmetric:
            arn, since = self._arn(wish.key), load.resumed
            rotation, error = answer_or_error(lambda: load.source.rotation_status(arn))
            if self._is_put_off(wish, error, since):
                return
        with load.changed:
            name = load.name(wish.key)
            known.rotation, known.rotation_error = rotation, error
            load.unsaved.add("keys")
        self._told(name)

    def _arn(self, key: str) -> str:
        with self._load.changed:
            return self._load.listed.arn(self._load.name(key)) or key

    def _told(self, name: str) -> None:
        self._tell_described(self._load.generation, (name,))

    def _is_put_off(self, wish: Wish, error: SealscopeError | None, since: int) -> bool:
        """Whether it says nothing of the key: it is asked again later, as long as it is wanted.

        Args:
            since: how often had been resumed when the call began: what failed before somebody
                signed in does not stop what comes after.
        """
        load = self._load
        throttled = isinstance(error, Throttled)
        signed_out = isinstance(error, CredentialsExpired | CredentialsMissing)
        newly_stopped = False
        waiting: frozenset[str] = frozenset()
        with load.changed:
            cap = load.caps[wish.what]
            if throttled:
                cap.throttled()
            elif not signed_out:
                cap.answered()
            if throttled or signed_out:
                load.asked.discard((wish.what, load.name(wish.key)))
                load.wishes.give_back(wish)
                load.changed.notify_all()
            if signed_out and since == load.resumed:
                newly_stopped = load.stopped is None
                load.stopped = load.stopped or error
                waiting = load.wishes.waiting(DESCRIPTION)
            pace = load.new_pace()
        if pace is not None:
            self._tell(PaceChanged(load.generation, pace))
        if newly_stopped and error is not None:
            self._tell(DescribingStopped(load.generation, error))
        if waiting:
            self._tell_described(load.generation, waiting)
        return throttled or signed_out


def _sharing(key: KeyDescription) -> KeyDescription:
    """The same description, the words that all keys have kept in memory once for all of them."""
    return replace(
        key,
        account=sys.intern(key.account),
        state=sys.intern(key.state),
        spec=sys.intern(key.spec),
        usage=sys.intern(key.usage),
        origin=sys.intern(key.origin),
        manager=sys.intern(key.manager),
        multi_region=sys.intern(key.multi_region),
    )
