"""Every failure a user can meet, by cause.

    SealscopeError
    ├── UsageError                the command or form itself is wrong
    ├── Cancelled                 the user stopped the work
    ├── FileError                 reading or writing a file failed
    │   ├── SourceUnreadable      missing, a folder, no permission, not a regular file
    │   ├── SourceChanged         it changed while it was being read
    │   ├── OutputExists          something is there already and replacing was not asked for
    │   ├── UnsafeOutput          the output is a link, the input itself, or no regular file
    │   └── OutputFailed          the disk is full, the folder is read-only, ...
    ├── EnvelopeError             the bytes are not what they should be
    │   ├── NotAnEnvelope         none of the known formats
    │   ├── LooksBase64           a Base64 text of an envelope
    │   ├── Unsupported           an unknown version, type or algorithm suite
    │   ├── Malformed             the grammar of the format is broken
    │   ├── Truncated             the input ends too early
    │   ├── LimitExceeded         beyond a configured maximum
    │   ├── CommitmentPolicyError the suite is not allowed by the commitment policy
    │   ├── ContextMismatch       the encryption context is not the expected one
    │   ├── NoUsableKey           no encrypted data key could be opened
    │   ├── CommitmentFailed      the data key is not the one the message commits to
    │   ├── HeaderNotAuthentic    the header's tag is wrong
    │   ├── BodyNotAuthentic      a frame's tag is wrong
    │   ├── SequenceError         frames are missing, doubled or out of order
    │   ├── SignatureInvalid      the signature is missing or wrong
    │   └── TrailingData          bytes follow the end of the message
    ├── KmsError                  KMS refused or could not be reached
    │   ├── AccessDenied, KeyNotFound, KeyDisabled, KeyPendingDeletion, KeyStateInvalid,
    │   ├── InvalidCiphertext, IncorrectKey, InvalidRequest, AlreadyExists, Throttled,
    │   ├── Unreachable, CredentialsMissing, CredentialsExpired, UnsupportedOperation,
    │   └── ReadOnly, DryRunSucceeded
    └── StoreError                the local KMS's store
        ├── StoreLocked           a passphrase is needed or wrong
        ├── StoreTooNew           made by a newer Sealscope
        └── StoreUnsafe           others may read it, or it is no store

The fields hold outside text as it came; only the text gate makes it fit to show.
"""

from __future__ import annotations


class SealscopeError(Exception):
    """A failure told to the user in three parts.

    Attributes:
        title: what happened, one sentence without a full stop.
        detail: where: file, offset, key ARN, region, principal.
        hint: what to do next; empty only when there is nothing to do.
        request_id: the service's id of the failed call, if there was one.
    """

    def __init__(
        self, title: str, detail: str = "", hint: str = "", *, request_id: str | None = None
    ) -> None:
        super().__init__(title, detail, hint)
        self.title = title
        self.detail = detail
        self.hint = hint
        self.request_id = request_id

    def __str__(self) -> str:
        return ": ".join(part for part in (self.title, self.detail) if part)

    @property
    def kind(self) -> str:
        """The name scripts see in `--json`: the class name."""
        return type(self).__name__

    def as_json(self) -> dict[str, str]:
        """The `error` object of a failed item: class, title, detail, hint, and request_id."""
        fields = {"class": self.kind, "title": self.title, "detail": self.detail, "hint": self.hint}
        if self.request_id:
            fields["request_id"] = self.request_id
        return fields


class UsageError(SealscopeError):
    """The command or form itself is wrong; nothing was tried."""


class Cancelled(SealscopeError):
    """The user stopped the work."""

    def __init__(self, title: str = "Cancelled", detail: str = "", hint: str = "") -> None:
        super().__init__(title, detail, hint)


class FileError(SealscopeError):
    """Reading or writing a file failed."""


class SourceUnreadable(FileError):
    """The input is missing, a folder, not a regular file, or may not be read."""


class SourceChanged(FileError):
    """The input changed while it was being read."""


class OutputExists(FileError):
    """Something is at the output's name and replacing was not asked for."""


class UnsafeOutput(FileError):
    """The output is a link, the input itself, or something that is not a regular file."""


class OutputFailed(FileError):
    """The output could not be written: disk full, folder read-only, and the like."""


class EnvelopeError(SealscopeError):
    """The bytes are not what they should be."""


class NotAnEnvelope(EnvelopeError):
    """None of the formats that Sealscope knows."""


class LooksBase64(EnvelopeError):
    """A Base64 text of an envelope; decoding it first would help."""


class Unsupported(EnvelopeError):
    """An unknown version, type, content type or algorithm suite."""


class Malformed(EnvelopeError):
    """The grammar of the format is broken."""


class Truncated(EnvelopeError):
    """The input ends too early."""


class LimitExceeded(EnvelopeError):
    """Beyond a configured maximum: recipients, frame length, header size, body size."""


class CommitmentPolicyError(EnvelopeError):
    """The algorithm suite is not allowed by the commitment policy."""


class ContextMismatch(EnvelopeError):
    """The encryption context is not the expected one, or disagrees with the suite."""


class NoUsableKey(EnvelopeError):
    """No encrypted data key could be opened; the detail gives one reason for each."""


class CommitmentFailed(EnvelopeError):
    """The unwrapped data key is not the one the message commits to."""


class HeaderNotAuthentic(EnvelopeError):
    """The header's authentication tag is wrong."""


class BodyNotAuthentic(EnvelopeError):
    """A frame's or block's authentication tag is wrong."""


class SequenceError(EnvelopeError):
    """Frames are missing, doubled or out of order."""


class SignatureInvalid(EnvelopeError):
    """The message's signature is missing or wrong."""


class TrailingData(EnvelopeError):
    """Bytes follow the end of the message."""


class KmsError(SealscopeError):
    """KMS refused the call or could not be reached."""


class AccessDenied(KmsError):
    """The principal may not make this call on this key."""


class KeyNotFound(KmsError):
    """No such key or alias in this account and region."""


class KeyDisabled(KmsError):
    """The key is disabled."""


class KeyPendingDeletion(KmsError):
    """The key is waiting to be deleted."""


class KeyStateInvalid(KmsError):
    """The key's state, kind or usage does not allow the operation."""


class InvalidCiphertext(KmsError):
    """The ciphertext is damaged, or the encryption context differs."""


class IncorrectKey(KmsError):
    """The ciphertext was made under another key than the one named."""


class InvalidRequest(KmsError):
    """A parameter is wrong."""


class AlreadyExists(KmsError):
    """The name is taken."""


class Throttled(KmsError):
    """Too many requests, also after retries."""


class Unreachable(KmsError):
    """No answer from the endpoint, or no connection to it."""


class CredentialsMissing(KmsError):
    """No credentials, or incomplete ones."""


class CredentialsExpired(KmsError):
    """The credentials or the single sign-on session have expired."""


class UnsupportedOperation(KmsError):
    """The endpoint does not know the operation."""


class ReadOnly(KmsError):
    """The KMS gate refused a change because the connection is read-only."""


class DryRunSucceeded(KmsError):
    """KMS's way of saying yes to a dry run: the call would have succeeded."""


class StoreError(SealscopeError):
    """The local KMS's store cannot be used."""


class StoreLocked(StoreError):
    """The store is protected: a passphrase is missing or wrong."""


class StoreTooNew(StoreError):
    """The store was made by a newer Sealscope."""


class StoreUnsafe(StoreError):
    """Others may read the store, or the file is not one."""
