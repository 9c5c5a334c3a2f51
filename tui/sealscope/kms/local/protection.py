"""The root key: it wraps every row of key material, and a passphrase may wrap it.

Without a passphrase the root key lies in the file, as an SSH key without a passphrase does:
whoever copies the file can use its keys. With one, the file alone is worth nothing.

A wrapped row is bound to its place by its additional data, so that a row which was copied to
another key does not open.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from sealscope.secret import SecretBytes

Entropy = Callable[[int], bytes]

ROOT_BYTES: Final = 32
_IV_BYTES: Final = 12
_TAG_BYTES: Final = 16
# Bounds on what a file may make us compute before its passphrase is known to be right.
_MAX_PASSES: Final = 2**20
_MAX_MEMORY_KIB: Final = 4 * 1024 * 1024
_MAX_LANES: Final = 64


@dataclass(frozen=True)
class Kdf:
    """How a passphrase becomes the key that wraps the root key.

    Attributes:
        name: `argon2id` or `scrypt`.
        salt: 16 random bytes, in hexadecimal.
        passes: Argon2's iterations, or scrypt's N.
        memory_kib: Argon2's memory in KiB, or scrypt's r.
        lanes: parallelism.
    """

    name: str
    salt: str
    passes: int
    memory_kib: int
    lanes: int

    @classmethod
    def argon2id(cls, salt: bytes) -> Kdf:
        """Three times OWASP's minimum of memory; about 0.2 s on a laptop."""
        return cls("argon2id", salt.hex(), passes=3, memory_kib=64 * 1024, lanes=4)

    @classmethod
    def scrypt(cls, salt: bytes) -> Kdf:
        """For builds of the cryptography library that have no Argon2."""
        return cls("scrypt", salt.hex(), passes=2**17, memory_kib=8, lanes=1)

    @classmethod
    def parse(cls, text: str) -> Kdf:
        """Read what `text` wrote.

        Raises:
            ValueError: not a description of a known function.
        """
        try:
            kdf = cls(**json.loads(text))
            bytes.fromhex(kdf.salt)
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError("not a description of a key derivation") from error
        if kdf.name not in ("argon2id", "scrypt"):
            raise ValueError("unknown key derivation")
        for value, highest in (
            (kdf.passes, _MAX_PASSES),
            (kdf.memory_kib, _MAX_MEMORY_KIB),
            (kdf.lanes, _MAX_LANES),
        ):
            if type(value) is not int or not 0 < value <= highest:
                raise ValueError("a key derivation out of bounds")
        return kdf

    def text(self) -> str:
        """The form kept in the store, in one spelling only: it is authenticated."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    def derive(self, passphrase: SecretBytes) -> bytes:
        """The 32-byte key-encryption key.

        Raises:
            UnsupportedAlgorithm: this build of the cryptography library lacks the function.
            ValueError: the parameters are out of its range.
        """
        salt = bytes.fromhex(self.salt)
        if self.name == "scrypt":
            return Scrypt(
                salt=salt, length=32, n=self.passes, r=self.memory_kib, p=self.lanes
            ).derive(passphrase.reveal())
        return Argon2id(
            salt=salt,
            length=32,
            iterations=self.passes,
            lanes=self.lanes,
            memory_cost=self.memory_kib,
        ).derive(passphrase.reveal())


class RootKey:
    """The key above all others of one store, of one generation."""

    __slots__ = ("_aead", "_secret", "generation")

    def __init__(self, secret: SecretBytes, generation: bytes) -> None:
        self._secret = secret
        self._aead = AESGCM(secret.reveal())
        self.generation = generation

    @classmethod
    def new(cls, entropy: Entropy) -> RootKey:
        """A fresh one; the generation tells other processes that theirs is out of date."""
        return cls(SecretBytes(entropy(ROOT_BYTES)), entropy(16))

    def wrap(self, place: tuple[str, ...], secret: SecretBytes, entropy: Entropy) -> bytes:
        """Encrypt a secret for one place: (kind, key id, material id)."""
        iv = entropy(_IV_BYTES)
        return iv + self._aead.encrypt(iv, secret.reveal(), _aad(place))

    def unwrap(self, place: tuple[str, ...], wrapped: bytes) -> SecretBytes:
        """Open what `wrap` made for the same place.

        Raises:
            InvalidTag: damaged, moved from another place, or under another root key.
        """
        if len(wrapped) < _IV_BYTES + _TAG_BYTES:
            raise InvalidTag
        return SecretBytes(
            self._aead.decrypt(wrapped[:_IV_BYTES], wrapped[_IV_BYTES:], _aad(place))
        )

    def in_the_clear(self) -> bytes:
        """What an unprotected store keeps."""
        return self._secret.reveal()

    def under(self, passphrase: SecretBytes, store_id: str, entropy: Entropy) -> tuple[Kdf, bytes]:
        """What a protected store keeps: the derivation's parameters and the wrapped root key."""
        salt = entropy(16)
        kdf = Kdf.argon2id(salt)
        try:
            key = kdf.derive(passphrase)
        except UnsupportedAlgorithm:
            kdf = Kdf.scrypt(salt)
            key = kdf.derive(passphrase)
        iv = entropy(_IV_BYTES)
        aad = _aad(("root", store_id, self.generation.hex(), kdf.text()))
        return kdf, iv + AESGCM(key).encrypt(iv, self._secret.reveal(), aad)

    @classmethod
    def opened(
        cls, kdf: Kdf, wrapped: bytes, generation: bytes, passphrase: SecretBytes, store_id: str
    ) -> RootKey:
        """Undo `under`.

        Raises:
            InvalidTag: the passphrase is wrong, or the row was changed.
        """
        aad = _aad(("root", store_id, generation.hex(), kdf.text()))
        aead = AESGCM(kdf.derive(passphrase))
        secret = aead.decrypt(wrapped[:_IV_BYTES], wrapped[_IV_BYTES:], aad)
        return cls(SecretBytes(secret), generation)


def _aad(parts: tuple[str, ...]) -> bytes:
    out = bytearray(b"sealscope local KMS row 1")
    for part in parts:
        data = part.encode()
        out += len(data).to_bytes(4, "big") + data
    return bytes(out)
