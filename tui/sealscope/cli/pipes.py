"""Standard input and standard output as the two ends of a job."""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from sealscope.errors import OutputFailed, SourceUnreadable, UsageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

    from sealscope.engine.managers import MaterialsManager
    from sealscope.jobs.outcome import Outcome
    from sealscope.jobs.request import OpenOptions, SealOptions

STREAM: Final = "-"
LOOK_UP: Final = 0.2
"""Seconds after which a wait for input sees whether a signal has come."""


def is_piped(paths: tuple[str, ...], out: str | None) -> bool:
    """Whether a job has standard input or output at one of its ends.

    Raises:
        UsageError: a standard stream stands among several files, or for a folder.
    """
    if STREAM not in paths and out != STREAM:
        return False
    if len(paths) > 1:
        what = "Standard input" if STREAM in paths else "Standard output"
        raise UsageError(f"{what} goes with one file only", hint="Give one PATH.")
    if paths != (STREAM,) and Path(paths[0]).is_dir():
        raise UsageError(
            "A folder cannot go to standard output", paths[0], "Name one file, or a folder with -o."
        )
    return True


def check_terminal(out: str | None) -> None:
    """Refuse to fill a terminal with bytes that nobody asked to see.

    Raises:
        UsageError: the result would go to a terminal, and `-o -` was not given.
    """
    if out is None and sys.stdout.isatty():
        raise UsageError(
            "The result would be written to the terminal",
            hint="Redirect it, name a file with -o FILE, or insist with -o -.",
        )


def run_piped(
    path: str,
    out: str | None,
    options: SealOptions | OpenOptions,
    manager: MaterialsManager,
    *,
    overwrite: bool,
    progress: Callable[[int], None],
    allow_unverified: bool = False,
) -> Outcome:
    """Do a job from or to a standard stream.

    Args:
        path: a file, or `-`.
        out: a file, or `-`; None for `-`.
        options: how.
        manager: of these options.
        overwrite: replace an existing file.
        progress: called with the bytes of the source done so far.
        allow_unverified: release plaintext before the whole message is authenticated.

    Raises:
        SealscopeError: one of its kinds.
        BrokenPipeError: nobody reads standard output any more.
    """
    from sealscope.files import open_source
    from sealscope.jobs.work import perform_from_stream

    if out not in (None, STREAM):
        return perform_from_stream(
            standard_input(),
            Path(str(out)),
            options,
            manager,
            overwrite=overwrite,
            progress=progress,
        )
    if path == STREAM:
        return _to_stdout(standard_input(), options, manager, progress, allow_unverified)
    with open_source(Path(path)) as source:
        outcome = _to_stdout(source.stream, options, manager, progress, allow_unverified)
        source.verify_unchanged()
    return replace(outcome, source=path)


def standard_input() -> BinaryIO:
    """Standard input; a failing read raises `SourceUnreadable`."""
    return cast("BinaryIO", _StandardInput())


def _to_stdout(
    source: BinaryIO,
    options: SealOptions | OpenOptions,
    manager: MaterialsManager,
    progress: Callable[[int], None],
    allow_unverified: bool,
) -> Outcome:
    from sealscope.jobs.coding import seal
    from sealscope.jobs.request import SealOptions
    from sealscope.jobs.stream import decrypt_stream

    sink = cast("BinaryIO", _StandardOutput())
    if isinstance(options, SealOptions):
        outcome = seal(source, sink, options, manager, progress=progress)
    else:
        outcome = decrypt_stream(
            source,
            sink,
            options,
            manager,
            progress=progress,
            allow_unverified=allow_unverified,
        )
    sink.flush()
    return outcome


class _StandardInput(io.RawIOBase):
    def __init__(self) -> None:
        try:
            self._descriptor: int | None = sys.stdin.fileno()
        except io.UnsupportedOperation:
            self._descriptor = None  # a stand-in that no process would wait for

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        try:
            if self._descriptor is None:
                return cast("io.BufferedReader", sys.stdin.buffer).readinto(buffer)
            # A signal that comes just before a blocking read does not end it, and its handler
            # would run only when the next byte comes, perhaps never. This looks up in between.
            while not select.select([self._descriptor], [], [], LOOK_UP)[0]:
                pass
            return os.readv(self._descriptor, [buffer])
        except OSError as error:
            raise SourceUnreadable(
                "Standard input cannot be read", error.strerror or "", "Look where it comes from."
            ) from error


class _StandardOutput(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return sys.stdout.buffer.write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _failed(error) from error

    def flush(self) -> None:
        try:
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _failed(error) from error


def _failed(error: OSError) -> OutputFailed:
    return OutputFailed(
        "Standard output cannot be written", error.strerror or "", "Look where it leads."
    )
