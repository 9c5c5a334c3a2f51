"""The advanced options of decrypting and verifying."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sealscope.app.jobs.advanced import Advanced
from sealscope.app.jobs.caching_fields import CachingFields
from sealscope.app.jobs.message_fields import (
    ALLOW,
    FORBID,
    REQUIRE,
    base64_field,
    max_keys_field,
    max_length_field,
    policy_field,
)
from sealscope.app.jobs.option_field import OptionField
from sealscope.app.jobs.raw_key_fields import RawKeyFields
from sealscope.jobs.request import OpenOptions

if TYPE_CHECKING:
    from sealscope.kms.threads import DaemonThreads

_POLICIES: Final = {
    REQUIRE: "Default: refuses files without key commitment.",
    ALLOW: "For files from before 2020 whose origin you trust.",
    FORBID: "Reads as the one above does; it differs in what is written.",
}
_AES: Final = "For files encrypted under such a key, by the names in them."
_RSA: Final = "For files encrypted under its public key: the private one."
_PADDING: Final = "The one used to encrypt, which the file does not tell."
_CACHING: Final = (
    "For many files under one data key: KMS is asked once.\n"
    "A key that is disabled meanwhile still opens them until then."
)
_DECODE: Final = "For a file that is the Base64 text of a message."
_MAX_LENGTH: Final = "For longer frames from a trusted origin; each is held whole."
_MAX_KEYS: Final = "Raise it for files made for many keys; each can cost a call."


class OpenAdvanced(Advanced):
    """What `OpenOptions` has beyond keys, discovery and context."""

    offers = "raw keys, policy, caching, limits; ⏎ or F4 opens"

    def __init__(self, threads: DaemonThreads, *, decode: bool) -> None:
        """Make the part.

        Args:
            threads: in which files are looked at.
            decode: whether the file is known to be a Base64 text.
        """
        self._policy = policy_field(_POLICIES)
        self._max_keys = max_keys_field(_MAX_KEYS)
        self._max_length = max_length_field(_MAX_LENGTH)
        self.base64 = base64_field(_DECODE, is_on=decode)
        raw_keys = RawKeyFields(aes=_AES, rsa=_RSA, padding=_PADDING)
        caching = CachingFields(_CACHING, for_encryption=False)
        fields: list[OptionField[Any]] = [*raw_keys.fields, self._policy, *caching.fields]
        fields += [self._max_keys, self._max_length, self.base64]
        super().__init__(threads, raw_keys, caching, tuple(fields))

    def complete(self, options: OpenOptions) -> OpenOptions:
        """The options of the form with those of this part.

        Raises:
            UsageError: a field cannot be understood.
        """
        return replace(
            options,
            raw_keys=self.raw_keys.keys(),
            commitment_policy=self._policy.value(),
            max_encrypted_data_keys=self._max_keys.value(),
            max_length=self._max_length.value(),
            caching=self.caching.caching(),
            decode=self.base64.value(),
        )
