"""The advanced options of encrypting."""

from __future__ import annotations

from collections.abc import Callable
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
    policy_field,
)
from sealscope.app.jobs.option_field import OptionField
from sealscope.app.jobs.raw_key_fields import RawKeyFields
from sealscope.app.jobs.typed_number import typed_number
from sealscope.app.widgets.typed import TypedLine, TypedText
from sealscope.engine.encrypt import DEFAULT_FRAME_LENGTH
from sealscope.engine.encryption_context import check_required_context
from sealscope.engine.limits import MAX_FRAME_LENGTH
from sealscope.errors import UsageError
from sealscope.jobs.request import SealOptions

if TYPE_CHECKING:
    from sealscope.kms.threads import DaemonThreads

_POLICIES: Final = {
    REQUIRE: "Default: files are written with key commitment.",
    ALLOW: "Writes as the default does; it differs in what is read.",
    FORBID: "Only for readers from before 2020: no key commitment.",
}
_AES: Final = "For readers without KMS who hold the same key in a file."
_RSA: Final = "For readers without KMS: their public key, a PEM file."
_PADDING: Final = "Change it only for a reader that lacks the default."
_NOT_STORED: Final = "Keeps values out of the file; its readers must know them."
_FRAMES: Final = "Less for readers with little memory; 0 only if asked for."
_CACHING: Final = (
    "For many files: jobs with the same options share a data key.\n"
    "Fewer KMS calls; whoever gets that key can open all of them."
)
_ENCODE: Final = "For mail and text fields; it makes the file a third longer."
_MAX_KEYS: Final = "Raise it only when all readers raise their limit too."


class SealAdvanced(Advanced):
    """What `SealOptions` has beyond keys, context and suite."""

    offers = "raw keys, policy, frames, caching; ⏎ or F4 opens"

    def __init__(
        self, threads: DaemonThreads, context: Callable[[], tuple[tuple[str, str], ...]]
    ) -> None:
        """Make the part.

        Args:
            threads: in which files are looked at.
            context: what is typed elsewhere in the form; raises `UsageError` when it is wrong.
        """
        names = TypedText(id="not-stored", placeholder="names of the context above, one a line")
        frames = TypedLine(placeholder=f"{DEFAULT_FRAME_LENGTH:,} bytes", id="frame-length")
        self._typed_context = context
        self._required: OptionField[tuple[str, ...]] = OptionField(
            "Not stored",
            names,
            lambda: self._names(names.text),
            default=(),
            help_text=_NOT_STORED,
        )
        self._frame_length = OptionField(
            "Frame length",
            frames,
            lambda: typed_number(frames.value, least=0, most=MAX_FRAME_LENGTH),
            default=None,
            help_text=_FRAMES,
        )
        self.policy = policy_field(_POLICIES)
        self._max_keys = max_keys_field(_MAX_KEYS)
        self._encode = base64_field(_ENCODE)
        raw_keys = RawKeyFields(aes=_AES, rsa=_RSA, padding=_PADDING)
        caching = CachingFields(_CACHING, for_encryption=True)
        fields: list[OptionField[Any]] = [*raw_keys.fields, self._required, self.policy]
        fields += [self._frame_length, *caching.fields, self._max_keys, self._encode]
        super().__init__(threads, raw_keys, caching, tuple(fields))

    def complete(self, options: SealOptions) -> SealOptions:
        """The options of the form with those of this part.

        Raises:
            UsageError: a field cannot be understood.
        """
        return replace(
            options,
            raw_keys=self.raw_keys.keys(),
            required_context=self._required.value(),
            frame_length=self._frame_length.value(),
            commitment_policy=self.policy.value(),
            max_encrypted_data_keys=self._max_keys.value(),
            caching=self.caching.caching(),
            encode=self._encode.value(),
        )

    def _names(self, text: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(name for name in text.split("\n") if name.strip()))
        if names:
            try:
                context = dict(self._typed_context())
            except UsageError:
                return names  # the context itself is to be put right first
            check_required_context(context, names)
        return names
