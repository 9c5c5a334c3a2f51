"""A call as a command line of the AWS CLI.

What the call log did not keep is a file that does not exist yet: `fileb://plaintext-32-bytes`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from sealscope.app.shell_words import quoted
from sealscope.kms.call_log import NOT_OF_KMS, CallRecord
from sealscope.kms.call_parameters import Kept, Structure, Withheld
from sealscope.text import Shown

_FETCHED: Final = ("file://", "fileb://", "http://", "https://")
"""The AWS CLI takes a value that begins so for the place where the value is."""


def aws_command(record: CallRecord, endpoint_url: str | None = None) -> Shown:
    """The same call for bash and zsh, fit to show and to copy.

    Args:
        record: of the call log.
        endpoint_url: where the calls of an AWS connection go, when that is not AWS itself.
    """
    words = ["aws", "sts" if record.operation in NOT_OF_KMS else "kms", _dashed(record.operation)]
    from_file: dict[str, Kept] = {}
    for name, value in record.parameters:
        if isinstance(value, str) and value.startswith(_FETCHED):
            from_file[name] = value
        else:
            words += _option(name, value)
    if from_file:
        words += ["--cli-input-json", json.dumps(from_file)]
    if not record.is_local:
        words += _words("--profile", record.profile) if record.profile else []
        words += _words("--region", record.region)
        words += _words("--endpoint-url", endpoint_url) if endpoint_url else []
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
