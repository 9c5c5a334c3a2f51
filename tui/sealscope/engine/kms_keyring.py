"""Data keys under KMS: made and wrapped by it, and opened by it, the key always named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sealscope import errors
from sealscope.engine.arn import parse_key_arn, parse_kms_arn
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.key_names import key_name
from sealscope.engine.kms import KmsService, UnwrappedDataKey
from sealscope.engine.kms_selection import GivenKeys, KeySelection, NamedKeys, NoKeys, Trial
from sealscope.engine.materials import (
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
        self, kms: KmsService, *, opens: KeySelection, wraps_under: tuple[str, ...] | None
    ) -> None:
        self._kms = kms
        self._opens = opens
        self._wraps_under = wraps_under

    @classmethod
    def strict(
        cls, kms: KmsService, key_arns: Sequence[str], *, multi_region: bool = True
    ) -> KmsKeyring:
        """A keyring that opens only what these keys have wrapped, and wraps under all of them.

        Args:
            kms: needs kms:Decrypt on the keys to open, kms:GenerateDataKey and kms:Encrypt to
                wrap.
            key_arns: in the order in which they are tried. Messages name keys by key ARN, so
                aliases and key ids must have been resolved.
            multi_region: whether a multi-Region key also opens what its related keys in other
                Regions have wrapped; it is asked in its own Region.

        Raises:
            UsageError: no keys, or one that is not a key ARN, or related multi-Region keys of
                which one is enough.
        """
        given = GivenKeys(key_arns, multi_region=multi_region)
        return cls(kms, opens=given, wraps_under=given.key_arns)

    @classmethod
    def wrapping(cls, kms: KmsService, keys: Sequence[str]) -> KmsKeyring:
        """A keyring that only wraps, under keys by any name that KMS takes.

        Args:
            kms: needs kms:GenerateDataKey on the first key and kms:Encrypt on the others.
            keys: key ids, key ARNs, aliases or alias ARNs.
        """
        return cls(kms, opens=NoKeys(), wraps_under=tuple(keys))

    @classmethod
    def discovery(
        cls,
        kms: KmsService,
        *,
        accounts: Sequence[str] = (),
        partition: str | None = None,
        multi_region_in: str | None = None,
    ) -> KmsKeyring:
        """A keyring that tries every KMS key the message names.

        Without a filter whoever made the message chooses which keys are asked, with the
        caller's credentials.

        Args:
            kms: needs kms:Decrypt on the keys.
            accounts: only keys of these; empty for all.
            partition: only keys of this one ("aws"); None for all.
            multi_region_in: the Region in which multi-Region keys are asked, whichever one the
                message names; None for the one it names. Other keys are always asked in
                their own.

        Raises:
            UsageError: the Region cannot be part of an ARN.
        """
        named = NamedKeys(frozenset(accounts), partition, multi_region_in)
        return cls(kms, opens=named, wraps_under=None)

    @property
    def wrapping_keys(self) -> int:
        """How many keys `wrap` wraps under."""
        return len(self._wraps_under or ())

    def wrap(
        self,
        suite: AlgorithmSuite,
        context: Mapping[str, str],
        data_key: SecretBytes | None = None,
    ) -> WrappedDataKeys:
        """Wrap a data key under every key; see `wrap_under` for permissions and errors."""
        if self._wraps_under is None:
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
        looks = [self._first_look(number, key) for number, key in enumerate(keys, 1)]
        fates = [look if isinstance(look, Attempt) else None for look in looks]
        if any(fate is not None and fate.fate is Fate.FAILED for fate in fates):
            raise NoUsableKey(
                _completed(fates, keys),
                "The header names a KMS key in a way KMS has not. Get the message again from"
                " its source.",
            )
        trials = [(n, look) for n, look in enumerate(looks) if not isinstance(look, Attempt)]
        for index, trial in sorted(trials, key=lambda each: each[1].rank):
            attempt, opened = self._try(index + 1, keys[index], trial.key_arn, suite, context)
            fates[index] = attempt
            if opened is not None:
                return OpenedDataKey(
                    opened.plaintext,
                    opened.key_arn,
                    opened.key_material_id,
                    _completed(fates, keys),
                )
        raise NoUsableKey(_completed(fates, keys), self._opens.hint)

    def _first_look(self, number: int, key: EncryptedDataKey) -> Attempt | Trial:
        """Which key to ask for this one, or why none."""
        name = key_name(key)
        if key.provider_id != PROVIDER_ID:
            return Attempt(number, key.provider_id, name, Fate.SKIPPED, NOT_KMS)
        arn = parse_key_arn(name)
        if arn is None or name.encode() != key.provider_info:
            why = "it does not name a KMS key ARN, so KMS was not asked at all"
            return Attempt(number, key.provider_id, name, Fate.FAILED, why)
        choice = self._opens.choose(arn)
        if isinstance(choice, str):
            return Attempt(number, key.provider_id, name, Fate.SKIPPED, choice)
        return choice

    def _try(
        self,
        number: int,
        key: EncryptedDataKey,
        arn: str,
        suite: AlgorithmSuite,
        context: Mapping[str, str],
    ) -> tuple[Attempt, UnwrappedDataKey | None]:
        name = key_name(key)
        related = "" if arn == name else f"its related key {arn}"

        def failed(why: str, error: errors.KmsError | None = None) -> Attempt:
            said = f"{why} (asked for {related})" if related else why
            return Attempt(number, key.provider_id, name, Fate.FAILED, said, error)

        try:
            opened = self._kms.decrypt(arn, key.ciphertext, context)
        except errors.KmsError as refusal:
            return failed(refusal.title, refusal), None
        if opened.key_arn != arn:
            return failed(f"KMS answered for another key, {opened.key_arn}"), None
        if len(opened.plaintext) != suite.key_bytes:
            why = f"the data key has {len(opened.plaintext)} bytes, the suite {suite.key_bytes}"
            return failed(why), None
        by = f"by {related}" if related else ""
        return Attempt(number, key.provider_id, name, Fate.OPENED, by), opened


def _completed(
    fates: Sequence[Attempt | None], keys: Sequence[EncryptedDataKey]
) -> tuple[Attempt, ...]:
    return tuple(
        fate or Attempt(number, key.provider_id, key_name(key), Fate.SKIPPED, NOT_TRIED)
        for number, (fate, key) in enumerate(zip(fates, keys, strict=True), 1)
    )
