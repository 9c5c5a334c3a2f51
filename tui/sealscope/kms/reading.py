"""A group of facts about a key, or why it is not there.

Not every endpoint knows every operation, and nobody may make every call. What is missing stays
on the screen with its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from sealscope.errors import AccessDenied, KmsError, UnsupportedOperation

Facts = TypeVar("Facts")


class Absence(Enum):
    """Why facts are missing; the value is how to say it."""

    NOT_APPLICABLE = "not applicable"
    NOT_SUPPORTED = "not supported by this endpoint"
    NO_ACCESS = "no access"
    FAILED = "failed"


@dataclass(frozen=True)
class Missing:
    """Facts that are not there.

    Attributes:
        why: the kind of reason.
        error: what KMS answered; None for what does not apply, which nobody asked for. Its
            detail names the operation, the key, the region and the principal.
        note: more on the reason, in our own words; may be empty.
    """

    why: Absence
    error: KmsError | None = None
    note: str = ""

    @property
    def words(self) -> str:
        """The reason on one line; outside text in it has not passed the text gate."""
        if self.why is Absence.FAILED and self.error is not None:
            return str(self.error)
        if self.why is Absence.NO_ACCESS and self.error is not None:
            return f"{self.why.value}: {self.error.detail}"
        return f"{self.why.value}: {self.note}" if self.note else self.why.value


def not_applicable(note: str) -> Missing:
    """What this kind of key does not have."""
    return Missing(Absence.NOT_APPLICABLE, note=note)


def attempt(read: Callable[[], Facts]) -> Facts | Missing:
    """Read a group of facts; a refusal of KMS becomes the reason why they are missing.

    Args:
        read: makes the calls, and raises `KmsError`.
    """
    try:
        return read()
    except UnsupportedOperation as error:
        return Missing(Absence.NOT_SUPPORTED, error)
    except AccessDenied as error:
        return Missing(Absence.NO_ACCESS, error)
    except KmsError as error:
        return Missing(Absence.FAILED, error)
