"""Which KMS key is asked for a data key that a message says a KMS key has wrapped.

Related multi-Region keys share their key material, so each opens what another has wrapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from sealscope import errors
from sealscope.engine.arn import KmsArn, parse_key_arn
from sealscope.engine.materials import NOT_GIVEN


@dataclass(frozen=True, slots=True)
class Trial:
    """A key to ask.

    Attributes:
        key_arn: what KMS is asked for.
        rank: lower ones are asked first.
    """

    key_arn: str
    rank: int = 0


class KeySelection(Protocol):
    """Chooses the key to ask."""

    @property
    def hint(self) -> str:
        """What to do when none of them opens."""

    def choose(self, named: KmsArn) -> Trial | str:
        """The key to ask for a data key under the one that is `named`, or why none is."""


class NoKeys:
    """Asks none."""

    hint: Final = "These keys were given to encrypt. Name the keys to decrypt with."

    def choose(self, named: KmsArn) -> str:  # noqa: ARG002 - it is the same for all
        """None, whatever is named."""
        return NOT_GIVEN


class GivenKeys:
    """Asks keys that were given, and no other."""

    hint: Final = "Use one of the keys that the message names, or check credentials and context."

    def __init__(self, key_arns: Sequence[str], *, multi_region: bool) -> None:
        """Keys in the order in which they are asked.

        Args:
            key_arns: key ARNs; those that are there twice count once.
            multi_region: whether a multi-Region key stands for its related keys.

        Raises:
            UsageError: no keys, or one that is not a key ARN, or related multi-Region keys.
        """
        if not key_arns:
            raise errors.UsageError(
                "No key to decrypt with", "", "Name a KMS key with -k, or ask for --discovery."
            )
        self._keys = tuple(_key_arn(text) for text in dict.fromkeys(key_arns))
        self._multi_region = multi_region
        if multi_region:
            _check_unrelated(self._keys)

    @property
    def key_arns(self) -> tuple[str, ...]:
        """The keys, each once."""
        return tuple(key.text for key in self._keys)

    def choose(self, named: KmsArn) -> Trial | str:
        """The given key that is the named one or related to it."""
        for rank, key in enumerate(self._keys):
            if key.text == named.text or (self._multi_region and key.is_related_to(named)):
                return Trial(key.text, rank)
        return NOT_GIVEN


class NamedKeys:
    """Asks the key that the message names, if a filter lets it pass."""

    hint: Final = "Check the discovery filter, the credentials and the encryption context."

    def __init__(
        self, accounts: frozenset[str], partition: str | None, multi_region_in: str | None
    ) -> None:
        """A filter; see `KmsKeyring.discovery`.

        Raises:
            UsageError: the Region cannot be part of an ARN.
        """
        if multi_region_in is not None and (not multi_region_in or ":" in multi_region_in):
            raise errors.UsageError("Not a Region", repr(multi_region_in), "Name it as AWS does.")
        self._accounts = accounts
        self._partition = partition
        self._multi_region_in = multi_region_in

    def choose(self, named: KmsArn) -> Trial | str:
        """The named key, a multi-Region one in the Region that was chosen for them."""
        if self._partition is not None and named.partition != self._partition:
            return f"its key is not in partition {self._partition}"
        if self._accounts and named.account not in self._accounts:
            return "its key is not in an account of the discovery filter"
        if named.is_multi_region and self._multi_region_in is not None:
            return Trial(named.in_region(self._multi_region_in))
        return Trial(named.text)


def _key_arn(text: str) -> KmsArn:
    arn = parse_key_arn(text)
    if arn is None:
        raise errors.UsageError(
            "Not a KMS key ARN", text, "Messages name keys by ARN: resolve it first."
        )
    return arn


def _check_unrelated(keys: Sequence[KmsArn]) -> None:
    # The id alone counts, as in the AWS Encryption SDK.
    ids = [key.id for key in keys if key.is_multi_region]
    related = [key.text for key in keys if key.is_multi_region and ids.count(key.id) > 1]
    if related:
        raise errors.UsageError(
            "Related multi-Region keys are given more than once",
            ", ".join(related),
            "Each opens what the others have wrapped: name one of them, in the Region to use.",
        )
