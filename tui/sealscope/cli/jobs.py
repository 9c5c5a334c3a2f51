"""What `encrypt` and `decrypt` have in common: from their ends and options to a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sealscope.cli.batch import Progress, run_batch, watched
from sealscope.cli.connect import open_gate
from sealscope.cli.errors_view import tell_error
from sealscope.cli.exit_status import DONE, INTERRUPTED
from sealscope.cli.interrupt import Interruption
from sealscope.cli.pipes import STREAM, check_terminal, is_piped, run_piped
from sealscope.errors import Cancelled, UsageError
from sealscope.jobs.new_folders import without_empty_new_folders
from sealscope.jobs.plan import Planned, plan
from sealscope.jobs.request import DecryptRequest, EncryptRequest, Kind, OpenOptions, SealOptions
from sealscope.jobs.work import perform

if TYPE_CHECKING:
    from sealscope.cli.options import ConnectionChoice
    from sealscope.jobs.outcome import Outcome
    from sealscope.jobs.request import Request
    from sealscope.kms.facade import KmsGate


@dataclass(frozen=True)
class Ends:
    """Where a command reads from and writes to, as the user named it.

    Attributes:
        allow_unverified: let plaintext out before the whole message is authenticated; only
            standard output can.
    """

    paths: tuple[str, ...]
    out: str | None
    recursive: bool = False
    overwrite: bool = False
    allow_unverified: bool = False

    @property
    def to_stdout(self) -> bool:
        """Whether a job from or to a standard stream writes to standard output."""
        return self.out in (None, STREAM)


def run_jobs(
    kind: Kind,
    ends: Ends,
    options: SealOptions | OpenOptions,
    connection: ConnectionChoice,
    *,
    as_json: bool,
) -> int:
    """Do the jobs; the exit status.

    Raises:
        UsageError: the command is wrong; nothing was done.
        SealscopeError: the connection could not be opened, or a job from or to a standard
            stream failed.
    """
    piped = is_piped(ends.paths, ends.out)
    if ends.allow_unverified and not (piped and ends.to_stdout):
        raise UsageError(
            "--allow-unverified-stream is for standard output",
            hint="A file gets its name only when all of it is verified; leave the option out.",
        )
    if piped:
        return _piped(ends, options, connection, as_json=as_json)
    sources = [Path(path) for path in ends.paths]
    items = plan(kind, sources, out=ends.out, recursive=ends.recursive)
    destinations = [item.destination for item in items if isinstance(item, Planned)]
    needs_keys = kind is Kind.DECRYPT
    with (
        open_gate(connection, needs_keys=needs_keys) as gate,
        without_empty_new_folders(destinations),
    ):

        def work(item: Planned, progress: Progress) -> Outcome:
            return perform(_request(item, options, ends), gate, progress=progress)

        return run_batch(items, work, as_json=as_json)


def _request(item: Planned, options: SealOptions | OpenOptions, ends: Ends) -> Request:
    if isinstance(options, SealOptions):
        return EncryptRequest(item.source, item.destination, options, ends.overwrite, item.root)
    return DecryptRequest(item.source, item.destination, options, ends.overwrite, item.root)


def _piped(
    ends: Ends,
    options: SealOptions | OpenOptions,
    connection: ConnectionChoice,
    *,
    as_json: bool,
) -> int:
    if ends.to_stdout and as_json:
        raise UsageError(
            "Standard output cannot carry the result and --json at once",
            hint="Name a file with -o, or leave out --json.",
        )
    if ends.to_stdout:
        check_terminal(ends.out)
    (path,) = ends.paths
    item = Planned(Path(path), Path(ends.out or STREAM))
    with open_gate(connection, needs_keys=isinstance(options, OpenOptions)) as gate:

        def work(_: Planned, progress: Progress) -> Outcome:
            return _run(path, ends, options, gate, progress)

        if not ends.to_stdout:
            return run_batch([item], work, as_json=as_json)
        with Interruption() as interruption:
            try:
                watched(item, work, interruption)
            except (Cancelled, KeyboardInterrupt):
                tell_error(Cancelled("Interrupted; what was written is not complete"))
                return INTERRUPTED
    return DONE


def _run(
    path: str,
    ends: Ends,
    options: SealOptions | OpenOptions,
    gate: KmsGate,
    progress: Progress,
) -> Outcome:
    return run_piped(
        path,
        ends.out,
        options,
        gate,
        overwrite=ends.overwrite,
        progress=progress,
        allow_unverified=ends.allow_unverified,
    )
