"""Malformed and hostile headers: each gets its own error, and KMS is asked as late as can be.

The rows are numbered as in the format's table of required outcomes.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest

from sealscope import errors
from sealscope.engine.decrypt import decrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.limits import ReadLimits
from sealscope.engine.managers import DefaultManager
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.suites import SUITES
from tests.engine import known_answers
from tests.engine.fake_kms import FakeKms
from tests.engine.forge import (
    FRAME,
    SIGNED,
    V1,
    V1_SIGNED,
    V2,
    Forge,
    context_section,
    edk,
    refused,
    u,
)
from tests.engine.known_data_key import KnownDataKey
from tests.engine.messages import ALLOW, seal

ALL = [V1, V1_SIGNED, V2, SIGNED]
IDS = [forge.suite.hex_id for forge in ALL]


def open_bytes(message: bytes, forge: Forge = V2, **options: Any) -> bytes:
    sink = io.BytesIO()
    decrypt(io.BytesIO(message), sink, materials=DefaultManager(KnownDataKey(forge.key)), **options)
    return sink.getvalue()


@pytest.mark.parametrize("forge", ALL, ids=IDS)
def test_the_forged_messages_are_right_unless_something_is_made_wrong(forge: Forge) -> None:
    assert forge.open()[0] == forge.plaintext


class TestTheFirstBytes:
    def test_1_an_empty_input_is_cut_short(self) -> None:
        with pytest.raises(errors.Truncated):
            open_bytes(b"")

    @pytest.mark.parametrize("forge", ALL, ids=IDS)
    def test_2_base64_is_told_by_name(self, forge: Forge) -> None:
        with pytest.raises(errors.LooksBase64) as caught:
            open_bytes(base64.b64encode(forge.message()))
        assert "base64 -d" in caught.value.hint

    @pytest.mark.parametrize("version", [0, 3, 0x41, 0xFF])
    def test_3_an_unknown_version_is_no_message(self, version: int) -> None:
        refused(errors.NotAnEnvelope, V2.but(version=version))

    @pytest.mark.parametrize("message_type", [0, 0x7F, 0x81, 0xFF])
    def test_4_an_unknown_type_is_unsupported(self, message_type: int) -> None:
        refused(errors.Unsupported, V1.but(message_type=message_type))


class TestTheHeader:
    @pytest.mark.parametrize("suite_id", ["0000", "0070", "0074", "6700", "6701", "0179", "ffff"])
    @pytest.mark.parametrize("forge", [V1, V2], ids=["v1", "v2"])
    def test_5_an_unknown_suite_is_unsupported(self, forge: Forge, suite_id: str) -> None:
        refused(errors.Unsupported, forge.but(suite_bytes=bytes.fromhex(suite_id)))

    @pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.hex_id)
    def test_6_a_suite_of_the_other_version_is_unsupported(self, suite: Any) -> None:
        forge = V1 if suite.message_version == 2 else V2
        refused(errors.Unsupported, forge.but(suite_bytes=u(suite.id, 2)))

    @pytest.mark.parametrize(
        ("context", "length"),
        [
            (b"\x00", None),
            (b"\x00\x00\x00", None),
            (u(0, 2) + b"\x00\x01a\x00\x01b", None),
            (u(1, 2), None),
            (u(2, 2) + b"\x00\x01a\x00\x01b", None),
            (u(1, 2) + b"\x00\x01a\x00\x02b", None),
            (u(1, 2) + b"\x00\x01a", None),
            (u(1, 2) + b"\x00\x01a\x00", None),
            (u(1, 2) + b"\xff\xffa\x00\x01b", None),
            (u(1, 2) + b"\x00\x01a\x00\x01b\x00", None),
        ],
    )
    def test_8_a_context_with_wrong_lengths_is_malformed(
        self, context: bytes, length: int | None
    ) -> None:
        refused(errors.Malformed, V2.but(context=context, context_length=length))

    @pytest.mark.parametrize("context", [b"", b"\x00\x00"])
    def test_9_both_forms_of_an_empty_context_are_taken(self, context: bytes) -> None:
        plaintext, result = V2.but(context=context).open()
        assert plaintext == V2.plaintext
        assert result.encryption_context == {}

    def test_10_a_doubled_key_is_malformed(self) -> None:
        section = context_section((b"a", b"1"), (b"a", b"2"))
        refused(errors.Malformed, V2.but(context=section))

    @pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"])
    def test_11_text_that_is_no_utf8_is_malformed(self, bad: bytes) -> None:
        refused(errors.Malformed, V2.but(context=context_section((bad, b"x"))))
        refused(errors.Malformed, V2.but(context=context_section((b"x", bad))))
        refused(errors.Malformed, V2.but(edks=[edk(provider=bad)]))

    def test_12_an_unsorted_context_is_taken(self) -> None:
        section = context_section((b"b", b"1"), (b"a", b"2"))
        assert list(V2.but(context=section).open()[1].encryption_context) == ["b", "a"]

    def test_13_no_encrypted_data_key_is_malformed(self) -> None:
        refused(errors.Malformed, V2.but(edks=[]))

    def test_14_too_many_encrypted_data_keys_are_refused_before_they_are_read(self) -> None:
        forge = V2.but(edks=[edk()] * 11)
        refused(errors.LimitExceeded, forge)
        header = forge.message()[: 1 + 2 + 32 + 2 + 8 + 2]
        with pytest.raises(errors.LimitExceeded):
            open_bytes(header)

    def test_15_as_many_as_the_limit_are_taken_and_any_number_without_one(self) -> None:
        forge = V2.but(edks=[edk()] * 10)
        assert forge.open()[0] == V2.plaintext
        many = V2.but(edks=[edk()] * 500)
        assert many.open(limits=ReadLimits(max_encrypted_data_keys=None))[0] == V2.plaintext

    @pytest.mark.parametrize("content_type", [0, 3, 0xFF])
    def test_16_an_unknown_content_type_is_unsupported(self, content_type: int) -> None:
        for forge in (V1, V2):
            refused(errors.Unsupported, forge.but(content_type=content_type))

    def test_17_reserved_bytes_must_be_zero(self) -> None:
        for position in range(4):
            reserved = bytearray(4)
            reserved[position] = 1
            refused(errors.Malformed, V1.but(reserved=bytes(reserved)))

    @pytest.mark.parametrize("length", [0, 11, 13, 16, 255])
    def test_18_the_iv_length_must_be_the_suites(self, length: int) -> None:
        refused(errors.Malformed, V1.but(iv_length=length))

    def test_19_the_frame_length_must_fit_the_content_type(self) -> None:
        for forge in (V1, V2):
            refused(errors.Malformed, forge.but(frame_length=0))
            refused(errors.Malformed, forge.but(content_type=1, frame_length=1))

    def test_20_a_frame_length_beyond_the_limit_is_refused(self) -> None:
        refused(errors.LimitExceeded, V2, limits=ReadLimits(max_frame_length=FRAME - 1))
        assert V2.open(limits=ReadLimits(max_frame_length=FRAME))[0] == V2.plaintext

    def test_a_header_beyond_its_limit_is_refused(self) -> None:
        big = V2.but(edks=[edk(ciphertext=bytes(65535))] * 10)
        assert big.open()[0] == V2.plaintext
        refused(errors.LimitExceeded, big, limits=ReadLimits(max_header_bytes=400_000))


class TestPolicyAndContext:
    @pytest.mark.parametrize("forge", [V1, V1_SIGNED], ids=["0178", "0378"])
    def test_21_a_suite_without_commitment_is_refused_before_any_key_is_used(
        self, forge: Forge
    ) -> None:
        keyring = KnownDataKey(forge.key)
        refused(
            errors.CommitmentPolicyError,
            forge,
            materials=DefaultManager(keyring),
            commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
        )
        assert keyring.asked == 0

    @pytest.mark.parametrize("forge", [V1_SIGNED, SIGNED], ids=["0378", "0578"])
    def test_23_a_signed_suite_needs_its_verification_key(self, forge: Forge) -> None:
        keyring = KnownDataKey(forge.key)
        refused(
            errors.ContextMismatch,
            forge.but(context=context_section((b"a", b"b"))),
            materials=DefaultManager(keyring),
        )
        assert keyring.asked == 0

    @pytest.mark.parametrize("forge", [V1, V2], ids=["0178", "0478"])
    def test_24_an_unsigned_suite_must_not_have_one(self, forge: Forge) -> None:
        keyring = KnownDataKey(forge.key)
        forged = forge.but(public_key=known_answers.PUBLIC_KEY_P384)
        refused(errors.ContextMismatch, forged, materials=DefaultManager(keyring))
        assert keyring.asked == 0

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "!",
            "ä",
            known_answers.PUBLIC_KEY_P384 + "\n",
            known_answers.PUBLIC_KEY_P384[:-2],
            known_answers.PUBLIC_KEY_P384[:-3] + "B==",
            known_answers.PUBLIC_KEY_P256,
            base64.b64encode(b"\x04" + bytes(96)).decode(),
            base64.b64encode(b"\x04" + bytes(48)).decode(),
            base64.b64encode(b"\x00").decode(),
            base64.b64encode(b"\x00" * 49).decode(),
            base64.b64encode(b"\x05" + bytes(48)).decode(),
            base64.b64encode(b"\x02" + b"\xff" * 48).decode(),
            base64.b64encode(b"\x02" + bytes(47) + b"\x04").decode(),
        ],
    )
    def test_25_a_verification_key_that_is_none_is_malformed(self, text: str) -> None:
        keyring = KnownDataKey(SIGNED.key)
        section = context_section((b"aws-crypto-public-key", text.encode()))
        refused(errors.Malformed, SIGNED.but(context=section), materials=DefaultManager(keyring))
        assert keyring.asked == 0

    def test_26_a_stored_pair_that_differs_from_the_expected_one_is_refused(self) -> None:
        keyring = KnownDataKey(V2.key)
        refused(
            errors.ContextMismatch,
            V2,
            materials=DefaultManager(keyring),
            expected_context={"a": "c"},
        )
        assert keyring.asked == 0
        assert V2.open(expected_context={"a": "b"})[0] == V2.plaintext

    def test_35_a_pair_that_was_never_authenticated_fails_the_header(self) -> None:
        refused(errors.HeaderNotAuthentic, V2, expected_context={"x": "y"})


class TestKeys:
    def test_27_28_other_recipients_and_other_ciphertexts_do_not_open(self) -> None:
        kms = FakeKms()
        key, other = kms.create_key(), kms.create_key()
        message, _ = seal(kms, b"text", keys=[key])
        keyring = KmsKeyring.strict(kms, [key])
        for changed in (
            message.replace(key.encode(), other.encode()),
            message.replace(b":kms:", b":smk:"),
            message.replace(b"aws-kms", b"aws-ksm"),
            message.replace(key.rpartition("/")[2].encode() + b"\x00", b"x" * 36 + b"\x00"),
        ):
            assert changed != message
            with pytest.raises(errors.NoUsableKey):
                decrypt(io.BytesIO(changed), io.BytesIO(), materials=DefaultManager(keyring))

    def test_32_a_commit_key_that_differs_fails_the_commitment(self) -> None:
        refused(errors.CommitmentFailed, V2.but(commit_key=bytes(32)))
        refused(errors.CommitmentFailed, SIGNED, materials=DefaultManager(KnownDataKey(bytes(32))))

    @pytest.mark.parametrize("forge", ALL, ids=IDS)
    def test_34_a_wrong_header_tag_is_not_authentic(self, forge: Forge) -> None:
        refused(errors.HeaderNotAuthentic, forge.but(header_tag=bytes(16)))

    def test_34_a_wrong_stored_header_iv_is_not_authentic(self) -> None:
        message = bytearray(V1.message())
        message[len(message) - len(V1.frames()) - 28] ^= 1
        with pytest.raises(errors.HeaderNotAuthentic):
            open_bytes(bytes(message), V1, commitment_policy=ALLOW)

    def test_a_random_stored_header_iv_is_taken_as_old_writers_had_it(self) -> None:
        assert V1.but(header_iv=b"random bytes").open()[0] == V1.plaintext

    def test_without_commitment_a_wrong_data_key_is_seen_at_the_header_tag(self) -> None:
        refused(errors.HeaderNotAuthentic, V1, materials=DefaultManager(KnownDataKey(bytes(32))))
