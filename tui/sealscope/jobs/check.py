"""One finding of a preflight."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sealscope.errors import SealscopeError


class CheckState(Enum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One check of a job's form.

    Attributes:
        name: what was checked: "source", "destination", "space", "context", "limits", "key",
            "message".
        text: the finding in a few words; may hold outside text.
        error: the reason, when it failed.
    """

    name: str
    state: CheckState
    text: str
    error: SealscopeError | None = None


def failed(name: str, error: SealscopeError) -> Check:
    """A check that an error answers."""
    return Check(name, CheckState.FAILED, error.title, error)
