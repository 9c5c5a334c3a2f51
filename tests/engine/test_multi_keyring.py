"""Several keyrings as one: who makes the data key, who is tried, and one line for each key."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from sealscope import errors
from sealscope.engine.decrypt import decrypt
from sealscope.engine.encrypt import encrypt
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.materials import (
    Attempt,
    Fate,
    Keyring,
    NoUsableKey,
    OpenedDataKey,
    WrappedDataKeys,
)
from sealscope.engine.multi_keyring import MultiKeyring
from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.engine.raw_rsa_keyring import RawRsaKeyring, RsaPadding
from sealscope.engine.suites import DEFAULT_SUITE, SUITES, AlgorithmSuite
from sealscope.secret import SecretBytes
from tests.engine.fake_kms import FakeKms, State
from tests.engine.rsa_keys import private_key

SUITE = SUITES[0x0478]
CONTEXT = {"a": "b"}
ANOTHER_AES = "another key of this name wrapped it, or the encryption context differs"
ANOTHER_RSA = "another RSA key wrapped it, or its padding is not pkcs1"
UNTRIED = "it was not tried"
NO_ARN = EncryptedDataKey("aws-kms", b"alias/x", b"x" * 48)


def raw_aes(name: str = "kn", key: bytes = bytes(32)) -> RawAesKeyring:
    return RawAesKeyring("ns", name, SecretBytes(key))


def raw_rsa(padding: RsaPadding = RsaPadding.OAEP_SHA256) -> RawRsaKeyring:
    return RawRsaKeyring("ns", "rsa", padding, private_key=private_key())


def keys_of(*keyrings: Keyring) -> tuple[EncryptedDataKey, ...]:
    """One data key, wrapped by each."""
    return MultiKeyring(keyrings[0], keyrings[1:]).wrap(SUITE, CONTEXT).encrypted_data_keys


def refused(keyring: Keyring, keys: Sequence[EncryptedDataKey]) -> NoUsableKey:
    with pytest.raises(NoUsableKey) as caught:
        keyring.open(keys, SUITE, CONTEXT)
    assert [attempt.number for attempt in caught.value.attempts] == list(range(1, len(keys) + 1))
    return caught.value


def fates(attempts: Sequence[Attempt]) -> list[Fate]:
    return [attempt.fate for attempt in attempts]


@dataclass
class Says:
    """A keyring that says of each encrypted data key what it was told."""

    walk: Sequence[tuple[Fate, str]]
    hint: str = "Try another."
    wrapping_keys = 0

    def wrap(self, *_: object) -> WrappedDataKeys:
        raise AssertionError

    def open(
        self, keys: Sequence[EncryptedDataKey], suite: AlgorithmSuite, context: Mapping[str, str]
    ) -> OpenedDataKey:
        del suite, context
        attempts = [
            Attempt(number, key.provider_id, "k", fate, reason)
            for number, (key, (fate, reason)) in enumerate(zip(keys, self.walk, strict=True), 1)
        ]
        if Fate.OPENED in fates(attempts):
            return OpenedDataKey(SecretBytes(bytes(32)), "k", None, tuple(attempts))
        raise NoUsableKey(attempts, self.hint)


class TestWrapping:
    def test_the_generator_makes_the_data_key_and_each_child_adds_its_own(self) -> None:
        kms = FakeKms()
        first, second = kms.create_key(), kms.create_key()
        keyring = MultiKeyring(KmsKeyring.wrapping(kms, [first, second]), [raw_aes(), raw_rsa()])
        made = keyring.wrap(SUITE, CONTEXT)
        assert keyring.wrapping_keys == len(made.encrypted_data_keys) == 4
        assert [key.provider_id for key in made.encrypted_data_keys] == ["aws-kms"] * 2 + ["ns"] * 2
        assert [call.operation for call in kms.calls] == ["GenerateDataKey", "Encrypt"]
        for each in (
            KmsKeyring.strict(kms, [first]),
            KmsKeyring.strict(kms, [second]),
            raw_aes(),
            raw_rsa(),
        ):
            opened = each.open(made.encrypted_data_keys, SUITE, CONTEXT)
            assert opened.data_key == made.data_key

    def test_behind_a_raw_key_kms_only_encrypts(self) -> None:
        kms = FakeKms()
        keyring = MultiKeyring(raw_aes(), [KmsKeyring.wrapping(kms, [kms.create_key()] * 2)])
        made = keyring.wrap(SUITE, CONTEXT)
        assert [call.operation for call in kms.calls] == ["Encrypt", "Encrypt"]
        assert [key.provider_id for key in made.encrypted_data_keys] == ["ns", "aws-kms", "aws-kms"]

    def test_one_that_fails_fails_it_all(self) -> None:
        kms = FakeKms()
        good, bad = kms.create_key(), kms.create_key()
        kms.keys[bad].state = State.DISABLED
        for keyring in (
            MultiKeyring(KmsKeyring.wrapping(kms, [good]), [KmsKeyring.wrapping(kms, [bad])]),
            MultiKeyring(KmsKeyring.wrapping(kms, [bad]), [raw_aes()]),
            MultiKeyring(raw_aes(), [KmsKeyring.wrapping(kms, [bad])]),
        ):
            sink = io.BytesIO()
            with pytest.raises(errors.KeyDisabled):
                encrypt(io.BytesIO(b"x"), sink, materials=DefaultManager(keyring))
            assert sink.getvalue() == b""

    def test_discovery_among_them_cannot_wrap(self) -> None:
        with pytest.raises(errors.UsageError, match="Discovery cannot encrypt"):
            MultiKeyring(raw_aes(), [KmsKeyring.discovery(FakeKms())]).wrap(SUITE, CONTEXT)

    def test_without_a_generator_only_a_data_key_at_hand_is_wrapped(self) -> None:
        keyring = MultiKeyring(None, [raw_aes(), raw_rsa()])
        with pytest.raises(errors.UsageError, match="makes the data key"):
            keyring.wrap(SUITE, CONTEXT)
        data_key = SecretBytes(bytes(32))
        made = keyring.wrap(SUITE, CONTEXT, data_key)
        assert made.data_key == data_key
        assert len(made.encrypted_data_keys) == 2

    def test_one_inside_another_wraps_the_same_data_key(self) -> None:
        inner = MultiKeyring(raw_aes("inner"), [raw_rsa()])
        made = MultiKeyring(raw_aes("outer"), [inner]).wrap(SUITE, CONTEXT)
        assert len(made.encrypted_data_keys) == 3
        assert inner.open(made.encrypted_data_keys, SUITE, CONTEXT).data_key == made.data_key

    def test_no_keyrings_are_refused(self) -> None:
        with pytest.raises(errors.UsageError, match="No wrapping key"):
            MultiKeyring(None, [])

    def test_all_wrapping_keys_count_towards_the_limit(self) -> None:
        kms = FakeKms()
        keyring = MultiKeyring(KmsKeyring.wrapping(kms, [kms.create_key()] * 9), [raw_aes()] * 2)
        with pytest.raises(errors.LimitExceeded):
            encrypt(io.BytesIO(b"x"), io.BytesIO(), materials=DefaultManager(keyring))
        assert kms.calls == []

    def test_a_whole_message_goes_both_ways(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        sealing = MultiKeyring(KmsKeyring.wrapping(kms, [key]), [raw_aes(), raw_rsa()])
        message, clear = io.BytesIO(), io.BytesIO()
        sealed = encrypt(
            io.BytesIO(b"text"), message, materials=DefaultManager(sealing), context=CONTEXT
        )
        kms.keys[key].denied = True
        opening = MultiKeyring(KmsKeyring.strict(kms, [key]), [raw_rsa()])
        result = decrypt(io.BytesIO(message.getvalue()), clear, materials=DefaultManager(opening))
        assert clear.getvalue() == b"text"
        assert result.suite_id == DEFAULT_SUITE.id
        assert result.recipients == sealed.recipients == (key, "ns/kn", "ns/rsa")
        assert result.opened_by == "ns/rsa"
        assert fates(result.attempts) == [Fate.FAILED, Fate.SKIPPED, Fate.OPENED]


class TestOpening:
    def test_the_generator_is_tried_first_and_then_the_children_in_order(self) -> None:
        keys = keys_of(raw_aes("one"), raw_aes("two"))
        for names in (["one", "two"], ["two", "one"]):
            keyring = MultiKeyring(raw_aes(names[0]), [raw_aes(names[1])])
            assert keyring.open(keys, SUITE, CONTEXT).opened_by == f"ns/{names[0]}"

    def test_without_a_generator_the_children_are(self) -> None:
        keyring = MultiKeyring(None, [raw_aes("other"), raw_aes()])
        assert keyring.open(keys_of(raw_aes()), SUITE, CONTEXT).opened_by == "ns/kn"

    def test_once_one_has_opened_no_other_is_asked(self) -> None:
        kms = FakeKms()
        keys = keys_of(raw_aes(), KmsKeyring.wrapping(kms, [kms.create_key()]))
        kms.calls.clear()
        keyring = MultiKeyring(raw_aes(), [KmsKeyring.discovery(kms)])
        assert fates(keyring.open(keys, SUITE, CONTEXT).attempts) == [Fate.OPENED, Fate.SKIPPED]
        assert kms.calls == []

    def test_27_a_kms_recipient_that_is_no_key_arn_stops_only_kms(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        keys = [NO_ARN, *keys_of(KmsKeyring.wrapping(kms, [key]), raw_aes())]
        kms.calls.clear()
        keyring = MultiKeyring(KmsKeyring.strict(kms, [key]), [raw_aes()])
        opened = keyring.open(keys, SUITE, CONTEXT)
        assert opened.opened_by == "ns/kn"
        assert fates(opened.attempts) == [Fate.FAILED, Fate.SKIPPED, Fate.OPENED]
        assert kms.calls == []

    def test_the_doubt_and_the_key_material_of_the_one_that_opened_are_kept(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        with_kms = MultiKeyring(raw_aes("other"), [KmsKeyring.discovery(kms)])
        opened = with_kms.open(keys_of(KmsKeyring.wrapping(kms, [key])), SUITE, CONTEXT)
        assert opened.key_material_id == kms.keys[key].material_id
        rsa = raw_rsa(RsaPadding.PKCS1)
        assert MultiKeyring(raw_aes(), [rsa]).open(keys_of(rsa), SUITE, CONTEXT).doubt


class TestFates:
    """One for each encrypted data key, in message order: the one that tells most."""

    KEYS = (EncryptedDataKey("ns", b"1", b""), EncryptedDataKey("ns", b"2", b""))

    @pytest.mark.parametrize(
        ("walks", "merged"),
        [
            ([(Fate.SKIPPED, "a"), (Fate.FAILED, "b")], (Fate.FAILED, "b")),
            ([(Fate.FAILED, "a"), (Fate.SKIPPED, "b")], (Fate.FAILED, "a")),
            ([(Fate.FAILED, "a"), (Fate.FAILED, "b")], (Fate.FAILED, "a; b")),
            ([(Fate.FAILED, "a"), (Fate.FAILED, "a")], (Fate.FAILED, "a")),
            ([(Fate.SKIPPED, "a"), (Fate.SKIPPED, "b")], (Fate.SKIPPED, "a; b")),
            ([(Fate.SKIPPED, "a"), (Fate.SKIPPED, "a")], (Fate.SKIPPED, "a")),
            (
                [(Fate.SKIPPED, "it is not wrapped by KMS"), (Fate.SKIPPED, "a")],
                (Fate.SKIPPED, "a"),
            ),
            (
                [(Fate.SKIPPED, "it is not wrapped by KMS")] * 2,
                (Fate.SKIPPED, "it is not wrapped by KMS"),
            ),
            (
                [(Fate.SKIPPED, "a"), (Fate.SKIPPED, UNTRIED)],
                (Fate.SKIPPED, UNTRIED),
            ),
        ],
    )
    def test_of_several_failures_are_one(
        self, walks: list[tuple[Fate, str]], merged: tuple[Fate, str]
    ) -> None:
        other = (Fate.SKIPPED, "x")
        first, second = (Says([walk, other]) for walk in walks)
        attempts = refused(MultiKeyring(first, [second]), self.KEYS).attempts
        assert [(attempt.fate, attempt.reason) for attempt in attempts] == [merged, other]

    def test_one_that_opened_stays_so_whatever_the_others_said_before(self) -> None:
        keyring = MultiKeyring(
            Says([(Fate.FAILED, "a"), (Fate.FAILED, "b")]),
            [Says([(Fate.SKIPPED, UNTRIED), (Fate.OPENED, "")])],
        )
        attempts = keyring.open(self.KEYS, SUITE, {}).attempts
        assert [(attempt.fate, attempt.reason) for attempt in attempts] == [
            (Fate.FAILED, "a"),
            (Fate.OPENED, ""),
        ]

    def test_each_keyrings_hint_is_given_once(self) -> None:
        walk = [(Fate.SKIPPED, "a")] * 2
        keyring = MultiKeyring(Says(walk, "One."), [Says(walk, "Two."), Says(walk, "One.")])
        assert refused(keyring, self.KEYS).hint == "One. Two."

    def test_the_error_reads_as_one_walk_through_the_message(self) -> None:
        kms = FakeKms()
        key, other = kms.create_key(), kms.create_key()
        keys = keys_of(KmsKeyring.wrapping(kms, [key, other]), raw_aes(), raw_aes("kn2"), raw_rsa())
        kms.keys[key].denied = True
        stranger = raw_aes(key=bytes([1]) * 32)
        keyring = MultiKeyring(KmsKeyring.strict(kms, [key]), [stranger, raw_rsa(RsaPadding.PKCS1)])
        wrong = [*keys[:4], EncryptedDataKey("ns", b"rsa", b"")]
        error = refused(keyring, wrong)
        assert error.detail.splitlines() == [
            f"encrypted data key 1 (aws-kms {key}) failed: Decrypt is not allowed",
            f"encrypted data key 2 (aws-kms {other}) skipped: its key is not among the given keys",
            f"encrypted data key 3 (ns kn) failed: {ANOTHER_AES}",
            "encrypted data key 4 (ns kn2) skipped: its key is not among the given keys",
            f"encrypted data key 5 (ns rsa) failed: {ANOTHER_RSA}",
        ]
        assert error.title == "No encrypted data key of the message could be opened"
        assert isinstance(error.attempts[0].error, errors.AccessDenied)
        assert error.request_id is None

    def test_the_only_failure_that_is_a_refusal_of_kms_gives_its_request_id(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        keys = keys_of(KmsKeyring.wrapping(kms, [key]))
        kms.keys[key].denied = True
        error = refused(MultiKeyring(raw_aes(), [KmsKeyring.discovery(kms)]), keys)
        assert error.request_id == "req-deny"
        assert "Decrypt is not allowed" in error.title

    def test_a_message_under_none_of_the_keys_says_so(self) -> None:
        keyring = MultiKeyring(KmsKeyring.discovery(FakeKms()), [raw_aes("other")])
        error = refused(keyring, keys_of(raw_aes()))
        assert error.title == "The message is not sealed under any of the keys to try"
