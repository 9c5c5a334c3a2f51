"""Which keys are asked, in which order, and what is said of those that do not open."""

from __future__ import annotations

import io

import pytest

from sealscope import errors
from sealscope.engine.decrypt import DecryptResult, decrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.materials import Fate, NoUsableKey
from sealscope.engine.suites import SUITES
from tests.engine.fake_kms import FakeKms, State
from tests.engine.forge import Forge, edk
from tests.engine.messages import open_with, seal

OTHER_ACCOUNT = "999988887777"


def opened(message: bytes, keyring: KmsKeyring) -> DecryptResult:
    return decrypt(io.BytesIO(message), io.BytesIO(), materials=DefaultManager(keyring))


def decrypt_calls(kms: FakeKms) -> list[str]:
    return [call.key_id for call in kms.calls if call.operation == "Decrypt"]


class TestWrapping:
    def test_the_first_key_generates_and_the_others_encrypt(self) -> None:
        kms = FakeKms()
        first, second, third = (kms.create_key() for _ in range(3))
        message, result = seal(kms, b"x", keys=[first, second, third], context={"a": "b"})
        assert [(call.operation, call.key_id) for call in kms.calls] == [
            ("GenerateDataKey", first),
            ("Encrypt", second),
            ("Encrypt", third),
        ]
        assert result.recipients == (first, second, third)
        assert all(call.context == result.encryption_context for call in kms.calls)
        for key in (first, second, third):
            assert open_with(kms, message, keys=[key])[1].opened_by == key

    def test_an_alias_never_ends_up_in_the_message(self) -> None:
        kms = FakeKms()
        arn = kms.create_key("alias/payroll")
        message, result = seal(kms, b"x", keys=["alias/payroll", arn.rpartition("/")[2]])
        assert result.recipients == (arn, arn)
        assert b"alias/" not in message

    def test_one_key_that_fails_fails_it_all(self) -> None:
        kms = FakeKms()
        good, bad = kms.create_key(), kms.create_key()
        kms.keys[bad].state = State.DISABLED
        sink = io.BytesIO()
        with pytest.raises(errors.KeyDisabled):
            seal(kms, b"x", keys=[good, bad])
        assert sink.getvalue() == b""

    def test_no_keys_are_refused(self) -> None:
        with pytest.raises(errors.UsageError):
            seal(FakeKms(), b"x", keys=[])

    def test_more_keys_than_the_limit_are_refused_before_kms_is_asked(self) -> None:
        kms = FakeKms()
        with pytest.raises(errors.LimitExceeded):
            seal(kms, b"x", keys=[kms.create_key()] * 11)
        assert kms.calls == []

    def test_a_data_key_of_another_length_is_refused(self) -> None:
        kms = FakeKms()
        kms.shorten_data_keys = 16
        with pytest.raises(errors.KmsError, match="16 bytes, not 32"):
            seal(kms, b"x", keys=[kms.create_key()])

    def test_an_answer_without_an_arn_is_refused(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        kms.keys[key].arn = "1234abcd"
        with pytest.raises(errors.KmsError, match="no ARN"):
            seal(kms, b"x", keys=["1234abcd"])


class TestStrict:
    def test_only_the_given_keys_are_asked(self) -> None:
        kms = FakeKms()
        first, second = kms.create_key(), kms.create_key()
        message, _ = seal(kms, b"x", keys=[first, second])
        result = opened(message, KmsKeyring.strict(kms, [second]))
        assert decrypt_calls(kms) == [second]
        assert [attempt.fate for attempt in result.attempts] == [Fate.SKIPPED, Fate.OPENED]
        assert result.attempts[0].reason == "its key is not among the given keys"
        assert result.key_material_id == kms.keys[second].material_id

    def test_keys_are_tried_in_the_given_order(self) -> None:
        kms = FakeKms()
        first, second = kms.create_key(), kms.create_key()
        message, _ = seal(kms, b"x", keys=[first, second])
        assert opened(message, KmsKeyring.strict(kms, [second, first])).opened_by == second
        assert decrypt_calls(kms) == [second]

    def test_31_a_key_that_refuses_is_noted_and_the_next_one_opens(self) -> None:
        kms = FakeKms()
        first, second = kms.create_key(), kms.create_key()
        message, _ = seal(kms, b"x", keys=[first, second])
        kms.keys[first].denied = True
        result = opened(message, KmsKeyring.strict(kms, [first, second]))
        assert result.opened_by == second
        failed, good = result.attempts
        assert (failed.fate, good.fate) == (Fate.FAILED, Fate.OPENED)
        assert isinstance(failed.error, errors.AccessDenied)

    def test_once_one_has_opened_no_other_is_asked(self) -> None:
        kms = FakeKms()
        first, second = kms.create_key(), kms.create_key()
        message, _ = seal(kms, b"x", keys=[first, second])
        result = opened(message, KmsKeyring.strict(kms, [first, second]))
        assert decrypt_calls(kms) == [first]
        assert [attempt.reason for attempt in result.attempts] == ["", "it was not tried"]

    def test_the_whole_context_is_sent(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        message, sealed = seal(kms, b"x", keys=[key], context={"a": "b"})
        open_with(kms, message, keys=[key])
        assert kms.calls[-1].context == sealed.encryption_context
        assert set(sealed.encryption_context) == {"a", "aws-crypto-public-key"}

    @pytest.mark.parametrize(
        "name", ["alias/x", "1234abcd", "arn:aws:kms:r:1:alias/x", "arn:aws:s3:r:1:key/x", ""]
    )
    def test_what_is_no_key_arn_is_refused_at_once(self, name: str) -> None:
        with pytest.raises(errors.UsageError):
            KmsKeyring.strict(FakeKms(), [name])

    def test_no_keys_are_refused(self) -> None:
        with pytest.raises(errors.UsageError):
            KmsKeyring.strict(FakeKms(), [])


class TestDiscovery:
    def test_every_kms_key_of_the_message_is_tried_in_its_order(self) -> None:
        kms = FakeKms()
        first, second = kms.create_key(), kms.create_key()
        message, _ = seal(kms, b"x", keys=[first, second])
        kms.keys[first].state = State.PENDING_DELETION
        assert opened(message, KmsKeyring.discovery(kms)).opened_by == second
        assert decrypt_calls(kms) == [first, second]

    def test_no_key_outside_the_filter_is_asked(self) -> None:
        kms = FakeKms()
        theirs = kms.create_key(account=OTHER_ACCOUNT)
        china = kms.create_key(partition="aws-cn")
        ours = kms.create_key()
        message, _ = seal(kms, b"x", keys=[theirs, china, ours])
        keyring = KmsKeyring.discovery(kms, accounts=["111122223333"], partition="aws")
        result = opened(message, keyring)
        assert decrypt_calls(kms) == [ours]
        assert [attempt.reason for attempt in result.attempts] == [
            "its key is not in an account of the discovery filter",
            "its key is not in partition aws",
            "",
        ]

    def test_a_filter_that_lets_nothing_pass_asks_nobody(self) -> None:
        kms = FakeKms()
        message, _ = seal(kms, b"x", keys=[kms.create_key()])
        with pytest.raises(NoUsableKey):
            opened(message, KmsKeyring.discovery(kms, accounts=[OTHER_ACCOUNT]))
        assert decrypt_calls(kms) == []


class TestRefusals:
    def test_29_a_data_key_of_the_wrong_length_does_not_count(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        message, _ = seal(kms, b"x", keys=[key])
        kms.shorten_data_keys = 16
        with pytest.raises(NoUsableKey) as caught:
            open_with(kms, message, keys=[key])
        assert "16 bytes" in caught.value.attempts[0].reason

    def test_an_answer_for_another_key_does_not_count(self) -> None:
        kms = FakeKms()
        key, other = kms.create_key(), kms.create_key()
        message, _ = seal(kms, b"x", keys=[key])
        kms.answer_as = lambda _: other
        with pytest.raises(NoUsableKey) as caught:
            open_with(kms, message, keys=[key])
        assert other in caught.value.detail

    def test_the_detail_gives_one_line_for_each(self) -> None:
        kms = FakeKms()
        first, second, third = (kms.create_key() for _ in range(3))
        message, _ = seal(kms, b"x", keys=[first, second, third])
        kms.keys[first].state = State.DISABLED
        with pytest.raises(NoUsableKey) as caught:
            open_with(kms, message, keys=[first, second], expected_context={"x": "y"})
        lines = caught.value.detail.splitlines()
        assert len(lines) == 3
        assert first in lines[0]
        assert "disabled" in lines[0]
        assert "failed: The ciphertext is damaged" in lines[1]
        assert "not among the given keys" in lines[2]
        assert caught.value.kind == "NoUsableKey"
        assert [attempt.number for attempt in caught.value.attempts] == [1, 2, 3]

    def test_the_only_refusal_of_kms_gives_its_request_id_and_hint(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        message, _ = seal(kms, b"x", keys=[key])
        with pytest.raises(NoUsableKey) as caught:
            open_with(kms, message, keys=[key], expected_context={"x": "y"})
        assert caught.value.request_id == "req-invalid"
        assert caught.value.hint == "Check the encryption context."

    def test_of_two_refusals_no_request_id_is_given(self) -> None:
        kms = FakeKms()
        first, second = kms.create_key(), kms.create_key()
        message, _ = seal(kms, b"x", keys=[first, second])
        kms.keys[first].denied = kms.keys[second].denied = True
        with pytest.raises(NoUsableKey) as caught:
            open_with(kms, message, keys=[first, second])
        assert caught.value.request_id is None

    @pytest.mark.parametrize(
        "info",
        [
            b"",
            b"\xff\xfe",
            b"garbage",
            b"alias/x",
            b"arn:aws:kms:r:1:alias/x",
            b"arn:aws:kms:r:1:key/",
        ],
    )
    def test_27_a_kms_recipient_that_is_no_key_arn_stops_kms_from_being_asked_at_all(
        self, info: bytes
    ) -> None:
        kms = FakeKms()
        good = kms.create_key()
        forge = Forge(
            suite=SUITES[0x0478],
            edks=[edk(b"aws-kms", good.encode(), b"x"), edk(b"aws-kms", info, b"x")],
        )
        for keyring in (KmsKeyring.strict(kms, [good]), KmsKeyring.discovery(kms)):
            with pytest.raises(NoUsableKey) as caught:
                opened(forge.message(), keyring)
            assert [attempt.fate for attempt in caught.value.attempts] == [
                Fate.SKIPPED,
                Fate.FAILED,
            ]
        assert kms.calls == []

    def test_recipients_of_other_providers_are_skipped_by_name(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        forge = Forge(edks=[edk(b"my\nnamespace", b"kn"), edk(b"aws-kms-rsa", key.encode())])
        with pytest.raises(NoUsableKey) as caught:
            opened(forge.message(), KmsKeyring.discovery(kms))
        assert kms.calls == []
        lines = caught.value.detail.splitlines()
        assert len(lines) == 2
        assert r"'my\nnamespace'" in lines[0]
        assert all("not wrapped by KMS" in line for line in lines)

    def test_at_most_as_many_calls_are_made_as_the_limit_allows(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        forge = Forge(edks=[edk(b"aws-kms", key.encode(), b"x")] * 10)
        with pytest.raises(NoUsableKey):
            opened(forge.message(), KmsKeyring.discovery(kms))
        assert len(decrypt_calls(kms)) == 10
        with pytest.raises(errors.LimitExceeded):
            opened(forge.but(edks=[*forge.edks, *forge.edks]).message(), KmsKeyring.discovery(kms))
        assert len(decrypt_calls(kms)) == 10
