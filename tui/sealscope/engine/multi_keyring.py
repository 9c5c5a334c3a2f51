"""Several keyrings as one: a message that any of several keys can open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sealscope import errors
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.materials import (
    NOT_KMS,
    NOT_TRIED,
    Attempt,
    Fate,
    Keyring,
    NoUsableKey,
    OpenedDataKey,
    WrappedDataKeys,
)
from sealscope.engine.suites import AlgorithmSuite
from sealscope.secret import SecretBytes

_TELLING: Final = (Fate.OPENED, Fate.FAILED, Fate.SKIPPED)
"""What became of an encrypted data key, by how much it tells."""


class MultiKeyring:
    """Wraps under all of its keyrings, and opens with any of them."""

    def __init__(self, generator: Keyring | None, children: Sequence[Keyring] = ()) -> None:
        """A keyring of keyrings.

        Args:
            generator: makes the data key. Without it this keyring opens, and wraps only data
                keys that are given to it.
            children: in the order in which they wrap and are tried.

        Raises:
            UsageError: there are none.
        """
        self._generator = generator
        first = () if generator is None else (generator,)
        self._keyrings: tuple[Keyring, ...] = (*first, *children)
        if not self._keyrings:
            raise errors.UsageError(
                "No wrapping key",
                "a keyring of keyrings needs at least one",
                "Name a key with -k, --raw-aes or --raw-rsa.",
            )

    @property
    def wrapping_keys(self) -> int:
        """The sum over all keyrings."""
        return sum(keyring.wrapping_keys for keyring in self._keyrings)

    def wrap(
        self,
        suite: AlgorithmSuite,
        context: Mapping[str, str],
        data_key: SecretBytes | None = None,
    ) -> WrappedDataKeys:
        """Wrap a data key by every keyring, the generator first; one that fails fails all of it.

        Raises:
            UsageError: a keyring cannot wrap, or there is neither data key nor generator.
            KmsError: KMS refused.
        """
        if data_key is None and self._generator is None:
            raise errors.UsageError(
                "No keyring makes the data key",
                "there are keyrings to wrap it and none to generate it",
                "Say which key generates the data key.",
            )
        wrapped: list[EncryptedDataKey] = []
        for keyring in self._keyrings:
            made = keyring.wrap(suite, context, data_key)
            data_key = made.data_key
            wrapped += made.encrypted_data_keys
        if data_key is None:  # there is at least one keyring, and each answers with a data key
            raise AssertionError(suite.hex_id)
        return WrappedDataKeys(data_key, tuple(wrapped))

    def open(
        self,
        keys: Sequence[EncryptedDataKey],
        suite: AlgorithmSuite,
        context: Mapping[str, str],
    ) -> OpenedDataKey:
        """Open one of the encrypted data keys; the first keyring that can ends it.

        Raises:
            NoUsableKey: none can; its attempts have one line for each encrypted data key.
        """
        walks: list[Sequence[Attempt]] = []
        hints: list[str] = []
        for keyring in self._keyrings:
            try:
                opened = keyring.open(keys, suite, context)
            except NoUsableKey as failure:
                walks.append(failure.attempts)
                hints.append(failure.hint)
            else:
                return replace(opened, attempts=_merged([*walks, opened.attempts]))
        raise NoUsableKey(_merged(walks), " ".join(dict.fromkeys(hints)))


def _merged(walks: Sequence[Sequence[Attempt]]) -> tuple[Attempt, ...]:
    """One fate for each encrypted data key, in message order, from the walks of all keyrings."""
    return tuple(_most_telling(fates) for fates in zip(*walks, strict=True))


def _most_telling(fates: Sequence[Attempt]) -> Attempt:
    best = min((attempt.fate for attempt in fates), key=_TELLING.index)
    alike = [attempt for attempt in fates if attempt.fate is best]
    refusals = [attempt.error for attempt in alike if attempt.error is not None]
    return replace(
        alike[0],
        reason=_joined(attempt.reason for attempt in alike),
        error=refusals[0] if refusals else None,
    )


def _joined(given: Iterable[str]) -> str:
    reasons = list(dict.fromkeys(given))
    # A keyring that would have tried it tells more than those that would not have, and a word
    # on the very key more than that KMS has no part in it.
    if NOT_TRIED in reasons:
        return NOT_TRIED
    return "; ".join([reason for reason in reasons if reason != NOT_KMS] or reasons)
