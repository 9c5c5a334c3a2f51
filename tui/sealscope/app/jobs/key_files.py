"""A look at the files that raw keys are in, before any job needs them."""

from __future__ import annotations

from collections.abc import Iterable

from sealscope.errors import SealscopeError
from sealscope.jobs.raw_keys import raw_keyring
from sealscope.jobs.request import RawKey


def key_file_problems(keys: Iterable[RawKey]) -> dict[RawKey, SealscopeError]:
    """What is wrong with the files of keys; reads them, so call it in a thread."""
    problems: dict[RawKey, SealscopeError] = {}
    for key in keys:
        try:
            raw_keyring(key)
        except SealscopeError as problem:
            problems[key] = problem
    return problems
