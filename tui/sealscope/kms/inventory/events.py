"""What the inventory tells: frozen, named as what has happened, each with its load's number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sealscope.errors import SealscopeError
from sealscope.kms.inventory.pace import Pace


@dataclass(frozen=True, slots=True)
class LoadStarted:
    """A load began; everything known before is forgotten."""

    generation: int


@dataclass(frozen=True, slots=True)
class CacheShown:
    """What follows was listed at an earlier time, and is on the disk since then.

    When it is old, KMS lists again beside it: rows stay until `KeysGone` takes them back.
    """

    generation: int
    listed_at: datetime


@dataclass(frozen=True, slots=True)
class KeysGone:
    """Keys of the older list that KMS does not list any more."""

    generation: int
    key_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeysPageLoaded:
    """More keys were listed."""

    generation: int
    key_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AliasesPageLoaded:
    """More aliases were listed; `key_ids` are the keys whose aliases are others now."""

    generation: int
    key_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListFinished:
    """One of the lists, "keys" or "aliases", is complete."""

    generation: int
    what: str


@dataclass(frozen=True, slots=True)
class ListFailed:
    """One of the lists, "keys" or "aliases", broke off; what came before it stays."""

    generation: int
    what: str
    error: SealscopeError


@dataclass(frozen=True, slots=True)
class KeysDescribed:
    """More is known of these keys: descriptions, rotations, or why there are none.

    What becomes known within a twentieth of a second is told together.
    """

    generation: int
    key_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PaceChanged:
    """KMS throttles and the inventory asks more slowly, or it is back at its full speed."""

    generation: int
    pace: Pace


@dataclass(frozen=True, slots=True)
class DescribingStopped:
    """No key can be described until somebody signs in: the credentials are missing or expired."""

    generation: int
    error: SealscopeError


Event = (
    LoadStarted
    | CacheShown
    | KeysGone
    | KeysPageLoaded
    | AliasesPageLoaded
    | ListFinished
    | ListFailed
    | KeysDescribed
    | PaceChanged
    | DescribingStopped
)
Listener = Callable[[Event], None]
