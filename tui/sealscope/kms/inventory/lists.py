"""ListKeys and ListAliases, followed side by side to their ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sealscope.errors import SealscopeError, Throttled
from sealscope.kms.answers import member
from sealscope.kms.inventory.asking import fault_of
from sealscope.kms.inventory.events import (
    AliasesPageLoaded,
    Event,
    KeysGone,
    KeysPageLoaded,
    ListFailed,
    ListFinished,
    PaceChanged,
)
from sealscope.kms.inventory.load import Load
from sealscope.kms.keys import alias_from, key_ref_from

KEYS_PER_PAGE: Final = 1000  # ListKeys allows 1 to 1000
ALIASES_PER_PAGE: Final = 100  # ListAliases allows 1 to 100
BOTH: Final = ("keys", "aliases")
_LONGEST_WAIT: Final = 16.0

Answer = dict[str, Any]
Tell = Callable[[Event], None]


class Lists:
    """The two lists of one load; each is followed in a thread of its own.

    Needs kms:ListKeys and kms:ListAliases.

    Args:
        must_ask: waits for the disk cache, if there is one; False when its lists are young.
    """

    def __init__(self, load: Load, tell: Tell, must_ask: Callable[[], bool]) -> None:
        self._load = load
        self._tell = tell
        self._must_ask = must_ask

    def follow_keys(self) -> None:
        """ListKeys to its end."""
        self._follow("keys", "ListKeys", KEYS_PER_PAGE, self._add_keys)

    def follow_aliases(self) -> None:
        """ListAliases to its end."""
        self._follow("aliases", "ListAliases", ALIASES_PER_PAGE, self._add_aliases)

    def follow_aliases_of(self, key: str) -> None:
        """ListAliases of one key to its end, in place of what was listed of it before."""
        load = self._load
        with load.changed:
            name = load.name(key)
            arn = load.listed.arn(name) or key
        try:
            pages = load.source.pages("ListAliases", ALIASES_PER_PAGE, KeyId=arn)
            found = [alias_from(each) for page in pages for each in member(page, "Aliases", list)]
        except SealscopeError as error:
            self._tell(ListFailed(load.generation, "aliases", error))
            return
        with load.changed:
            changed = load.listed.replace_aliases(name, found)
            load.unsaved.add("lists")
            load.changed.notify_all()
        self._tell(AliasesPageLoaded(load.generation, changed))

    def _add_keys(self, answer: Answer) -> Event:
        page = [key_ref_from(key) for key in member(answer, "Keys", list)]
        with self._load.changed:
            return KeysPageLoaded(self._load.generation, self._load.listed.add_keys(page))

    def _add_aliases(self, answer: Answer) -> Event:
        page = [alias_from(alias) for alias in member(answer, "Aliases", list)]
        with self._load.changed:
            return AliasesPageLoaded(self._load.generation, self._load.listed.add_aliases(page))

    def _follow(
        self, what: str, operation: str, limit: int, add: Callable[[Answer], Event]
    ) -> None:
        load = self._load
        if not self._must_ask():
            return
        try:
            pages = load.source.pages(operation, limit)
            while (answer := self._next(what, pages.__next__)) is not None:
                event = add(answer)
                if load.is_over:
                    return
                self._tell(event)
        except SealscopeError as error:
            self._tell(ListFailed(load.generation, what, error))
        except Exception as fault:  # noqa: BLE001 - shown as a list that broke off
            self._tell(ListFailed(load.generation, what, fault_of(fault)))
        else:
            if not load.is_over:
                self._finish(what)

    def _finish(self, what: str) -> None:
        """Take back what only an older list named."""
        load = self._load
        with load.changed:
            if what == "keys":
                gone = load.listed.drop_old_keys()
                changed: tuple[str, ...] = ()
            else:
                gone = ()
                changed = load.listed.drop_old_aliases()
            load.listed_at[what] = load.timing.now()
            if len(load.listed_at) == len(BOTH):
                load.unsaved.add("lists")
                load.changed.notify_all()
        if gone:
            self._tell(KeysGone(load.generation, gone))
        if changed:
            self._tell(AliasesPageLoaded(load.generation, changed))
        self._tell(ListFinished(load.generation, what))

    def _next(self, what: str, ask: Callable[[], Answer]) -> Answer | None:
        """The next answer, however long KMS throttles; None at the end."""
        waiting = 1.0
        while True:
            try:
                answer = ask()
            except StopIteration:
                return None
            except Throttled:
                self._throttled(what, is_throttled=True)
                if self._load.wait(waiting):
                    return None
                waiting = min(2 * waiting, _LONGEST_WAIT)
            else:
                self._throttled(what, is_throttled=False)
                return answer

    def _throttled(self, what: str, *, is_throttled: bool) -> None:
        load = self._load
        with load.changed:
            if is_throttled:
                load.list_waits.add(what)
            else:
                load.list_waits.discard(what)
            pace = load.new_pace()
        if pace is not None:
            self._tell(PaceChanged(load.generation, pace))
