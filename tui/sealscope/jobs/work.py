"""Do one job: read through the file gate, drive the engine, publish only what is verified."""

from __future__ import annotations

from collections.abc import Callable

from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import Request
from sealscope.kms.facade import KmsGate

Progress = Callable[[int], None]


def perform(request: Request, gate: KmsGate, *, progress: Progress | None = None) -> Outcome:
    """Encrypt or decrypt one file.

    Args:
        request: what to do.
        gate: where KMS calls go.
        progress: called with the bytes of the source done so far; may raise `Cancelled`.

    Raises:
        SealscopeError: one of its kinds; the destination is then as it was before.
    """
    raise NotImplementedError
