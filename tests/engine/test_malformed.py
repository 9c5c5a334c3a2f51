"""Malformed and hostile messages: each gets its own error, and releases nothing it must not.

The rows follow the table of required outcomes in the format's reference.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from sealscope import errors
from sealscope.engine.decrypt import decrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.limits import ReadLimits
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.suites import SUITES
from tests.engine import known_answers
from tests.engine.fake_kms import FakeKms
from tests.engine.forge import FRAME, Forge, context_section, edk, u
from tests.engine.known_data_key import KnownDataKey
from tests.engine.messages import ALLOW, seal

V1 = Forge(suite=SUITES[0x0178])
V1_SIGNED = Forge(suite=SUITES[0x0378])
V2 = Forge(suite=SUITES[0x0478])
SIGNED = Forge(suite=SUITES[0x0578])
ALL = [V1, V1_SIGNED, V2, SIGNED]
IDS = [forge.suite.hex_id for forge in ALL]
ORDER_P384 = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    16,
)
ORDERS = {
    0x0214: 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    0x0378: ORDER_P384,
    0x0578: ORDER_P384,
}


def refused(error: type[errors.EnvelopeError], forge: Forge, **options: Any) -> None:
    with pytest.raises(error) as caught:
        forge.open(**options)
    assert type(caught.value) is error or type(caught.value).__mro__[1] is error
    assert caught.value.title
    assert caught.value.detail


def open_bytes(message: bytes, forge: Forge = V2, **options: Any) -> bytes:
    sink = io.BytesIO()
    decrypt(io.BytesIO(message), sink, keyring=KnownDataKey(forge.key), **options)
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
            keyring=keyring,
            commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
        )
        assert keyring.asked == 0

    @pytest.mark.parametrize("forge", [V1_SIGNED, SIGNED], ids=["0378", "0578"])
    def test_23_a_signed_suite_needs_its_verification_key(self, forge: Forge) -> None:
        keyring = KnownDataKey(forge.key)
        refused(
            errors.ContextMismatch,
            forge.but(context=context_section((b"a", b"b"))),
            keyring=keyring,
        )
        assert keyring.asked == 0

    @pytest.mark.parametrize("forge", [V1, V2], ids=["0178", "0478"])
    def test_24_an_unsigned_suite_must_not_have_one(self, forge: Forge) -> None:
        keyring = KnownDataKey(forge.key)
        forged = forge.but(public_key=known_answers.PUBLIC_KEY_P384)
        refused(errors.ContextMismatch, forged, keyring=keyring)
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
        refused(errors.Malformed, SIGNED.but(context=section), keyring=keyring)
        assert keyring.asked == 0

    def test_26_a_stored_pair_that_differs_from_the_expected_one_is_refused(self) -> None:
        keyring = KnownDataKey(V2.key)
        refused(errors.ContextMismatch, V2, keyring=keyring, expected_context={"a": "c"})
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
                decrypt(io.BytesIO(changed), io.BytesIO(), keyring=keyring)

    def test_32_a_commit_key_that_differs_fails_the_commitment(self) -> None:
        refused(errors.CommitmentFailed, V2.but(commit_key=bytes(32)))
        refused(errors.CommitmentFailed, SIGNED, keyring=KnownDataKey(bytes(32)))

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
        refused(errors.HeaderNotAuthentic, V1, keyring=KnownDataKey(bytes(32)))


@pytest.mark.parametrize("forge", [V1, V2], ids=["0178", "0478"])
class TestFrames:
    def test_37_a_missing_body_is_cut_short(self, forge: Forge) -> None:
        refused(errors.Truncated, forge.but(body=b""))

    def test_37_an_end_between_two_frames_is_cut_short(self, forge: Forge) -> None:
        first = forge.frame(1, bytes(FRAME))
        refused(errors.Truncated, forge.but(body=first))
        refused(errors.Truncated, forge.but(body=first + forge.frame(2, bytes(FRAME))))

    @pytest.mark.parametrize("at", [4, 15, 16, 31, 32, 47])
    def test_38_a_changed_frame_is_not_authentic(self, forge: Forge, at: int) -> None:
        body = bytearray(forge.frames())
        body[at] ^= 0x80
        refused(errors.BodyNotAuthentic, forge.but(body=bytes(body)))

    @pytest.mark.parametrize("at", [8, 19, 24, 26, 27, 42])
    def test_38_a_changed_final_frame_is_not_authentic(self, forge: Forge, at: int) -> None:
        body = bytearray(forge.frames())
        body[96 + at] ^= 0x80
        refused(errors.BodyNotAuthentic, forge.but(body=bytes(body)))

    def test_38_a_shorter_final_content_length_is_not_authentic(self, forge: Forge) -> None:
        body = forge.frame(1, b"ten bytes.", "final", stated_length=9)
        refused(errors.BodyNotAuthentic, forge.but(body=body))

    @pytest.mark.parametrize("first", [0, 2, 3, 0xFFFFFFFE])
    def test_39_the_first_frame_is_number_1(self, forge: Forge, first: int) -> None:
        body = forge.frame(first, bytes(FRAME)) + forge.frame(first + 1, b"", "final")
        refused(errors.SequenceError, forge.but(body=body))

    @pytest.mark.parametrize("order", [(2, 1), (1, 1), (1, 3), (2,)])
    def test_39_frames_out_of_order_are_refused(self, forge: Forge, order: tuple[int, ...]) -> None:
        body = b"".join(forge.frame(number, bytes(FRAME)) for number in order)
        refused(errors.SequenceError, forge.but(body=body + forge.frame(3, b"", "final")))

    @pytest.mark.parametrize("number", [0, 1, 2, 4, 0xFFFFFFFF])
    def test_40_the_final_frame_continues_the_count(self, forge: Forge, number: int) -> None:
        body = forge.frame(1, bytes(FRAME)) + forge.frame(2, bytes(FRAME))
        refused(errors.SequenceError, forge.but(body=body + forge.frame(number, b"", "final")))

    def test_41_a_final_frame_longer_than_the_frame_length_is_malformed(self, forge: Forge) -> None:
        body = forge.frame(1, bytes(FRAME + 1), "final")
        refused(errors.Malformed, forge.but(body=body))

    def test_42_a_full_final_frame_is_taken(self, forge: Forge) -> None:
        parts = (bytes(FRAME), bytes(FRAME))
        plaintext, result = forge.but(parts=parts).open()
        assert plaintext == bytes(2 * FRAME)
        assert result.frames == 2

    @pytest.mark.parametrize("parts", [(b"",), (bytes(FRAME), b"")])
    def test_43_an_empty_final_frame_is_taken(self, forge: Forge, parts: Any) -> None:
        plaintext, result = forge.but(parts=parts).open()
        assert plaintext == b"".join(parts)
        assert result.frames == len(parts)

    def test_44_a_frame_relabelled_as_final_is_not_authentic(self, forge: Forge) -> None:
        body = forge.frame(1, bytes(FRAME), "final", label="regular")
        refused(errors.BodyNotAuthentic, forge.but(body=body))

    def test_44_a_final_frame_relabelled_as_regular_is_not_authentic(self, forge: Forge) -> None:
        body = forge.frame(1, bytes(FRAME), label="final") + forge.frame(2, b"", "final")
        refused(errors.BodyNotAuthentic, forge.but(body=body))

    def test_45_a_frame_of_another_message_under_the_same_data_key_is_not_authentic(
        self, forge: Forge
    ) -> None:
        other = forge.but(message_id=bytes(forge.suite.message_id_bytes))
        for body in (
            other.frame(1, bytes(FRAME)) + forge.frame(2, b"", "final"),
            forge.frame(1, bytes(FRAME)) + other.frame(2, b"", "final"),
        ):
            refused(errors.BodyNotAuthentic, forge.but(body=body))

    def test_46_a_regular_frame_shorter_than_the_frame_length_is_refused(
        self, forge: Forge
    ) -> None:
        body = forge.frame(1, bytes(FRAME - 1)) + forge.frame(2, b"", "final")
        refused(errors.BodyNotAuthentic, forge.but(body=body))

    def test_old_writers_random_frame_ivs_are_taken(self, forge: Forge) -> None:
        body = forge.frame(1, bytes(FRAME), iv=b"random bytes")
        body += forge.frame(2, b"x", "final", iv=b"random twice")
        assert forge.but(body=body).open()[0] == bytes(FRAME) + b"x"

    def test_47_a_second_final_frame_is_trailing_data(self, forge: Forge) -> None:
        refused(errors.TrailingData, forge.but(tail=forge.frame(3, b"end", "final")))
        refused(errors.TrailingData, forge.but(tail=forge.frame(4, bytes(FRAME))))

    @pytest.mark.parametrize("tail", [b"\x00", b"\n", bytes(64), b"\x02\x04\x78"])
    def test_54_bytes_after_the_end_are_trailing_data(self, forge: Forge, tail: bytes) -> None:
        sink = io.BytesIO()
        with pytest.raises(errors.TrailingData):
            decrypt(
                io.BytesIO(forge.but(tail=tail).message()),
                sink,
                keyring=KnownDataKey(forge.key),
                commitment_policy=ALLOW,
            )
        assert sink.getvalue() == forge.plaintext[: 2 * FRAME]

    def test_54_a_second_message_is_trailing_data(self, forge: Forge) -> None:
        refused(errors.TrailingData, forge.but(tail=forge.message()))


@pytest.mark.parametrize("suite_id", [0x0014, 0x0178, 0x0378, 0x0478, 0x0578])
class TestBlocks:
    """Messages without frames are only read, never written."""

    def forge(self, suite_id: int, content: bytes = b"one block", **changes: Any) -> Forge:
        forge = Forge(suite=SUITES[suite_id], content_type=1, frame_length=0)
        return forge.but(body=forge.frame(1, content, "block", **changes))

    @pytest.mark.parametrize("content", [b"", b"one block", bytes(100_000)])
    def test_a_block_is_read(self, suite_id: int, content: bytes) -> None:
        plaintext, result = self.forge(suite_id, content).open()
        assert plaintext == content
        assert result.frames == 0

    @pytest.mark.parametrize("length", [2**36 - 32, 2**36, 2**64 - 1])
    def test_48_a_length_beyond_the_formats_is_malformed(self, suite_id: int, length: int) -> None:
        refused(errors.Malformed, self.forge(suite_id, stated_length=length))

    @pytest.mark.parametrize("length", [500, 2**30, 2**36 - 33])
    def test_48_a_length_beyond_the_file_is_cut_short(self, suite_id: int, length: int) -> None:
        refused(errors.Truncated, self.forge(suite_id, stated_length=length))

    def test_49_a_changed_block_is_not_authentic(self, suite_id: int) -> None:
        forge = self.forge(suite_id)
        for at in (0, 11, 20, 28, 29, 44):
            body = bytearray(forge.body or b"")
            body[at] ^= 1
            refused(errors.BodyNotAuthentic, forge.but(body=bytes(body)))

    def test_a_block_beyond_the_limit_is_refused(self, suite_id: int) -> None:
        limits = ReadLimits(max_buffered_bytes=1000)
        refused(errors.LimitExceeded, self.forge(suite_id, bytes(2000)), limits=limits)


@pytest.mark.parametrize("suite_id", [0x0214, 0x0378, 0x0578])
class TestSignatures:
    def forge(self, suite_id: int) -> Forge:
        return Forge(suite=SUITES[suite_id])

    def signature(self, message: bytes, suite_id: int) -> bytes:
        signature = SUITES[suite_id].signature
        assert signature is not None
        return message[-signature.preferred_der_bytes :]

    def test_50_a_missing_footer_is_cut_short(self, suite_id: int) -> None:
        refused(errors.Truncated, self.forge(suite_id).but(footer=b""))
        refused(errors.Truncated, self.forge(suite_id).but(footer=b"\x00"))
        refused(errors.Truncated, self.forge(suite_id).but(footer=b"\x00\x67\x30"))

    def test_51_an_empty_signature_is_invalid(self, suite_id: int) -> None:
        refused(errors.SignatureInvalid, self.forge(suite_id).but(footer=b"\x00\x00"))

    @pytest.mark.parametrize("extra", [-1, 1])
    def test_51_a_length_that_differs_is_refused(self, suite_id: int, extra: int) -> None:
        message = self.forge(suite_id).message()
        der = self.signature(message, suite_id)
        changed = message[: -len(der) - 2] + u(len(der) + extra, 2) + der
        error = errors.Truncated if extra > 0 else errors.SignatureInvalid
        with pytest.raises(error):
            decrypt(
                io.BytesIO(changed),
                io.BytesIO(),
                keyring=KnownDataKey(self.forge(suite_id).key),
                commitment_policy=ALLOW,
            )

    @pytest.mark.parametrize("der", [b"\x30", b"\x30\x00", b"junk", bytes(103), b"\x30\x80" * 50])
    def test_51_what_is_no_signature_is_invalid(self, suite_id: int, der: bytes) -> None:
        refused(errors.SignatureInvalid, self.forge(suite_id).but(signature=der))

    def test_52_a_signature_by_another_key_is_invalid_and_holds_the_last_frame_back(
        self, suite_id: int
    ) -> None:
        forge = self.forge(suite_id)
        other = self.signature(forge.message(), suite_id)
        sink = io.BytesIO()
        with pytest.raises(errors.SignatureInvalid):
            decrypt(
                io.BytesIO(forge.but(signature=other).message()),
                sink,
                keyring=KnownDataKey(forge.key),
                commitment_policy=ALLOW,
            )
        assert sink.getvalue() == forge.plaintext[: 2 * FRAME]

    def test_53_the_other_valid_form_of_a_signature_is_taken(self, suite_id: int) -> None:
        forge = self.forge(suite_id)
        message = forge.message()
        der = self.signature(message, suite_id)
        r, s = decode_dss_signature(der)
        other = encode_dss_signature(r, ORDERS[suite_id] - s)
        changed = message[: -len(der) - 2] + u(len(other), 2) + other
        sink = io.BytesIO()
        decrypt(
            io.BytesIO(changed),
            sink,
            keyring=KnownDataKey(forge.key),
            commitment_policy=ALLOW,
        )
        assert sink.getvalue() == forge.plaintext

    def test_54_bytes_after_the_signature_are_trailing_data(self, suite_id: int) -> None:
        refused(errors.TrailingData, self.forge(suite_id).but(tail=b"\x00"))

    def test_47_a_second_final_frame_is_taken_for_a_signature_and_refused(
        self, suite_id: int
    ) -> None:
        forge = self.forge(suite_id)
        with pytest.raises((errors.Truncated, errors.SignatureInvalid)):
            forge.but(body=forge.frames() + forge.frame(3, b"end", "final")).open()
