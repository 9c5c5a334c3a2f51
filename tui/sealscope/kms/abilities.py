"""What the caller may do with a key: dry runs, which KMS judges as it would judge the call.

A dry run costs as much as the call, counts against the same quota and is in CloudTrail, so it is
made on demand only. It is true for its moment: policies change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

from sealscope import errors
from sealscope.kms.facade import KmsGate
from sealscope.kms.keys import KeyDescription


class Verdict(Enum):
    """What a dry run found out; the value is how to say it."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class Ability:
    """One operation that was tried.

    Attributes:
        operation: Encrypt, Decrypt, GenerateDataKey, Sign or GenerateMac.
        at: when it was tried, in UTC.
        error: why not, or why it is not known; its detail names principal, key and region.
        note: more on the verdict, in our own words; may be empty.
    """

    operation: str
    verdict: Verdict
    at: datetime
    error: errors.KmsError | None = None
    note: str = ""


CALL_WAS_MADE: Final = (
    "this endpoint ignores dry runs, so the call was made; what it answered was dropped"
)
NOT_TRIED: Final = "not tried: this endpoint ignores dry runs"
NEEDS_CIPHERTEXT: Final = "this endpoint tells it for a ciphertext of the key only"

_REFUSALS: Final = (
    errors.AccessDenied,
    errors.KeyNotFound,
    errors.KeyDisabled,
    errors.KeyPendingDeletion,
    errors.KeyStateInvalid,
)
_OF_CIPHERTEXT: Final = (errors.InvalidCiphertext, errors.IncorrectKey)
_IGNORE_CIPHERTEXT: Final = {"DryRunModifiers": ["IGNORE_CIPHERTEXT"]}


def abilities(
    gate: KmsGate,
    key: KeyDescription,
    *,
    context: Mapping[str, str] | None = None,
    ciphertext: bytes | None = None,
) -> Iterator[Ability]:
    """Try what the key is made for, one operation after the other.

    Encrypt, Decrypt and GenerateDataKey for symmetric encryption keys; Encrypt and Decrypt for
    RSA ones; Sign or GenerateMac for the others. Nothing is tried for keys of other usages. Each
    needs the permission that the operation needs, which is what it finds out.

    An endpoint that ignores dry runs makes the first call; nothing more is tried on it.

    Args:
        gate: the KMS gate.
        key: the described key.
        context: of the calls, as policies may have conditions on it.
        ciphertext: something that the key encrypted under this context. Without it Decrypt is
            tried for the permission alone.

    Raises:
        CredentialsExpired, CredentialsMissing: nothing can be found out.
    """
    for operation, parameters in _trials(key, dict(context or {}), ciphertext):
        yield _try(gate, operation, {"KeyId": key.arn or key.key_id, **parameters})


def _trials(
    key: KeyDescription, context: dict[str, str], ciphertext: bytes | None
) -> list[tuple[str, dict[str, Any]]]:
    opens = _IGNORE_CIPHERTEXT if ciphertext is None else {"CiphertextBlob": ciphertext}
    if key.is_symmetric:
        under: dict[str, Any] = {"EncryptionContext": context} if context else {}
        # Encrypt first: an endpoint that ignores dry runs answers it with nothing secret.
        return [
            ("Encrypt", {"Plaintext": b"\0", **under}),
            ("Decrypt", {**opens, **under}),
            ("GenerateDataKey", {"NumberOfBytes": 32, **under}),
        ]
    if not key.algorithms:
        return []
    algorithm = key.algorithms[0]
    if key.usage == "ENCRYPT_DECRYPT":
        by: dict[str, Any] = {"EncryptionAlgorithm": algorithm}
        return [("Encrypt", {"Plaintext": b"\0", **by}), ("Decrypt", {**opens, **by})]
    if key.usage == "SIGN_VERIFY":
        return [("Sign", {"Message": b"\0", "SigningAlgorithm": algorithm})]
    if key.usage == "GENERATE_VERIFY_MAC":
        return [("GenerateMac", {"Message": b"\0", "MacAlgorithm": algorithm})]
    return []


def _try(gate: KmsGate, operation: str, parameters: dict[str, Any]) -> Ability:
    at = datetime.now(UTC)
    if gate.ignores_dry_run:
        return Ability(operation, Verdict.UNKNOWN, at, note=NOT_TRIED)
    try:
        honoured = gate.dry_run(operation, **parameters)
    except (errors.CredentialsExpired, errors.CredentialsMissing):
        raise
    except errors.KmsError as error:
        verdict, note = _judge(error, named=parameters.keys() >= {"CiphertextBlob"})
        return Ability(operation, verdict, at, error, note)
    return Ability(operation, Verdict.YES, at, note="" if honoured else CALL_WAS_MADE)


def _judge(error: errors.KmsError, *, named: bool) -> tuple[Verdict, str]:
    """What a failed dry run says; `named` if it had a ciphertext."""
    if isinstance(error, _REFUSALS):
        return Verdict.NO, ""
    if isinstance(error, _OF_CIPHERTEXT):
        return (Verdict.NO, "") if named else (Verdict.UNKNOWN, NEEDS_CIPHERTEXT)
    if isinstance(error, errors.InvalidRequest) and not named:
        return Verdict.UNKNOWN, NEEDS_CIPHERTEXT
    return Verdict.UNKNOWN, ""
