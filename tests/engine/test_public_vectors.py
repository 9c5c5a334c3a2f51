"""Messages that other implementations wrote and published."""

from __future__ import annotations

import base64
import io
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import pytest

from sealscope import errors
from sealscope.engine import encryption_context, signing
from sealscope.engine.decrypt import decrypt
from sealscope.engine.derivation import derive
from sealscope.engine.header import Header, parse_header, parse_header_auth
from sealscope.engine.limits import ReadLimits
from sealscope.engine.managers import DefaultManager, MaterialsManager
from sealscope.engine.materials import Keyring
from sealscope.engine.multi_keyring import MultiKeyring
from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.engine.raw_rsa_keyring import RawRsaKeyring, RsaPadding
from sealscope.engine.signing import VerificationKey
from sealscope.engine.streams import ByteInput
from sealscope.formats.envelope import Envelope
from sealscope.formats.recognise import describe
from sealscope.secret import SecretBytes
from tests.engine import vectors
from tests.engine.known_data_key import KnownDataKey
from tests.engine.messages import ALLOW


def parsed(message: bytes) -> tuple[Header, Envelope]:
    source = ByteInput(io.BytesIO(message))
    header = parse_header(source, ReadLimits(max_encrypted_data_keys=None))
    parse_header_auth(source, header)
    return header, describe(io.BytesIO(message), len(message))


def verify_signature(message: bytes, header: Header, envelope: Envelope) -> None:
    signature = header.suite.signature
    assert signature is not None
    key = VerificationKey(signature, header.encryption_context[encryption_context.PUBLIC_KEY])
    footer = envelope.sizes.footer
    transcript = signing.transcript(signature)
    transcript.update(message[:-footer])
    key.verify(message[2 - footer :], transcript.digest())


class TestCommitment:
    """46 messages of the committing suites with every step spelled out."""

    def test_each_of_them_decrypts_or_fails_its_commitment_as_listed(self) -> None:
        cases = vectors.load_json("commitment-known-answers.json")["tests"]
        failures = 0
        for case in cases:
            message = base64.b64decode(case["ciphertext"])
            data_key = base64.b64decode(case["decrypted-dek"])
            header = parse_header(ByteInput(io.BytesIO(message)))
            assert dict(header.encryption_context) == case["encryption-context"]
            assert header.message_id == base64.b64decode(case["message-id"])
            keys = derive(header.suite, SecretBytes(data_key), header.message_id)
            assert base64.b64decode(case["commitment"]) in (keys.commit_key, header.commit_key)
            assert (header.commit_key == keys.commit_key) == case["status"]
            sink = io.BytesIO()
            if not case["status"]:
                failures += 1
                with pytest.raises(errors.CommitmentFailed):
                    decrypt(
                        io.BytesIO(message), sink, materials=DefaultManager(KnownDataKey(data_key))
                    )
                assert sink.getvalue() == b""
                continue
            if "content-encryption-key" in case:
                content_key = base64.b64decode(case["content-encryption-key"])
                assert keys.content_key.reveal() == content_key
            decrypt(io.BytesIO(message), sink, materials=DefaultManager(KnownDataKey(data_key)))
            assert sink.getvalue() == "".join(case["plaintext-frames"]).encode()
        assert (len(cases), failures) == (46, 5)


class TestPython135:
    """360 messages of version 1, all under real KMS keys, so they are parsed, not opened."""

    def test_all_are_parsed_to_their_last_byte_and_the_signed_ones_verify(self) -> None:
        count = signed = 0
        with vectors.Archive("python-1.3.5.zip") as archive:
            for case in archive.json("decrypt_message.json")["tests"].values():
                message = archive.read(case["ciphertext"])
                header, envelope = parsed(message)
                assert envelope.problem == ""
                assert envelope.content.length == len(archive.read(case["plaintext"]))
                assert envelope.sizes.total == len(message)
                assert all(recipient.provider == "aws-kms" for recipient in envelope.recipients)
                assert all(recipient.is_kms for recipient in envelope.recipients)
                if header.suite.signed:
                    verify_signature(message, header, envelope)
                    signed += 1
                count += 1
        assert (count, signed) == (360, 120)


class TestNet401:
    """132 messages of both versions, with and without a required context."""

    made: ClassVar[dict[str, Keyring]] = {}
    PADDINGS: Final = {
        ("oaep-mgf1", "sha256"): RsaPadding.OAEP_SHA256,
        ("oaep-mgf1", "sha512"): RsaPadding.OAEP_SHA512,
    }

    REFUSALS: Final = {"aes": errors.NoUsableKey, "rsa": errors.HeaderNotAuthentic}

    def raw_keyring(self, master: Mapping[str, str], keys: Mapping[str, Any]) -> Keyring:
        """The product's keyring for one of a case's raw keys."""
        key = keys[master["key"]]
        names = master["provider-id"], key["key-id"]
        if master["encryption-algorithm"] == "aes":
            return RawAesKeyring(*names, SecretBytes(base64.b64decode(key["material"])))
        padding = self.PADDINGS[master["padding-algorithm"], master["padding-hash"]]
        return RawRsaKeyring.from_pem(*names, padding, SecretBytes(key["material"].encode()))

    def keyring(self, masters: list[dict[str, str]], keys: Mapping[str, Any]) -> Keyring:
        """All of a case's raw keys as one; made once, as an RSA key takes long to load."""
        name = json.dumps(masters)
        if name not in self.made:
            self.made[name] = MultiKeyring(None, [self.raw_keyring(each, keys) for each in masters])
        return self.made[name]

    def test_all_are_parsed_and_those_under_raw_keys_open(self) -> None:
        opened: Counter[str] = Counter()
        refused: Counter[str] = Counter()
        signed: Counter[str] = Counter()
        with vectors.Archive("v4-Net-4.0.1.zip") as archive:
            manifest = archive.json("manifest.json")
            keys = archive.json(manifest["keys"])["keys"]
            for case in manifest["tests"].values():
                message = archive.read(case["ciphertext"])
                plaintext = archive.read(case["result"]["output"]["plaintext"])
                header, envelope = parsed(message)
                assert envelope.problem == ""
                assert envelope.content.length == len(plaintext)
                masters = case["master-keys"]
                kind = masters[0].get("encryption-algorithm", masters[0]["type"])
                if header.suite.signed:
                    verify_signature(message, header, envelope)
                    signed[kind] += 1
                if kind == "aws-kms":
                    (recipient,) = envelope.recipients
                    assert recipient.is_kms
                    assert recipient.key == keys[masters[0]["key"]]["key-id"]
                    opened["parsed"] += 1
                    continue
                materials = DefaultManager(self.keyring(masters, keys))
                context = case["encryption-context"]
                assert clear(message, materials, context) == plaintext
                opened[kind] += 1
                required = set(context) - set(header.encryption_context)
                assert bool(required) == (case["cmm"] == "RequiredEncryptionContext")
                for key in required:
                    rest = {name: value for name, value in context.items() if name != key}
                    for given in (rest, None):
                        with pytest.raises(self.REFUSALS[kind]):
                            clear(message, materials, given)
                refused[kind] += bool(required)
        assert opened == {"aes": 33, "rsa": 66, "parsed": 33}
        assert refused == {"aes": 11, "rsa": 22}
        assert signed == {"aes": 12, "rsa": 24, "aws-kms": 12}


def clear(message: bytes, materials: MaterialsManager, context: Mapping[str, str] | None) -> bytes:
    sink = io.BytesIO()
    decrypt(
        io.BytesIO(message),
        sink,
        materials=materials,
        expected_context=context,
        commitment_policy=ALLOW,
    )
    return sink.getvalue()
