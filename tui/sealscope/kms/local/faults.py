"""What the local KMS refuses with: an AWS error code, its message and HTTP status."""

from __future__ import annotations

from typing import NoReturn


class Fault(Exception):  # noqa: N818 - AWS calls these faults; the name stays clear of our errors
    """A refusal in AWS's words.

    Attributes:
        code: the exception's name in the service model (`NotFoundException`).
        message: AWS's sentence.
        status: HTTP status; None takes the service model's.
    """

    def __init__(self, code: str, message: str = "", *, status: int | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> Fault:
    """A parameter breaks a rule that the service model does not state."""
    return Fault("ValidationException", message)


def not_found(message: str) -> Fault:
    """No such key, alias or grant."""
    return Fault("NotFoundException", message)


def unsupported(message: str = "") -> Fault:
    """The key, the parameter or the whole operation is not supported."""
    return Fault("UnsupportedOperationException", message)


def wrong_state(message: str) -> Fault:
    """The key's state does not allow the operation."""
    return Fault("KMSInvalidStateException", message)


def locked() -> Fault:
    """Cryptography on a protected store that was opened without its passphrase.

    Status 400, although AWS sends 500 with this code: a locked store stays locked, so clients
    must not retry.
    """
    return Fault(
        "KeyUnavailableException",
        "The local key store is protected by a passphrase, and it has not been given.",
        status=400,
    )


def dry_run() -> NoReturn:
    """Say yes to a dry run, the way KMS does."""
    raise Fault(
        "DryRunOperationException",
        "The request would have succeeded, but the DryRun option is set.",
    )
