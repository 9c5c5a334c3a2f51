"""Which PEM texts are RSA keys, and what is said of those that are not."""

from __future__ import annotations

import contextlib
import traceback

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from hypothesis import given
from hypothesis import strategies as st

from sealscope import errors
from sealscope.engine.rsa_pem import load_rsa_pem
from sealscope.secret import SecretBytes
from tests.engine.rsa_keys import private_key, private_pem, public_pem

PKCS1_PRIVATE = serialization.PrivateFormat.TraditionalOpenSSL
PKCS1_PUBLIC = serialization.PublicFormat.PKCS1
BOTH = (serialization.PrivateFormat.PKCS8, PKCS1_PRIVATE)


def load(pem: bytes) -> RSAPrivateKey | RSAPublicKey:
    return load_rsa_pem(SecretBytes(pem))


def refused(pem: bytes) -> errors.UsageError:
    with pytest.raises(errors.UsageError) as caught:
        load(pem)
    assert caught.value.detail
    assert caught.value.hint
    return caught.value


class TestForms:
    @pytest.mark.parametrize("form", BOTH, ids=str)
    def test_private_keys_come_in_two(self, form: serialization.PrivateFormat) -> None:
        key = load(private_pem(private_key(), form=form))
        assert isinstance(key, RSAPrivateKey)
        assert key.private_numbers() == private_key().private_numbers()

    @pytest.mark.parametrize(
        "form", [serialization.PublicFormat.SubjectPublicKeyInfo, PKCS1_PUBLIC], ids=str
    )
    def test_public_keys_too(self, form: serialization.PublicFormat) -> None:
        key = load(public_pem(private_key(), form))
        assert isinstance(key, RSAPublicKey)
        assert key.public_numbers() == private_key().public_key().public_numbers()

    def test_text_around_the_key_and_other_line_ends_do_not_matter(self) -> None:
        pem = b"Bag Attributes\n    friendlyName: mine\n" + private_pem(private_key())
        assert isinstance(load(pem.replace(b"\n", b"\r\n")), RSAPrivateKey)

    def test_of_several_keys_the_private_one_counts(self) -> None:
        both = public_pem(private_key(2)) + private_pem(private_key())
        assert isinstance(load(both), RSAPrivateKey)


class TestRefusals:
    @pytest.mark.parametrize("form", BOTH, ids=str)
    def test_an_encrypted_key_says_so(self, form: serialization.PrivateFormat) -> None:
        error = refused(private_pem(private_key(), form=form, passphrase=b"secret"))
        assert error.title == "The RSA private key is encrypted"
        assert "openssl pkey" in error.hint

    def test_a_key_of_another_kind_is_named(self) -> None:
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        error = refused(pem)
        assert (error.title, error.detail) == ("Not an RSA key", "it is of the kind EC")

    @pytest.mark.parametrize(
        ("pem", "word"),
        [
            (b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "openssl x509"),
            (b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", "ssh-keygen -p"),
            (b"ssh-rsa AAAAB3NzaC1yc2E me@example\n", "ssh-keygen -e"),
        ],
    )
    def test_a_form_that_others_use_tells_how_to_turn_it_into_pem(
        self, pem: bytes, word: str
    ) -> None:
        assert word in refused(pem).hint

    @pytest.mark.parametrize("pem", [b"", b"junk", b"\x00" * 100, b"-----BEGIN PUBLIC KEY-----"])
    def test_anything_else_is_no_key(self, pem: bytes) -> None:
        assert "no PEM text" in refused(pem).detail

    def test_no_word_of_the_key_is_repeated(self) -> None:
        pem = private_pem(private_key())
        lines = pem.splitlines()
        for broken in (pem[:-20], pem.replace(lines[5], lines[5][1:]), b"\n".join(lines[:9])):
            report = traceback.TracebackException.from_exception(
                refused(broken), capture_locals=True
            )
            product = [frame for frame in report.stack if "sealscope" in frame.filename]
            said = str(report) + "".join(str(frame.locals) for frame in product)
            assert product
            assert not any(line.decode() in said for line in lines[1:9])


class TestAnyBytes:
    @given(st.binary(max_size=200), st.sampled_from([b"", b"RSA ", b"ENCRYPTED ", b"EC "]))
    def test_between_the_lines_of_a_key_give_a_key_or_our_error(
        self, data: bytes, kind: bytes
    ) -> None:
        for name in (b"PRIVATE KEY", b"PUBLIC KEY"):
            label = kind + name
            refused(b"-----BEGIN " + label + b"-----\n" + data + b"\n-----END " + label + b"-----")

    @given(st.integers(0, 1700), st.integers(0, 255))
    def test_in_place_of_one_byte_give_a_key_or_our_error(self, place: int, byte: int) -> None:
        pem = bytearray(private_pem(private_key(), form=PKCS1_PRIVATE))
        pem[place % len(pem)] = byte
        with contextlib.suppress(errors.UsageError):
            assert isinstance(load(bytes(pem)), RSAPrivateKey)
