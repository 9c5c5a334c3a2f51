"""A question to KMS whose failure is an answer as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sealscope.errors import SealscopeError

Value = TypeVar("Value")


def answer_or_error(ask: Callable[[], Value]) -> tuple[Value | None, SealscopeError | None]:
    """The answer, or the reason why there is none."""
    try:
        return ask(), None
    except SealscopeError as problem:
        return None, problem
    except Exception as fault:  # noqa: BLE001 - shown as the reason, by its class alone
        return None, fault_of(fault)


def fault_of(fault: Exception) -> SealscopeError:
    """What to say of an exception that is none of ours."""
    return SealscopeError("Sealscope failed inside", type(fault).__name__, "Please report this.")
