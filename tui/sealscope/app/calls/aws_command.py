"""A call as a command line of the AWS CLI.

What the call log did not keep is a file that does not exist yet: `fileb://plaintext-32-bytes`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sealscope.app.shell_words import quoted
from sealscope.kms.call_log import NOT_OF_KMS, CallRecord
from sealscope.kms.call_parameters import Kept, Parameters, Structure, Withheld
from sealscope.text import Shown

_FETCHED: Final = ("file://", "fileb://", "http://", "https://")
"""The AWS CLI takes a value that begins so for the place where the value is."""


@dataclass(frozen=True)
class Where:
    """Where a command is to ask.

    Attributes:
        endpoint_url: where the calls of an AWS connection go, when that is not AWS itself.
        is_local: on the local KMS; the others do not count then.
    """

    region: str
    profile: str = ""
    endpoint_url: str | None = None
    is_local: bool = False


def command_of(record: CallRecord, endpoint_url: str | None = None) -> Shown:
    """The same call once more, as `aws_command` writes it."""
    where = Where(record.region, record.profile, endpoint_url, record.is_local)
    return aws_command(record.operation, record.parameters, where)


def aws_command(operation: str, parameters: Parameters, where: Where) -> Shown:
    """A call for bash and zsh, fit to show and to copy."""
    words = ["aws", "sts" if operation in NOT_OF_KMS else "kms", _dashed(operation)]
    from_file: dict[str, Kept] = {}
    for name, value in parameters:
        if isinstance(value, str) and value.startswith(_FETCHED):
            from_file[name] = value
        else:
            words += _option(name, value)
    if from_file:
        words += ["--cli-input-json", json.dumps(from_file)]
    if not where.is_local:
        words += _words("--profile", where.profile) if where.profile else []
        words += _words("--region", where.region)
        words += _words("--endpoint-url", where.endpoint_url) if where.endpoint_url else []
    # Every word is one that the text gate leaves as it is, or printable ASCII; passing the whole
    # through the gate again would double the backslashes that the shell is to undo.
    return Shown(" ".join(quoted(word) for word in words))


def _option(name: str, value: Kept) -> Iterator[str]:
    option = f"--{_dashed(name)}"
    if isinstance(value, bool):
        yield option if value else f"--no-{_dashed(name)}"
    elif isinstance(value, Withheld):
        yield from (option, f"{'fileb' if value.is_bytes else 'file'}://{_stand_in(name, value)}")
    elif isinstance(value, Structure):
        yield from (option, value.text)
    else:
        yield from _words(option, str(value))


def _words(option: str, value: str) -> list[str]:
    # A value that begins with a dash would be taken for an option.
    return [f"{option}={value}"] if value.startswith("-") else [option, value]


def _stand_in(name: str, value: Withheld) -> str:
    if value.size is None:
        return _dashed(name)
    return f"{_dashed(name)}-{value.size}-{'bytes' if value.is_bytes else 'characters'}"


def _dashed(name: str) -> str:
    from botocore import xform_name

    return str(xform_name(name, "-"))
