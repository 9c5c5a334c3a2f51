"""What raw AES and raw RSA keyrings share: the walk over a message's encrypted data keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.key_names import RawKeyName, key_name, raw_aes_name
from sealscope.engine.materials import (
    NOT_GIVEN,
    NOT_TRIED,
    Attempt,
    Fate,
    NoUsableKey,
    OpenedDataKey,
)
from sealscope.engine.suites import AlgorithmSuite
from sealscope.secret import SecretBytes


def open_first(
    keys: Sequence[EncryptedDataKey],
    suite: AlgorithmSuite,
    *,
    opened_by: RawKeyName,
    why_not: Callable[[EncryptedDataKey], str],
    unwrap: Callable[[EncryptedDataKey], SecretBytes | str],
    hint: str,
) -> OpenedDataKey:
    """Try the encrypted data keys in message order until one opens.

    Args:
        keys: of the message, in its order.
        suite: tells how long a data key is.
        opened_by: the key that `unwrap` uses.
        why_not: why one is not to be tried; empty when it is.
        unwrap: the data key, or why it did not open.
        hint: what to do when none opens.

    Raises:
        NoUsableKey: none opened.
    """
    attempts: list[Attempt] = []
    data_key: SecretBytes | None = None

    def note(fate: Fate, reason: str = "") -> None:
        number, key = len(attempts) + 1, keys[len(attempts)]
        attempts.append(Attempt(number, key.provider_id, key_name(key), fate, reason))

    for key in keys:
        reason = why_not(key) or (NOT_TRIED if data_key is not None else "")
        if reason:
            note(Fate.SKIPPED, reason)
            continue
        answer = unwrap(key)
        if isinstance(answer, str):
            note(Fate.FAILED, answer)
        elif len(answer) != suite.key_bytes:
            note(Fate.FAILED, f"the data key has {len(answer)} bytes, the suite {suite.key_bytes}")
        else:
            data_key = answer
            note(Fate.OPENED)
    if data_key is None:
        raise NoUsableKey(attempts, hint)
    return OpenedDataKey(data_key, str(opened_by), None, tuple(attempts))


def names_other(key: EncryptedDataKey, ours: RawKeyName) -> bool:
    """Whether a data key names another wrapping key, also if its form is that of raw AES."""
    return key.provider_id != ours.namespace or ours.name.encode() not in (
        key.provider_info,
        raw_aes_name(key),
    )


def why_not_ours(key: EncryptedDataKey, ours: RawKeyName, *, matches: bool, kind: str) -> str:
    """Why a raw keyring does not try a data key; empty when it does.

    Args:
        key: of the message.
        ours: the name of the key at hand.
        matches: whether the data key is exactly as ours would have wrapped it.
        kind: of the key at hand, "AES" or "RSA".
    """
    if matches:
        return ""
    if names_other(key, ours):
        return NOT_GIVEN
    return f"it names the given key, and is not as raw {kind} wraps"
