"""What the keys of an envelope are now, each with its own reason when that is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sealscope.errors import (
    CredentialsExpired,
    CredentialsMissing,
    KmsError,
    Unreachable,
)
from sealscope.formats.envelope import Recipient
from sealscope.kms.facade import KmsGate
from sealscope.kms.keys import KeyDescription

_ENDPOINT_ERRORS: Final = (Unreachable, CredentialsMissing, CredentialsExpired)


@dataclass(frozen=True)
class LiveKey:
    """A recipient's key as KMS tells of it now.

    Attributes:
        key: DescribeKey's answer; None when there is none.
        aliases: its aliases with their prefix; empty when it has none or they may not be listed.
        error: why KMS told nothing of it.
    """

    recipient: Recipient
    key: KeyDescription | None = None
    aliases: tuple[str, ...] = ()
    error: KmsError | None = None

    @property
    def arn(self) -> str:
        """The key's ARN, as far as it is known."""
        return self.key.arn if self.key else self.recipient.key if self.recipient.is_kms else ""

    @property
    def region(self) -> str:
        """From the ARN; empty for what is no KMS key."""
        return _arn_part(self.recipient, 3)

    @property
    def account(self) -> str:
        """From the ARN; empty for what is no KMS key."""
        return _arn_part(self.recipient, 4)

    @property
    def state(self) -> str:
        """The key's state, or why it is not known, in a few words."""
        if self.key is not None:
            return self.key.state
        if self.error is not None:
            return self.error.title
        return "asking KMS …" if self.recipient.is_kms else "not a KMS key"


def live_keys(
    recipients: tuple[Recipient, ...], gate: KmsGate, *, stop: Callable[[], bool] = lambda: False
) -> Iterator[LiveKey]:
    """Ask KMS for the key of each recipient, in order (needs kms:DescribeKey, kms:ListAliases).

    Once a region's endpoint does not answer, its other keys get the same reason, unasked.

    Args:
        recipients: of an envelope, so at most as many as its format's limit.
        gate: where the calls go.
        stop: asked between recipients; True ends the work.
    """
    silent: dict[str, KmsError] = {}
    for recipient in recipients:
        if stop():
            return
        if not recipient.is_kms:
            yield LiveKey(recipient)
            continue
        region = _arn_part(recipient, 3)
        if region in silent:
            yield LiveKey(recipient, error=silent[region])
            continue
        try:
            key = gate.describe_key(recipient.key)
        except KmsError as error:
            if isinstance(error, _ENDPOINT_ERRORS):
                silent[region] = error
            yield LiveKey(recipient, error=error)
            continue
        yield LiveKey(recipient, key, _aliases(key, gate))


def _aliases(key: KeyDescription, gate: KmsGate) -> tuple[str, ...]:
    try:
        return tuple(sorted(alias.name for alias in gate.aliases_of(key)))
    except KmsError:
        # An alias is a courtesy: the key's state, which was asked for, is known without it.
        return ()


def _arn_part(recipient: Recipient, index: int) -> str:
    parts = recipient.key.split(":", 5)
    return parts[index] if recipient.is_kms and len(parts) == 6 else ""
