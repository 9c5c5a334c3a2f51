"""Messages of the AWS Encryption SDK for .NET 4.0.0: refused, and told why.

That version deviates in two ways: (a) the HKDF of version 1 suites leaves the message id out,
and (b) a required context that is empty is authenticated as a count of zero, not as no bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sealscope import errors
from sealscope.engine import encryption_context
from sealscope.engine.decrypt import decrypt
from sealscope.engine.derivation import derive
from sealscope.engine.header import Header, parse_header
from sealscope.engine.managers import DefaultManager
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.secret import SecretBytes
from tests.engine.forge import Forge
from tests.engine.known_data_key import KnownDataKey
from tests.engine.messages import ALLOW

HASHES: Mapping[str, hashes.HashAlgorithm] = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384()}
REQUIRED = {"r": "s"}
HKDF_V1 = [suite for suite in SUITES.values() if suite.message_version == 1 and suite.kdf_hash]
OTHERS = [suite for suite in SUITES.values() if suite not in HKDF_V1]
CAUSE = "AWS Encryption SDK for .NET 4.0.0"


def each(suites: list[AlgorithmSuite]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("suite", suites, ids=lambda suite: suite.hex_id)


def key_with_a(header: Header, data_key: bytes) -> bytes:
    """The content key with deviation (a)."""
    suite = header.suite
    if suite not in HKDF_V1 or suite.kdf_hash is None:
        return right_key(header, data_key)
    suite_id = suite.id.to_bytes(2, "big")
    return HKDF(HASHES[suite.kdf_hash], suite.key_bytes, None, suite_id).derive(data_key)


def right_key(header: Header, data_key: bytes) -> bytes:
    return derive(header.suite, SecretBytes(data_key), header.message_id).content_key.reveal()


def forged(suite: AlgorithmSuite, required: bytes, *, a: bool = True, b: bool = True) -> bytes:
    """A message whose header has the tag of .NET 4.0.0, or half of what makes it so."""
    forge = Forge(suite=suite)
    message = bytearray(forge.message())
    header = parse_header(ByteInput(io.BytesIO(message)))
    key = key_with_a(header, forge.key) if a else right_key(header, forge.key)
    appended = required or (b"\x00\x00" if b else b"")
    start = len(header.raw) + header.auth_bytes - 16
    message[start : start + 16] = AESGCM(key).encrypt(bytes(12), b"", header.raw + appended)
    return bytes(message)


def failure(message: bytes, expected: Mapping[str, str] | None = None) -> errors.HeaderNotAuthentic:
    sink = io.BytesIO()
    suite = parse_header(ByteInput(io.BytesIO(message))).suite
    with pytest.raises(errors.HeaderNotAuthentic) as caught:
        decrypt(
            io.BytesIO(message),
            sink,
            materials=DefaultManager(KnownDataKey(bytes(range(suite.key_bytes)))),
            expected_context=expected,
            commitment_policy=ALLOW,
        )
    assert type(caught.value) is errors.HeaderNotAuthentic
    assert sink.getvalue() == b""
    return caught.value


class TestRefusal:
    @each([*SUITES.values()])
    def test_without_a_required_context_the_cause_is_named(self, suite: AlgorithmSuite) -> None:
        error = failure(forged(suite, b""))
        assert CAUSE in error.detail
        assert "made the header's tag differently" in error.detail
        assert "4.0.1 or later" in error.hint

    @each(HKDF_V1)
    def test_with_one_it_is_named_where_the_derivation_deviates(
        self, suite: AlgorithmSuite
    ) -> None:
        message = forged(suite, encryption_context.serialize(REQUIRED))
        assert CAUSE in failure(message, REQUIRED).detail

    @each([suite for suite in OTHERS if not suite.signed])
    def test_with_one_the_other_messages_are_right_and_open(self, suite: AlgorithmSuite) -> None:
        message = forged(suite, encryption_context.serialize(REQUIRED))
        plaintext, _ = Forge(suite=suite).open_bytes(message, expected_context=REQUIRED)
        assert plaintext == Forge(suite=suite).plaintext


class TestNoOtherCause:
    """It is named only for certain."""

    @each([*SUITES.values()])
    def test_a_damaged_tag_is_only_a_wrong_tag(self, suite: AlgorithmSuite) -> None:
        message = bytearray(forged(suite, b""))
        header = parse_header(ByteInput(io.BytesIO(message)))
        message[len(header.raw) + header.auth_bytes - 1] ^= 1
        assert ".NET" not in str(failure(bytes(message)))

    @each(HKDF_V1)
    @pytest.mark.parametrize(("a", "b"), [(True, False), (False, True)])
    def test_half_of_the_deviations_are_not_enough(
        self, suite: AlgorithmSuite, a: bool, b: bool
    ) -> None:
        assert ".NET" not in str(failure(forged(suite, b"", a=a, b=b)))

    @each([*SUITES.values()])
    def test_a_pair_too_many_is_told_as_before(self, suite: AlgorithmSuite) -> None:
        error = failure(forged(suite, b""), REQUIRED)
        assert ".NET" not in str(error)
        assert "context pairs" in error.hint

    @each(HKDF_V1)
    def test_a_required_pair_that_is_missing_is_told_as_before(self, suite: AlgorithmSuite) -> None:
        error = failure(forged(suite, encryption_context.serialize(REQUIRED)))
        assert ".NET" not in str(error)
