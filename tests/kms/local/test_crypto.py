"""Cryptography with the keys of the local KMS, checked from outside where that is possible."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from sealscope.kms.local.specs import SPECS
from tests.kms.local.tools import refusal, refusal_code

MESSAGE = b"a message to sign"
SIGNING = [
    (spec, algorithm)
    for spec, described in SPECS.items()
    for algorithm in described.usages.get("SIGN_VERIFY", ())
    if spec not in {"RSA_3072", "RSA_4096"}
]
MACS = [
    (spec, described.usages["GENERATE_VERIFY_MAC"][0])
    for spec, described in SPECS.items()
    if described.kind == "HMAC"
]


def make(kms: Any, spec: str, usage: str) -> str:
    return str(kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"])


class TestSymmetricEncryption:
    def test_goes_round_with_its_context(self, kms: Any, key: str) -> None:
        context = {"purpose": "test", "größe": "µ"}
        sealed = kms.encrypt(KeyId=key, Plaintext=b"x" * 4096, EncryptionContext=context)
        opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
        assert opened["Plaintext"] == b"x" * 4096
        assert opened["KeyId"] == sealed["KeyId"]
        assert opened["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"

    def test_keeps_context_pairs_apart(self, kms: Any, key: str) -> None:
        blob = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "bc"})
        call = kms.decrypt
        ciphertext = blob["CiphertextBlob"]
        for other in ({"ab": "c"}, {"a": "bc", "d": ""}, {}):
            error = refusal(call, CiphertextBlob=ciphertext, EncryptionContext=other)
            assert error.response["Error"] == {
                "Code": "InvalidCiphertextException",
                "Message": "",
            }

    def test_refuses_a_change_of_any_byte(self, kms: Any, key: str) -> None:
        blob = kms.encrypt(KeyId=key, Plaintext=b"data")["CiphertextBlob"]
        for position in range(len(blob)):
            bad = bytearray(blob)
            bad[position] ^= 0x80
            code = refusal_code(kms.decrypt, CiphertextBlob=bytes(bad))
            in_key_id = 5 <= position < 21
            assert code == ("AccessDeniedException" if in_key_id else "InvalidCiphertextException")

    def test_names_the_wrong_key(self, kms: Any, key: str) -> None:
        blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        for other in ("alias/getting-started", make(kms, "ECC_NIST_P256", "SIGN_VERIFY")):
            code = refusal_code(kms.decrypt, CiphertextBlob=blob, KeyId=other)
            assert code == "IncorrectKeyException"

    def test_of_a_multi_region_key_goes_round(self, kms: Any) -> None:
        made = kms.create_key(MultiRegion=True)["KeyMetadata"]
        assert made["KeyId"].startswith("mrk-")
        assert len(made["KeyId"]) == 36
        blob = kms.encrypt(KeyId=made["Arn"], Plaintext=b"x")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob)["KeyId"] == made["Arn"]

    def test_re_encrypts_to_another_key_and_context(self, kms: Any, key: str) -> None:
        blob = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "1"})
        moved = kms.re_encrypt(
            CiphertextBlob=blob["CiphertextBlob"],
            SourceEncryptionContext={"a": "1"},
            DestinationKeyId="alias/getting-started",
            DestinationEncryptionContext={"b": "2"},
        )
        assert moved["SourceKeyId"] != moved["KeyId"]
        assert moved["SourceKeyMaterialId"] != moved["DestinationKeyMaterialId"]
        opened = kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"b": "2"})
        assert (opened["Plaintext"], opened["KeyId"]) == (b"x", moved["KeyId"])

    def test_re_encrypts_between_symmetric_and_rsa(self, kms: Any, key: str) -> None:
        rsa_key = make(kms, "RSA_2048", "ENCRYPT_DECRYPT")
        blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        there = kms.re_encrypt(
            CiphertextBlob=blob,
            DestinationKeyId=rsa_key,
            DestinationEncryptionAlgorithm="RSAES_OAEP_SHA_256",
        )
        back = kms.re_encrypt(
            CiphertextBlob=there["CiphertextBlob"],
            SourceKeyId=rsa_key,
            SourceEncryptionAlgorithm="RSAES_OAEP_SHA_256",
            DestinationKeyId=key,
        )
        assert "DestinationKeyMaterialId" not in there
        assert kms.decrypt(CiphertextBlob=back["CiphertextBlob"])["Plaintext"] == b"x"


class TestDataKeys:
    @pytest.mark.parametrize(
        ("wanted", "length"),
        [({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 77}, 77)],
    )
    def test_have_the_length_asked_for(
        self, kms: Any, key: str, wanted: dict[str, Any], length: int
    ) -> None:
        made = kms.generate_data_key(KeyId=key, EncryptionContext={"a": "b"}, **wanted)
        assert len(made["Plaintext"]) == length
        opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"a": "b"})
        assert opened["Plaintext"] == made["Plaintext"]
        assert opened["KeyMaterialId"] == made["KeyMaterialId"]

    def test_without_plaintext_have_none(self, kms: Any, key: str) -> None:
        made = kms.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256")
        assert "Plaintext" not in made
        assert len(kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"]) == 32

    @pytest.mark.parametrize("wanted", [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}])
    def test_need_a_spec_or_a_length(self, kms: Any, key: str, wanted: dict[str, Any]) -> None:
        assert refusal_code(kms.generate_data_key, KeyId=key, **wanted) == "ValidationException"

    @pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P384", "ECC_NIST_EDWARDS25519"])
    def test_come_as_pairs(self, kms: Any, key: str, spec: str) -> None:
        made = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec)
        private = load_der_private_key(made["PrivateKeyPlaintext"], None)
        public = load_der_public_key(made["PublicKey"])
        assert private.public_key() == public
        opened = kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"])
        assert opened["Plaintext"] == made["PrivateKeyPlaintext"]
        without = kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec=spec)
        assert "PrivateKeyPlaintext" not in without

    def test_come_from_symmetric_keys_only(self, kms: Any) -> None:
        rsa_key = make(kms, "RSA_2048", "ENCRYPT_DECRYPT")
        code = refusal_code(kms.generate_data_key, KeyId=rsa_key, KeySpec="AES_256")
        assert code == "InvalidKeyUsageException"

    def test_random_bytes_need_a_length(self, kms: Any) -> None:
        assert len(kms.generate_random(NumberOfBytes=1024)["Plaintext"]) == 1024
        assert refusal_code(kms.generate_random) == "ValidationException"


class TestRsaEncryption:
    @pytest.mark.parametrize(
        ("algorithm", "digest", "limit"),
        [("RSAES_OAEP_SHA_1", hashes.SHA1(), 214), ("RSAES_OAEP_SHA_256", hashes.SHA256(), 190)],
    )
    def test_is_rsa_that_others_can_do_with_the_public_key(
        self, kms: Any, algorithm: str, digest: hashes.HashAlgorithm, limit: int
    ) -> None:
        key = make(kms, "RSA_2048", "ENCRYPT_DECRYPT")
        public = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
        assert isinstance(public, rsa.RSAPublicKey)
        oaep = padding.OAEP(padding.MGF1(digest), digest, None)
        opened = kms.decrypt(
            KeyId=key,
            CiphertextBlob=public.encrypt(b"from outside", oaep),
            EncryptionAlgorithm=algorithm,
        )
        assert opened["Plaintext"] == b"from outside"
        assert "KeyMaterialId" not in opened
        sealed = kms.encrypt(KeyId=key, Plaintext=bytes(limit), EncryptionAlgorithm=algorithm)
        assert len(sealed["CiphertextBlob"]) == 256
        error = refusal(
            kms.encrypt, KeyId=key, Plaintext=bytes(limit + 1), EncryptionAlgorithm=algorithm
        )
        assert f"cannot encrypt data larger than {limit} bytes." in str(error)

    def test_refuses_a_tampered_ciphertext_a_missing_key_and_a_context(self, kms: Any) -> None:
        key = make(kms, "RSA_2048", "ENCRYPT_DECRYPT")
        options = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
        blob = kms.encrypt(KeyId=key, Plaintext=b"x", **options)["CiphertextBlob"]
        bad = bytes([blob[0] ^ 1]) + blob[1:]
        for wrong in (bad, blob[:-1], b"x"):
            code = refusal_code(kms.decrypt, KeyId=key, CiphertextBlob=wrong, **options)
            assert code == "InvalidCiphertextException"
        assert refusal_code(kms.decrypt, CiphertextBlob=blob, **options) == "ValidationException"
        code = refusal_code(
            kms.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"}, **options
        )
        assert code == "ValidationException"

    def test_needs_its_algorithm_named(self, kms: Any) -> None:
        key = make(kms, "RSA_2048", "ENCRYPT_DECRYPT")
        assert refusal_code(kms.encrypt, KeyId=key, Plaintext=b"x") == "InvalidKeyUsageException"


class TestSigning:
    @pytest.mark.parametrize(("spec", "algorithm"), SIGNING)
    def test_gives_what_the_public_key_verifies(self, kms: Any, spec: str, algorithm: str) -> None:
        key = make(kms, spec, "SIGN_VERIFY")
        signature = kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm=algorithm)["Signature"]
        told = kms.get_public_key(KeyId=key)
        assert algorithm in told["SigningAlgorithms"]
        public = load_der_public_key(told["PublicKey"])
        digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[
            algorithm[-3:]
        ]
        if isinstance(public, rsa.RSAPublicKey):
            # AWS's salt is as long as the digest; other verifiers insist on it.
            salted = padding.PSS(padding.MGF1(digest), digest.digest_size)
            chosen = salted if "PSS" in algorithm else padding.PKCS1v15()
            public.verify(signature, MESSAGE, chosen, digest)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            decode_dss_signature(signature)
            public.verify(signature, MESSAGE, ec.ECDSA(digest))
        else:
            assert isinstance(public, ed25519.Ed25519PublicKey)
            public.verify(signature, MESSAGE)
        verified = kms.verify(
            KeyId=key, Message=MESSAGE, Signature=signature, SigningAlgorithm=algorithm
        )
        assert verified["SignatureValid"] is True
        for wrong in (
            {"Message": MESSAGE + b"!", "Signature": signature},
            {"Message": MESSAGE, "Signature": signature[:-1] + bytes([signature[-1] ^ 1])},
            {"Message": MESSAGE, "Signature": b"no signature"},
        ):
            error = refusal(kms.verify, KeyId=key, SigningAlgorithm=algorithm, **wrong)
            assert error.response["Error"] == {
                "Code": "KMSInvalidSignatureException",
                "Message": "",
            }

    @pytest.mark.parametrize(
        ("spec", "algorithm"),
        [("RSA_2048", "RSASSA_PSS_SHA_384"), ("ECC_NIST_P256", "ECDSA_SHA_256")],
    )
    def test_takes_a_digest_for_the_message(self, kms: Any, spec: str, algorithm: str) -> None:
        key = make(kms, spec, "SIGN_VERIFY")
        digest = hashlib.new(f"sha{algorithm[-3:]}", MESSAGE).digest()
        signature = kms.sign(
            KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm=algorithm
        )["Signature"]
        assert kms.verify(
            KeyId=key, Message=MESSAGE, Signature=signature, SigningAlgorithm=algorithm
        )["SignatureValid"]
        error = refusal(
            kms.sign, KeyId=key, Message=b"x", MessageType="DIGEST", SigningAlgorithm=algorithm
        )
        assert error.response["Error"]["Message"] == (
            f"Digest is invalid length for algorithm {algorithm}."
        )

    @pytest.mark.parametrize("kind", ["DIGEST", "EXTERNAL_MU"])
    def test_with_ed25519_takes_whole_messages_only(self, kms: Any, kind: str) -> None:
        key = make(kms, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
        code = refusal_code(
            kms.sign,
            KeyId=key,
            Message=bytes(64),
            MessageType=kind,
            SigningAlgorithm="ED25519_SHA_512",
        )
        assert code == "ValidationException"

    def test_with_an_algorithm_of_another_key_is_refused(self, kms: Any) -> None:
        key = make(kms, "ECC_NIST_P256", "SIGN_VERIFY")
        code = refusal_code(kms.sign, KeyId=key, Message=b"x", SigningAlgorithm="ECDSA_SHA_384")
        assert code == "InvalidKeyUsageException"

    def test_shows_no_public_key_of_a_symmetric_key(self, kms: Any, key: str) -> None:
        assert refusal_code(kms.get_public_key, KeyId=key) == "UnsupportedOperationException"


class TestMacs:
    @pytest.mark.parametrize(("spec", "algorithm"), MACS)
    def test_go_round(self, kms: Any, spec: str, algorithm: str) -> None:
        key = make(kms, spec, "GENERATE_VERIFY_MAC")
        options = {"KeyId": key, "MacAlgorithm": algorithm}
        mac = kms.generate_mac(Message=MESSAGE, **options)["Mac"]
        assert len(mac) == int(spec[-3:]) // 8
        assert kms.verify_mac(Message=MESSAGE, Mac=mac, **options)["MacValid"] is True
        for wrong in ({"Message": b"x", "Mac": mac}, {"Message": MESSAGE, "Mac": mac[:-1]}):
            assert refusal_code(kms.verify_mac, **wrong, **options) == "KMSInvalidMacException"
        other = next(name for _, name in MACS if name != algorithm)
        code = refusal_code(kms.generate_mac, KeyId=key, Message=b"x", MacAlgorithm=other)
        assert code == "InvalidKeyUsageException"


class TestADryRun:
    def test_says_yes_by_an_exception_and_gives_nothing(self, kms: Any, key: str) -> None:
        blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        signer = make(kms, "ECC_NIST_P256", "SIGN_VERIFY")
        mac_key = make(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
        sign = {"KeyId": signer, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
        mac = {"KeyId": mac_key, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
        calls: list[tuple[Any, dict[str, Any]]] = [
            (kms.encrypt, {"KeyId": key, "Plaintext": b"x"}),
            (kms.decrypt, {"CiphertextBlob": blob}),
            (kms.re_encrypt, {"CiphertextBlob": blob, "DestinationKeyId": key}),
            (kms.generate_data_key, {"KeyId": key, "KeySpec": "AES_256"}),
            (kms.generate_data_key_without_plaintext, {"KeyId": key, "KeySpec": "AES_256"}),
            (kms.generate_data_key_pair, {"KeyId": key, "KeyPairSpec": "RSA_4096"}),
            (
                kms.generate_data_key_pair_without_plaintext,
                {"KeyId": key, "KeyPairSpec": "RSA_4096"},
            ),
            (kms.sign, sign),
            (kms.verify, {**sign, "Signature": kms.sign(**sign)["Signature"]}),
            (kms.generate_mac, mac),
            (kms.verify_mac, {**mac, "Mac": kms.generate_mac(**mac)["Mac"]}),
        ]
        for call, params in calls:
            error = refusal(call, **params, DryRun=True)
            assert error.response["Error"]["Code"] == "DryRunOperationException"

    def test_that_would_fail_fails_for_the_same_reason(self, kms: Any, key: str) -> None:
        kms.disable_key(KeyId=key)
        code = refusal_code(kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True)
        assert code == "DisabledException"
        code = refusal_code(kms.decrypt, CiphertextBlob=b"garbage", DryRun=True)
        assert code == "InvalidCiphertextException"

    def test_can_do_without_the_ciphertext(self, kms: Any, key: str) -> None:
        ignore = {"DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
        assert (
            refusal_code(kms.decrypt, KeyId=key, DryRun=True, **ignore)
            == "DryRunOperationException"
        )
        assert refusal_code(kms.decrypt, KeyId=key, **ignore) == "ValidationException"
        assert refusal_code(kms.decrypt, DryRun=True, **ignore) == "ValidationException"
        assert refusal_code(kms.decrypt, KeyId=key) == "ValidationException"


def test_a_nitro_enclave_is_refused(kms: Any, key: str) -> None:
    code = refusal_code(
        kms.generate_data_key,
        KeyId=key,
        KeySpec="AES_256",
        Recipient={"AttestationDocument": b"x"},
    )
    assert code == "UnsupportedOperationException"


def test_hmac_keys_differ_between_two_keys_of_one_spec(kms: Any) -> None:
    macs = [
        kms.generate_mac(
            KeyId=make(kms, "HMAC_256", "GENERATE_VERIFY_MAC"),
            Message=b"m",
            MacAlgorithm="HMAC_SHA_256",
        )["Mac"]
        for _ in range(2)
    ]
    assert not hmac.compare_digest(*macs)
