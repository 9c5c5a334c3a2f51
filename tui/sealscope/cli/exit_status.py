"""From what a command returned or raised to the exit status of the process.

0: all done. 1: at least one item failed. 2: the command itself was wrong. 130: interrupted.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Final

import click

from sealscope.cli import output
from sealscope.cli.errors_view import tell_error, tell_inner_fault
from sealscope.errors import Cancelled, SealscopeError, UsageError

DONE: Final = 0
FAILED: Final = 1
WRONG_COMMAND: Final = 2
INTERRUPTED: Final = 130


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """Run a command; whatever happens is told in words, and becomes an exit status."""
    output.prepare_streams()
    _stop_on_signals()
    try:
        status = _told(command, arguments)
        output.flush()
    except BrokenPipeError:
        # The reader has gone (`sealscope keys | head -1`): it wants no more, and no complaint.
        output.abandon(sys.stdout)
        return FAILED
    except SealscopeError as problem:  # the last lines did not fit on the disk, for example
        output.abandon(sys.stdout)
        tell_error(problem)
        return FAILED
    except KeyboardInterrupt:  # once more, while the end was told
        output.abandon(sys.stdout)
        return INTERRUPTED
    return status


def _told(command: click.Command, arguments: Sequence[str]) -> int:
    try:
        return _invoke(command, arguments)
    except (KeyboardInterrupt, click.Abort, Cancelled):
        return INTERRUPTED
    except click.ClickException as problem:
        tell_error(_usage_error(problem))
        return WRONG_COMMAND
    except UsageError as problem:
        tell_error(problem)
        return WRONG_COMMAND
    except SealscopeError as problem:
        tell_error(problem)
        return FAILED
    except BrokenPipeError:
        raise
    except Exception as fault:  # noqa: BLE001 - the last handler: told, with its place in the code
        tell_inner_fault(fault)
        return FAILED


def _invoke(command: click.Command, arguments: Sequence[str]) -> int:
    answer = command.main(
        list(arguments), prog_name="sealscope", standalone_mode=False, windows_expand_args=False
    )
    return int(answer or DONE)


def _usage_error(problem: click.ClickException) -> UsageError:
    context = getattr(problem, "ctx", None)
    asked = context.command_path.strip() if context is not None else "sealscope"
    message = problem.format_message().rstrip(".")
    return UsageError(message, hint=f"`{asked} --help` shows the options.")


def _stop_on_signals() -> None:
    """End on SIGTERM and SIGHUP as on Ctrl-C, so that everything is cleaned up on the way."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # What `nohup` or a parent ignores stays ignored.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal's signature
    raise KeyboardInterrupt
