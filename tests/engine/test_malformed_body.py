"""Malformed and hostile bodies and footers: nothing is released that was not verified.

The rows are numbered as in the format's table of required outcomes.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from sealscope import errors
from sealscope.engine.decrypt import decrypt
from sealscope.engine.limits import ReadLimits
from sealscope.engine.managers import DefaultManager
from sealscope.engine.suites import SUITES
from tests.engine.forge import (
    FRAME,
    V1,
    V2,
    Forge,
    refused,
    u,
)
from tests.engine.known_data_key import KnownDataKey
from tests.engine.messages import ALLOW

ORDER_P384 = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    16,
)
ORDERS = {
    0x0214: 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    0x0378: ORDER_P384,
    0x0578: ORDER_P384,
}


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
                materials=DefaultManager(KnownDataKey(forge.key)),
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
        refused(errors.LimitExceeded, self.forge(suite_id, bytes(1001)), limits=limits)
        assert self.forge(suite_id, bytes(1000)).open(limits=limits)[0] == bytes(1000)


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
                materials=DefaultManager(KnownDataKey(self.forge(suite_id).key)),
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
                materials=DefaultManager(KnownDataKey(forge.key)),
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
            materials=DefaultManager(KnownDataKey(forge.key)),
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
