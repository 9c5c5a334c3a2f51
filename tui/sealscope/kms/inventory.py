"""The keys and aliases of a connection, loading in the background.

ListKeys and ListAliases stream in side by side, page by page, to the end. DescribeKey is asked
only for the keys that somebody looks at, newest request first. What cannot be described stays,
with the reason. Readers look at `entry`; listeners hear of each change from a worker thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol, TypeVar

from sealscope.errors import SealscopeError
from sealscope.kms.keys import Alias, KeyDescription, KeyRef, RotationStatus
from sealscope.kms.threads import DaemonThreads

DESCRIBE_THREADS: Final = 4
"""Measured: four threads on one client reach full speed without being throttled."""

_LIST_THREADS: Final = 4  # two for the lists, two more so that a refresh need not wait for them


Page = TypeVar("Page")
Value = TypeVar("Value")


class KeySource(Protocol):
    """What the inventory asks; `KmsGate` is one."""

    def key_pages(self) -> Iterator[tuple[KeyRef, ...]]:
        """ListKeys, a page at a time."""
        ...

    def alias_pages(self) -> Iterator[tuple[Alias, ...]]:
        """ListAliases, a page at a time."""
        ...

    def describe_key(self, key_id: str) -> KeyDescription:
        """DescribeKey."""
        ...

    def rotation_status(self, key_id: str) -> RotationStatus:
        """GetKeyRotationStatus."""
        ...


@dataclass(frozen=True)
class LoadStarted:
    """A load began; everything known before is forgotten."""

    generation: int


@dataclass(frozen=True)
class KeysPageLoaded:
    """More keys were listed."""

    generation: int
    key_ids: tuple[str, ...]


@dataclass(frozen=True)
class AliasesPageLoaded:
    """More aliases were listed; `key_ids` are the keys that they name."""

    generation: int
    key_ids: tuple[str, ...]


@dataclass(frozen=True)
class ListFinished:
    """One of the lists, "keys" or "aliases", is complete."""

    generation: int
    what: str


@dataclass(frozen=True)
class ListFailed:
    """One of the lists, "keys" or "aliases", broke off; what came before it stays."""

    generation: int
    what: str
    error: SealscopeError


@dataclass(frozen=True)
class KeyDescribed:
    """A key's description, or the reason why there is none, is known now."""

    generation: int
    key_id: str


Event = LoadStarted | KeysPageLoaded | AliasesPageLoaded | ListFinished | ListFailed | KeyDescribed
Listener = Callable[[Event], None]


@dataclass(frozen=True)
class KeyEntry:
    """All that is known of one key now.

    Attributes:
        aliases: in the order in which they were listed.
        description: None until described, or when it may not be.
        rotation: None until asked, or when it may not be.
        error: why there is no description.
        rotation_error: why there is no rotation status.
    """

    key_id: str
    arn: str
    aliases: tuple[Alias, ...] = ()
    description: KeyDescription | None = None
    rotation: RotationStatus | None = None
    error: SealscopeError | None = None
    rotation_error: SealscopeError | None = None


class Inventory:
    """Keys and aliases as far as they are loaded. Safe to use from any thread.

    Needs kms:ListKeys, kms:ListAliases, kms:DescribeKey, kms:GetKeyRotationStatus; each that is
    missing leaves its part empty, with the reason.

    Args:
        source: where to ask.
        describe_threads: DescribeKey calls at a time.
    """

    def __init__(self, source: KeySource, *, describe_threads: int = DESCRIBE_THREADS) -> None:
        self._source = source
        self._lists = DaemonThreads(_LIST_THREADS, "kms-list")
        self._describers = DaemonThreads(describe_threads, "kms-describe")
        self._lock = Lock()
        self._listeners: list[Listener] = []
        self._generation = 0
        self._wanted: dict[str, list[str]] = {}
        self._forget()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be told of changes, in a worker thread; the result ends it."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    @property
    def generation(self) -> int:
        """The number of the current load; events of older ones are stale."""
        return self._generation

    def load(self) -> int:
        """Forget everything and list again; the new generation."""
        with self._lock:
            self._generation += 1
            generation = self._generation
            self._forget()
        self._tell(LoadStarted(generation))
        self._lists.submit(lambda: self._list_keys(generation))
        self._lists.submit(lambda: self._list_aliases(generation))
        return generation

    def close(self) -> None:
        """Stop; answers still under way are dropped, nobody waits for them."""
        with self._lock:
            self._generation += 1
            self._wanted = {}
            self._listeners.clear()
        self._lists.close()
        self._describers.close()

    def ended(self, patience: float) -> bool:
        """Whether, after `close`, its calls are over within `patience` seconds."""
        return self._lists.ended(patience) and self._describers.ended(patience)

    def key_ids(self) -> tuple[str, ...]:
        """The keys listed so far, in KMS's order."""
        with self._lock:
            return tuple(self._arns)

    def entry(self, key_id: str) -> KeyEntry | None:
        """What is known of a key, by id or ARN; None when it has not been listed or looked up."""
        with self._lock:
            wanted = self._name(key_id)
            arn = self._arns.get(wanted)
            description = self._descriptions.get(wanted)
            if arn is None and description is None and wanted not in self._errors:
                return None
            return KeyEntry(
                key_id=wanted,
                arn=arn or (description.arn if description else key_id),
                aliases=tuple(self._aliases.get(wanted, ())),
                description=description,
                rotation=self._rotations.get(wanted),
                error=self._errors.get(wanted),
                rotation_error=self._rotation_errors.get(wanted),
            )

    def aliases_of(self, key_id: str) -> tuple[Alias, ...]:
        """The aliases listed so far of a key, by id or ARN."""
        with self._lock:
            return tuple(self._aliases.get(self._name(key_id), ()))

    def alias_count(self) -> int:
        """Aliases listed so far."""
        with self._lock:
            return self._alias_count

    def describe(self, key_ids: Sequence[str], *, asker: str = "list", again: bool = False) -> None:
        """Ask for the descriptions and rotation of these keys, by id or ARN, first one first.

        This replaces what the same asker wanted before and has not begun: what has been
        scrolled away is not asked for. The newest asker comes first.

        Args:
            key_ids: the keys on the screen.
            asker: who wants them.
            again: ask also for what is known already.
        """
        with self._lock:
            generation = self._generation
            wanted = [
                key_id
                for key_id in dict.fromkeys(key_ids)
                if again or self._name(key_id) not in self._asked
            ]
            self._wanted.pop(asker, None)
            # The last list is served first, each from its end.
            self._wanted[asker] = wanted[::-1]
            number = len(wanted)
        for _ in range(number):
            self._describers.submit(lambda: self._describe_next(generation))

    def _name(self, key: str) -> str:
        """What a key is known by: its id when it is listed, else its ARN.

        A multi-Region key has the same id in every Region, and another account's key is not in
        the list; neither may be taken for the listed one.
        """
        bare = bare_key_id(key)
        return bare if bare == key or self._arns.get(bare) == key else key

    def _forget(self) -> None:
        self._arns: dict[str, str] = {}
        self._aliases: dict[str, list[Alias]] = {}
        self._alias_count = 0
        self._descriptions: dict[str, KeyDescription] = {}
        self._errors: dict[str, SealscopeError] = {}
        self._rotations: dict[str, RotationStatus] = {}
        self._rotation_errors: dict[str, SealscopeError] = {}
        self._wanted = {}
        self._asked: set[str] = set()

    def _list_keys(self, generation: int) -> None:
        def add(page: tuple[KeyRef, ...]) -> Event:
            self._arns.update((key.key_id, key.arn) for key in page)
            return KeysPageLoaded(generation, tuple(key.key_id for key in page))

        self._follow(generation, "keys", self._source.key_pages, add)

    def _list_aliases(self, generation: int) -> None:
        def add(page: tuple[Alias, ...]) -> Event:
            named: list[str] = []
            for alias in page:
                self._alias_count += 1
                if alias.target_key_id:
                    self._aliases.setdefault(alias.target_key_id, []).append(alias)
                    named.append(alias.target_key_id)
            return AliasesPageLoaded(generation, tuple(dict.fromkeys(named)))

        self._follow(generation, "aliases", self._source.alias_pages, add)

    def _follow(
        self,
        generation: int,
        what: str,
        pages: Callable[[], Iterable[Page]],
        add: Callable[[Page], Event],
    ) -> None:
        try:
            for page in pages():
                with self._lock:
                    if generation != self._generation:
                        return
                    event = add(page)
                self._tell(event)
        except SealscopeError as error:
            self._tell(ListFailed(generation, what, error))
        except Exception as fault:  # noqa: BLE001 - shown as a list that broke off
            self._tell(ListFailed(generation, what, _fault(fault)))
        else:
            self._tell(ListFinished(generation, what))

    def _describe_next(self, generation: int) -> None:
        with self._lock:
            waiting = [keys for keys in self._wanted.values() if keys]
            if generation != self._generation or not waiting:
                return
            asked_as = waiting[-1].pop()
            key_id = self._name(asked_as)
            self._asked.add(key_id)
            arn = self._arns.get(key_id, asked_as)
        description, error = _asked(lambda: self._source.describe_key(arn))
        if not self._keep_description(generation, key_id, description, error):
            return
        self._tell(KeyDescribed(generation, key_id))
        if description is None:
            return
        rotation, rotation_error = _asked(lambda: self._source.rotation_status(arn))
        with self._lock:
            if generation != self._generation:
                return
            _keep(self._rotations, key_id, rotation)
            _keep(self._rotation_errors, key_id, rotation_error)
        self._tell(KeyDescribed(generation, key_id))

    def _keep_description(
        self,
        generation: int,
        key_id: str,
        description: KeyDescription | None,
        error: SealscopeError | None,
    ) -> bool:
        with self._lock:
            if generation != self._generation:
                return False
            _keep(self._descriptions, key_id, description)
            _keep(self._errors, key_id, error)
            return True

    def _tell(self, event: Event) -> None:
        with self._lock:
            if event.generation != self._generation:
                return
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(event)


def bare_key_id(key_id: str) -> str:
    """The id in a key ARN; an id stays as it is."""
    return key_id.rsplit(":key/", 1)[-1]


def _asked(ask: Callable[[], Value]) -> tuple[Value | None, SealscopeError | None]:
    """The answer, or the reason why there is none."""
    try:
        return ask(), None
    except SealscopeError as problem:
        return None, problem
    except Exception as fault:  # noqa: BLE001 - shown as the reason, by its class alone
        return None, _fault(fault)


def _fault(fault: Exception) -> SealscopeError:
    return SealscopeError("Sealscope failed inside", type(fault).__name__, "Please report this.")


def _keep(known: dict[str, Value], key_id: str, value: Value | None) -> None:
    if value is None:
        known.pop(key_id, None)
    else:
        known[key_id] = value
