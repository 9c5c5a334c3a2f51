"""The command line that makes the same call; a plaintext is never in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sealscope.app.shell_words import quoted
from sealscope.app.small_data.operations import Given, Operation
from sealscope.text import Shown


def kms_command(given: Given, connection: Sequence[str]) -> Shown:
    """`sealscope kms …`, quoted for bash and zsh, fit to show and to copy.

    Args:
        given: what was filled in.
        connection: the options that lead to the same KMS.
    """
    operation = given.operation
    words = ["sealscope", "kms", operation.value, *connection]
    if operation.takes_key and given.key:
        words += [f"--key-id={given.key}"]
    words += _context("-c", given.context)
    if operation is Operation.RE_ENCRYPT:
        words += _context("--source-context", given.source_context)
    if operation.makes_bytes:
        words += ["--number-of-bytes", str(given.number_of_bytes)]
    words += _input(given)
    # Every word is one that the text gate leaves as it is, or printable ASCII; passing the whole
    # through the gate again would double the backslashes that the shell is to undo.
    return Shown(" ".join(quoted(word) for word in words))


def _input(given: Given) -> list[str]:
    if not given.operation.takes_input:
        return []
    if given.path is not None:
        return [f"--file={given.path}"]
    if given.operation is Operation.ENCRYPT:
        # What is typed in a command stays in the shell's history and is seen by others.
        return ["-"]
    return [f"--{given.form.lower()}={given.text}"]


def _context(option: str, context: Mapping[str, str]) -> list[str]:
    return [word for name, value in context.items() for word in (option, f"{name}={value}")]
