"""Five frames, cut out and put together in every wrong way, for every suite.

Where the surgeon has no data key the frames keep their own bytes. Where he has it (another
recipient), tags and signature are made anew over the result, so that only the order of the
frames is wrong.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations, product

import pytest

from sealscope import errors
from sealscope.engine.encrypt import write_message
from sealscope.engine.header import parse_header
from sealscope.engine.managers import DefaultManager, EncryptionRequest
from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.secret import SecretBytes
from tests.engine.forge import FRAME, Forge, u
from tests.engine.messages import ALLOW, FORBID
from tests.engine.sample_messages import check_told

COUNT = 5
END = b"\xff" * 4
TEXT = b"".join(bytes([number]) * FRAME for number in range(1, COUNT)) + b"the end"

pytestmark = pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.hex_id)


def frames_of(forge: Forge, number_of: Sequence[int] = range(1, COUNT + 1)) -> list[bytes]:
    """The frames of `TEXT`, sealed under whatever numbers."""
    pieces = [TEXT[at : at + FRAME] for at in range(0, len(TEXT), FRAME)]
    *regular, last = zip(number_of, pieces, strict=True)
    return [forge.frame(*one) for one in regular] + [forge.frame(*last, "final")]


def refusal(forge: Forge, message: bytes, begins: bytes = TEXT) -> str:
    """What opening a message ends with; nothing but the right beginning may have come out."""
    sink = io.BytesIO()
    with pytest.raises(errors.EnvelopeError) as caught:
        forge.open_bytes(message, sink=sink)
    check_told(caught.value)
    assert begins.startswith(sink.getvalue())
    return caught.value.kind


def refused(forge: Forge, frames: Sequence[bytes]) -> str:
    """What a message of these frames ends with, the signature made anew."""
    return refusal(forge, forge.but(body=b"".join(frames)).message())


class TestOrder:
    def test_the_right_one_opens(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite)
        assert forge.but(body=b"".join(frames_of(forge))).open()[0] == TEXT

    def test_the_119_others_do_not(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite)
        wrong = list(permutations(frames_of(forge)))[1:]
        assert len(wrong) == 119
        assert {refused(forge, order) for order in wrong} == {"SequenceError"}

    def test_the_119_others_do_not_open_either_with_the_signature_of_the_right_one(
        self, suite: AlgorithmSuite
    ) -> None:
        forge = Forge(suite=suite)
        frames = frames_of(forge)
        message = forge.but(body=b"".join(frames)).message()
        at = message.index(frames[0])
        end = at + len(b"".join(frames))
        for order in list(permutations(frames))[1:]:
            changed = message[:at] + b"".join(order) + message[end:]
            assert refusal(forge, changed) == "SequenceError"


class TestDropsAndDoubles:
    def test_no_regular_frame_can_be_dropped(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite)
        frames = frames_of(forge)
        for gone in range(COUNT - 1):
            kept = frames[:gone] + frames[gone + 1 :]
            assert refused(forge, kept) == "SequenceError"

    def test_no_number_of_frames_is_enough_without_the_final_one(
        self, suite: AlgorithmSuite
    ) -> None:
        """What follows, if anything does, is then read as a frame: the signature."""
        forge = Forge(suite=suite)
        frames = frames_of(forge)
        expected = {"SequenceError"} if suite.signed else {"Truncated"}
        for kept in range(COUNT):
            assert {refused(forge, frames[:kept])} == expected

    def test_no_regular_frame_can_be_doubled(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite)
        frames = frames_of(forge)
        for index, at in product(range(COUNT - 1), range(COUNT)):
            more = [*frames[:at], frames[index], *frames[at:]]
            assert refused(forge, more) == "SequenceError"

    def test_nothing_follows_the_final_frame(self, suite: AlgorithmSuite) -> None:
        """Where a signature must follow, the first two bytes of a frame are its length."""
        forge = Forge(suite=suite)
        frames = frames_of(forge)
        expected = {"Truncated", "SignatureInvalid"} if suite.signed else {"TrailingData"}
        for frame in frames:
            assert refused(forge, [*frames, frame]) in expected


class TestKinds:
    def test_no_regular_frame_can_be_made_final(self, suite: AlgorithmSuite) -> None:
        """Whatever follows it, and whether or not its number is left in place."""
        forge = Forge(suite=suite)
        frames = frames_of(forge)
        for index, frame in enumerate(frames[:-1]):
            final = END + frame[:16] + u(FRAME, 4) + frame[16:]
            for rest in ([], frames[index + 1 :]):
                made = [*frames[:index], final, *rest]
                assert refused(forge, made) == "BodyNotAuthentic"

    def test_the_final_frame_cannot_be_made_regular(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite)
        last = forge.frame(COUNT, bytes(FRAME), "final")
        regular = last[4:20] + last[24:]
        for rest in ([], [forge.frame(COUNT + 1, b"", "final")], [last]):
            made = [*frames_of(forge)[:-1], regular, *rest]
            assert refused(forge, made) == "BodyNotAuthentic"

    def test_a_final_frame_of_one_message_does_not_end_a_shorter_one(
        self, suite: AlgorithmSuite
    ) -> None:
        """Both under the same data key, cut where the frames fit each other's numbers."""
        forge = Forge(suite=suite)
        other = forge.but(message_id=bytes([7]) * suite.message_id_bytes)
        for kept in range(COUNT - 1):
            end = other.frame(kept + 1, b"the end", "final")
            assert refused(forge, [*frames_of(forge)[:kept], end]) == "BodyNotAuthentic"


class TestNumbers:
    def test_no_other_number_is_taken(self, suite: AlgorithmSuite) -> None:
        """Also if the frame was sealed under it: an order is not only a matter of tags."""
        forge = Forge(suite=suite)
        right = range(1, COUNT + 1)
        for index, wrong in product(range(COUNT), (0, 1, 2, 3, 4, 5, 6, 2**31, 2**32 - 2)):
            numbers = [*right[:index], wrong, *right[index + 1 :]]
            if wrong != index + 1:
                assert refused(forge, frames_of(forge, numbers)) == "SequenceError"

    def test_no_start_and_no_step_but_one_is_taken(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite)
        for numbers in (range(5), range(2, 7), range(5, 0, -1), range(1, 10, 2), [1] * 5):
            assert refused(forge, frames_of(forge, numbers)) == "SequenceError"

    def test_no_bit_of_a_number_can_be_flipped(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite)
        frames = frames_of(forge)
        for index, bit in product(range(COUNT), range(32)):
            at = 4 if index == COUNT - 1 else 0
            number = u(index + 1 ^ 1 << bit, 4)
            changed = frames[index][:at] + number + frames[index][at + 4 :]
            made = [*frames[:index], changed, *frames[index + 1 :]]
            assert refused(forge, made) == "SequenceError"

    def test_the_end_marker_for_a_number_is_no_way_out(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite)
        frames = frames_of(forge)
        for index in range(COUNT - 1):
            made = [*frames[:index], END + frames[index][4:], *frames[index + 1 :]]
            assert refused(forge, made) in {"Malformed", "SequenceError"}


@dataclass(frozen=True)
class Twins:
    """Two messages under one data key, as a cache of data keys makes them.

    Signed ones even share the signing key.
    """

    forge: Forge
    first: list[bytes]
    second: list[bytes]

    @classmethod
    def of(cls, suite: AlgorithmSuite) -> Twins:
        keyring = RawAesKeyring("ns", "kn", SecretBytes(bytes(32)))
        policy = ALLOW if suite.committing else FORBID
        request = EncryptionRequest({"a": "b"}, policy, suite)
        materials = DefaultManager(keyring).for_encryption(request)
        parts = []
        for seed in (b"first", b"second"):
            sink = io.BytesIO()
            write_message(
                io.BytesIO(TEXT),
                sink,
                materials=materials,
                message_id=hashlib.shake_128(seed).digest(suite.message_id_bytes),
                frame_length=FRAME,
            )
            parts.append(split(sink.getvalue()))
        data_key = materials.data_key.reveal()
        return cls(Forge(suite=suite, data_key=data_key), parts[0], parts[1])

    def refusal(self, parts: Sequence[bytes]) -> str:
        return refusal(self.forge, b"".join(parts))


def split(message: bytes) -> list[bytes]:
    """Header, five frames, and the footer (empty where nothing is signed)."""
    header = parse_header(ByteInput(io.BytesIO(message)))
    size, step = len(header.raw) + header.auth_bytes, FRAME + 32
    cuts = [0, *(size + step * number for number in range(COUNT)), 0, len(message)]
    cuts[-2] = cuts[-3] + 40 + len(TEXT) % FRAME
    return [message[at:end] for at, end in pairwise(cuts)]


class TestTwoMessagesUnderOneDataKey:
    def test_open_both(self, suite: AlgorithmSuite) -> None:
        twins = Twins.of(suite)
        for parts in (twins.first, twins.second):
            assert len(parts) == 7
            assert twins.forge.open_bytes(b"".join(parts))[0] == TEXT

    def test_do_not_mix_in_any_of_the_30_ways(self, suite: AlgorithmSuite) -> None:
        twins = Twins.of(suite)
        pairs = list(zip(twins.first, twins.second, strict=True))
        for choice in product((0, 1), repeat=COUNT):
            if len(set(choice)) == 1:
                continue
            body = [pairs[at][which] for at, which in enumerate(choice, 1)]
            for which in (0, 1):
                mixed = [pairs[0][which], *body, pairs[-1][which]]
                assert twins.refusal(mixed) == "BodyNotAuthentic"

    def test_do_not_lend_each_other_headers_or_bodies(self, suite: AlgorithmSuite) -> None:
        twins = Twins.of(suite)
        one, two = twins.first, twins.second
        assert twins.refusal([one[0], *two[1:]]) == "BodyNotAuthentic"
        assert twins.refusal([*one[:1], *two[1:-1], one[-1]]) == "BodyNotAuthentic"
        # The message id stands in front of everything that differs between them.
        size = 2 + (2 if suite.message_version == 1 else 1) + suite.message_id_bytes
        mixed = [two[0][:size] + one[0][size:], *one[1:]]
        assert twins.refusal(mixed) in {"CommitmentFailed", "HeaderNotAuthentic"}

    def test_do_not_lend_each_other_signatures(self, suite: AlgorithmSuite) -> None:
        twins = Twins.of(suite)
        lent = [*twins.first[:-1], twins.second[-1]]
        if suite.signed:
            assert twins.refusal(lent) == "SignatureInvalid"
        else:
            assert lent[-1] == b""


class TestTrailingBytes:
    def test_1_to_64_of_them_are_refused(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite)
        message = forge.but(body=b"".join(frames_of(forge))).message()
        for count in range(1, 65):
            for filling in (b"\x00", b"\xff", b"\n"):
                assert refusal(forge, message + filling * count) == "TrailingData"

    def test_so_are_a_second_message_and_blocks_of_nul(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite)
        message = forge.but(body=b"".join(frames_of(forge))).message()
        other = forge.but(message_id=bytes([7]) * suite.message_id_bytes).message()
        for tail in (message, other, bytes(512), bytes(4096), bytes(1 << 20), message[:50]):
            assert refusal(forge, message + tail) == "TrailingData"

    def test_so_they_are_behind_a_message_without_frames(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite, content_type=1, frame_length=0)
        message = forge.but(body=forge.frame(1, TEXT, "block")).message()
        for tail in (*(bytes(count) for count in range(1, 65)), message, bytes(4096)):
            assert refusal(forge, message + tail) == "TrailingData"

    def test_none_of_them_may_stand_in_front(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite)
        message = forge.message()
        for head in (b"\x00", b"\n", b"\xef\xbb\xbf", bytes(512)):
            assert refusal(forge, head + message) == "NotAnEnvelope"
        assert refusal(forge, message[:1] + message) == "Unsupported"
