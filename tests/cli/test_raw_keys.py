"""`--raw-aes` and `--raw-rsa`: wrapping keys in files, beside KMS keys or instead of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sealscope.cli.options_keys import RSA_PADDINGS
from tests.cli.calling import KEY, Here, call

PRIVATE = rsa.generate_private_key(65537, 2048)
PRIVATE_PEM = PRIVATE.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
PUBLIC_PEM = PRIVATE.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
AES = ("--raw-aes", "files/one=aes.key")
PUBLIC = ("--raw-rsa", "files/two=public.pem")
PRIVATE_KEY = ("--raw-rsa", "files/two=private.pem")


@pytest.fixture
def keys(here: Here) -> Here:
    """Key files in the working folder, as private as they should be."""
    here.make("aes.key", bytes(range(200, 232))).chmod(0o600)
    here.make("private.pem", PRIVATE_PEM).chmod(0o600)
    here.make("public.pem", PUBLIC_PEM)
    here.make("f", b"content")
    return here


def opens(here: Here, message: str, *options: str) -> bool:
    done = here.call("decrypt", message, "-o", "-", *options)
    assert (done.status == 0) == (done.stdout == b"content"), done.err
    return done.status == 0


class TestARawKey:
    @pytest.mark.parametrize(
        ("wraps", "unwraps"), [(AES, AES), (PUBLIC, PRIVATE_KEY), (PRIVATE_KEY, PRIVATE_KEY)]
    )
    def test_is_enough(self, keys: Here, wraps: tuple[str, ...], unwraps: tuple[str, ...]) -> None:
        done = keys.call("encrypt", "f", "-o", "m", *wraps)
        assert (done.status, done.err) == (0, "")
        assert opens(keys, "m", *unwraps)
        assert not opens(keys, "m", "-k", KEY)

    def test_needs_no_kms_and_makes_no_store(self, keys: Here, empty_home: Path) -> None:
        assert call("encrypt", "f", "-o", "m", *AES).status == 0
        assert call("decrypt", "m", "-o", "g", *AES).status == 0
        assert call("decrypt", "-", "-o", "h", *AES, stdin=Path("m").read_bytes()).status == 0
        assert list(empty_home.rglob("*.sqlite3")) == []

    def test_without_kms_still_refuses_a_contradictory_connection(self, keys: Here) -> None:
        done = call("encrypt", "f", "-o", "m", *AES, "--local", "--region", "eu-west-1")
        assert done.status == 2
        assert "m" not in keys.listing()

    def test_stands_beside_kms_keys_and_each_opens(self, keys: Here) -> None:
        done = keys.call("encrypt", "f", "-o", "m", "-k", KEY, *AES, *PUBLIC, "--json")
        (line,) = done.json()
        assert len(line["recipients"]) == 3
        for options in (("-k", KEY), AES, PRIVATE_KEY, (*AES, *PRIVATE_KEY), ("--discovery",)):
            assert opens(keys, "m", *options)

    def test_is_told_as_the_one_that_opened(self, keys: Here) -> None:
        keys.call("encrypt", "f", "-o", "m", "-k", KEY, *AES)
        (line,) = keys.call("decrypt", "m", "-o", "g", *AES, "--json").json()
        assert line["opened_by"] == "files/one"

    @pytest.mark.parametrize("padding", RSA_PADDINGS)
    def test_of_rsa_has_its_padding_named_on_both_sides(self, keys: Here, padding: str) -> None:
        option = ("--rsa-padding", padding)
        assert keys.call("encrypt", "f", "-o", "m", *PUBLIC, *option).status == 0
        assert opens(keys, "m", *PRIVATE_KEY, *option)
        others = [other for other in RSA_PADDINGS if other != padding]
        assert not any(opens(keys, "m", *PRIVATE_KEY, "--rsa-padding", one) for one in others)

    @pytest.mark.parametrize(
        "options",
        [
            ("--raw-aes", "files/other=aes.key"),
            ("--raw-aes", "other/one=aes.key"),
            ("--raw-aes", "files/one=other.key"),
            PUBLIC,
        ],
    )
    def test_that_is_another_one_does_not_open(self, keys: Here, options: tuple[str, ...]) -> None:
        keys.make("other.key", os.urandom(32)).chmod(0o600)
        keys.call("encrypt", "f", "-o", "m", *AES, *PUBLIC)
        (line,) = keys.call("decrypt", "m", "-o", "g", *options, "--json").json()
        assert line["error"]["class"] == "NoUsableKey"
        assert "g" not in keys.listing()

    def test_may_have_any_character_in_its_names_and_file(self, keys: Here) -> None:
        here_key = Path("a=b") / "c.key"
        here_key.parent.mkdir()
        os.rename("aes.key", here_key)
        option = ("--raw-aes", "ns:ü/key/1 [x]=a=b/c.key")
        assert keys.call("encrypt", "f", "-o", "m", *option).status == 0
        assert opens(keys, "m", *option)

    def test_counts_for_the_limit_of_recipients(self, keys: Here) -> None:
        options = ("--max-encrypted-data-keys", "1")
        (line,) = keys.call("encrypt", "f", "-k", KEY, *AES, *options, "--json").json()
        assert line["error"]["class"] == "LimitExceeded"

    def test_is_proposed_where_none_was_named(self, keys: Here) -> None:
        keys.call("encrypt", "f", "-o", "m", "-k", KEY, *AES)
        done = keys.call("decrypt", "m")
        assert done.status == 2
        assert "  -k arn:aws:kms:" in done.err
        assert "  --raw-aes or --raw-rsa files/one=FILE" in done.err


class TestAKeyFile:
    @pytest.mark.parametrize("command", ["encrypt", "decrypt", "verify"])
    def test_that_cannot_be_used_is_a_wrong_command(self, keys: Here, command: str) -> None:
        keys.make("short.key", bytes(31))
        before = keys.listing()
        for name in ("short.key", "missing"):
            done = keys.call(command, "f", "--raw-aes", f"files/one={name}", "--json")
            assert (done.status, done.stdout) == (2, b"")
            assert name in done.err
        assert keys.listing() == before

    def test_that_others_may_read_is_told_and_used(self, keys: Here) -> None:
        os.chmod("aes.key", 0o644)
        done = keys.call("encrypt", "f", *AES, "--json")
        assert done.status == 0
        assert "others may read the key in aes.key" in done.err
        assert len(done.json()) == 1

    def test_never_shows_what_is_in_it(self, keys: Here) -> None:
        secret = "0123456789abcdef" * 3
        keys.make("text.key", secret.encode())
        done = keys.call("encrypt", "f", "--raw-aes", "files/one=text.key")
        assert done.status == 2
        assert secret[:8] not in done.err + done.out

    def test_with_a_hostile_name_drives_no_terminal(self, keys: Here) -> None:
        done = keys.call("encrypt", "f", "--raw-aes", "n/k=\x1b]52;c;eA==\x07")
        assert done.status == 2
        assert "\x1b" not in done.err


def test_a_message_whose_raw_key_has_a_hostile_name_drives_no_terminal(keys: Here) -> None:
    option = ("--raw-aes", "n\x1b[2J/k\x1b]0;x\x07=aes.key")
    sealed = keys.call("encrypt", "f", "-o", "m", *option)
    opened = keys.call("decrypt", "m", "-o", "g", *option)
    assert (sealed.status, opened.status) == (0, 0)
    told = keys.call("decrypt", "m", "-o", "h", *option, "--json")
    assert json.loads(told.out)["opened_by"].startswith("n\x1b")
    for done in (sealed, opened, told):
        assert "\x1b" not in done.out + done.err
