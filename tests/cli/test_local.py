"""`local`: looking after the store of the local KMS."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from sealscope.kms.local import LocalStore
from sealscope.secret import SecretBytes
from tests.cli.calling import KEY, PROGRAM, Here, call


@pytest.fixture
def passphrase_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "passphrase"
    path.write_bytes(b"correct horse\n")
    monkeypatch.setenv("SEALSCOPE_LOCAL_PASSPHRASE_FILE", str(path))
    return path


def is_protected(here: Here) -> bool:
    (line,) = here.call("local", "info", "--json").json()
    return bool(line["protected"])


class TestInfo:
    def test_tells_where_the_keys_are_and_how_they_are_protected(self, here: Here) -> None:
        done = here.call("local", "info")
        assert done.status == 0
        assert str(here.store) in done.out
        assert "by its file mode only" in done.out

    def test_in_json_has_its_keys(self, here: Here) -> None:
        (line,) = here.call("local", "info", "--json").json()
        assert list(line) == [
            "path",
            "store_id",
            "schema",
            "journal_mode",
            "protected",
            "keys",
            "aliases",
            "size_bytes",
            "created",
        ]
        assert line["path"] == str(here.store)
        assert (line["keys"], line["aliases"], line["protected"]) == (1, 1, False)

    def test_needs_no_passphrase(self, here: Here) -> None:
        store = LocalStore.open(here.store)
        store.protect(SecretBytes(b"correct horse"))
        store.close()
        assert is_protected(here)

    def test_without_any_option_is_of_the_users_own_store(self, empty_home: Path) -> None:
        call("keys")
        (line,) = call("local", "info", "--json").json()
        assert Path(line["path"]).is_relative_to(empty_home)

    @pytest.mark.parametrize(
        "words",
        [
            ["local", "info"],
            ["local", "backup", "copy"],
            ["local", "check"],
            ["local", "unprotect"],
            ["decrypt", "f", "-k", "alias/getting-started"],
        ],
        ids=" ".join,
    )
    def test_a_mistyped_store_is_not_made(self, here: Here, words: list[str]) -> None:
        here.make("f", b"content")
        mistyped = here.folder / "no" / "store"
        done = call(*words, "--local-store", str(mistyped))
        assert done.status == 1
        assert "There is no local key store" in done.err
        assert not mistyped.parent.exists()

    def test_a_store_that_is_made_is_told(self, here: Here) -> None:
        new = here.folder / "new.sqlite3"
        done = call("keys", "--local-store", str(new))
        assert f"A local key store was made: {new}" in done.err
        assert call("keys", "--local-store", str(new)).err == ""

    def test_may_have_its_store_named_at_any_place(self, here: Here) -> None:
        store = str(here.store)
        for words in (
            ["--local-store", store, "local", "info", "--json"],
            ["local", "--local-store", store, "info", "--json"],
            ["local", "info", "--json", "--local-store", store],
        ):
            assert call(*words).json()[0]["path"] == store


class TestBackup:
    def test_opens_what_the_store_opens(self, here: Here) -> None:
        message = here.sealed(b"content")
        done = here.call("local", "backup", "copy.sqlite3")
        assert done.status == 0
        copy = here.folder / "copy.sqlite3"
        assert copy.stat().st_mode & 0o777 == 0o600
        opened = call(
            "--local-store", str(copy), "decrypt", "-", "-k", KEY, "-o", "-", stdin=message
        )
        assert opened.stdout == b"content"

    def test_replaces_nothing(self, here: Here) -> None:
        here.make("copy", b"precious")
        done = here.call("local", "backup", "copy")
        assert done.status == 1
        assert here.listing() == {"copy": b"precious"}


class TestCheck:
    def test_of_a_good_store(self, here: Here) -> None:
        done = here.call("local", "check")
        assert done.status == 0
        assert done.out == "All is well. Keys: 1. Key materials: 1.\n"
        (line,) = here.call("local", "check", "--json").json()
        assert line == {
            "path": str(here.store),
            "ok": True,
            "keys": 1,
            "materials": 1,
            "problems": [],
        }

    def test_of_a_damaged_one_fails_and_tells_the_problems(self, here: Here) -> None:
        connection = sqlite3.connect(here.store)
        connection.execute("UPDATE material SET wrapped = zeroblob(length(wrapped))")
        connection.commit()
        connection.close()
        done = here.call("local", "check")
        assert done.status == 1
        assert "does not open" in done.out
        (line,) = here.call("local", "check", "--json").json()
        assert (line["ok"], len(line["problems"])) == (False, 1)

    def test_of_a_protected_one_needs_its_passphrase(
        self, here: Here, passphrase_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here.call("local", "protect")
        assert here.call("local", "check").status == 0
        monkeypatch.delenv("SEALSCOPE_LOCAL_PASSPHRASE_FILE")
        done = here.call("local", "check")
        assert done.status == 1
        assert "passphrase" in done.err


class TestProtection:
    @pytest.mark.usefixtures("passphrase_file")
    def test_is_put_on_and_taken_off(self, here: Here) -> None:
        message = here.sealed(b"content")
        assert here.call("local", "protect").status == 0
        assert is_protected(here)
        assert here.call("decrypt", "-", "-k", KEY, stdin=message).stdout == b"content"
        assert here.call("local", "unprotect").status == 0
        assert not is_protected(here)
        assert here.call("decrypt", "-", "-k", KEY, stdin=message).stdout == b"content"

    def test_without_a_passphrase_file_needs_a_terminal(self, here: Here) -> None:
        done = here.call("local", "protect")
        assert done.status == 2
        assert "SEALSCOPE_LOCAL_PASSPHRASE_FILE" in done.err
        assert not is_protected(here)

    def test_with_an_unreadable_passphrase_file_fails_in_words(
        self, here: Here, passphrase_file: Path
    ) -> None:
        passphrase_file.unlink()
        done = here.call("local", "protect")
        assert done.status == 1
        assert "passphrase file cannot be read" in done.err

    def test_with_an_empty_passphrase_is_refused(self, here: Here, passphrase_file: Path) -> None:
        passphrase_file.write_bytes(b"\n")
        assert here.call("local", "protect").status == 2
        passphrase_file.write_bytes(b"correct horse")
        assert not is_protected(here)

    def test_is_not_taken_off_with_a_wrong_passphrase(
        self, here: Here, passphrase_file: Path
    ) -> None:
        here.call("local", "protect")
        passphrase_file.write_bytes(b"wrong")
        assert here.call("local", "unprotect").status == 1
        passphrase_file.write_bytes(b"correct horse")
        assert is_protected(here)

    def test_never_shows_the_passphrase(self, here: Here, passphrase_file: Path) -> None:
        for words in (["local", "protect"], ["local", "info"], ["local", "check"]):
            done = here.call(*words)
            assert b"correct horse" not in done.stdout + done.stderr


class TestAStoreThatCannotBeUsed:
    def test_is_told_in_words(self, here: Here) -> None:
        junk = here.make("junk", b"this is no store" * 100)
        junk.chmod(0o600)
        for words in (["local", "info"], ["keys"]):
            done = call("--local-store", str(junk), *words)
            assert done.status == 1
            assert done.err.startswith("sealscope: ")
            assert "Traceback" not in done.err
        assert here.listing() == {"junk": b"this is no store" * 100}

    def test_because_others_may_read_it(self, here: Here) -> None:
        here.store.chmod(0o644)
        assert here.call("local", "info").status == 1

    def test_because_the_command_names_aws(self, here: Here) -> None:
        assert call("local", "info", "--profile", "p").status == 2


LINES = 3
"""Lines that `serve` prints for other programs."""


@contextmanager
def serving(here: Here) -> Iterator[subprocess.Popen[bytes]]:
    """`local serve` in a process of its own, ended at the latest with the block."""
    words = ["--local-store", str(here.store), "local", "serve", "--port", "0"]
    with subprocess.Popen(
        [*PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(stream: IO[bytes] | None) -> str:
    assert stream is not None
    return stream.readline().decode().strip()


class TestServe:
    def test_answers_other_programs_until_it_is_interrupted(self, here: Here) -> None:
        with serving(here) as process:
            announced = line_of(process.stderr)
            first, *others = [line_of(process.stdout) for _ in range(LINES)]
            address = first.removeprefix("export AWS_ENDPOINT_URL_KMS=")
            assert address.startswith("http://127.0.0.1:")
            assert address in announced
            exported = dict(word.split("=", 1) for line in others for word in line.split()[1:])
            asked = subprocess.run(
                [*PROGRAM, "--endpoint-url", address, "keys", "--json"],
                capture_output=True,
                check=False,
                env={**os.environ, **exported},
            )
            assert asked.stderr == b""
            assert json.loads(asked.stdout)["aliases"] == [KEY]
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
            out, err = process.communicate()
            assert (out, err) == (b"", b"Stopped.\n")
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(address)

    def test_on_a_port_that_is_taken_fails_in_words(self, here: Here) -> None:
        import socket

        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = here.call("local", "serve", "--port", str(taken.getsockname()[1]))
        assert done.status == 1
        assert "cannot be served" in done.err

    @pytest.mark.exhaustive
    @pytest.mark.skipif(
        shutil.which("aws-encryption-cli") is None, reason="aws-encryption-cli is not installed"
    )
    def test_is_used_by_the_encryption_cli(self, here: Here) -> None:
        """The lines that `serve` prints are all that the other program needs."""
        (key,) = here.call("keys", "--json").json()
        here.make("f", b"content")
        command = (
            "aws-encryption-cli -e -i f -o m -S "
            f"--wrapping-keys key={key['arn']} --commitment-policy require-encrypt-require-decrypt"
        )
        with serving(here) as process:
            lines = [line_of(process.stdout) for _ in range(LINES)]
            subprocess.run(["bash", "-c", "\n".join([*lines, command])], check=True)
        assert here.call("decrypt", "m", "-k", KEY, "-o", "-").stdout == b"content"
