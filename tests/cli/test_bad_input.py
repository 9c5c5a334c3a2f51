"""Bad input: its own error and exit status, and every file as it was before."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate
from sealscope.kms.local import LocalStore
from tests.cli.calling import KEY, PROGRAM, Here, call

OPEN = ("-k", KEY)


@contextmanager
def gate_of(here: Here) -> Iterator[KmsGate]:
    connection = connect(Target(local_store=here.store))
    try:
        yield KmsGate(connection)
    finally:
        connection.close()


def new_key(here: Here, alias: str = "other", **parameters: Any) -> str:
    with gate_of(here) as gate:
        made = gate.call("CreateKey", **parameters)["KeyMetadata"]["KeyId"]
        gate.call("CreateAlias", AliasName=f"alias/{alias}", TargetKeyId=made)
        return str(made)


def refused(here: Here, *words: str) -> dict[str, str]:
    """The error of a call that must fail and must leave every file as it is."""
    before = here.listing()
    done = here.call(*words, "--json")
    assert (done.status, done.stderr) == (1, b"")
    (line,) = done.json()
    assert list(line) == ["path", "error"]
    assert here.listing() == before
    error: dict[str, str] = line["error"]
    assert error["title"]
    return error


def decrypt_refused(here: Here, message: bytes, *options: str) -> dict[str, str]:
    """The error of decrypting, the same with an output to be made and with one to be replaced."""
    (here.folder / "m").unlink(missing_ok=True)
    here.make("m.encrypted", message)
    error = refused(here, "decrypt", "m.encrypted", *(options or OPEN))
    here.make("m", b"precious")
    again = refused(here, "decrypt", "m.encrypted", "--overwrite", *(options or OPEN))
    assert again["class"] == error["class"]
    return error


def flipped(message: bytes, at: int) -> bytes:
    at %= len(message)
    return message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]


class TestAFile:
    def test_that_is_missing(self, here: Here) -> None:
        assert refused(here, "encrypt", "f", *OPEN)["class"] == "SourceUnreadable"
        assert refused(here, "decrypt", "f", *OPEN)["class"] == "SourceUnreadable"

    def test_that_is_a_folder_or_a_pipe(self, here: Here) -> None:
        (here.folder / "d").mkdir()
        os.mkfifo(here.folder / "p")
        assert refused(here, "encrypt", "d", *OPEN)["class"] == "SourceUnreadable"
        assert refused(here, "encrypt", "p", *OPEN)["class"] == "SourceUnreadable"

    @pytest.mark.parametrize("command", ["encrypt", "decrypt", "inspect"])
    def test_that_may_not_be_read(self, here: Here, command: str) -> None:
        options = OPEN if command != "inspect" else ()
        # Everything that is loaded on first use is loaded while it may be read.
        here.make("warm", here.sealed())
        here.call("decrypt", "warm", *OPEN)
        with as_somebody_else() as other:
            other.make("f").chmod(0)
            done = other.call(command, "f", *options, "--json")
            (line,) = done.json()
            assert (done.status, line["error"]["class"]) == (1, "SourceUnreadable")
            assert "permission" in line["error"]["detail"].lower()
            assert os.listdir(other.folder) == ["f"]

    def test_that_is_empty(self, here: Here) -> None:
        assert decrypt_refused(here, b"")["class"] in {"NotAnEnvelope", "Truncated"}
        assert refused(here, "inspect", "m.encrypted")["class"] in {"NotAnEnvelope", "Truncated"}

    @pytest.mark.parametrize("kept", [20, 300, 900, -200, -1])
    def test_that_is_truncated(self, here: Here, kept: int) -> None:
        message = here.sealed(os.urandom(1000))
        assert decrypt_refused(here, message[:kept])["class"] == "Truncated"

    @pytest.mark.parametrize("at", [0, 10, 60, 300])
    def test_whose_header_is_tampered_with(self, here: Here, at: int) -> None:
        decrypt_refused(here, flipped(here.sealed(), at))

    def test_whose_frame_or_signature_is_tampered_with(self, here: Here) -> None:
        message = here.sealed(os.urandom(1000))
        assert decrypt_refused(here, flipped(message, -600))["class"] == "BodyNotAuthentic"
        assert decrypt_refused(here, flipped(message, -1))["class"] == "SignatureInvalid"

    def test_with_bytes_after_its_end(self, here: Here) -> None:
        assert decrypt_refused(here, here.sealed() + b"\0")["class"] == "TrailingData"
        assert decrypt_refused(here, here.sealed() * 2)["class"] == "TrailingData"

    @pytest.mark.parametrize(
        "content", [b"plain text\n", b"\x89PNG\r\n\x1a\n" + bytes(50), bytes(99)]
    )
    def test_that_is_no_envelope(self, here: Here, content: bytes) -> None:
        assert decrypt_refused(here, content)["class"] == "NotAnEnvelope"
        assert refused(here, "inspect", "m.encrypted")["class"] == "NotAnEnvelope"

    def test_that_is_a_message_in_base64(self, here: Here) -> None:
        for wrapped in (base64.b64encode(here.sealed()), base64.encodebytes(here.sealed())):
            error = decrypt_refused(here, wrapped)
            assert error["class"] == "LooksBase64"
            assert "base64 -d" in error["hint"]
            assert refused(here, "inspect", "m.encrypted")["class"] == "LooksBase64"


class TestAKey:
    def test_that_is_another_one(self, here: Here) -> None:
        new_key(here)
        error = decrypt_refused(here, here.sealed(), "-k", "alias/other")
        assert error["class"] == "NoUsableKey"
        assert "not among the given keys" in error["detail"]

    def test_that_does_not_exist(self, here: Here) -> None:
        here.make("f")
        assert refused(here, "encrypt", "f", "-k", "alias/none")["class"] == "KeyNotFound"
        assert refused(here, "encrypt", "f", *OPEN, "-k", "alias/none")["class"] == "KeyNotFound"
        assert decrypt_refused(here, here.sealed(), "-k", "alias/none")["class"] == "KeyNotFound"

    def test_that_is_disabled(self, here: Here) -> None:
        key = new_key(here)
        message = here.call("encrypt", "-", "-k", key, stdin=b"x").stdout
        with gate_of(here) as gate:
            gate.call("DisableKey", KeyId=key)
        here.make("f")
        assert refused(here, "encrypt", "f", "-k", key)["class"] == "KeyDisabled"
        error = decrypt_refused(here, message, "-k", key)
        assert error["class"] == "NoUsableKey"
        assert "failed: The key is disabled" in error["detail"]
        assert "Enable the key" in error["hint"]

    def test_that_is_pending_deletion(self, here: Here) -> None:
        key = new_key(here)
        message = here.call("encrypt", "-", "-k", key, stdin=b"x").stdout
        with gate_of(here) as gate:
            gate.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
        here.make("f")
        assert refused(here, "encrypt", "f", "-k", key)["class"] == "KeyPendingDeletion"
        error = decrypt_refused(here, message, "-k", key)
        assert error["class"] == "NoUsableKey"
        assert "failed: The key is waiting to be deleted" in error["detail"]

    def test_that_cannot_wrap_a_data_key(self, here: Here) -> None:
        new_key(here, "signer", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        here.make("f")
        assert refused(here, "encrypt", "f", "-k", "alias/signer")["class"] == "KeyStateInvalid"


class TestAContext:
    def test_that_is_wrong(self, here: Here) -> None:
        message = here.sealed(b"x", "-c", "purpose=demo")
        error = decrypt_refused(here, message, *OPEN, "-c", "purpose=other")
        assert error["class"] == "ContextMismatch"

    def test_that_is_missing(self, here: Here) -> None:
        error = decrypt_refused(here, here.sealed(), *OPEN, "-c", "purpose=demo")
        assert error["class"] == "NoUsableKey"
        assert "failed: KMS cannot open this ciphertext" in error["detail"]


class TestAnOutput:
    def test_that_exists_is_told_with_the_option_that_replaces_it(self, here: Here) -> None:
        here.make("f")
        here.make("taken")
        done = here.call("encrypt", "f", "-k", KEY, "-o", "taken")
        assert done.status == 1
        assert "  Use --overwrite to replace it" in done.err
        backup = here.call("local", "backup", "taken")
        assert backup.status == 1
        assert "--overwrite" not in backup.err

    def test_that_exists(self, here: Here) -> None:
        here.make("f")
        here.make("f.encrypted", b"precious")
        assert refused(here, "encrypt", "f", *OPEN)["class"] == "OutputExists"
        here.make("m.encrypted", here.sealed())
        here.make("m", b"precious")
        assert refused(here, "decrypt", "m.encrypted", *OPEN)["class"] == "OutputExists"

    @pytest.mark.parametrize("overwrite", [(), ("--overwrite",)], ids=["", "overwrite"])
    @pytest.mark.parametrize("target", ["elsewhere", "missing", "f", "."])
    def test_that_is_a_link(self, here: Here, overwrite: tuple[str, ...], target: str) -> None:
        here.make("f")
        here.make("elsewhere", b"precious")
        (here.folder / "f.encrypted").symlink_to(target)
        error = refused(here, "encrypt", "f", *OPEN, *overwrite)
        assert error["class"] in {"UnsafeOutput", "OutputExists"}

    @pytest.mark.parametrize("overwrite", [(), ("--overwrite",)], ids=["", "overwrite"])
    @pytest.mark.parametrize("name", ["f", "./f", "d/../f", "hard"])
    def test_that_is_the_input_itself(
        self, here: Here, overwrite: tuple[str, ...], name: str
    ) -> None:
        (here.folder / "d").mkdir()
        os.link(here.make("f"), here.folder / "hard")
        error = refused(here, "encrypt", "f", *OPEN, "-o", name, *overwrite)
        assert error["class"] == "UnsafeOutput"

    def test_that_is_a_link_to_the_input(self, here: Here) -> None:
        here.make("f")
        (here.folder / "to-f").symlink_to("f")
        error = refused(here, "encrypt", "f", *OPEN, "-o", "to-f", "--overwrite")
        assert error["class"] == "UnsafeOutput"

    def test_whose_folder_is_missing(self, here: Here) -> None:
        here.make("f")
        assert refused(here, "encrypt", "f", *OPEN, "-o", "no/out")["class"] == "OutputFailed"

    def test_below_a_link(self, here: Here) -> None:
        here.make("d/e/f")
        here.make("elsewhere/g", b"precious")
        (here.folder / "out").mkdir()
        (here.folder / "out/e").symlink_to("../elsewhere")
        error = refused(here, "encrypt", "-r", "d", *OPEN, "-o", "out")
        assert error["class"] == "UnsafeOutput"

    def test_in_a_folder_that_may_not_be_written(self, here: Here) -> None:
        here.call("encrypt", str(here.make("warm")), *OPEN)
        with as_somebody_else() as other:
            other.make("f")
            other.folder.chmod(0o500)
            (line,) = other.call("encrypt", "f", *OPEN, "--json").json()
            assert line["error"]["class"] == "OutputFailed"
            assert os.listdir(other.folder) == ["f"]
            other.folder.chmod(0o700)

    @pytest.mark.parametrize("existing", [False, True], ids=["new", "existing"])
    def test_that_grows_beyond_the_limit_of_a_file(self, here: Here, existing: bool) -> None:
        here.make("f", os.urandom(2_000_000))
        if existing:
            here.make("f.encrypted", b"precious")
        before = here.listing()
        words = ["--local-store", str(here.store), "encrypt", "f", *OPEN, "--overwrite", "--json"]
        done = subprocess.run(
            ["bash", "-c", 'ulimit -f 1000; exec "$@"', "bash", *PROGRAM, *words],
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1
        assert b'"class": "OutputFailed"' in done.stdout
        assert b"no room" in done.stdout
        assert done.stderr == b""
        assert here.listing() == before

    @pytest.mark.parametrize("existing", [False, True], ids=["new", "existing"])
    def test_on_a_full_disk(
        self, here: Here, small_disk: Path, existing: bool, make_room: Callable[[], None]
    ) -> None:
        here.make("f", os.urandom(500_000))
        out = small_disk / "out"
        if existing:
            out.write_bytes(b"precious")
        before = sorted(os.listdir(small_disk))
        done = here.call("encrypt", "f", *OPEN, "--overwrite", "-o", str(out), "--json")
        (line,) = done.json()
        assert (done.status, line["error"]["class"]) == (1, "OutputFailed")
        assert "no room" in line["error"]["title"]
        assert sorted(os.listdir(small_disk)) == before
        assert not existing or out.read_bytes() == b"precious"
        make_room()
        assert here.call("encrypt", "f", *OPEN, "--overwrite", "-o", str(out)).status == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    words = [mount, "-t", "tmpfs", "-o", "size=256k", "sealscope-test", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def make_room(small_disk: Path) -> Callable[[], None]:
    """Makes the small disk large enough."""

    def grow() -> None:
        subprocess.run(
            ["mount", "-o", "remount,size=4m", str(small_disk)], check=True, capture_output=True
        )

    return grow


@contextmanager
def as_somebody_else() -> Iterator[Here]:
    """The command line of a user who may not read everything, as root may.

    Beside the test's own folder, which only its owner may enter.
    """
    me, nobody = os.geteuid(), 65534
    with tempfile.TemporaryDirectory() as name:
        here = Here(Path(name) / "store" / "kms.sqlite3", Path(name) / "files")
        here.store.parent.mkdir(mode=0o700)
        here.folder.mkdir()
        LocalStore.open(here.store).close()
        before = os.getcwd()
        if me == 0:
            for path in (Path(name), *Path(name).rglob("*")):
                os.chown(path, nobody, nobody)
            os.seteuid(nobody)
        try:
            os.chdir(here.folder)
            yield here
        finally:
            os.seteuid(me)
            os.chdir(before)


def test_one_bad_file_among_good_ones_does_not_stop_them(here: Here) -> None:
    for name in ("a", "b", "c"):
        here.make(f"{name}.encrypted", here.sealed(name.encode()))
    here.make("b.encrypted", flipped(here.sealed(), -1))
    done = here.call("decrypt", "a.encrypted", "b.encrypted", "c.encrypted", *OPEN)
    assert done.status == 1
    found = here.listing()
    assert (found["a"], found["c"]) == (b"a", b"c")
    assert "b" not in found


def test_the_error_is_told_in_words_too(here: Here) -> None:
    here.make("m", b"")
    done = here.call("decrypt", "m", *OPEN)
    assert (done.status, done.stdout) == (1, b"")
    assert done.err.startswith("sealscope: m: ")


def test_no_error_shows_a_traceback(here: Here) -> None:
    here.make("m", b"\x02\x05\x78")
    done = here.process("decrypt", "m", *OPEN)
    assert done.status == 1
    assert b"Traceback" not in done.stderr


def test_a_protected_store_without_its_passphrase_fails_in_words(here: Here) -> None:
    from sealscope.secret import SecretBytes

    store = LocalStore.open(here.store)
    store.protect(SecretBytes(b"correct horse"))
    store.close()
    here.make("f")
    done = here.call("encrypt", "f", *OPEN)
    assert done.status == 1
    assert "passphrase" in done.err.lower()
    assert call("--local-store", str(here.store), "keys").status == 0
