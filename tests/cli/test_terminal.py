"""On a real terminal: bars and tables are drawn, passphrases asked; piped, none of it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from sealscope.kms.local import LocalStore
from sealscope.secret import SecretBytes
from tests.cli.calling import KEY, PROGRAM, Here

PATIENCE = 60
"""Seconds until a test gives up waiting for the program."""


class Terminal:
    """A pseudo terminal of 100 columns, and what was drawn on it."""

    def __init__(self) -> None:
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.drawn = b""

    def read_until(self, text: bytes) -> None:
        """Read what is drawn until `text` is there."""
        while text not in self.drawn:
            ready, _, _ = select.select([self.ours], [], [], PATIENCE)
            assert ready, f"{text!r} was not drawn in {self.drawn!r}"
            self.drawn += self._read()

    def type(self, text: str) -> None:
        os.write(self.ours, text.encode())

    def close(self) -> None:
        """Read the rest."""
        os.close(self.theirs)
        with contextlib.suppress(OSError):  # the other side is gone
            while data := self._read():
                self.drawn += data
        os.close(self.ours)

    def _read(self) -> bytes:
        return os.read(self.ours, 65536)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    for descriptor in (made.ours, made.theirs):
        with contextlib.suppress(OSError):
            os.close(descriptor)


def words(here: Here, *rest: str) -> list[str]:
    return [*PROGRAM, "--local-store", str(here.store), *rest]


class TestAProgressBar:
    def test_is_drawn_on_a_terminal_and_wiped(self, here: Here, terminal: Terminal) -> None:
        process = subprocess.Popen(
            words(here, "encrypt", "-", "-k", KEY, "-o", "out", "--json"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=terminal.theirs,
        )
        assert process.stdin is not None
        while b"MiB" not in terminal.drawn:
            process.stdin.write(bytes(1 << 20))
            ready, _, _ = select.select([terminal.ours], [], [], 0.01)
            if ready:
                terminal.drawn += os.read(terminal.ours, 65536)
        process.stdin.close()
        assert process.stdout is not None
        out = process.stdout.read()
        process.stdout.close()
        assert process.wait(PATIENCE) == 0
        terminal.close()
        assert b'"path": "-"' in out
        assert b"\x1b" not in out
        assert b"/s" in terminal.drawn
        # The cursor is shown again, and the last thing drawn wipes the line.
        assert terminal.drawn.rindex(b"\x1b[?25h") > terminal.drawn.rindex(b"\x1b[?25l")
        assert terminal.drawn.rstrip(b"\r\n").endswith(b"\x1b[2K")

    def test_is_not_drawn_when_piped(self, here: Here) -> None:
        here.make("f", bytes(30 << 20))
        done = here.process("encrypt", "f", "-k", KEY)
        assert done.status == 0
        assert done.stderr == b""
        assert b"\x1b" not in done.stdout

    def test_of_many_files_counts_them_and_is_wiped(self, here: Here, terminal: Terminal) -> None:
        for number in range(20):
            here.make(f"d/{number:02}", b"content")
        here.make("d/07.encrypted", b"in the way")
        code = "from sealscope.cli import progress; progress.DELAY = progress.INTERVAL = 0; "
        python, option, run = PROGRAM
        process = subprocess.Popen(
            [
                *(python, option, code + run),
                *("--local-store", str(here.store)),
                *("encrypt", "-r", "d", "-k", KEY),
            ],
            stdout=subprocess.PIPE,
            stderr=terminal.theirs,
        )
        out, _ = process.communicate(timeout=PATIENCE)
        terminal.close()
        assert process.returncode == 1
        assert len(out.splitlines()) == 19
        assert b"\x1b" not in out
        assert b"20/20" in terminal.drawn
        assert b"The output exists already" in terminal.drawn
        # The last thing drawn below the wiped bar is the sum.
        assert b"19 done, 1 failed, 1 skipped" in terminal.drawn.split(b"\x1b[2K")[-1]


class TestATable:
    def test_is_plain_on_a_terminal_too(self, here: Here, terminal: Terminal) -> None:
        process = subprocess.Popen(words(here, "keys"), stdout=terminal.theirs)
        assert process.wait(PATIENCE) == 0
        terminal.close()
        assert b"\x1b" not in terminal.drawn
        assert b"alias/getting-started" in terminal.drawn


class TestStandardOutputThatIsATerminal:
    @pytest.mark.parametrize("command", ["encrypt", "decrypt"])
    def test_is_not_filled_unasked(self, here: Here, terminal: Terminal, command: str) -> None:
        process = subprocess.Popen(
            words(here, command, "-", "-k", KEY),
            stdin=subprocess.DEVNULL,
            stdout=terminal.theirs,
            stderr=subprocess.PIPE,
        )
        _, err = process.communicate(timeout=PATIENCE)
        terminal.close()
        assert process.returncode == 2
        assert b"-o -" in err
        assert terminal.drawn == b""

    def test_is_filled_when_it_is_insisted_on(self, here: Here, terminal: Terminal) -> None:
        here.make("m", here.sealed(b"shown on purpose"))
        process = subprocess.Popen(
            words(here, "decrypt", "m", "-k", KEY, "-o", "-"), stdout=terminal.theirs
        )
        assert process.wait(PATIENCE) == 0
        terminal.close()
        assert terminal.drawn == b"shown on purpose"


def on_the_terminal(terminal: Terminal, arguments: list[str]) -> subprocess.Popen[bytes]:
    """Start a program whose only terminal this one is."""

    def take_it() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    return subprocess.Popen(
        arguments,
        stdin=terminal.theirs,
        stdout=terminal.theirs,
        stderr=terminal.theirs,
        preexec_fn=take_it,  # noqa: PLW1509 - no other thread runs in this test
    )


class TestAPassphrase:
    @pytest.fixture
    def protected(self, here: Here) -> Here:
        store = LocalStore.open(here.store)
        store.protect(SecretBytes(b"correct horse"))
        store.close()
        return here

    def test_is_asked_for_and_never_shown(self, protected: Here, terminal: Terminal) -> None:
        protected.make("f")
        process = on_the_terminal(terminal, words(protected, "encrypt", "f", "-k", KEY))
        terminal.read_until(b"Passphrase of the local KMS: ")
        terminal.type("correct horse\n")
        assert process.wait(PATIENCE) == 0
        terminal.close()
        assert b"correct horse" not in terminal.drawn
        assert "f.encrypted" in protected.listing()

    def test_that_is_wrong_is_told_in_words(self, protected: Here, terminal: Terminal) -> None:
        process = on_the_terminal(terminal, words(protected, "keys"))
        terminal.read_until(b": ")
        terminal.type("wrong\n")
        assert process.wait(PATIENCE) == 1
        terminal.close()
        assert b"sealscope: " in terminal.drawn
        assert b"Traceback" not in terminal.drawn

    def test_that_is_not_given_ends_with_130(self, protected: Here, terminal: Terminal) -> None:
        process = on_the_terminal(terminal, words(protected, "keys"))
        terminal.read_until(b": ")
        terminal.type("\x03")
        assert process.wait(PATIENCE) == 130

    def test_that_is_new_is_asked_for_twice(self, here: Here, terminal: Terminal) -> None:
        process = on_the_terminal(terminal, words(here, "local", "protect"))
        terminal.read_until(b"New passphrase of the local KMS: ")
        terminal.type("battery\n")
        terminal.read_until(b"The same again: ")
        terminal.type("battery\n")
        assert process.wait(PATIENCE) == 0
        terminal.close()
        assert b"battery" not in terminal.drawn
        store = LocalStore.open(here.store, passphrase=SecretBytes(b"battery"))
        assert store.is_protected
        assert store.check().ok
        store.close()

    def test_that_is_typed_differently_changes_nothing(
        self, here: Here, terminal: Terminal
    ) -> None:
        process = on_the_terminal(terminal, words(here, "local", "protect"))
        terminal.read_until(b"New passphrase of the local KMS: ")
        terminal.type("battery\n")
        terminal.read_until(b"The same again: ")
        terminal.type("staple\n")
        assert process.wait(PATIENCE) == 2
        store = LocalStore.open(here.store)
        assert not store.is_protected
        store.close()


def test_a_hostile_name_reaches_no_terminal(here: Here, terminal: Terminal) -> None:
    name = "\x1b]52;c;eA==\x07\x1b[2J"
    Path(name).write_bytes(b"x")
    arguments = words(here, "encrypt", "-k", KEY, "--", name)
    process = subprocess.Popen(arguments, stdout=terminal.theirs, stderr=terminal.theirs)
    assert process.wait(PATIENCE) == 0
    terminal.close()
    # On a slow machine a progress bar is drawn as well, with sequences of its own.
    for piece in (b"\x1b]", b"\x07", b"\x1b[2J"):
        assert piece not in terminal.drawn
    assert b"\\x1b]52" in terminal.drawn
