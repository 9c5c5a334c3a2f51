"""Headers that limits, policies, contexts or keys refuse, each with its own error.

The numbers are those of the format's table of required outcomes. Headers whose bytes are wrong
in themselves are in `test_non_canonical_headers.py`.
"""

from __future__ import annotations

import io
from typing import Any

import pytest

from sealscope import errors
from sealscope.engine.decrypt import decrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.limits import ReadLimits
from sealscope.engine.managers import DefaultManager
from sealscope.engine.policy import CommitmentPolicy
from tests.engine.fake_kms import FakeKms
from tests.engine.forge import (
    FRAME,
    SIGNED,
    V1,
    V1_SIGNED,
    V2,
    Forge,
    edk,
    refused,
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


class TestLimits:
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

    def test_without_commitment_a_wrong_data_key_is_seen_at_the_header_tag(self) -> None:
        refused(errors.HeaderNotAuthentic, V1, materials=DefaultManager(KnownDataKey(bytes(32))))
