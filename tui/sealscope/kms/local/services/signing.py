"""Sign, Verify, GetPublicKey."""

from __future__ import annotations

import sqlite3
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_der_private_key

from sealscope.kms.local import rows
from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.faults import Fault, dry_run, invalid, unsupported, wrong_state
from sealscope.kms.local.new_keys import KeyPair
from sealscope.kms.local.records import KeyRecord
from sealscope.kms.local.specs import ALGORITHMS_FIELD, SPECS
from sealscope.secret import SecretBytes

_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "SHA_256": hashes.SHA256(),
    "SHA_384": hashes.SHA384(),
    "SHA_512": hashes.SHA512(),
}


def sign(call: Call, params: Params) -> Params:
    """Sign."""
    algorithm, message = params["SigningAlgorithm"], params["Message"]
    with call.reading() as connection:
        key = _signing_key(call, connection, params)
        _, secret = call.current(connection, key)
    kind = _message_type(params)
    private = _load(secret)
    if params.get("DryRun"):
        dry_run()
    if isinstance(private, rsa.RSAPrivateKey):
        signature = private.sign(message, _padding(algorithm), _hash(algorithm, kind))
    elif isinstance(private, ec.EllipticCurvePrivateKey):
        signature = private.sign(message, ec.ECDSA(_hash(algorithm, kind)))
    else:
        signature = private.sign(message)
    return {"KeyId": call.arn(key), "Signature": signature, "SigningAlgorithm": algorithm}


def verify(call: Call, params: Params) -> Params:
    """Verify; a wrong signature is an exception, as on AWS, never SignatureValid false.

    The private key is asked for its public half: the one that the store keeps beside it is not
    authenticated.
    """
    algorithm, message = params["SigningAlgorithm"], params["Message"]
    with call.reading() as connection:
        key = _signing_key(call, connection, params)
        _, secret = call.current(connection, key)
    kind = _message_type(params)
    public = _load(secret).public_key()
    signature = params["Signature"]
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, message, _padding(algorithm), _hash(algorithm, kind))
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, message, ec.ECDSA(_hash(algorithm, kind)))
        else:
            public.verify(signature, message)
    except InvalidSignature as error:
        raise Fault("KMSInvalidSignatureException") from error
    if params.get("DryRun"):
        dry_run()
    return {"KeyId": call.arn(key), "SignatureValid": True, "SigningAlgorithm": algorithm}


def get_public_key(call: Call, params: Params) -> Params:
    """GetPublicKey."""
    with call.reading() as connection:
        key = call.key(connection, params["KeyId"])
        if SPECS[key.spec].kind != "PKCS8":
            raise unsupported(
                f"{call.arn(key)} key spec is {key.spec} which is not valid for {call.action}."
            )
        call.require_enabled(key)
        material = rows.current_material(connection, key.id)
    if material is None:
        raise wrong_state(f"{call.arn(key)} is pending import.")
    out: Params = {
        "KeyId": call.arn(key),
        "PublicKey": material.public,
        "KeySpec": key.spec,
        "KeyUsage": key.usage,
        ALGORITHMS_FIELD[key.usage]: list(SPECS[key.spec].usages[key.usage]),
    }
    if key.spec != "ECC_NIST_EDWARDS25519":
        out["CustomerMasterKeySpec"] = key.spec
    return out


def _signing_key(call: Call, connection: sqlite3.Connection, params: Params) -> KeyRecord:
    key = call.key(connection, params["KeyId"])
    call.require_usage(key, "SIGN_VERIFY")
    algorithm = params["SigningAlgorithm"]
    if algorithm not in SPECS[key.spec].usages["SIGN_VERIFY"]:
        raise Fault(
            "InvalidKeyUsageException",
            f"Algorithm {algorithm} is incompatible with key spec {key.spec}.",
        )
    call.require_enabled(key)
    return key


def _load(private: SecretBytes) -> KeyPair:
    key = load_der_private_key(private.reveal(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, KeyPair):
        raise Fault("KMSInternalException", "local key store: not a signing key")
    return key


def _message_type(params: Params) -> str:
    algorithm = params["SigningAlgorithm"]
    kind: str = params.get("MessageType", "RAW")
    edwards = algorithm.startswith("ED25519")
    if kind == "EXTERNAL_MU" or (kind == "DIGEST" and edwards):
        raise invalid(f"MessageType {kind} is not valid with the algorithm {algorithm}.")
    if kind == "DIGEST" and len(params["Message"]) != _digest(algorithm).digest_size:
        raise invalid(f"Digest is invalid length for algorithm {algorithm}.")
    return kind


def _digest(algorithm: str) -> hashes.HashAlgorithm:
    return _HASHES[algorithm[-7:]]


def _hash(algorithm: str, kind: str) -> hashes.HashAlgorithm | Prehashed:
    digest = _digest(algorithm)
    return Prehashed(digest) if kind == "DIGEST" else digest


def _padding(algorithm: str) -> padding.AsymmetricPadding:
    if algorithm.startswith("RSASSA_PSS"):
        return padding.PSS(padding.MGF1(_digest(algorithm)), padding.PSS.DIGEST_LENGTH)
    return padding.PKCS1v15()
