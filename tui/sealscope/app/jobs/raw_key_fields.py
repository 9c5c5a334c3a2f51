"""The fields for raw wrapping keys: keys in files, for readers without KMS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sealscope.app.jobs.option_field import OptionField
from sealscope.app.jobs.raw_key_lines import parse_named_files, with_file
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.typed import TypedText
from sealscope.errors import SealscopeError, UsageError
from sealscope.jobs.request import DEFAULT_RSA_PADDING, RawAesKey, RawKey, RawRsaKey

RSA_PADDINGS: Final = (
    DEFAULT_RSA_PADDING,
    "oaep-mgf1-sha384",
    "oaep-mgf1-sha512",
    "oaep-sha1",
    "pkcs1",
)
FORM: Final = "NAMESPACE/NAME=FILE, one a line; F6 picks the file"
_PEM_SUFFIXES: Final = frozenset({".pem", ".pub"})


class RawKeyFields:
    """AES keys, RSA keys, and the padding of the latter."""

    def __init__(self, *, aes: str, rsa: str, padding: str) -> None:
        """Make the fields; the arguments are their lines of help."""
        self._aes_text = TypedText(id="raw-aes", placeholder=FORM)
        self._rsa_text = TypedText(id="raw-rsa", placeholder=FORM)
        self._choice = Choice([(name, name) for name in RSA_PADDINGS], id="rsa-padding")
        help_of = dict.fromkeys(RSA_PADDINGS, padding)
        help_of["pkcs1"] = "Only for programs that know no other: it has known attacks."
        self.aes: OptionField[tuple[RawKey, ...]] = OptionField(
            "Raw AES key", self._aes_text, self._aes_keys, default=(), help_text=aes
        )
        self.rsa: OptionField[tuple[RawKey, ...]] = OptionField(
            "Raw RSA key", self._rsa_text, self._rsa_keys, default=(), help_text=rsa
        )
        self._padding = OptionField(
            "RSA padding",
            self._choice,
            lambda: self._choice.value,
            default=DEFAULT_RSA_PADDING,
            help_text=help_of,
        )

    @property
    def fields(self) -> tuple[OptionField[Any], ...]:
        """Top to bottom."""
        return (self.aes, self.rsa, self._padding)

    def arrange(self) -> None:
        """A padding is asked for only where there is a key for it."""
        self._padding.display = bool(self._rsa_text.text.strip())

    def keys(self) -> tuple[RawKey, ...]:
        """AES before RSA, as on the command line.

        Raises:
            UsageError: a line is wrong.
        """
        return (*self.aes.value(), *self.rsa.value())

    def understood(self) -> tuple[RawKey, ...]:
        """The keys of the fields that are right as far as they go."""
        return tuple(key for field in (self.aes, self.rsa) for key in _keys_of(field))

    def found(self, problems: Mapping[RawKey, SealscopeError]) -> None:
        """Say at the fields what is wrong with their files."""
        for field in (self.aes, self.rsa):
            field.found(next((problems[key] for key in _keys_of(field) if key in problems), None))

    def take(self, path: str, suffix: str, focused: object) -> TypedText:
        """Name a picked file; the names before it may still have to be typed.

        Args:
            path: as it is to stand in the field.
            suffix: of the file, which tells an RSA key where no field was chosen.
            focused: the widget that has the focus.

        Returns:
            The field, with its cursor where the names belong.
        """
        chosen = self._rsa_text if suffix.lower() in _PEM_SUFFIXES else self._aes_text
        if focused is self._aes_text or focused is self._rsa_text:
            chosen = self._aes_text if focused is self._aes_text else self._rsa_text
        chosen.text, row = with_file(chosen.text, chosen.cursor_location[0], path)
        chosen.move_cursor((row, chosen.text.split("\n")[row].index("=")))
        return chosen

    def _aes_keys(self) -> tuple[RawKey, ...]:
        named = parse_named_files(self._aes_text.text)
        return tuple(RawAesKey(key.namespace, key.name, key.file) for key in named)

    def _rsa_keys(self) -> tuple[RawKey, ...]:
        named = parse_named_files(self._rsa_text.text)
        padding = self._choice.value
        return tuple(RawRsaKey(key.namespace, key.name, key.file, padding) for key in named)


def _keys_of(field: OptionField[tuple[RawKey, ...]]) -> tuple[RawKey, ...]:
    try:
        return field.value()
    except UsageError:
        return ()  # it is said at the field
