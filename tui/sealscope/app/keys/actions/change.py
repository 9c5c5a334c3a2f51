"""One change to a key, ready to be made in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from sealscope.errors import SealscopeError

if TYPE_CHECKING:
    from sealscope.app.services import Services
    from sealscope.kms.facade import KmsGate
    from sealscope.kms.inventory import KeyEntry
    from sealscope.kms.tags import Tag


@dataclass(frozen=True)
class Done:
    """What to say of a change that KMS made, and which keys are others now, by id or ARN."""

    text: str
    key_ids: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """What to call; the label is the command's."""

    label: str
    call: Callable[[KmsGate], Done]


class Changed(Message):
    """KMS made a change."""

    def __init__(self, label: str, done: Done) -> None:
        super().__init__()
        self.label = label
        self.done = done


class NotChanged(Message):
    """KMS refused a change, or it could not be asked."""

    def __init__(self, label: str, error: SealscopeError) -> None:
        super().__init__()
        self.label = label
        self.error = error


class TagsTold(Message):
    """KMS told the tags of a key, so that one can be chosen to be removed."""

    def __init__(self, entry: KeyEntry, tags: tuple[Tag, ...]) -> None:
        super().__init__()
        self.entry = entry
        self.tags = tags


def make(change: Change, services: Services) -> Message:
    """Make a change, and ask for the changed keys again; runs in a thread."""
    try:
        done = change.call(services.gate)
    except SealscopeError as error:
        return NotChanged(change.label, error)
    for key_id in done.key_ids:
        services.inventory.refresh(key_id)
    return Changed(change.label, done)


def tell_tags(entry: KeyEntry, label: str, services: Services) -> Message:
    """Ask for a key's tags; runs in a thread."""
    from sealscope.kms.tags import tags_of

    try:
        return TagsTold(entry, tags_of(services.gate, entry.arn))
    except SealscopeError as error:
        return NotChanged(label, error)
