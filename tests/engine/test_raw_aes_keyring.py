"""Raw AES: what is written for a wrapped data key, and which ones a key takes for its own."""

from __future__ import annotations

import pickle
import traceback

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealscope import errors
from sealscope.engine import encryption_context
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.key_names import key_name
from sealscope.engine.materials import Attempt, Fate, NoUsableKey
from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.engine.suites import SUITES
from sealscope.secret import SecretBytes

SUITE = SUITES[0x0478]
CONTEXT = {"department": "payroll", "größe": "\U00010348"}
KEY = bytes(range(0x40, 0x60))
CONSTANTS = bytes.fromhex("000000800000000c")


def keyring(namespace: str = "ns", name: str = "kn", key: bytes = KEY) -> RawAesKeyring:
    return RawAesKeyring(namespace, name, SecretBytes(key))


def wrapped(ring: RawAesKeyring, context: dict[str, str] | None = None) -> EncryptedDataKey:
    (key,) = ring.wrap(SUITE, CONTEXT if context is None else context).encrypted_data_keys
    return key


def fates(attempts: tuple[Attempt, ...]) -> list[Fate]:
    return [attempt.fate for attempt in attempts]


def refused(ring: RawAesKeyring, *keys: EncryptedDataKey) -> tuple[Attempt, ...]:
    with pytest.raises(NoUsableKey) as caught:
        ring.open(keys, SUITE, CONTEXT)
    assert [attempt.number for attempt in caught.value.attempts] == list(range(1, len(keys) + 1))
    return caught.value.attempts


class TestWrapping:
    @pytest.mark.parametrize("size", [16, 24, 32])
    def test_the_provider_information_is_name_tag_bits_iv_length_and_iv(self, size: int) -> None:
        made = keyring(name="größe", key=KEY[:size]).wrap(SUITE, CONTEXT)
        (key,) = made.encrypted_data_keys
        iv = key.provider_info[-12:]
        assert key.provider_id == "ns"
        assert key.provider_info == "größe".encode() + CONSTANTS + iv
        aad = encryption_context.serialize(CONTEXT)
        opened = AESGCM(KEY[:size]).decrypt(iv, key.ciphertext, aad)
        assert opened == made.data_key.reveal()

    def test_a_new_data_key_is_random_and_as_long_as_the_suite_has_it(self) -> None:
        for suite in SUITES.values():
            first, second = (keyring().wrap(suite, {}).data_key for _ in range(2))
            assert len(first) == len(second) == suite.key_bytes
            assert first != second

    def test_a_data_key_at_hand_is_wrapped_as_it_is(self) -> None:
        data_key = SecretBytes(bytes(32))
        made = keyring().wrap(SUITE, CONTEXT, data_key)
        assert made.data_key is data_key
        opened = keyring().open(made.encrypted_data_keys, SUITE, CONTEXT)
        assert opened.data_key == data_key

    def test_no_iv_is_used_twice(self) -> None:
        ring = keyring()
        assert len({wrapped(ring).provider_info for _ in range(100)}) == 100

    def test_an_empty_context_binds_no_bytes(self) -> None:
        key = wrapped(keyring(), {})
        AESGCM(KEY).decrypt(key.provider_info[-12:], key.ciphertext, b"")


class TestConfiguration:
    @pytest.mark.parametrize("namespace", ["aws-kms", "aws-kms-rsa", "aws-kmsx", "aws-kms/x"])
    def test_namespaces_of_kms_are_refused(self, namespace: str) -> None:
        with pytest.raises(errors.UsageError, match="reserved"):
            keyring(namespace)

    @pytest.mark.parametrize("namespace", ["aws", "aws-km", "AWS-KMS", "my-aws-kms", " aws-kms"])
    def test_others_that_look_like_them_are_not(self, namespace: str) -> None:
        ring = keyring(namespace)
        assert ring.open([wrapped(ring)], SUITE, CONTEXT).opened_by == f"{namespace}/kn"

    @pytest.mark.parametrize("size", [0, 1, 15, 17, 31, 33, 44, 64])
    def test_keys_of_other_lengths_are_refused_without_being_shown(self, size: int) -> None:
        key = b"K" * size
        with pytest.raises(errors.UsageError, match=f"has {size}") as caught:
            keyring(key=key)
        assert "KKK" not in "".join(traceback.format_exception(caught.value))

    @pytest.mark.parametrize("text", ["\ud800", "x" * 65_536])
    def test_names_that_no_message_can_hold_are_refused(self, text: str) -> None:
        with pytest.raises(errors.UsageError, match="cannot be stored"):
            keyring(namespace=text)
        with pytest.raises(errors.UsageError, match="cannot be stored"):
            keyring(name=text)

    def test_the_key_can_be_neither_printed_nor_pickled(self) -> None:
        ring = keyring(key=b"Kk" * 16)
        assert "Kk" not in repr(vars(ring))
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(ring)


class TestWhatIsItsOwn:
    """Exactly what it could have written; all else is skipped and never tried."""

    def test_a_key_of_another_namespace_or_name_is_skipped(self) -> None:
        others = [wrapped(keyring(*names)) for names in (("ns2", "kn"), ("ns", "k"), ("ns", "knn"))]
        others.append(EncryptedDataKey("aws-kms", b"arn:aws:kms:r:1:key/x", b"x" * 48))
        for attempt in refused(keyring(), *others):
            assert attempt.fate is Fate.SKIPPED
            assert attempt.reason == "its key is not among the given keys"

    @pytest.mark.parametrize(
        "info",
        [
            b"kn",
            b"kn" + CONSTANTS,
            b"kn" + CONSTANTS + bytes(11),
            b"kn" + CONSTANTS + bytes(13),
            b"kn" + bytes.fromhex("000000600000000c") + bytes(12),
            b"kn" + bytes.fromhex("0000008000000010") + bytes(12),
            b"kn" + bytes.fromhex("8000000000000000") + bytes(12),
        ],
    )
    def test_30_one_in_another_form_is_skipped(self, info: bytes) -> None:
        key = wrapped(keyring())
        (attempt,) = refused(keyring(), EncryptedDataKey("ns", info, key.ciphertext))
        assert attempt.fate is Fate.SKIPPED

    def test_one_of_its_name_that_is_no_raw_aes_says_so(self) -> None:
        (attempt,) = refused(keyring(), EncryptedDataKey("ns", b"kn", bytes(256)))
        assert attempt.reason == "it names the given key, and is not as raw AES wraps"

    @pytest.mark.parametrize("size", [0, 1, 16])
    def test_one_that_is_shorter_than_any_wrapped_data_key_is_skipped(self, size: int) -> None:
        key = wrapped(keyring())
        short = EncryptedDataKey("ns", key.provider_info, key.ciphertext[:size])
        assert fates(refused(keyring(), short)) == [Fate.SKIPPED]


class TestOpening:
    def test_31_a_tag_that_fails_is_noted_and_the_next_one_opens(self) -> None:
        stranger = wrapped(keyring(key=bytes(32)))
        mine = wrapped(keyring())
        opened = keyring().open([stranger, mine, mine], SUITE, CONTEXT)
        assert fates(opened.attempts) == [Fate.FAILED, Fate.OPENED, Fate.SKIPPED]
        assert "another key of this name" in opened.attempts[0].reason
        assert opened.attempts[2].reason == "it was not tried"
        assert opened.opened_by == "ns/kn"
        assert opened.key_material_id is None
        assert opened.doubt == ""

    @pytest.mark.parametrize("context", [{}, {"department": "sales"}, {**CONTEXT, "x": "y"}])
    def test_28_another_context_opens_nothing(self, context: dict[str, str]) -> None:
        assert fates(refused(keyring(), wrapped(keyring(), context))) == [Fate.FAILED]

    def test_28_no_bit_can_be_changed(self) -> None:
        key = wrapped(keyring())
        for position in range(len(key.ciphertext) * 8):
            flipped = bytearray(key.ciphertext)
            flipped[position // 8] ^= 1 << position % 8
            broken = EncryptedDataKey("ns", key.provider_info, bytes(flipped))
            assert fates(refused(keyring(), broken)) == [Fate.FAILED]

    def test_29_a_data_key_of_another_length_does_not_count(self) -> None:
        short = keyring().wrap(SUITES[0x0114], CONTEXT).encrypted_data_keys
        (attempt,) = refused(keyring(), *short)
        assert attempt.reason == "the data key has 16 bytes, the suite 32"

    def test_the_order_of_the_contexts_pairs_does_not_matter(self) -> None:
        key = wrapped(keyring())
        turned = dict(reversed(CONTEXT.items()))
        assert keyring().open([key], SUITE, turned).opened_by == "ns/kn"

    def test_each_is_named_without_its_iv(self) -> None:
        (attempt,) = refused(keyring("other"), wrapped(keyring()))
        assert str(attempt) == (
            "encrypted data key 1 (ns kn) skipped: its key is not among the given keys"
        )


class TestKeyNames:
    def test_kms_keys_are_never_taken_for_raw_ones(self) -> None:
        odd = EncryptedDataKey("aws-kms", b"kn" + CONSTANTS + bytes(12), b"")
        assert key_name(odd).startswith("kn\0\0\0\\x80\0")

    def test_bytes_that_are_no_text_stay_visible(self) -> None:
        assert key_name(EncryptedDataKey("ns", b"\xff", b"")) == r"\xff"
