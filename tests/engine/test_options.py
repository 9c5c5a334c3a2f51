"""What a caller asks for: contexts, suites, policies and frame lengths that are refused or kept."""

from __future__ import annotations

import io

import pytest

from sealscope import errors
from sealscope.engine.arn import parse_key_arn, parse_kms_arn
from sealscope.engine.encrypt import DEFAULT_FRAME_LENGTH, encrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.suites import DEFAULT_SUITE, SUITES, AlgorithmSuite, suite_by_name
from tests.engine.fake_kms import FakeKms
from tests.engine.messages import open_with, seal

POLICIES = tuple(CommitmentPolicy)


class TestContext:
    @pytest.mark.parametrize("key", ["aws-crypto-", "aws-crypto-public-key", "aws-crypto-x"])
    def test_reserved_keys_are_refused_before_kms_is_asked(self, key: str) -> None:
        kms = FakeKms()
        with pytest.raises(errors.UsageError) as caught:
            seal(kms, b"x", keys=[kms.create_key()], context={key: "x"})
        assert key in caught.value.detail
        assert kms.calls == []

    @pytest.mark.parametrize("context", [{"\ud800": "x"}, {"x": "\udfff"}])
    def test_text_that_cannot_be_stored_is_refused(self, context: dict[str, str]) -> None:
        kms = FakeKms()
        with pytest.raises(errors.UsageError):
            seal(kms, b"x", keys=[kms.create_key()], context=context)
        message, _ = seal(kms, b"x", keys=[key := kms.create_key()])
        with pytest.raises(errors.UsageError):
            open_with(kms, message, keys=[key], expected_context=context)

    def test_65535_bytes_are_the_most_it_can_have(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        largest = {"k": "v" * (65535 - 2 - 4 - 1)}
        message, _ = seal(kms, b"x", keys=[key], context=largest, suite=SUITES[0x0478])
        assert open_with(kms, message, keys=[key])[1].encryption_context == largest
        for suite, context in (
            (SUITES[0x0478], {"k": largest["k"] + "v"}),
            (SUITES[0x0578], largest),  # the verification key finds no room
            (SUITES[0x0478], {str(number): "" for number in range(65536)}),
        ):
            with pytest.raises(errors.UsageError, match="too large"):
                seal(kms, b"x", keys=[key], context=context, suite=suite)

    @pytest.mark.parametrize(
        "context",
        [{}, {"": ""}, {"a": "", "": "b"}, {"\U00010348": "1", "\uffee": "2", "ß": "\x00"}],
    )
    def test_any_other_text_comes_back_as_it_was(self, context: dict[str, str]) -> None:
        kms = FakeKms()
        key = kms.create_key()
        message, _ = seal(kms, b"x", keys=[key], context=context, suite=SUITES[0x0478])
        assert open_with(kms, message, keys=[key])[1].encryption_context == context

    def test_the_callers_mapping_is_left_alone(self) -> None:
        kms = FakeKms()
        context = {"a": "b"}
        seal(kms, b"x", keys=[kms.create_key()], context=context)
        assert context == {"a": "b"}

    def test_a_pair_that_was_not_there_at_encryption_opens_nothing(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        message, _ = seal(kms, b"x", keys=[key], context={"a": "b"})
        assert open_with(kms, message, keys=[key], expected_context={"a": "b"})[0] == b"x"
        with pytest.raises(errors.ContextMismatch):
            open_with(kms, message, keys=[key], expected_context={"a": "c"})
        with pytest.raises(errors.NoUsableKey):
            open_with(kms, message, keys=[key], expected_context={"c": "d"})


class TestCommitmentPolicy:
    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.value)
    @pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.hex_id)
    def test_what_each_policy_writes_and_reads(
        self, policy: CommitmentPolicy, suite: AlgorithmSuite
    ) -> None:
        forbid = policy is CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
        require = policy is CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
        kms = FakeKms()
        key = kms.create_key()
        message, _ = seal(kms, b"x", keys=[key], suite=suite)
        kms.calls.clear()
        if suite.committing == forbid:
            with pytest.raises(errors.CommitmentPolicyError):
                encrypt(
                    io.BytesIO(b"x"),
                    io.BytesIO(),
                    materials=DefaultManager(KmsKeyring.wrapping(kms, [key])),
                    suite=suite,
                    commitment_policy=policy,
                )
            assert kms.calls == []
        if require and not suite.committing:
            with pytest.raises(errors.CommitmentPolicyError):
                open_with(kms, message, keys=[key], policy=policy)
            assert kms.calls == []
        else:
            assert open_with(kms, message, keys=[key], policy=policy)[0] == b"x"

    def test_the_default_suites_are_the_signed_ones(self) -> None:
        assert [policy.default_suite.hex_id for policy in POLICIES] == ["0578", "0578", "0378"]
        assert DEFAULT_SUITE.hex_id == "0578"


class TestSuiteNames:
    @pytest.mark.parametrize(
        "text",
        [
            "0578",
            "0x0578",
            "0X0578",
            " 0578 ",
            "AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384",
            "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384",
            "aes_256_gcm_hkdf_sha512_commit_key_ecdsa_p384",
        ],
    )
    def test_a_suite_is_found_by_the_names_people_use(self, text: str) -> None:
        assert suite_by_name(text) is SUITES[0x0578]

    @pytest.mark.parametrize("text", ["", "578", "0000", "AES", "05780"])
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(errors.UsageError):
            suite_by_name(text)


class TestFrameLength:
    @pytest.mark.parametrize("length", [-1, 2**31, 2**32])
    def test_lengths_that_others_cannot_read_are_refused(self, length: int) -> None:
        kms = FakeKms()
        with pytest.raises(errors.UsageError):
            seal(kms, b"x", keys=[kms.create_key()], frame_length=length)
        assert kms.calls == []

    @pytest.mark.parametrize("length", [1, 127, 4096, 2**31 - 1])
    def test_any_other_length_is_kept(self, length: int) -> None:
        kms = FakeKms()
        key = kms.create_key()
        message, _ = seal(kms, b"text", keys=[key], frame_length=length)
        assert open_with(kms, message, keys=[key])[0] == b"text"

    def test_the_default_can_be_read_by_the_reference_writers_rules_too(self) -> None:
        assert DEFAULT_FRAME_LENGTH % 128 == 0


class TestArns:
    @pytest.mark.parametrize(
        ("text", "is_key", "is_multi_region"),
        [
            ("arn:aws:kms:eu-west-1:111122223333:key/1234abcd", True, False),
            ("arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234", True, True),
            ("arn:aws:kms:eu-west-1:111122223333:key/mrk1234", True, False),
            ("arn:aws:kms:eu-west-1:111122223333:alias/a/b", False, False),
            ("arn:aws:kms:eu-west-1:111122223333:alias/mrk-x", False, False),
        ],
    )
    def test_kms_arns_are_taken_apart(self, text: str, is_key: bool, is_multi_region: bool) -> None:
        arn = parse_kms_arn(text)
        assert arn is not None
        assert (arn.is_key, arn.is_multi_region) == (is_key, is_multi_region)
        assert (parse_key_arn(text) is not None) == is_key

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "arn",
            "arn:aws:kms:r:1",
            "nra:aws:kms:r:1:key/x",
            "arn::kms:r:1:key/x",
            "arn:aws:s3:r:1:key/x",
            "arn:aws:kms::1:key/x",
            "arn:aws:kms:r::key/x",
            "arn:aws:kms:r:1:key",
            "arn:aws:kms:r:1:key/",
            "arn:aws:kms:r:1:key:x",
            "arn:aws:kms:r:1:yek/x",
        ],
    )
    def test_anything_else_is_none(self, text: str) -> None:
        assert parse_kms_arn(text) is None
