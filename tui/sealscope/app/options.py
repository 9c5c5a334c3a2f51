"""How the app was started."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sealscope.kms.connection import Connection, Target, connect


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class AppOptions:
    """What the command line says, and what tests put in its place.

    Attributes:
        target: which KMS.
        path: a file to open in Envelopes at the start.
        write: allow changes to keys on AWS.
        theme: a Textual theme's name; None for the default.
        connect: opens the connection; called in a thread.
        clock: the time of day, for ages and dates.
        monotonic: seconds, for progress.
    """

    target: Target = field(default_factory=Target)
    path: Path | None = None
    write: bool = False
    theme: str | None = None
    connect: Callable[[Target], Connection] = connect
    clock: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic
