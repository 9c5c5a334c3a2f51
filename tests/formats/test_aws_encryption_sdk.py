"""A message is described from its header, its size and its end, and every byte is accounted for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, cast

import pytest

from sealscope import errors
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.formats.envelope import Envelope, Field
from sealscope.formats.recognise import describe
from tests.engine.fake_kms import FakeKms
from tests.engine.known_answers import MESSAGES, KnownMessage
from tests.engine.messages import COMMITTING, Pipe, seal
from tests.formats.huge_message import HugeMessage

BY_NAME = {message.name: message for message in MESSAGES}


class BytePipe(Pipe):
    def seekable(self) -> bool:
        return False

    def as_stream(self) -> BinaryIO:
        return cast("BinaryIO", self)


def described(message: bytes) -> Envelope:
    return describe(io.BytesIO(message), len(message))


def leaves(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        if field.children:
            yield from leaves(field.children)
        else:
            yield field


def named(envelope: Envelope, name: str) -> Field:
    def find(fields: tuple[Field, ...]) -> Iterator[Field]:
        for field in fields:
            if field.name == name:
                yield field
            yield from find(field.children)

    return next(find(envelope.fields))


def assert_every_byte_is_accounted_for(envelope: Envelope, message: bytes) -> None:
    sizes = envelope.sizes
    assert sizes.total == len(message)
    assert sizes.header + sizes.body + sizes.footer + sizes.trailing == sizes.total

    def check(fields: tuple[Field, ...], offset: int) -> int:
        for field in fields:
            assert field.offset == offset, field.name
            if field.children:
                assert check(field.children, offset) == offset + field.length, field.name
            offset += field.length
        return offset

    assert check(envelope.fields, 0) == len(message)


def assert_values_are_what_the_bytes_say(envelope: Envelope, message: bytes) -> None:
    for field in leaves(envelope.fields):
        stored = message[field.offset : field.offset + field.length]
        if field.name == "regular frames" or field.value is None:
            continue
        if isinstance(field.value, int):
            assert int.from_bytes(stored, "big") == field.value, field.name
        else:
            value = field.value.encode() if isinstance(field.value, str) else field.value
            assert stored == value, field.name


@pytest.mark.parametrize("known", MESSAGES, ids=lambda known: known.name)
class TestKnownMessages:
    def test_every_byte_belongs_to_one_field(self, known: KnownMessage) -> None:
        envelope = described(known.message)
        assert_every_byte_is_accounted_for(envelope, known.message)
        assert_values_are_what_the_bytes_say(envelope, known.message)

    def test_the_description_is_right(self, known: KnownMessage) -> None:
        envelope = described(known.message)
        suite = SUITES[known.suite_id]
        assert envelope.problem == ""
        assert envelope.suite.id == f"{known.suite_id:04x}"
        assert envelope.suite.signed == suite.signed
        assert envelope.suite.committing == suite.committing
        assert envelope.version == str(suite.message_version)
        assert envelope.content.length == len(known.plaintext)
        assert envelope.sizes.header == known.header_body_bytes + (
            28 if suite.message_version == 1 else 16
        )
        assert [(who.provider, who.key, who.is_kms) for who in envelope.recipients] == [
            ("ns", "kn", False)
        ]
        assert not envelope.authenticated

    def test_a_pipe_is_described_alike(self, known: KnownMessage) -> None:
        piped = describe(BytePipe(known.message, 50).as_stream())
        assert piped == described(known.message)

    def test_a_cut_anywhere_is_told(self, known: KnownMessage) -> None:
        header = described(known.message).sizes.header
        for length in range(len(known.message)):
            cut = known.message[:length]
            if length < header:
                with pytest.raises((errors.Truncated, errors.NotAnEnvelope)):
                    described(cut)
                continue
            envelope = described(cut)
            assert "cut short" in envelope.problem, length
            assert_every_byte_is_accounted_for(envelope, cut)
            if envelope.content.length is not None:  # only its signature is missing
                assert envelope.content.length == len(known.plaintext)

    def test_bytes_left_over_are_told(self, known: KnownMessage) -> None:
        for count in (1, 2, 16, 32, 40, 100, 1000):
            message = known.message + b"\x00" * count
            envelope = described(message)
            left = "1 byte is" if count == 1 else f"{count} bytes are"
            assert envelope.problem == f"{left} left over after the end of the message"
            assert envelope.sizes.trailing == count
            assert envelope.content.length == len(known.plaintext)
            assert_every_byte_is_accounted_for(envelope, message)


class TestContent:
    @pytest.mark.parametrize("suite", COMMITTING, ids=lambda suite: suite.hex_id)
    @pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 48, 83])
    def test_frames_and_length_follow_from_the_size(
        self, suite: AlgorithmSuite, length: int
    ) -> None:
        kms = FakeKms()
        message, result = seal(kms, bytes(length), keys=[kms.create_key()], suite=suite)
        envelope = described(message)
        assert envelope.content.length == length
        assert envelope.content.frames == result.frames
        assert envelope.problem == ""
        assert_every_byte_is_accounted_for(envelope, message)
        assert_values_are_what_the_bytes_say(envelope, message)

    def test_a_full_final_frame_is_told_from_an_empty_one(self) -> None:
        assert described(BY_NAME["M5"].message).content.frames == 2
        assert described(BY_NAME["M6"].message).content.frames == 1

    def test_a_block_has_no_frames(self) -> None:
        content = described(BY_NAME["M3"].message).content
        assert (content.type, content.frame_length, content.frames) == ("non-framed", 0, 0)

    @pytest.mark.parametrize("length", [8, 70, 101, 102, 103, 104])
    def test_a_signature_of_any_valid_length_is_found(self, length: int) -> None:
        known = BY_NAME["M8"].message
        body_end = len(known) - 105
        signature = b"\x30" + bytes([length - 2]) + b"\x02" * (length - 2)
        message = known[:body_end] + length.to_bytes(2, "big") + signature
        envelope = described(message)
        assert envelope.sizes.footer == length + 2
        assert envelope.content.length == 36
        assert envelope.problem == ""
        assert_every_byte_is_accounted_for(envelope, message)

    def test_frames_that_are_not_where_they_should_be_are_told(self) -> None:
        known = BY_NAME["M1"]
        header = described(known.message).sizes.header
        swapped = bytearray(known.message)
        swapped[header + 48 : header + 52] = (7).to_bytes(4, "big")
        assert described(bytes(swapped)).problem == ""  # its end is right: only decrypting tells
        swapped += b"\x00"
        problem = described(bytes(swapped)).problem
        assert problem == f"damaged: frame 2 is not at byte {header + 48}, where it should be"


class TestFields:
    def test_context_pairs_are_shown_one_by_one(self) -> None:
        envelope = described(BY_NAME["M8"].message)
        group = named(envelope, "encryption context")
        assert [child.name for child in group.children] == [
            "length",
            "pair count",
            "pair 1",
            "pair 2",
        ]
        assert group.meaning == "2 pairs"
        assert group.children[2].meaning == "a = b"

    def test_the_parts_of_a_raw_aes_key_are_shown(self) -> None:
        info = named(described(BY_NAME["M1"].message), "provider information")
        values = {child.name: child.value for child in info.children}
        assert values == {
            "key name": "kn",
            "tag length": 128,
            "IV length": 12,
            "IV": bytes(range(0x10, 0x1C)),
        }

    def test_a_kms_recipient_is_named_by_its_arn(self) -> None:
        kms = FakeKms()
        arn = kms.create_key()
        message, _ = seal(kms, b"", keys=[arn])
        (recipient,) = described(message).recipients
        assert (recipient.provider, recipient.key, recipient.is_kms) == ("aws-kms", arn, True)
        assert recipient.encrypted_data_key_bytes > 32

    def test_what_aws_kms_does_not_know_is_no_kms_key(self) -> None:
        kms = FakeKms()
        arn = kms.create_key()
        message, _ = seal(kms, b"", keys=[arn])
        odd = message.replace(b":key/", b":yek/")
        assert [who.is_kms for who in described(odd).recipients] == [False]

    def test_the_final_frame_is_taken_apart(self) -> None:
        frame = named(described(BY_NAME["M2"].message), "final frame")
        assert {child.name: child.value for child in frame.children} | {"tag": b""} == {
            "end marker": b"\xff" * 4,
            "sequence number": 3,
            "IV": bytes(11) + b"\x03",
            "content length": 4,
            "content": None,
            "tag": b"",
        }


class TestHugeFiles:
    @pytest.mark.parametrize("name", ["M2", "M8"])
    def test_a_message_of_100_gib_is_described_from_a_few_bytes(self, name: str) -> None:
        known = BY_NAME[name]
        envelope = described(known.message)
        # The header's frame length is 16; with 64 KiB the numbers stay below 2**32 too.
        header = bytearray(known.message[: envelope.sizes.header])
        at = named(envelope, "frame length").offset
        header[at : at + 4] = (65536).to_bytes(4, "big")
        footer = known.message[len(known.message) - envelope.sizes.footer :]
        footer = footer if envelope.sizes.footer else b""
        frames = 100 * 2**30 // 65536
        huge = HugeMessage(bytes(header), 65536, frames, 1234, footer)

        found = describe(huge.as_stream(), huge.size)

        assert found.content.frames == frames + 1
        assert found.content.length == frames * 65536 + 1234
        assert found.problem == ""
        assert found.sizes.total == huge.size
        assert huge.bytes_read < 2**20

    def test_finding_where_a_huge_damaged_message_ends_reads_little_too(self) -> None:
        known = BY_NAME["M2"]
        header = known.message[: described(known.message).sizes.header]
        frames = 3_000_000_000
        huge = HugeMessage(header, 16, frames, 5, b"left over")

        found = describe(huge.as_stream(), huge.size)

        assert found.problem == "9 bytes are left over after the end of the message"
        assert found.content.length == frames * 16 + 5
        assert huge.bytes_read < 2**20

    def test_65535_recipients_are_described_within_bounds(self) -> None:
        known = BY_NAME["M2"].message
        at = named(described(known), "encrypted data keys").offset
        length = named(described(known), "encrypted data keys").length
        keys = (65535).to_bytes(2, "big") + bytes(6) * 65535
        envelope = described(known[:at] + keys + known[at + length :])
        assert len(envelope.recipients) == 65535
        assert sum(1 for _ in leaves(envelope.fields)) < 2500
        assert_every_byte_is_accounted_for(envelope, known[:at] + keys + known[at + length :])

    def test_a_header_beyond_a_mebibyte_is_refused(self) -> None:
        known = BY_NAME["M2"].message
        at = named(described(known), "encrypted data keys").offset
        key = bytes(2) + (65535).to_bytes(2, "big") + bytes(65535) + bytes(2)
        with pytest.raises(errors.LimitExceeded):
            described(known[:at] + (100).to_bytes(2, "big") + key * 100)
