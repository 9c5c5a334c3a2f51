"""`sealscope keys`: every key of the account and region, with its aliases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from sealscope.cli import output
from sealscope.cli.connect import open_gate
from sealscope.cli.errors_view import tell_error
from sealscope.cli.exit_status import DONE, FAILED
from sealscope.cli.options import CONNECTION, ConnectionChoice, connection_options, json_option
from sealscope.errors import AccessDenied, SealscopeError
from sealscope.kms.threads import DaemonThreads

if TYPE_CHECKING:
    from sealscope.kms.facade import KmsGate
    from sealscope.kms.keys import KeyDescription, KeyRef, RotationStatus

DESCRIBED_AT_ONCE: Final = 8
HEADINGS: Final = ("alias", "state", "spec", "usage", "rotation", "key id")


@dataclass(frozen=True)
class KeyLine:
    """One key as far as it could be looked at.

    Attributes:
        key: its description, or why there is none.
        rotation: its rotation, or why that is not known; None without a description.
    """

    ref: KeyRef
    aliases: Sequence[str]
    key: KeyDescription | SealscopeError
    rotation: RotationStatus | SealscopeError | None = None


@click.command("keys", short_help="List the keys.")
@connection_options(shown=CONNECTION)
@json_option
def command(connection: ConnectionChoice, *, as_json: bool) -> int:
    """List the keys."""
    failed = False
    rows: list[tuple[str, ...]] = []
    with open_gate(connection) as gate:
        for found in key_lines(gate):
            if as_json:
                output.json_line(as_object(found))
            else:
                rows.append(as_row(found))
            if isinstance(found.key, SealscopeError):
                failed = True
                if not as_json:
                    tell_error(found.key, found.ref.key_id)
    if not as_json:
        output.table(HEADINGS, sorted(rows))
    return FAILED if failed else DONE


def key_lines(gate: KmsGate) -> Iterator[KeyLine]:
    """Every key, in KMS's order, described as far as permitted.

    Needs kms:ListKeys and kms:ListAliases; kms:DescribeKey and kms:GetKeyRotationStatus where
    a key's policy allows them.
    """
    aliases: dict[str, list[str]] = defaultdict(list)
    for page in gate.alias_pages():
        for alias in page:
            if alias.target_key_id:
                aliases[alias.target_key_id].append(alias.name)
    # Not a pool of `concurrent.futures`: after Ctrl-C that would wait for every call under way.
    threads = DaemonThreads(DESCRIBED_AT_ONCE, "describe")
    try:
        for refs in gate.key_pages():
            for future in [_start(threads, gate, ref, aliases) for ref in refs]:
                yield future.result()
    finally:
        threads.close()


def _start(
    threads: DaemonThreads, gate: KmsGate, ref: KeyRef, aliases: Mapping[str, Sequence[str]]
) -> Future[KeyLine]:
    future: Future[KeyLine] = Future()

    def look() -> None:
        try:
            future.set_result(_look_at(gate, ref, aliases))
        except Exception as fault:  # noqa: BLE001 - raised again where the result is awaited
            future.set_exception(fault)

    threads.submit(look)
    return future


def _look_at(gate: KmsGate, ref: KeyRef, aliases: Mapping[str, Sequence[str]]) -> KeyLine:
    names = sorted(aliases.get(ref.key_id, ()))
    try:
        key = gate.describe_key(ref.arn)
    except SealscopeError as problem:
        return KeyLine(ref, names, problem)
    try:
        return KeyLine(ref, names, key, gate.rotation_status(ref.arn))
    except SealscopeError as problem:
        return KeyLine(ref, names, key, problem)


def as_object(found: KeyLine) -> dict[str, Any]:
    """The line of `--json` for one key."""
    from sealscope.kms.key_object import key_object

    return key_object(found.ref.key_id, found.ref.arn, found.aliases, found.key, found.rotation)


def as_row(found: KeyLine) -> tuple[str, ...]:
    """The table's row for one key."""
    alias = ", ".join(found.aliases) or "-"
    key = found.key
    if isinstance(key, SealscopeError):
        state = "no access" if isinstance(key, AccessDenied) else "not known"
        return alias, state, "-", "-", "-", found.ref.key_id
    return alias, key.state, key.spec, key.usage, _rotation_words(found.rotation), key.key_id


def _rotation_words(rotation: RotationStatus | SealscopeError | None) -> str:
    if isinstance(rotation, SealscopeError):
        return "not known"
    if rotation is None or not rotation.applicable:
        return "-"
    if not rotation.enabled:
        return "off"
    return f"every {rotation.period_days} days" if rotation.period_days else "on"
