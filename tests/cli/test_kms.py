"""`kms`: KMS's own operations on small data, from the command line."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import click
import pytest

from sealscope.cli.kms import command as kms
from tests.cli.calling import KEY, Here, Printed
from tests.cli.test_terminal import PATIENCE, Terminal, terminal, words

__all__ = ["terminal"]

SECRET = b"a small secret"
ENCODED = base64.b64encode(SECRET).decode()
COMMANDS = list(kms.commands)


def sealed(here: Here, *options: str, content: bytes = SECRET) -> str:
    """The Base64 of a ciphertext under the first key."""
    done = here.call("kms", "encrypt", "-", "-k", KEY, *options, stdin=content)
    assert (done.status, done.err) == (0, "")
    return done.out.strip()


def opened(here: Here, ciphertext: str, *options: str) -> Printed:
    return here.call("kms", "decrypt", "--base64", ciphertext, *options)


def key_arn(here: Here) -> str:
    (line,) = here.call("keys", "--json").json()
    return str(line["arn"])


class TestTheHelp:
    @pytest.mark.parametrize("name", COMMANDS)
    def test_says_of_every_option_what_it_does_in_whole_sentences(self, name: str) -> None:
        for option in kms.commands[name].params:
            if isinstance(option, click.Option):
                assert (option.help or "").endswith("."), option.name

    def test_names_the_six_operations(self, here: Here) -> None:
        done = here.call("kms", "--help")
        assert COMMANDS == [
            "encrypt",
            "decrypt",
            "re-encrypt",
            "generate-data-key",
            "generate-data-key-without-plaintext",
            "generate-random",
        ]
        assert all(f"  {name} " in done.out or f"  {name}\n" in done.out for name in COMMANDS)


class TestEncrypting:
    def test_prints_base64_on_one_line_and_nothing_else(self, here: Here) -> None:
        done = here.call("kms", "encrypt", "--text", "hello", "-k", KEY)
        assert (done.status, done.err) == (0, "")
        assert base64.b64decode(done.out.removesuffix("\n"), validate=True)

    @pytest.mark.parametrize(
        "options",
        [
            ("--text", "a small secret"),
            ("--base64", ENCODED),
            ("--hex", SECRET.hex()),
            ("--file", "f"),
            ("f",),
            ("-",),
            ("--file", "-"),
        ],
    )
    def test_takes_its_input_in_every_form(self, here: Here, options: tuple[str, ...]) -> None:
        here.make("f", SECRET)
        done = here.call("kms", "encrypt", *options, "-k", KEY, stdin=SECRET)
        assert opened(here, done.out.strip(), "--raw").stdout == SECRET

    def test_tells_in_json_which_key_it_was(self, here: Here) -> None:
        done = here.call("kms", "encrypt", "--text", "x", "--key-id", KEY, "--json")
        (line,) = done.json()
        assert list(line) == ["key_id", "encryption_algorithm", "ciphertext"]
        assert line["key_id"] == key_arn(here)
        assert opened(here, line["ciphertext"], "--raw").stdout == b"x"

    def test_writes_bytes_to_a_file(self, here: Here) -> None:
        done = here.call("kms", "encrypt", "--text", "x", "-k", KEY, "-o", "blob")
        assert (done.status, done.stdout) == (0, b"")
        assert (here.folder / "blob").stat().st_mode & 0o777 == 0o600
        assert here.call("kms", "decrypt", "blob", "--raw").stdout == b"x"

    def test_replaces_a_file_only_when_told_to(self, here: Here) -> None:
        here.make("blob", b"precious")
        refused = here.call("kms", "encrypt", "--text", "x", "-k", KEY, "-o", "blob")
        assert (refused.status, (here.folder / "blob").read_bytes()) == (1, b"precious")
        done = here.call("kms", "encrypt", "--text", "x", "-k", KEY, "-o", "blob", "--overwrite")
        assert done.status == 0
        assert (here.folder / "blob").read_bytes() != b"precious"

    @pytest.mark.parametrize(("length", "said"), [(4097, "4,097 bytes"), (2 << 20, "more than")])
    def test_of_more_than_kms_takes_names_envelope_encryption(
        self, here: Here, length: int, said: str
    ) -> None:
        done = here.call("kms", "encrypt", "-", "-k", KEY, stdin=bytes(length))
        assert (done.status, done.stdout) == (1, b"")
        assert said in done.err
        assert "`sealscope encrypt`" in done.err

    def test_of_nothing_is_told(self, here: Here) -> None:
        done = here.call("kms", "encrypt", "-", "-k", KEY)
        assert done.status == 1
        assert "nothing to encrypt" in done.err


class TestTheInput:
    @pytest.mark.parametrize("options", [(), ("--text", "a", "--hex", "ab"), ("-", "--hex", "ab")])
    def test_is_one(self, here: Here, options: tuple[str, ...]) -> None:
        done = here.call("kms", "encrypt", "-k", KEY, *options)
        assert done.status == 2
        assert "Give one of --text, --base64, --hex, --file" in done.err

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("--base64", "a#"), "character 2"),
            (("--hex", "abc"), "odd number"),
            (("--text", ""), "empty"),
        ],
    )
    def test_that_is_not_what_it_says_is_a_wrong_command(
        self, here: Here, options: tuple[str, ...], said: str
    ) -> None:
        done = here.call("kms", "encrypt", "-k", KEY, *options)
        assert done.status == 2
        assert said in done.err

    def test_that_cannot_be_read_is_told(self, here: Here) -> None:
        done = here.call("kms", "encrypt", "none", "-k", KEY)
        assert done.status == 1
        assert "none" in done.err


class TestDecrypting:
    def test_shows_no_plaintext_unless_it_is_asked_for(self, here: Here) -> None:
        done = opened(here, sealed(here))
        assert (done.status, done.err) == (0, "")
        assert key_arn(here) in done.out
        assert "14 bytes, not shown" in done.out
        assert ENCODED not in done.out
        assert SECRET not in done.stdout

    def test_shows_base64_when_asked_for(self, here: Here) -> None:
        assert opened(here, sealed(here), "--show").out == f"{ENCODED}\n"

    @pytest.mark.parametrize("options", [("--raw",), ("-o", "-")])
    def test_writes_bytes_to_a_pipe(self, here: Here, options: tuple[str, ...]) -> None:
        assert opened(here, sealed(here), *options).stdout == SECRET

    def test_writes_bytes_to_a_file_that_only_its_owner_reads(self, here: Here) -> None:
        done = opened(here, sealed(here), "-o", "plain")
        path = here.folder / "plain"
        assert path.read_bytes() == SECRET
        assert path.stat().st_mode & 0o777 == 0o600
        assert "14 bytes, in plain" in done.out

    def test_tells_in_json_what_was_asked_for(self, here: Here) -> None:
        blob = sealed(here)
        (hidden,) = opened(here, blob, "--json").json()
        (shown,) = opened(here, blob, "--json", "--show").json()
        (written,) = opened(here, blob, "--json", "-o", "plain").json()
        assert list(hidden) == [
            "key_id",
            "key_material_id",
            "encryption_algorithm",
            "plaintext_bytes",
        ]
        assert shown == {**hidden, "plaintext": ENCODED}
        assert written == {**hidden, "output": "plain"}

    @pytest.mark.parametrize("form", ["bytes", "base64", "hex"])
    def test_takes_a_file_however_the_ciphertext_is_written_in_it(
        self, here: Here, form: str
    ) -> None:
        text = sealed(here)
        blob = base64.b64decode(text)
        content = {"bytes": blob, "base64": text.encode() + b"\n", "hex": blob.hex().encode()}
        here.make("blob", content[form])
        assert here.call("kms", "decrypt", "blob", "--raw").stdout == SECRET

    def test_needs_the_context_that_was_encrypted_under(self, here: Here) -> None:
        blob = sealed(here, "-c", "a=b", "--encryption-context", "c=d")
        assert opened(here, blob, "-c", "c=d", "-c", "a=b", "--raw").stdout == SECRET
        refused = opened(here, blob, "-c", "a=b")
        assert refused.status == 1
        assert "KMS cannot open this ciphertext" in refused.err

    def test_refuses_another_key_than_the_one_that_is_named(self, here: Here) -> None:
        blob = sealed(here)
        assert opened(here, blob, "-k", KEY, "--raw").stdout == SECRET
        refused = opened(here, blob, "-k", "alias/other", "--json")
        assert (refused.status, refused.err) == (1, "")
        (line,) = refused.json()
        assert list(line) == ["error"]
        assert line["error"]["class"] == "KeyNotFound"

    def test_does_not_make_a_store_that_is_not_there(self, here: Here, tmp_path: Path) -> None:
        none = str(tmp_path / "none" / "kms.sqlite3")
        done = here.call("kms", "--local-store", none, "decrypt", "--base64", "AAAA")
        assert done.status == 1
        assert not Path(none).exists()

    @pytest.mark.parametrize("options", [("--raw", "--json"), ("-o", "-", "--json")])
    def test_mixes_no_bytes_with_json(self, here: Here, options: tuple[str, ...]) -> None:
        done = opened(here, sealed(here), *options)
        assert (done.status, done.stdout) == (2, b"")


class TestATerminal:
    def test_is_not_filled_with_bytes_unasked(self, here: Here, terminal: Terminal) -> None:
        process = subprocess.Popen(
            words(here, "kms", "decrypt", "--base64", sealed(here), "--raw"),
            stdout=terminal.theirs,
            stderr=subprocess.PIPE,
        )
        _, err = process.communicate(timeout=PATIENCE)
        terminal.close()
        assert process.returncode == 2
        assert b"-o -" in err
        assert terminal.drawn == b""

    def test_is_filled_when_it_is_insisted_on(self, here: Here, terminal: Terminal) -> None:
        process = subprocess.Popen(
            words(here, "kms", "decrypt", "--base64", sealed(here), "-o", "-"),
            stdout=terminal.theirs,
        )
        assert process.wait(PATIENCE) == 0
        terminal.close()
        assert terminal.drawn == SECRET


class TestReEncrypting:
    def test_changes_the_context(self, here: Here) -> None:
        blob = sealed(here, "-c", "a=b")
        done = here.call(
            *("kms", "re-encrypt", "--base64", blob, "--source-context", "a=b"),
            *("--destination-key-id", KEY, "--destination-encryption-context", "c=d"),
        )
        assert (done.status, done.err) == (0, "")
        assert opened(here, done.out.strip(), "-c", "c=d", "--raw").stdout == SECRET

    def test_tells_in_json_of_both_keys(self, here: Here) -> None:
        done = here.call("kms", "re-encrypt", "--base64", sealed(here), "-k", KEY, "--json")
        (line,) = done.json()
        assert line["key_id"] == line["source_key_id"] == key_arn(here)
        assert line["key_material_id"] == line["source_key_material_id"] != ""
        assert opened(here, line["ciphertext"], "--raw").stdout == SECRET


class TestADataKey:
    def fields(self, done: Printed) -> dict[str, str]:
        assert (done.status, done.err) == (0, "")
        return {line[:14].strip(): line[14:].strip() for line in done.out.splitlines()}

    def test_is_printed_encrypted_only(self, here: Here) -> None:
        found = self.fields(here.call("kms", "generate-data-key", "-k", KEY))
        assert found["key"] == key_arn(here)
        assert found["plaintext"].startswith("32 bytes, not shown")
        assert len(opened(here, found["ciphertext"], "--raw").stdout) == 32

    def test_is_shown_when_asked_for(self, here: Here) -> None:
        done = here.call("kms", "generate-data-key", "-k", KEY, "--show", "--key-spec", "AES_128")
        found = self.fields(done)
        plaintext = base64.b64decode(found["plaintext"])
        assert len(plaintext) == 16
        assert opened(here, found["ciphertext"], "--raw").stdout == plaintext

    def test_goes_to_a_file_and_its_ciphertext_to_standard_output(self, here: Here) -> None:
        options = ("--number-of-bytes", "64", "-c", "a=b", "-o", "key", "--json")
        (line,) = here.call("kms", "generate-data-key", "-k", KEY, *options).json()
        assert (line["plaintext_bytes"], line["output"]) == (64, "key")
        assert "plaintext" not in line
        plaintext = (here.folder / "key").read_bytes()
        assert opened(here, line["ciphertext"], "-c", "a=b", "--raw").stdout == plaintext

    @pytest.mark.parametrize(
        "options",
        [("-o", "-"), ("--key-spec", "AES_256", "--number-of-bytes", "3"), ("--raw",)],
    )
    def test_has_no_two_places_and_no_two_lengths(
        self, here: Here, options: tuple[str, ...]
    ) -> None:
        done = here.call("kms", "generate-data-key", "-k", KEY, *options)
        assert (done.status, done.stdout) == (2, b"")

    def test_without_plaintext_is_a_line_of_base64(self, here: Here) -> None:
        done = here.call("kms", "generate-data-key-without-plaintext", "-k", KEY)
        assert len(opened(here, done.out.strip(), "--raw").stdout) == 32


class TestRandomBytes:
    def test_are_printed_in_base64(self, here: Here) -> None:
        done = here.call("kms", "generate-random", "-n", "17")
        assert len(base64.b64decode(done.out)) == 17

    def test_are_written_as_bytes_when_asked_for(self, here: Here) -> None:
        assert len(here.call("kms", "generate-random", "-n", "9", "--raw").stdout) == 9
        here.call("kms", "generate-random", "-n", "9", "-o", "random")
        assert len((here.folder / "random").read_bytes()) == 9

    def test_are_told_in_json(self, here: Here) -> None:
        (line,) = here.call("kms", "generate-random", "-n", "9", "--json").json()
        assert len(base64.b64decode(line["random"])) == 9

    @pytest.mark.parametrize("number", ["0", "1025", "x"])
    def test_are_1_to_1024(self, here: Here, number: str) -> None:
        assert here.call("kms", "generate-random", "-n", number).status == 2
