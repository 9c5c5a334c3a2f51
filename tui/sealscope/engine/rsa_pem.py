"""RSA keys in PEM text."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from sealscope import errors
from sealscope.secret import SecretBytes

_FORMS: Final = (
    "A private key begins with -----BEGIN PRIVATE KEY-----, a public key with"
    " -----BEGIN PUBLIC KEY-----."
)
_OTHERS: Final = {
    b"-----BEGIN OPENSSH PRIVATE KEY-----": (
        "it is a private key of OpenSSH",
        "Turn a copy into PEM with: ssh-keygen -p -m PKCS8 -f FILE",
    ),
    b"-----BEGIN CERTIFICATE-----": (
        "it is a certificate",
        "Take the public key out with: openssl x509 -pubkey -noout -in FILE",
    ),
}


def load_rsa_pem(pem: SecretBytes) -> RSAPrivateKey | RSAPublicKey:
    """Load an RSA key.

    Args:
        pem: PKCS #8, SubjectPublicKeyInfo, or the two forms of PKCS #1. Where there are
            several keys, the private one counts.

    Raises:
        UsageError: it is no RSA key in one of these forms, or an encrypted one.
    """
    text = pem.reveal()
    try:
        key = (
            load_pem_private_key(text, None)
            if b" PRIVATE KEY-----" in text and b"OPENSSH" not in text
            else load_pem_public_key(text)
        )
    except TypeError:  # what the library raises for a missing password, and for nothing else
        raise errors.UsageError(
            "The RSA private key is encrypted",
            "it needs a passphrase, which Sealscope does not take",
            "Decrypt a copy with: openssl pkey -in FILE -out COPY, and keep the copy safe.",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        # The library's own message is not passed on: it may describe what it read.
        raise _no_key(text) from None
    if not isinstance(key, RSAPrivateKey | RSAPublicKey):
        kind = type(key).__name__.removesuffix("Key")
        raise errors.UsageError("Not an RSA key", f"its kind is {kind}", "Give an RSA key.")
    return key


def _no_key(text: bytes) -> errors.UsageError:
    why, hint = "it is no PEM text that holds a key", _FORMS
    for start, answer in _OTHERS.items():
        if start in text:
            why, hint = answer
    if text.startswith(b"ssh-rsa "):
        why = "it is a public key of OpenSSH"
        hint = "Turn it into PEM with: ssh-keygen -e -m PKCS8 -f FILE"
    return errors.UsageError("The RSA key could not be read", why, hint)
