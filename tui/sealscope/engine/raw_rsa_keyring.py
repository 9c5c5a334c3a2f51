"""Data keys wrapped by RSA under a key at hand, without KMS.

RSA does not bind the encryption context, and messages do not record the padding.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding as paddings
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from sealscope import errors
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.key_names import RawKeyName
from sealscope.engine.materials import OpenedDataKey, WrappedDataKeys
from sealscope.engine.raw_keys import open_first, why_not_ours
from sealscope.engine.rsa_pem import load_rsa_pem
from sealscope.engine.suites import AlgorithmSuite
from sealscope.secret import SecretBytes

SMALLEST_KEY_BITS: Final = 1024
"""Smaller keys are as good as public, and cryptography makes none."""

SMALLEST_WRAPPING_KEY_BITS: Final = 2048
"""Of a key to wrap with, as NIST SP 800-131A has it. Smaller ones still open old messages."""


class RsaPadding(Enum):
    """The five paddings, spelled as on the command line; OAEP masks with its own hash."""

    PKCS1 = "pkcs1"
    OAEP_SHA1 = "oaep-sha1"
    OAEP_SHA256 = "oaep-mgf1-sha256"
    OAEP_SHA384 = "oaep-mgf1-sha384"
    OAEP_SHA512 = "oaep-mgf1-sha512"

    @property
    def scheme(self) -> paddings.AsymmetricPadding:
        """The padding as the cryptography package takes it."""
        digest = _OAEP_HASHES.get(self.value)
        if digest is None:
            return paddings.PKCS1v15()
        return paddings.OAEP(paddings.MGF1(digest), digest, None)


_OAEP_HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "oaep-sha1": hashes.SHA1(),  # noqa: S303 - old data has it; OAEP needs no collisions
    "oaep-mgf1-sha256": hashes.SHA256(),
    "oaep-mgf1-sha384": hashes.SHA384(),
    "oaep-mgf1-sha512": hashes.SHA512(),
}


class RawRsaKeyring:
    """Wraps data keys with an RSA public key and opens them with its private key."""

    def __init__(
        self,
        namespace: str,
        name: str,
        padding: RsaPadding,
        *,
        public_key: RSAPublicKey | None = None,
        private_key: RSAPrivateKey | None = None,
    ) -> None:
        """A keyring of one key pair, or of one half of it.

        Args:
            namespace: as messages name it; may not start with "aws-kms".
            name: as messages name it.
            padding: messages do not say which, so it must be known.
            public_key: to wrap; taken from the private key when None.
            private_key: to open.

        Raises:
            UsageError: the names cannot be used, or there is no key, or it is too small.
        """
        self._name = RawKeyName(namespace, name)
        self._padding = padding
        if public_key is None:
            if private_key is None:
                raise errors.UsageError(
                    "No RSA key", f"for {self._name}", "Give a public or a private key."
                )
            public_key = private_key.public_key()
        self._public_key = public_key
        self._private_key = private_key
        for key in (public_key, private_key):
            if key is not None and key.key_size < SMALLEST_KEY_BITS:
                raise errors.UsageError(
                    "The RSA key is too small",
                    f"{self._name} has {key.key_size} bits",
                    f"Keys of less than {SMALLEST_KEY_BITS} bits protect nothing.",
                )

    @classmethod
    def from_pem(
        cls, namespace: str, name: str, padding: RsaPadding, pem: SecretBytes
    ) -> RawRsaKeyring:
        """A keyring of a key in PEM text.

        Args:
            namespace: as messages name it.
            name: as messages name it.
            padding: of the wrapped data keys.
            pem: a private key (PKCS #8 or PKCS #1, not encrypted), which wraps and opens, or a
                public key (SubjectPublicKeyInfo or PKCS #1), which only wraps.

        Raises:
            UsageError: it is no such key, or it or the names cannot be used.
        """
        key = load_rsa_pem(pem)
        if isinstance(key, RSAPrivateKey):
            return cls(namespace, name, padding, private_key=key)
        return cls(namespace, name, padding, public_key=key)

    @property
    def wrapping_keys(self) -> int:
        """One."""
        return 1

    def wrap(
        self,
        suite: AlgorithmSuite,
        context: Mapping[str, str],  # noqa: ARG002 - RSA does not bind it
        data_key: SecretBytes | None = None,
    ) -> WrappedDataKeys:
        """Wrap a data key, a new random one when none is given.

        Raises:
            UsageError: the key is too small for new messages, or no sound key at all.
        """
        bits = self._public_key.key_size
        if bits < SMALLEST_WRAPPING_KEY_BITS:
            raise errors.UsageError(
                "The RSA key is too small to wrap with",
                f"{self._name} has {bits} bits; {SMALLEST_WRAPPING_KEY_BITS} are the least",
                "It still opens old messages. Use a larger key for new ones.",
            )
        data_key = data_key or SecretBytes(os.urandom(suite.key_bytes))
        name = self._name
        try:
            sealed = self._public_key.encrypt(data_key.reveal(), self._padding.scheme)
        except ValueError:
            raise errors.UsageError(
                "The RSA key cannot wrap",
                f"{name}: its numbers are not those of an RSA key",
                "The key file is damaged, or was not made by a sound program. Make a new key.",
            ) from None
        wrapped = EncryptedDataKey(name.namespace, name.name.encode(), sealed)
        return WrappedDataKeys(data_key, (wrapped,))

    def open(
        self,
        keys: Sequence[EncryptedDataKey],
        suite: AlgorithmSuite,
        context: Mapping[str, str],  # noqa: ARG002 - RSA does not bind it
    ) -> OpenedDataKey:
        """Open the first of the encrypted data keys that this key has wrapped.

        With PKCS #1 v1.5 a wrong key may open one to random bytes, which the message then
        refuses; the answer's `doubt` says so.

        Raises:
            NoUsableKey: none opened.
        """

        def unwrap(key: EncryptedDataKey) -> SecretBytes | str:
            if self._private_key is None:
                return "only the public key was given, and opening takes the private one"
            # One reason for all that can go wrong: telling bad padding, a wrong length and
            # a wrong data key apart would answer whoever sends forged ciphertexts.
            failed = f"another RSA key wrapped it, or its padding is not {self._padding.value}"
            try:
                scheme = self._padding.scheme
                opened = SecretBytes(self._private_key.decrypt(key.ciphertext, scheme))
            except ValueError:
                return failed
            return opened if len(opened) == suite.key_bytes else failed

        opened = open_first(
            keys,
            suite,
            opened_by=self._name,
            why_not=self._why_not,
            unwrap=unwrap,
            hint="Check namespace, name, file and padding of the RSA key.",
        )
        if self._padding is not RsaPadding.PKCS1:
            return opened
        return replace(
            opened,
            doubt=f"Or the RSA key {self._name} is not the right one, or its padding is not"
            f" {self._padding.value}: with this padding a wrong key is found out only here.",
        )

    def _why_not(self, key: EncryptedDataKey) -> str:
        name = self._name
        matches = key.provider_id == name.namespace and key.provider_info == name.name.encode()
        return why_not_ours(key, name, matches=matches, kind="RSA")
