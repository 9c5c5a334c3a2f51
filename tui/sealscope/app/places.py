"""The three places, loaded when they are first shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.screen import Screen


def _keys() -> Screen[None]:
    from sealscope.app.keys.place import KeysPlace

    return KeysPlace()


def _envelopes() -> Screen[None]:
    from sealscope.app.envelopes.place import EnvelopesPlace

    return EnvelopesPlace()


def _jobs() -> Screen[None]:
    from sealscope.app.jobs.place import JobsPlace

    return JobsPlace()


MODES: Final[dict[str, str | Callable[[], Screen[None]]]] = {
    "keys": _keys,
    "envelopes": _envelopes,
    "jobs": _jobs,
}
