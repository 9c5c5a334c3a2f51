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
    b"ssh-rsa ": (
        "it is a public key of OpenSSH",
        "Turn it into PEM with: ssh-keygen -e -m PKCS8 -f FILE",
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
    # The bytes get no name here or below, as a crash report may list the names of a frame.
    try:
        key = (
            load_pem_private_key(pem.reveal(), None)
            if _holds(pem, b" PRIVATE KEY-----")
            else load_pem_public_key(pem.reveal())
        )
    except TypeError:  # what the library raises for a missing password, and for nothing else
        raise errors.UsageError(
            "The RSA private key is encrypted",
            "it needs a passphrase, which Sealscope does not take",
            "Decrypt a copy with: openssl pkey -in FILE -out COPY, and keep the copy safe.",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        # The library's own message is not passed on: it may describe what it read.
        raise _no_key(pem) from None
    if not isinstance(key, RSAPrivateKey | RSAPublicKey):
        kind = type(key).__name__.removesuffix("Key").removesuffix("Private").removesuffix("Public")
        raise errors.UsageError("Not an RSA key", f"it is of the kind {kind}", "Give an RSA key.")
    return key


def _holds(pem: SecretBytes, part: bytes) -> bool:
    return part in pem.reveal()


def _no_key(pem: SecretBytes) -> errors.UsageError:
    why, hint = "it is no PEM text that holds a key", _FORMS
    for form, answer in _OTHERS.items():
        if _holds(pem, form):
            why, hint = answer
    return errors.UsageError("The RSA key could not be read", why, hint)
