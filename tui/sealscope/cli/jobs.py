"""What `encrypt`, `decrypt` and `verify` have in common: from ends and options to a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sealscope.cli import garbage
from sealscope.cli.batch import Progress, run_batch, watched
from sealscope.cli.caching_view import tell_of_cache
from sealscope.cli.connect import open_gate
from sealscope.cli.errors_view import tell_error
from sealscope.cli.exit_status import DONE, INTERRUPTED
from sealscope.cli.interrupt import Interruption
from sealscope.cli.option_notes import look_at_options
from sealscope.cli.pipes import STREAM, check_terminal, is_piped, run_piped, standard_input
from sealscope.errors import Cancelled, UsageError
from sealscope.jobs.materials import Materials
from sealscope.jobs.new_folders import without_empty_new_folders
from sealscope.jobs.plan import Planned, plan
from sealscope.jobs.request import (
    DecryptRequest,
    EncryptRequest,
    Kind,
    OpenOptions,
    SealOptions,
    VerifyRequest,
)
from sealscope.jobs.work import perform, verify, verify_stream

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
        return _piped(kind, ends, options, connection, as_json=as_json)
    sources = [Path(path) for path in ends.paths]
    items = plan(kind, sources, out=ends.out, recursive=ends.recursive)
    files = [item for item in items if isinstance(item, Planned)]
    look_at_options(options)
    with (
        _gate_for(options, connection) as gate,
        without_empty_new_folders(file.destination for file in files if file.destination),
    ):
        materials = Materials(options, gate)

        def work(item: Planned, progress: Progress) -> Outcome:
            request = _request(item, options, ends)
            if isinstance(request, VerifyRequest):
                return verify(request, gate, materials=materials, progress=progress)
            return perform(request, gate, materials=materials, progress=progress)

        status = run_batch(items, work, as_json=as_json)
        tell_of_cache(options, materials, len(files))
        return status


@contextmanager
def _gate_for(
    options: SealOptions | OpenOptions, connection: ConnectionChoice
) -> Iterator[KmsGate | None]:
    """The KMS gate; None where only raw keys are used, which need no KMS and no store."""
    opens = isinstance(options, OpenOptions)
    if options.keys or (isinstance(options, OpenOptions) and options.discovery is not None):
        with open_gate(connection, needs_keys=opens) as gate:
            yield gate
    else:
        connection.target().is_local()  # contradictory options are told all the same
        garbage.resume()
        yield None


def _request(
    item: Planned, options: SealOptions | OpenOptions, ends: Ends
) -> Request | VerifyRequest:
    source, destination = item.source, item.destination
    if isinstance(options, SealOptions):
        # A plan to write names where.
        return EncryptRequest(source, destination or source, options, ends.overwrite, item.root)
    if destination is None:
        return VerifyRequest(source, options)
    return DecryptRequest(source, destination, options, ends.overwrite, item.root)


def _piped(
    kind: Kind,
    ends: Ends,
    options: SealOptions | OpenOptions,
    connection: ConnectionChoice,
    *,
    as_json: bool,
) -> int:
    to_stdout = ends.to_stdout and kind is not Kind.VERIFY
    if to_stdout and as_json:
        raise UsageError(
            "Standard output cannot carry the result and --json at once",
            hint="Name a file with -o, or leave out --json.",
        )
    if to_stdout:
        check_terminal(ends.out)
    (path,) = ends.paths
    item = Planned(Path(path), Path(ends.out or STREAM))
    look_at_options(options)
    with _gate_for(options, connection) as gate:
        materials = Materials(options, gate)

        def work(_: Planned, progress: Progress) -> Outcome:
            if kind is Kind.VERIFY and isinstance(options, OpenOptions):
                return verify_stream(
                    standard_input(), options, materials.manager, progress=progress
                )
            return run_piped(
                path,
                ends.out,
                options,
                materials.manager,
                overwrite=ends.overwrite,
                progress=progress,
                allow_unverified=ends.allow_unverified,
            )

        status = DONE
        if not to_stdout:
            status = run_batch([item], work, as_json=as_json)
        else:
            with Interruption() as interruption:
                try:
                    watched(item, work, interruption)
                except (Cancelled, KeyboardInterrupt):
                    tell_error(Cancelled("Interrupted; what was written is not complete"))
                    return INTERRUPTED
        tell_of_cache(options, materials, 1)
    return status
