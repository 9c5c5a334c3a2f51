"""What happened to the app: messages named as past events, answered by `SealscopeApp`.

Those of the connection carry a generation, so that the answer of an attempt that was given up
is recognised and dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from sealscope.app.services import Services
    from sealscope.errors import SealscopeError
    from sealscope.jobs.runner import JobView
    from sealscope.kms.connection import Identity


class ConnectionOpened(Message):
    """The connection is there."""

    def __init__(self, generation: int, services: Services) -> None:
        super().__init__()
        self.generation = generation
        self.services = services


class ConnectionFailed(Message):
    """The connection could not be opened."""

    def __init__(self, generation: int, error: SealscopeError) -> None:
        super().__init__()
        self.generation = generation
        self.error = error


class ConnectionReplaced(Message):
    """The connection was opened once more, or could not be."""

    def __init__(self, generation: int, error: SealscopeError | None) -> None:
        super().__init__()
        self.generation = generation
        self.error = error


class IdentityAnswered(Message):
    """STS said who calls, or why it does not."""

    def __init__(
        self, generation: int, identity: Identity | None, error: SealscopeError | None
    ) -> None:
        super().__init__()
        self.generation = generation
        self.identity = identity
        self.error = error


class UnlockAnswered(Message):
    """The passphrase opened the local store, or did not."""

    def __init__(self, generation: int, error: SealscopeError | None) -> None:
        super().__init__()
        self.generation = generation
        self.error = error


class JobChanged(Message):
    """A job began or ended."""

    def __init__(self, view: JobView) -> None:
        super().__init__()
        self.view = view


class ServicesClosed(Message):
    """The jobs are over and nothing loads any more."""
