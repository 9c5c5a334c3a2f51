"""Messages that other implementations wrote and published."""

from __future__ import annotations

import base64
import io

import pytest

from sealscope import errors
from sealscope.engine import encryption_context, signing
from sealscope.engine.decrypt import decrypt
from sealscope.engine.derivation import derive
from sealscope.engine.header import Header, parse_header, parse_header_auth
from sealscope.engine.limits import ReadLimits
from sealscope.engine.managers import DefaultManager
from sealscope.engine.signing import VerificationKey
from sealscope.engine.streams import ByteInput
from sealscope.formats.envelope import Envelope
from sealscope.formats.recognise import describe
from sealscope.secret import SecretBytes
from tests.engine import vectors
from tests.engine.known_data_key import KnownDataKey
from tests.engine.messages import ALLOW
from tests.engine.raw_aes import RawAesKeyring


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

    def test_all_are_parsed_and_those_under_raw_aes_keys_open(self) -> None:
        opened = count = 0
        with vectors.Archive("v4-Net-4.0.1.zip") as archive:
            manifest = archive.json("manifest.json")
            keys = archive.json(manifest["keys"])["keys"]
            for case in manifest["tests"].values():
                message = archive.read(case["ciphertext"])
                plaintext = archive.read(case["result"]["output"]["plaintext"])
                header, envelope = parsed(message)
                assert envelope.problem == ""
                assert envelope.content.length == len(plaintext)
                if header.suite.signed:
                    verify_signature(message, header, envelope)
                count += 1
                master, *_ = case["master-keys"]
                if master["type"] != "raw" or master["encryption-algorithm"] != "aes":
                    continue
                key = base64.b64decode(keys[master["key"]]["material"])
                sink = io.BytesIO()
                decrypt(
                    io.BytesIO(message),
                    sink,
                    materials=DefaultManager(
                        RawAesKeyring(master["provider-id"], master["key"], key)
                    ),
                    expected_context=case.get("encryption-context"),
                    commitment_policy=ALLOW,
                )
                assert sink.getvalue() == plaintext
                opened += 1
        assert (count, opened) == (132, 33)
