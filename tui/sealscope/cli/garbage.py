"""When garbage is collected: hardly while a command loads, as always while it works.

Measured: looking again and again through the hundred thousand objects that boto3 and its like
leave behind is a third of the time that a command on a small file takes.
"""

from __future__ import annotations

import gc
from typing import Final

_LOADING: Final = 200_000
"""New objects before a collection: more than loading makes, few enough for one that never ends."""

_usual: Final = gc.get_threshold()


def postpone() -> None:
    """Put collections off: the process has only begun."""
    gc.set_threshold(_LOADING, *_usual[1:])


def resume() -> None:
    """Collect as always, but never look at what has been loaded; nothing if not postponed."""
    if gc.get_threshold()[0] == _LOADING:
        gc.freeze()
        gc.set_threshold(*_usual)


def leave() -> None:
    """Spare the interpreter a last look at what ends with the process anyway."""
    gc.freeze()
