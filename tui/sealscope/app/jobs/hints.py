"""What to do about an error, said for a form: the errors' own hints speak of the command line."""

from __future__ import annotations

from typing import Final

from sealscope.errors import LooksBase64, OutputExists, SealscopeError, UnsafeOutput

_HINTS: Final[dict[type[SealscopeError], str]] = {
    LooksBase64: "Turn Base64 on among the advanced options (F4).",
    OutputExists: "Choose overwrite, or type another destination.",
    UnsafeOutput: "Type another destination.",
}


def form_hint(error: SealscopeError) -> str:
    """The hint to show in the app."""
    return _HINTS.get(type(error), error.hint)
