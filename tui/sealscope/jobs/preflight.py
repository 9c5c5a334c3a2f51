"""What is checked before a job runs, so that its form promises nothing it has not tried.

Needs kms:DescribeKey for each key, and for the dry runs the permission of the call that the
job will make: kms:GenerateDataKey and kms:Encrypt, or kms:Decrypt. Nothing is written.
"""

from __future__ import annotations

import shutil
from typing import Final

from sealscope.engine.encrypt import DEFAULT_FRAME_LENGTH
from sealscope.engine.frames import FINAL_OVERHEAD, REGULAR_OVERHEAD
from sealscope.errors import OutputFailed, SealscopeError
from sealscope.files import Source, check_output, open_source
from sealscope.jobs.check import Check, CheckState, failed
from sealscope.jobs.preflight_opening import check_opening
from sealscope.jobs.preflight_sealing import check_sealing
from sealscope.jobs.request import EncryptRequest, Request
from sealscope.kms.facade import KmsGate
from sealscope.units import exact_size, size

__all__ = ["Check", "CheckState", "preflight"]

HEADER_ALLOWANCE: Final = 16384
"""More than the header and footer of a message with ten recipients take."""


def preflight(request: Request, gate: KmsGate) -> tuple[Check, ...]:
    """Check a job without doing it; makes KMS calls (DescribeKey, dry runs), writes nothing."""
    try:
        source = open_source(request.source)
    except SealscopeError as error:
        return (failed("source", error),)
    with source:
        checks = [Check("source", CheckState.OK, exact_size(source.size))]
        checks.append(_destination(request, source))
        checks.append(_space(request, source))
        if isinstance(request, EncryptRequest):
            checks.extend(check_sealing(request.options, gate))
        else:
            checks.extend(check_opening(request.options, source.stream, gate))
    return tuple(checks)


def _destination(request: Request, source: Source) -> Check:
    try:
        check_output(request.destination, source=source, overwrite=request.overwrite)
    except SealscopeError as error:
        return failed("destination", error)
    if request.destination.exists():
        return Check("destination", CheckState.WARNING, "an existing file will be replaced")
    return Check("destination", CheckState.OK, "a new file")


def _space(request: Request, source: Source) -> Check:
    needed = source.size
    if isinstance(request, EncryptRequest):
        frame_length = request.options.frame_length or DEFAULT_FRAME_LENGTH
        frames = source.size // frame_length + 1
        needed += frames * REGULAR_OVERHEAD + FINAL_OVERHEAD + HEADER_ALLOWANCE
    try:
        free = shutil.disk_usage(request.destination.parent).free
    except (OSError, ValueError) as error:  # ValueError: a name that no folder can have
        reason = error.strerror if isinstance(error, OSError) else None
        failure = OutputFailed("The free space cannot be read", reason or "")
        return failed("space", failure)
    if free < needed:
        lack = OutputFailed(
            "There is no room for the output",
            f"{size(needed)} are needed, {size(free)} are free",
            "Free some space, or choose another folder.",
        )
        return failed("space", lack)
    return Check("space", CheckState.OK, f"{size(free)} free")
