"""What places may use once the connection is open, as one object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.message import Message

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from sealscope.app.navigation import Navigator
    from sealscope.errors import SealscopeError
    from sealscope.jobs.runner import JobRunner
    from sealscope.kms.connection import Identity
    from sealscope.kms.facade import KmsGate
    from sealscope.kms.inventory import Inventory
    from sealscope.kms.threads import DaemonThreads


PATIENCE: Final = 0.2
"""Seconds that calls under way get to end when the app is left."""


@dataclass(frozen=True)
class Services:
    """The connection and what works on it.

    Attributes:
        gate: every KMS call goes through it.
        inventory: the keys and aliases, loading in its own threads.
        runner: the jobs.
        threads: for KMS calls of the places; results come back as messages.
        navigator: goes to another place.
    """

    gate: KmsGate
    inventory: Inventory
    runner: JobRunner
    threads: DaemonThreads
    navigator: Navigator

    def in_background(self, receiver: MessagePump, work: Callable[[], Message]) -> None:
        """Do `work` in a thread and post the message it returns to `receiver`.

        `work` turns every `SealscopeError` into a message of its own; the message carries
        whatever its handler needs to see that it is stale.
        """
        self.threads.submit(lambda: post_result(receiver, work))

    def close(self) -> None:
        """Stop loading and stop all jobs; waits for the jobs to clean up behind them."""
        self.inventory.close()
        self.runner.close(cancel=True)

    def release(self) -> None:
        """Close the connection after `close`, unless a call hangs: quitting waits for nobody.

        A local store that is closed has all of its keys in its one file.
        """
        self.threads.close()
        if self.threads.ended(PATIENCE) and self.inventory.ended(PATIENCE):
            self.gate.close()

    def open_key(self, arn: str) -> None:
        """Show a key in Keys, by id or ARN."""
        self.navigator.open_key(arn)

    def open_envelope(self, path: Path) -> None:
        """Show a file in Envelopes."""
        self.navigator.open_envelope(path)

    def open_encrypt_form(self, path: Path | None = None, key: str | None = None) -> None:
        """Show the encrypt form, filled as far as known."""
        self.navigator.open_encrypt_form(path, key)

    def open_decrypt_form(self, path: Path | None = None) -> None:
        """Show the decrypt form, filled as far as known."""
        self.navigator.open_decrypt_form(path)


class Phase(Enum):
    """How far the connection is."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    FAILED = "not connected"


@dataclass(frozen=True)
class Standing:
    """The connection at one moment.

    Attributes:
        services: there when connected.
        identity: who calls; None until STS has answered.
        identity_error: why it is not known.
        error: why there is no connection.
        is_locked: whether the local store still needs its passphrase.
    """

    phase: Phase = Phase.CONNECTING
    services: Services | None = None
    identity: Identity | None = None
    identity_error: SealscopeError | None = None
    error: SealscopeError | None = None
    is_locked: bool = False


class WorkBroke(Message):
    """Background work raised something that is not one of our errors."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind


def post_result(receiver: MessagePump, work: Callable[[], Message]) -> None:
    """Do `work`, in the thread of the caller, and post the message it returns."""
    try:
        message = work()
    except Exception as fault:  # noqa: BLE001 - told to the user by its class, without its data
        message = WorkBroke(type(fault).__name__)
    receiver.post_message(message)
