"""No change to a message goes unseen: every bit, every cut, every order of its frames."""

from __future__ import annotations

import io
from itertools import permutations

import pytest

from sealscope import errors
from sealscope.engine.decrypt import decrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.suites import SUITES, AlgorithmSuite
from tests.engine.fake_kms import FakeKms
from tests.engine.forge import FRAME, Forge
from tests.engine.messages import ALLOW, COMMITTING, seal

PLAINTEXT = b"0123456789abcdefghijklmnopqrstuvwxyz"
ALL = tuple(SUITES.values())


def accepted(keyring: KmsKeyring, message: bytes) -> bool:
    """Whether it decrypts, or is refused without a word of help.

    Any error that is not ours passes through and fails the test.
    """
    try:
        decrypt(
            io.BytesIO(message),
            io.BytesIO(),
            materials=DefaultManager(keyring),
            commitment_policy=ALLOW,
        )
    except errors.EnvelopeError as refusal:
        return not (refusal.title and refusal.detail and refusal.hint)
    return True


def sealed(suite: AlgorithmSuite, keys: int = 1) -> tuple[KmsKeyring, bytes]:
    kms = FakeKms()
    arns = [kms.create_key() for _ in range(keys)]
    message, _ = seal(kms, PLAINTEXT, keys=arns, context={"a": "b"}, suite=suite)
    return KmsKeyring.strict(kms, arns), message


def flipped(message: bytes) -> list[bytes]:
    return [
        message[:at] + bytes([message[at] ^ (1 << bit)]) + message[at + 1 :]
        for at in range(len(message))
        for bit in range(8)
    ]


class TestCommittingSuites:
    @pytest.mark.parametrize("suite", COMMITTING, ids=lambda suite: suite.hex_id)
    def test_every_flipped_bit_is_refused(self, suite: AlgorithmSuite) -> None:
        keyring, message = sealed(suite)
        assert accepted(keyring, message)
        assert not any(accepted(keyring, changed) for changed in flipped(message))

    @pytest.mark.parametrize("suite", COMMITTING, ids=lambda suite: suite.hex_id)
    @pytest.mark.parametrize("keys", [1, 3])
    def test_every_cut_is_refused(self, suite: AlgorithmSuite, keys: int) -> None:
        keyring, message = sealed(suite, keys)
        assert not any(accepted(keyring, message[:length]) for length in range(len(message)))


@pytest.mark.exhaustive
@pytest.mark.parametrize("suite", ALL, ids=lambda suite: suite.hex_id)
class TestEverySuite:
    @pytest.mark.parametrize("keys", [1, 3])
    def test_every_flipped_bit_and_every_cut_is_refused(
        self, suite: AlgorithmSuite, keys: int
    ) -> None:
        keyring, message = sealed(suite, keys)
        assert accepted(keyring, message)
        assert not any(accepted(keyring, changed) for changed in flipped(message))
        assert not any(accepted(keyring, message[:length]) for length in range(len(message)))

    def test_so_it_is_without_frames(self, suite: AlgorithmSuite) -> None:
        forge = Forge(suite=suite, content_type=1, frame_length=0)
        forge = forge.but(body=forge.frame(1, PLAINTEXT, "block"))
        message = forge.message()
        for changed in [*flipped(message), *(message[:n] for n in range(len(message)))]:
            with pytest.raises(errors.EnvelopeError):
                forge.open_bytes(changed)


@pytest.mark.parametrize("suite", COMMITTING, ids=lambda suite: suite.hex_id)
class TestFrameSurgery:
    """Five frames, cut out and put together in every wrong way, the signature made anew."""

    def forge(self, suite: AlgorithmSuite) -> tuple[Forge, list[bytes]]:
        forge = Forge(suite=suite)
        regular = [forge.frame(number, bytes([number]) * FRAME) for number in range(1, 5)]
        return forge, [*regular, forge.frame(5, b"end", "final")]

    def test_the_right_order_opens(self, suite: AlgorithmSuite) -> None:
        forge, frames = self.forge(suite)
        assert forge.but(body=b"".join(frames)).open()[0].endswith(b"end")

    def test_no_other_order_opens(self, suite: AlgorithmSuite) -> None:
        forge, frames = self.forge(suite)
        orders = list(permutations(frames))[1:]
        assert len(orders) == 119
        for order in orders:
            with pytest.raises(errors.EnvelopeError):
                forge.but(body=b"".join(order)).open()

    def test_no_frame_can_be_dropped_or_doubled(self, suite: AlgorithmSuite) -> None:
        forge, frames = self.forge(suite)
        for index, frame in enumerate(frames):
            for others in ([], [frame, frame]):
                body = b"".join([*frames[:index], *others, *frames[index + 1 :]])
                with pytest.raises(errors.EnvelopeError):
                    forge.but(body=body).open()

    def test_frames_of_two_messages_under_one_data_key_do_not_mix(
        self, suite: AlgorithmSuite
    ) -> None:
        forge, frames = self.forge(suite)
        other = forge.but(message_id=bytes(32))
        others = [other.frame(number, bytes([number]) * FRAME) for number in range(1, 5)]
        others.append(other.frame(5, b"end", "final"))
        for index in range(5):
            for body in (
                [*frames[:index], others[index], *frames[index + 1 :]],
                [*frames[:index], *others[index:]],
            ):
                with pytest.raises(errors.BodyNotAuthentic):
                    forge.but(body=b"".join(body)).open()


class TestTrailingBytes:
    @pytest.mark.parametrize("suite", COMMITTING, ids=lambda suite: suite.hex_id)
    def test_any_number_of_them_is_refused(self, suite: AlgorithmSuite) -> None:
        keyring, message = sealed(suite)
        for tail in (*(bytes(n) for n in range(1, 65)), message, b"\xff" * 40, bytes(4096)):
            with pytest.raises(errors.TrailingData):
                decrypt(io.BytesIO(message + tail), io.BytesIO(), materials=DefaultManager(keyring))
