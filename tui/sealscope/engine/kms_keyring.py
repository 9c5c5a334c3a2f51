"""Data keys under KMS: made and wrapped by it, and opened by it, the key always named."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sealscope import errors
from sealscope.engine.arn import KmsArn, parse_key_arn, parse_kms_arn
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.key_names import key_name
from sealscope.engine.kms import KmsService, UnwrappedDataKey
from sealscope.engine.materials import (
    NOT_GIVEN,
    NOT_KMS,
    NOT_TRIED,
    Attempt,
    Fate,
    NoUsableKey,
    OpenedDataKey,
    WrappedDataKeys,
)
from sealscope.engine.suites import AlgorithmSuite
from sealscope.secret import SecretBytes

PROVIDER_ID: Final = "aws-kms"


def wrap_under(
    kms: KmsService,
    keys: Sequence[str],
    suite: AlgorithmSuite,
    context: Mapping[str, str],
    data_key: SecretBytes | None = None,
) -> WrappedDataKeys:
    """A data key wrapped by every key: a new one that the first generates, or one at hand.

    Needs kms:GenerateDataKey on the first key, unless a data key is given, and kms:Encrypt on
    the others. One key that fails fails all of it, as a message with fewer recipients than
    asked for must not be written.

    Args:
        kms: where the keys are.
        keys: key ids, key ARNs, aliases or alias ARNs, at least one.
        suite: tells how long a data key is.
        context: the full encryption context.
        data_key: to wrap, made by another keyring.

    Raises:
        UsageError: no keys.
        KmsError: KMS refused, or its answer is not what was asked for.
    """
    if not keys:
        raise errors.UsageError(
            "No wrapping key", "a message needs at least one", "Name a KMS key with -k."
        )
    wrapped: list[EncryptedDataKey] = []
    rest = list(keys)
    if data_key is None:
        first = rest.pop(0)
        made = kms.generate_data_key(first, suite.key_bytes, context)
        if len(made.plaintext) != suite.key_bytes:
            said = f"a data key of {len(made.plaintext)} bytes, not {suite.key_bytes}"
            raise _odd_answer(first, said)
        wrapped.append(_encrypted_data_key(first, made.key_arn, made.ciphertext))
        data_key = made.plaintext
    for key in rest:
        answer = kms.encrypt(key, data_key, context)
        wrapped.append(_encrypted_data_key(key, answer.key_arn, answer.ciphertext))
    return WrappedDataKeys(data_key, tuple(wrapped))


def _encrypted_data_key(asked: str, key_arn: str, ciphertext: bytes) -> EncryptedDataKey:
    if parse_kms_arn(key_arn) is None:
        raise _odd_answer(asked, f"the key id {key_arn!r}, which is no ARN")
    info = key_arn.encode()
    if len(info) > 0xFFFF or len(ciphertext) > 0xFFFF:
        raise _odd_answer(asked, "more bytes than a message has room for")
    return EncryptedDataKey(PROVIDER_ID, info, ciphertext)


def _odd_answer(asked: str, what: str) -> errors.KmsError:
    return errors.KmsError(
        "KMS did not answer as it should",
        f"asked for {asked}, it answered {what}",
        "Check the endpoint: this is not how AWS KMS answers.",
    )


class KmsKeyring:
    """Wraps and opens data keys with KMS. Make one with `strict`, `wrapping` or `discovery`."""

    def __init__(
        self,
        kms: KmsService,
        *,
        key_arns: tuple[str, ...] | None,
        accounts: Collection[str] = (),
        partition: str | None = None,
        wraps_under: tuple[str, ...] = (),
    ) -> None:
        self._kms = kms
        self._key_arns = key_arns
        self._wraps_under = wraps_under
        self._accounts = frozenset(accounts)
        self._partition = partition

    @classmethod
    def strict(cls, kms: KmsService, key_arns: Sequence[str]) -> KmsKeyring:
        """A keyring that opens only what these keys have wrapped, and wraps under all of them.

        Args:
            kms: needs kms:Decrypt on the keys to open, kms:GenerateDataKey and kms:Encrypt to
                wrap.
            key_arns: in the order in which they are tried. Messages name keys by key ARN, so
                aliases and key ids must have been resolved.

        Raises:
            UsageError: no keys, or one that is not a key ARN.
        """
        if not key_arns:
            raise errors.UsageError(
                "No key to decrypt with", "", "Name a KMS key with -k, or ask for --discovery."
            )
        for text in key_arns:
            if parse_key_arn(text) is None:
                raise errors.UsageError(
                    "Not a KMS key ARN", text, "Messages name keys by ARN: resolve it first."
                )
        arns = tuple(dict.fromkeys(key_arns))
        return cls(kms, key_arns=arns, wraps_under=arns)

    @classmethod
    def wrapping(cls, kms: KmsService, keys: Sequence[str]) -> KmsKeyring:
        """A keyring that only wraps, under keys by any name that KMS takes.

        Args:
            kms: needs kms:GenerateDataKey on the first key and kms:Encrypt on the others.
            keys: key ids, key ARNs, aliases or alias ARNs.
        """
        return cls(kms, key_arns=(), wraps_under=tuple(keys))

    @classmethod
    def discovery(
        cls, kms: KmsService, *, accounts: Sequence[str] = (), partition: str | None = None
    ) -> KmsKeyring:
        """A keyring that tries every KMS key the message names.

        Without a filter whoever made the message chooses which keys are asked, with the
        caller's credentials.

        Args:
            kms: needs kms:Decrypt on the keys.
            accounts: only keys of these; empty for all.
            partition: only keys of this one ("aws"); None for all.
        """
        return cls(kms, key_arns=None, accounts=accounts, partition=partition)

    @property
    def wrapping_keys(self) -> int:
        """How many keys `wrap` wraps under."""
        return len(self._wraps_under)

    def wrap(
        self,
        suite: AlgorithmSuite,
        context: Mapping[str, str],
        data_key: SecretBytes | None = None,
    ) -> WrappedDataKeys:
        """Wrap a data key under every key; see `wrap_under` for permissions and errors."""
        if self._key_arns is None:
            raise errors.UsageError(
                "Discovery cannot encrypt",
                "it names no key to wrap the data key with",
                "Name a KMS key with -k.",
            )
        return wrap_under(self._kms, self._wraps_under, suite, context, data_key)

    def open(
        self,
        keys: Sequence[EncryptedDataKey],
        suite: AlgorithmSuite,
        context: Mapping[str, str],
    ) -> OpenedDataKey:
        """Open one of the encrypted data keys (needs kms:Decrypt).

        The first that opens ends it; a refusal is noted and the next one is tried.

        Raises:
            NoUsableKey: none opened; its attempts and its detail give one reason for each.
        """
        fates = [self._first_look(number, key) for number, key in enumerate(keys, 1)]
        if any(fate is not None and fate.fate is Fate.FAILED for fate in fates):
            raise NoUsableKey(
                _completed(fates, keys),
                "The header names a KMS key in a way KMS has not. Get the message again from"
                " its source.",
            )
        for index in self._trial_order(keys, fates):
            attempt, opened = self._try(index + 1, keys[index], suite, context)
            fates[index] = attempt
            if opened is not None:
                return OpenedDataKey(
                    opened.plaintext,
                    opened.key_arn,
                    opened.key_material_id,
                    _completed(fates, keys),
                )
        raise NoUsableKey(_completed(fates, keys), self._hint())

    def _first_look(self, number: int, key: EncryptedDataKey) -> Attempt | None:
        """Why this one is not to be tried; None when it is."""
        name = key_name(key)
        if key.provider_id != PROVIDER_ID:
            return Attempt(number, key.provider_id, name, Fate.SKIPPED, NOT_KMS)
        arn = parse_key_arn(name)
        if arn is None:
            why = "it does not name a KMS key ARN, so KMS was not asked at all"
            return Attempt(number, key.provider_id, name, Fate.FAILED, why)
        why = self._why_not(arn)
        return Attempt(number, key.provider_id, name, Fate.SKIPPED, why) if why else None

    def _why_not(self, arn: KmsArn) -> str:
        if self._key_arns is not None:
            return "" if arn.text in self._key_arns else NOT_GIVEN
        if self._partition is not None and arn.partition != self._partition:
            return f"its key is not in partition {self._partition}"
        if self._accounts and arn.account not in self._accounts:
            return "its key is not in an account of the discovery filter"
        return ""

    def _trial_order(
        self, keys: Sequence[EncryptedDataKey], fates: Sequence[Attempt | None]
    ) -> list[int]:
        """Indices to try: by given key first, then in message order."""
        order = {arn: rank for rank, arn in enumerate(self._key_arns or ())}
        wanted = [index for index, fate in enumerate(fates) if fate is None]
        return sorted(wanted, key=lambda index: order.get(key_name(keys[index]), 0))

    def _try(
        self,
        number: int,
        key: EncryptedDataKey,
        suite: AlgorithmSuite,
        context: Mapping[str, str],
    ) -> tuple[Attempt, UnwrappedDataKey | None]:
        arn = key_name(key)

        def failed(why: str, error: errors.KmsError | None = None) -> Attempt:
            return Attempt(number, key.provider_id, arn, Fate.FAILED, why, error)

        try:
            opened = self._kms.decrypt(arn, key.ciphertext, context)
        except errors.KmsError as refusal:
            return failed(refusal.title, refusal), None
        if opened.key_arn != arn:
            return failed(f"KMS answered for another key, {opened.key_arn}"), None
        if len(opened.plaintext) != suite.key_bytes:
            why = f"the data key has {len(opened.plaintext)} bytes, the suite {suite.key_bytes}"
            return failed(why), None
        return Attempt(number, key.provider_id, arn, Fate.OPENED), opened

    def _hint(self) -> str:
        if self._key_arns is None:
            return "Check the discovery filter, the credentials and the encryption context."
        return "Use one of the keys that the message names, or check credentials and context."


def _completed(
    fates: Sequence[Attempt | None], keys: Sequence[EncryptedDataKey]
) -> tuple[Attempt, ...]:
    return tuple(
        fate or Attempt(number, key.provider_id, key_name(key), Fate.SKIPPED, NOT_TRIED)
        for number, (fate, key) in enumerate(zip(fates, keys, strict=True), 1)
    )
