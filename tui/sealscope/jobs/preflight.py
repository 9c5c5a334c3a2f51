"""What is checked before a job runs, so that its form promises nothing it has not tried."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealscope.errors import SealscopeError
    from sealscope.jobs.request import Request
    from sealscope.kms.facade import KmsGate


class CheckState(Enum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One check of a job's form.

    Attributes:
        name: what was checked: "source", "destination", "key", "context", "space", ...
        text: the finding in a few words; may hold outside text.
        error: the reason, when it failed.
    """

    name: str
    state: CheckState
    text: str
    error: SealscopeError | None = None


def preflight(request: Request, gate: KmsGate) -> tuple[Check, ...]:
    """Check a job without doing it; makes KMS calls (DescribeKey, dry runs), writes nothing."""
    raise NotImplementedError
