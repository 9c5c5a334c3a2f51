"""Raw RSA: five paddings, and what is found out when, as RSA itself binds nothing."""

from __future__ import annotations

import io
import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from sealscope import errors
from sealscope.engine.decrypt import decrypt
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.managers import DefaultManager
from sealscope.engine.materials import Attempt, Fate, NoUsableKey
from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.engine.raw_rsa_keyring import RawRsaKeyring, RsaPadding
from sealscope.engine.suites import SUITES
from sealscope.secret import SecretBytes
from tests.engine.forge import V1, V2, Forge, edk
from tests.engine.messages import ALLOW
from tests.engine.rsa_keys import private_key, private_pem, public_pem

SUITE = SUITES[0x0478]
EACH_PADDING = pytest.mark.parametrize("padding", RsaPadding, ids=lambda padding: padding.value)
EACH_OAEP = pytest.mark.parametrize(
    "padding", [each for each in RsaPadding if each is not RsaPadding.PKCS1], ids=lambda p: p.value
)


def keyring(
    padding: RsaPadding = RsaPadding.OAEP_SHA256,
    *,
    number: int = 1,
    namespace: str = "ns",
    name: str = "kn",
) -> RawRsaKeyring:
    return RawRsaKeyring(namespace, name, padding, private_key=private_key(number))


def wrapped(ring: RawRsaKeyring, data_key: SecretBytes | None = None) -> EncryptedDataKey:
    (key,) = ring.wrap(SUITE, {}, data_key).encrypted_data_keys
    return key


def refused(ring: RawRsaKeyring, *keys: EncryptedDataKey) -> tuple[Attempt, ...]:
    with pytest.raises(NoUsableKey) as caught:
        ring.open(keys, SUITE, {})
    return caught.value.attempts


class TestWrapping:
    @EACH_PADDING
    def test_the_name_stands_alone_and_the_ciphertext_is_as_long_as_the_modulus(
        self, padding: RsaPadding
    ) -> None:
        key = wrapped(keyring(padding))
        assert (key.provider_id, key.provider_info) == ("ns", b"kn")
        assert len(key.ciphertext) == 256

    @EACH_PADDING
    def test_what_the_public_key_wraps_the_private_key_opens(self, padding: RsaPadding) -> None:
        public = RawRsaKeyring("ns", "kn", padding, public_key=private_key().public_key())
        for suite in SUITES.values():
            made = public.wrap(suite, {"a": "b"})
            opened = keyring(padding).open(made.encrypted_data_keys, suite, {"not": "bound"})
            assert opened.data_key == made.data_key
            assert len(opened.data_key) == suite.key_bytes
            assert opened.opened_by == "ns/kn"
            assert [attempt.fate for attempt in opened.attempts] == [Fate.OPENED]

    def test_a_data_key_at_hand_is_wrapped_as_it_is(self) -> None:
        data_key = SecretBytes(bytes(32))
        made = keyring().wrap(SUITE, {}, data_key)
        assert made.data_key is data_key
        assert keyring().open(made.encrypted_data_keys, SUITE, {}).data_key == data_key

    def test_new_data_keys_differ(self) -> None:
        assert keyring().wrap(SUITE, {}).data_key != keyring().wrap(SUITE, {}).data_key


class TestConfiguration:
    def test_paddings_are_spelled_as_on_the_command_line(self) -> None:
        assert [padding.value for padding in RsaPadding] == [
            "pkcs1",
            "oaep-sha1",
            "oaep-mgf1-sha256",
            "oaep-mgf1-sha384",
            "oaep-mgf1-sha512",
        ]

    @pytest.mark.parametrize("namespace", ["aws-kms", "aws-kms-rsa"])
    def test_namespaces_of_kms_are_refused(self, namespace: str) -> None:
        with pytest.raises(errors.UsageError, match="reserved"):
            keyring(namespace=namespace)

    def test_no_key_is_refused(self) -> None:
        with pytest.raises(errors.UsageError, match="No RSA key"):
            RawRsaKeyring("ns", "kn", RsaPadding.PKCS1)

    def test_a_key_of_1024_bits_opens_old_messages_and_wraps_no_new_ones(self) -> None:
        old = private_key(bits=1024)
        ring = RawRsaKeyring("ns", "kn", RsaPadding.OAEP_SHA1, private_key=old)
        with pytest.raises(errors.UsageError, match="1024 bits; 2048 are the least"):
            ring.wrap(SUITE, {})
        sealed = old.public_key().encrypt(bytes(32), RsaPadding.OAEP_SHA1.scheme)
        opened = ring.open([EncryptedDataKey("ns", b"kn", sealed)], SUITE, {})
        assert opened.data_key.reveal() == bytes(32)

    def test_a_smaller_key_is_refused_at_once(self) -> None:
        tiny = rsa.RSAPublicNumbers(65537, (1 << 1022) + 1).public_key()
        with pytest.raises(errors.UsageError, match="1023 bits"):
            RawRsaKeyring("ns", "kn", RsaPadding.PKCS1, public_key=tiny)

    @pytest.mark.parametrize("modulus", [1 << 2047, (1 << 17_000) + 1], ids=["even", "huge"])
    def test_numbers_that_are_no_rsa_key_wrap_nothing(self, modulus: int) -> None:
        odd = rsa.RSAPublicNumbers(65537, modulus).public_key()
        with pytest.raises(errors.UsageError, match="cannot wrap"):
            RawRsaKeyring("ns", "kn", RsaPadding.OAEP_SHA256, public_key=odd).wrap(SUITE, {})

    def test_a_private_key_in_pem_wraps_and_opens(self) -> None:
        pem = SecretBytes(private_pem(private_key()))
        ring = RawRsaKeyring.from_pem("ns", "kn", RsaPadding.OAEP_SHA384, pem)
        assert ring.open([wrapped(ring)], SUITE, {}).opened_by == "ns/kn"

    def test_a_public_key_in_pem_wraps_and_says_that_it_cannot_open(self) -> None:
        pem = SecretBytes(public_pem(private_key()))
        ring = RawRsaKeyring.from_pem("ns", "kn", RsaPadding.OAEP_SHA256, pem)
        key = wrapped(ring)
        (attempt,) = refused(ring, key)
        assert attempt.fate is Fate.FAILED
        assert "takes the private one" in attempt.reason
        assert keyring().open([key], SUITE, {}).opened_by == "ns/kn"

    def test_the_private_key_can_be_neither_printed_nor_pickled(self) -> None:
        ring = keyring()
        number = private_key().private_numbers().d
        assert str(number) not in repr(vars(ring))
        with pytest.raises(TypeError):
            pickle.dumps(ring)


class TestWhatIsItsOwn:
    def test_a_key_of_another_namespace_or_name_is_skipped(self) -> None:
        others = [
            wrapped(keyring(namespace="ns2")),
            wrapped(keyring(name="k")),
            wrapped(keyring(name="knn")),
        ]
        for attempt in refused(keyring(), *others):
            assert attempt.fate is Fate.SKIPPED
            assert attempt.reason == "its key is not among the given keys"

    def test_one_of_its_name_that_raw_aes_wrapped_says_so(self) -> None:
        aes = RawAesKeyring("ns", "kn", SecretBytes(bytes(32)))
        (attempt,) = refused(keyring(), *aes.wrap(SUITE, {}).encrypted_data_keys)
        assert attempt.fate is Fate.SKIPPED
        assert attempt.reason == "it names the given key, and is not as raw RSA wraps"


class TestOpening:
    @EACH_OAEP
    def test_31_another_key_of_its_name_fails_and_the_next_one_opens(
        self, padding: RsaPadding
    ) -> None:
        keys = [wrapped(keyring(padding, number=2)), wrapped(keyring(padding)), wrapped(keyring())]
        opened = keyring(padding).open(keys, SUITE, {})
        assert [attempt.fate for attempt in opened.attempts] == [
            Fate.FAILED,
            Fate.OPENED,
            Fate.SKIPPED,
        ]
        assert opened.attempts[2].reason == "it was not tried"

    @EACH_OAEP
    def test_another_padding_fails(self, padding: RsaPadding) -> None:
        for other in RsaPadding:
            if other is not padding:
                (attempt,) = refused(keyring(padding), wrapped(keyring(other)))
                assert attempt.fate is Fate.FAILED
                assert padding.value in attempt.reason

    @EACH_PADDING
    def test_whatever_is_wrong_the_answer_is_the_same(self, padding: RsaPadding) -> None:
        """Whoever sends forged ciphertexts learns nothing from it."""
        public = private_key().public_key()
        forged = [b"", b"x", bytes(255), bytes(257), b"\xff" * 256]
        forged += [public.encrypt(bytes(size), padding.scheme) for size in (0, 1, 16, 31, 33, 64)]
        keys = [EncryptedDataKey("ns", b"kn", ciphertext) for ciphertext in forged]
        attempts = refused(keyring(padding), *keys)
        assert {attempt.reason for attempt in attempts} == {
            f"another RSA key wrapped it, or its padding is not {padding.value}"
        }


class TestDoubt:
    """With PKCS #1 v1.5 a wrong key may give some data key; the message itself finds it out."""

    @staticmethod
    def failure(forge: Forge, padding: RsaPadding) -> errors.EnvelopeError:
        ring = keyring(padding)
        another = wrapped(ring, SecretBytes(b"\x55" * 32))
        message = forge.but(edks=[edk(b"ns", b"kn", another.ciphertext)]).message()
        with pytest.raises(errors.EnvelopeError) as caught:
            decrypt(
                io.BytesIO(message),
                io.BytesIO(),
                materials=DefaultManager(ring),
                commitment_policy=ALLOW,
            )
        return caught.value

    @pytest.mark.parametrize(
        ("forge", "kind"), [(V2, errors.CommitmentFailed), (V1, errors.HeaderNotAuthentic)]
    )
    def test_the_failure_is_the_same_and_its_hint_tells_of_key_and_padding(
        self, forge: Forge, kind: type[errors.EnvelopeError]
    ) -> None:
        certain = self.failure(forge, RsaPadding.OAEP_SHA256)
        doubtful = self.failure(forge, RsaPadding.PKCS1)
        assert type(certain) is type(doubtful) is kind
        assert (certain.title, certain.detail) == (doubtful.title, doubtful.detail)
        assert doubtful.hint.startswith(certain.hint)
        assert "Or the RSA key ns/kn is not the right one, or its padding" in doubtful.hint

    def test_a_right_key_opens_the_message(self) -> None:
        key = wrapped(keyring(RsaPadding.PKCS1), SecretBytes(V2.key))
        forge = V2.but(edks=[edk(b"ns", b"kn", key.ciphertext)])
        plaintext, _ = forge.open(materials=DefaultManager(keyring(RsaPadding.PKCS1)))
        assert plaintext == forge.plaintext
