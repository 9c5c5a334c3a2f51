"""Where the results of `sealscope kms` go: Base64 on standard output, or bytes where asked for.

A decrypted plaintext and a plaintext data key are written only where the user asks for them: in
Base64 with `--show`, as bytes with `--raw` or `-o`. Terminals are logged and scrolled back.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sealscope.cli import output
from sealscope.cli.errors_view import item_error
from sealscope.cli.exit_status import DONE, FAILED
from sealscope.cli.options import NOT_EMPTY, Command, json_option
from sealscope.cli.pipes import STREAM, check_terminal
from sealscope.errors import SealscopeError, UsageError

if TYPE_CHECKING:
    from sealscope.secret import SecretBytes

RAW: Final = "Write the bytes themselves, not Base64. Needs a pipe or a file."
SHOW: Final = "Print the plaintext, in Base64."


@dataclass(frozen=True)
class Ends:
    """Where a result is to go.

    Attributes:
        out: a file, or `-`; None for standard output, in Base64.
        raw: bytes on standard output.
        show: print a plaintext in Base64.
    """

    out: str | None = None
    raw: bool = False
    show: bool = False
    overwrite: bool = False
    as_json: bool = False

    def check(self) -> None:
        """Look whether the result could go there, before anything is asked of KMS.

        Raises:
            UsageError: the options contradict each other, or bytes would go to a terminal.
            OutputExists, UnsafeOutput, OutputFailed: the file could not be written.
        """
        if self.as_json and self.is_raw:
            raise UsageError(
                "Bytes and JSON do not go to the same place",
                hint="Leave out --json, or name a file with -o FILE.",
            )
        if self.raw:
            check_terminal(self.out)
        if self.file is not None:
            from sealscope.files import check_output

            check_output(self.file, source=None, overwrite=self.overwrite)

    @property
    def is_raw(self) -> bool:
        """Whether bytes go to standard output."""
        return self.out == STREAM or (self.raw and self.out is None)

    @property
    def file(self) -> Path | None:
        """The file that the result goes to."""
        return None if self.out in (None, STREAM) else Path(str(self.out))

    @property
    def takes_bytes(self) -> bool:
        """Whether the result goes somewhere as bytes."""
        return self.is_raw or self.file is not None

    def write(self, content: bytes) -> None:
        """Write the result as bytes, to the file or to standard output.

        Raises:
            OutputExists, UnsafeOutput, OutputFailed: see their classes.
        """
        if self.file is None:
            output.binary(content)
            return
        from sealscope.files import open_output

        with open_output(self.file, overwrite=self.overwrite) as opened:
            opened.stream.write(content)
            opened.publish()


def output_options(*, raw: bool = True, show: bool = False) -> Callable[[Command], Command]:
    """The options that say where the result goes; the command receives them for `Ends`."""

    def decorate(command: Command) -> Command:
        options = [
            json_option,
            click.option("--overwrite", is_flag=True, help="Replace an existing output."),
            click.option(
                *("-o", "--output", "out"),
                type=NOT_EMPTY,
                metavar="OUT",
                help="Write the bytes to this file. - is standard output, even a terminal.",
            ),
        ]
        if raw:
            options.append(click.option("--raw", is_flag=True, help=RAW))
        if show:
            options.append(click.option("--show", is_flag=True, help=SHOW))
        for option in options:
            command = option(command)
        return command

    return decorate


def told(ends: Ends, work: Callable[[], None]) -> int:
    """Do the work of a command; with `--json`, its failure is an object as well.

    Raises:
        UsageError: the command itself is wrong.
        SealscopeError: it failed, without `--json`.
    """
    try:
        ends.check()
        work()
    except UsageError:
        raise
    except SealscopeError as error:
        if not ends.as_json:
            raise
        output.json_line({"error": item_error(error)})
        return FAILED
    return DONE


def give_ciphertext(ends: Ends, ciphertext: bytes, facts: Mapping[str, str]) -> None:
    """Write a ciphertext; `facts` go into the JSON object before it."""
    if ends.takes_bytes:
        ends.write(ciphertext)
    if ends.as_json:
        output.json_line({**facts, **_where(ends, "ciphertext", in_base64(ciphertext))})
    elif not ends.takes_bytes:
        output.line("{}", in_base64(ciphertext))


def give_plaintext(ends: Ends, plaintext: SecretBytes, facts: Mapping[str, str]) -> None:
    """Write a plaintext where it was asked for, and facts about it where it was not."""
    content = plaintext.reveal()
    if ends.takes_bytes:
        ends.write(content)
    if ends.as_json:
        shown = _where(ends, "plaintext", in_base64(content)) if _asked(ends) else {}
        output.json_line({**facts, "plaintext_bytes": len(content), **shown})
    elif ends.is_raw:
        return
    elif ends.show and not ends.file:
        output.line("{}", in_base64(content))
    else:
        output.fields({**_named(facts), "plaintext": _hidden(ends, len(content))})


def give_data_key(
    ends: Ends, plaintext: SecretBytes, ciphertext: bytes, facts: Mapping[str, str]
) -> None:
    """Print an encrypted data key; write its plaintext where that was asked for."""
    content = plaintext.reveal()
    if ends.takes_bytes:
        ends.write(content)
    known: dict[str, Any] = {**facts, "ciphertext": in_base64(ciphertext)}
    if ends.as_json:
        shown = _where(ends, "plaintext", in_base64(content)) if _asked(ends) else {}
        output.json_line({**known, "plaintext_bytes": len(content), **shown})
        return
    hidden = _hidden(ends, len(content))
    shown_here = in_base64(content) if ends.show and not ends.file else hidden
    output.fields({**_named(known), "plaintext": shown_here})


def give_random(ends: Ends, content: SecretBytes) -> None:
    """Write random bytes: who makes them asks for them."""
    if ends.takes_bytes:
        ends.write(content.reveal())
    if ends.as_json:
        output.json_line(_where(ends, "random", in_base64(content.reveal())))
    elif not ends.takes_bytes:
        output.line("{}", in_base64(content.reveal()))


def in_base64(content: bytes) -> str:
    """Base64 on one line, as the AWS CLI prints it."""
    return base64.b64encode(content).decode("ascii")


def _asked(ends: Ends) -> bool:
    return ends.show or ends.file is not None


def _where(ends: Ends, name: str, encoded: str) -> dict[str, str]:
    return {name: encoded} if ends.file is None else {"output": str(ends.file)}


def _named(facts: Mapping[str, str]) -> dict[str, str | int]:
    return {name.removesuffix("_id"): value for name, value in facts.items() if value}


def _hidden(ends: Ends, length: int) -> str:
    if ends.file is not None:
        return f"{length} bytes, in {ends.file}"
    return f"{length} bytes, not shown; --show prints them in Base64, -o FILE writes them"
