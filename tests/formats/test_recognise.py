"""What is no envelope is told by what it looks like, so that nobody must guess."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import zipfile

import pytest

from sealscope import errors
from sealscope.formats.recognise import describe
from tests.engine.known_answers import MESSAGES, KnownMessage


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("a", "b")
    return made.getvalue()


LOOKS = [
    (b"", "an empty file"),
    (b"Dear all,\nplease find attached.\n", "a plain text"),
    ("Grüße aus Köln".encode() * 1000, "a plain text"),
    (b"Agenda for Monday, and some more words", "a plain text"),
    (gzip.compress(b"x"), "a gzip archive"),
    (archive(), "a zip archive"),
    (b"age-encryption.org/v1\n-> X25519 abc\n", "an age file"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----\n", "an age file in ASCII armor"),
    (b"\n-----BEGIN PGP MESSAGE-----\n", "an OpenPGP message in ASCII armor"),
    (b"-----BEGIN CERTIFICATE-----\nMIIB", "a certificate"),
    (b"-----BEGIN EC PRIVATE KEY-----\nMIIB", "a private key"),
    (b"-----BEGIN PRIVATE KEY-----\nMIIB", "a private key"),
    (b"-----BEGIN SOMETHING-----\nMIIB", "a PEM file"),
    (b"\x01\x02\x02\x00\x78" + os.urandom(150), "a KMS ciphertext blob"),
    (b"AQICAH" + b"a" * 100, "the Base64 text of a KMS ciphertext blob"),
    (b"\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", "a CMS message"),
    (json.dumps({"a": 1, "sops": {}}).encode(), "a SOPS file"),
    (json.dumps({"encryptedKeyset": "x"}).encode(), "an encrypted Tink keyset"),
    (json.dumps({"x-amz-key-v2": "x"}).encode(), "metadata of the S3 Encryption Client"),
    (json.dumps({"a": 1}).encode(), "a JSON text"),
    (b"eyJhbGciOiJkaXIifQ..aaaa.bbbb.cccc", "a JSON Web Encryption token"),
    (b"password: ENC[AES256_GCM,data:x]", "a SOPS file"),
    (base64.b64encode(bytes(range(256))), "a Base64 text"),
    (bytes(257) + b"ustar" + bytes(100), "a tar archive"),
    (bytes(100), "zero bytes"),
    (b"\x9c\x00\xff\x17" * 40, "unknown binary data"),
    (b"\x02", "unknown binary data"),
    (b"\x02\x99\x99", "unknown binary data"),
]


@pytest.mark.parametrize(("data", "what"), LOOKS, ids=[what for _, what in LOOKS])
def test_what_is_no_envelope_is_told_by_its_looks(data: bytes, what: str) -> None:
    with pytest.raises(errors.NotAnEnvelope) as caught:
        describe(io.BytesIO(data), len(data))
    assert caught.value.detail == f"it looks like {what}"
    assert caught.value.hint


@pytest.mark.parametrize("known", MESSAGES, ids=lambda known: known.name)
class TestBase64:
    def test_a_message_in_base64_is_told_by_name(self, known: KnownMessage) -> None:
        message = known.message
        for text in (
            base64.b64encode(message),
            base64.encodebytes(message),
            b"\xef\xbb\xbf\r\n" + base64.b64encode(message),
            base64.urlsafe_b64encode(message),
        ):
            with pytest.raises(errors.LooksBase64) as caught:
                describe(io.BytesIO(text), len(text))
            assert "base64 -d" in caught.value.hint


def test_a_message_of_an_unknown_suite_is_said_to_be_unsupported() -> None:
    with pytest.raises(errors.Unsupported):
        describe(io.BytesIO(b"\x01\x80\x67\x00" + bytes(100)), 104)


def test_random_files_are_never_taken_for_messages_silently() -> None:
    for seed in range(300):
        data = os.urandom(seed)
        with pytest.raises(errors.EnvelopeError):
            describe(io.BytesIO(data), len(data))
