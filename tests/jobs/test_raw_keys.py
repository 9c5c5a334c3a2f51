"""Raw keys in files: what is taken, what is refused with a hint, what is odd all the same."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.engine.raw_rsa_keyring import RawRsaKeyring
from sealscope.errors import UsageError
from sealscope.jobs.raw_keys import MAX_PEM_BYTES, concerns_about, raw_keyring
from sealscope.jobs.request import RawAesKey, RawKey, RawRsaKey

KEY = bytes(range(200, 232))
PRIVATE = rsa.generate_private_key(65537, 2048)
PRIVATE_PEM = PRIVATE.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
PUBLIC_PEM = PRIVATE.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def aes(folder: Path, content: bytes, mode: int = 0o600) -> RawAesKey:
    return RawAesKey("files", "one", written(folder / "aes", content, mode))


def rsa_key(folder: Path, content: bytes, mode: int = 0o600) -> RawRsaKey:
    return RawRsaKey("files", "two", written(folder / "rsa", content, mode))


def written(path: Path, content: bytes, mode: int) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def refused(key: RawKey) -> UsageError:
    with pytest.raises(UsageError) as caught:
        raw_keyring(key)
    assert str(key.file) in caught.value.detail
    assert caught.value.hint
    return caught.value


class TestAKeyFile:
    @pytest.mark.parametrize("length", [16, 24, 32])
    def test_of_an_aes_key_is_its_bytes_and_nothing_else(self, folder: Path, length: int) -> None:
        assert isinstance(raw_keyring(aes(folder, KEY[:length])), RawAesKeyring)

    @pytest.mark.parametrize("pem", [PRIVATE_PEM, PUBLIC_PEM], ids=["private", "public"])
    def test_of_an_rsa_key_is_pem_text(self, folder: Path, pem: bytes) -> None:
        assert isinstance(raw_keyring(rsa_key(folder, pem)), RawRsaKeyring)

    @pytest.mark.parametrize(
        ("content", "hint"),
        [
            (KEY.hex().encode(), "hexadecimal"),
            (b"0x" + KEY[:16].hex().upper().encode() + b"\n", "hexadecimal"),
            (base64.b64encode(KEY), "Base64"),
            (base64.b64encode(KEY[:24]) + b"\r\n", "Base64"),
            (base64.b64encode(KEY).rstrip(b"="), "Base64"),
            (KEY + b"\n", "line break"),
            (KEY[:16] + b"\r\n", "line break"),
            (PRIVATE_PEM, "--raw-rsa"),
            (b"", "nothing else"),
            (KEY[:31], "nothing else"),
            (bytes(1 << 20), "nothing else"),
        ],
        ids=lambda value: None if isinstance(value, bytes) else value,
    )
    def test_of_another_length_is_refused_with_what_it_probably_is(
        self, folder: Path, content: bytes, hint: str
    ) -> None:
        problem = refused(aes(folder, content))
        assert f"has {len(content)}" in problem.detail
        assert hint in problem.hint

    def test_that_is_refused_is_not_quoted(self, folder: Path) -> None:
        text = KEY.hex()
        problem = refused(aes(folder, text.encode() + b" "))
        assert text[:6] not in repr(problem) + problem.hint

    @pytest.mark.parametrize("content", [b"", b"no key", bytes(MAX_PEM_BYTES + 1), KEY])
    def test_that_holds_no_rsa_key_is_refused(self, folder: Path, content: bytes) -> None:
        assert "could not be read" in refused(rsa_key(folder, content)).title

    def test_that_is_endless_is_not_read(self) -> None:
        for key in (RawAesKey("n", "a", Path("/dev/zero")), RawRsaKey("n", "r", Path("/dev/zero"))):
            assert "not a regular file" in refused(key).detail

    @pytest.mark.parametrize("name", ["missing", "folder", "pipe", "n\0ul"])
    def test_that_cannot_be_read_is_told_with_the_keys_name(self, folder: Path, name: str) -> None:
        (folder / "folder").mkdir()
        os.mkfifo(folder / "pipe")
        assert "files/one" in refused(RawAesKey("files", "one", folder / name)).title

    def test_for_a_reserved_namespace_is_refused(self, folder: Path) -> None:
        file = written(folder / "key", KEY, 0o600)
        with pytest.raises(UsageError):
            raw_keyring(RawAesKey("aws-kms", "one", file))


class TestWhatIsOdd:
    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
    def test_is_a_secret_that_others_may_read(self, folder: Path, mode: int) -> None:
        for key in (aes(folder, KEY, mode), rsa_key(folder, PRIVATE_PEM, mode)):
            (words,) = concerns_about(key)
            assert "others may read" in words
            assert str(key.file) in words

    def test_is_not_a_public_key_that_others_may_read(self, folder: Path) -> None:
        assert concerns_about(rsa_key(folder, PUBLIC_PEM, 0o644)) == ()

    @pytest.mark.parametrize("text", [KEY[:16].hex(), base64.b64encode(KEY[:16]).decode()])
    def test_is_text_as_long_as_a_key(self, folder: Path, text: str) -> None:
        key = aes(folder, text.encode())
        assert isinstance(raw_keyring(key), RawAesKeyring)
        (words,) = concerns_about(key)
        assert "text" in words
        assert text not in words

    def test_is_nothing_of_a_private_file_with_a_random_key(self, folder: Path) -> None:
        assert concerns_about(aes(folder, KEY)) == ()
        assert concerns_about(rsa_key(folder, PRIVATE_PEM)) == ()
