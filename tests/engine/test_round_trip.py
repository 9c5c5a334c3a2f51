"""What is encrypted decrypts to itself: every suite, every way a body can end, any stream."""

from __future__ import annotations

import hashlib
import io
from typing import BinaryIO, cast

import pytest

from sealscope import errors
from sealscope.engine.decrypt import decrypt
from sealscope.engine.encrypt import encrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.suites import SUITES, AlgorithmSuite
from tests.engine.fake_kms import FakeKms
from tests.engine.messages import COMMITTING, Pipe, Trickle, open_with, seal

FRAME = 16


def text(length: int) -> bytes:
    return hashlib.shake_128(b"plaintext").digest(length)


@pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.hex_id)
@pytest.mark.parametrize("length", [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 5 * FRAME + 3])
def test_a_message_decrypts_to_what_was_encrypted(suite: AlgorithmSuite, length: int) -> None:
    kms = FakeKms()
    key = kms.create_key()
    message, sealed = seal(kms, text(length), keys=[key], context={"a": "b"}, suite=suite)
    plaintext, opened = open_with(kms, message, keys=[key])

    assert plaintext == text(length)
    assert sealed.message_bytes == opened.message_bytes == len(message)
    assert sealed.plaintext_bytes == opened.plaintext_bytes == length
    assert sealed.frames == opened.frames == length // FRAME + 1
    assert sealed.message_id == opened.message_id
    assert opened.suite_id == suite.id
    assert opened.opened_by == key
    assert opened.encryption_context == sealed.encryption_context
    assert opened.encryption_context["a"] == "b"
    assert opened.signature_verified is (True if suite.signed else None)


@pytest.mark.parametrize("suite", COMMITTING, ids=lambda suite: suite.hex_id)
@pytest.mark.parametrize("frame_length", [1, 100, 4096, 3 << 20])
@pytest.mark.parametrize("step", [1, 7, 4096])
def test_streams_that_give_and_take_a_little_at_a_time_change_nothing(
    suite: AlgorithmSuite, frame_length: int, step: int
) -> None:
    kms = FakeKms()
    key = kms.create_key()
    length = 1000 if step < 4096 or frame_length == 1 else (5 << 20) + 1
    sealed, clear = Trickle(step), Trickle(step)
    encrypt(
        Pipe(text(length), step).as_source(),
        sealed.as_sink(),
        materials=DefaultManager(KmsKeyring.wrapping(kms, [key])),
        suite=suite,
        frame_length=frame_length,
    )
    decrypt(
        Pipe(sealed.getvalue(), step).as_source(),
        clear.as_sink(),
        materials=DefaultManager(KmsKeyring.strict(kms, [key])),
    )
    assert clear.getvalue() == text(length)


class TestProgress:
    def test_it_counts_plaintext_up_to_the_end_when_encrypting(self) -> None:
        kms = FakeKms()
        seen: list[int] = []
        plaintext = text(3 << 20)
        encrypt(
            io.BytesIO(plaintext),
            io.BytesIO(),
            materials=DefaultManager(KmsKeyring.wrapping(kms, [kms.create_key()])),
            progress=seen.append,
        )
        assert seen == sorted(seen)
        assert len(seen) > 2
        assert seen[-1] == len(plaintext)

    def test_it_counts_the_message_up_to_the_end_when_decrypting(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        message, _ = seal(kms, text(3 << 20), keys=[key], frame_length=4096)
        seen: list[int] = []
        decrypt(
            io.BytesIO(message),
            io.BytesIO(),
            materials=DefaultManager(KmsKeyring.strict(kms, [key])),
            progress=seen.append,
        )
        assert seen == sorted(seen)
        assert len(seen) > 2
        assert seen[-1] == len(message)

    def test_cancelling_passes_through_untouched(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        message, _ = seal(kms, text(100), keys=[key])
        stop = errors.Cancelled()

        def cancel(_: int) -> None:
            raise stop

        with pytest.raises(errors.Cancelled) as caught:
            encrypt(
                io.BytesIO(b"x"),
                io.BytesIO(),
                materials=DefaultManager(KmsKeyring.wrapping(kms, [key])),
                progress=cancel,
            )
        assert caught.value is stop
        with pytest.raises(errors.Cancelled) as caught:
            decrypt(
                io.BytesIO(message),
                io.BytesIO(),
                materials=DefaultManager(KmsKeyring.strict(kms, [key])),
                progress=cancel,
            )
        assert caught.value is stop


class TestFailingStreams:
    class Broken(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def writable(self) -> bool:
            return True

        def readinto(self, _: object) -> int:
            raise OSError(5, "Input/output error")

        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    def test_errors_of_the_source_and_the_sink_pass_through(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        broken = cast("BinaryIO", self.Broken())
        with pytest.raises(OSError, match="Input/output"):
            encrypt(broken, io.BytesIO(), materials=DefaultManager(KmsKeyring.wrapping(kms, [key])))
        with pytest.raises(OSError, match="No space left"):
            encrypt(
                io.BytesIO(b"x"), broken, materials=DefaultManager(KmsKeyring.wrapping(kms, [key]))
            )
        with pytest.raises(OSError, match="Input/output"):
            decrypt(broken, io.BytesIO(), materials=DefaultManager(KmsKeyring.strict(kms, [key])))

    def test_a_source_that_does_not_wait_is_not_taken_for_ended(self) -> None:
        class NotReady(io.RawIOBase):
            def readable(self) -> bool:
                return True

            def readinto(self, _: object) -> None:
                return None

        kms = FakeKms()
        with pytest.raises(BlockingIOError):
            encrypt(
                cast("BinaryIO", NotReady()),
                io.BytesIO(),
                materials=DefaultManager(KmsKeyring.wrapping(kms, [kms.create_key()])),
            )


def test_a_buffered_pipe_is_read_one_system_call_at_a_time() -> None:
    """Between two of them signals are looked at: Ctrl-C must not wait for more input."""

    class OneCallOnly(io.BufferedReader):
        def readinto(self, _: object) -> int:
            raise AssertionError

        def read(self, _: int | None = -1) -> bytes:
            raise AssertionError

    kms = FakeKms()
    key = kms.create_key()
    sealed, clear = io.BytesIO(), io.BytesIO()
    plaintext = text(3 << 20)
    encrypt(
        OneCallOnly(io.BytesIO(plaintext)),
        sealed,
        materials=DefaultManager(KmsKeyring.wrapping(kms, [key])),
    )
    message = OneCallOnly(io.BytesIO(sealed.getvalue()))
    decrypt(message, clear, materials=DefaultManager(KmsKeyring.strict(kms, [key])))
    assert clear.getvalue() == plaintext
