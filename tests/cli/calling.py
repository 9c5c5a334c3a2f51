"""Calling the command line, in this process or in one of its own, and seeing what it printed."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sealscope.cli.exit_status import run
from sealscope.cli.main import root

KEY = "alias/getting-started"
PROGRAM = (sys.executable, "-c", "from sealscope.cli.main import main; main()")


@dataclass(frozen=True)
class Printed:
    """What a call left: its exit status and the bytes it wrote."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        return self.stdout.decode("utf-8")

    @property
    def err(self) -> str:
        return self.stderr.decode("utf-8")

    def json(self) -> list[dict[str, Any]]:
        """The objects of JSON Lines; standard output must hold nothing else."""
        assert self.stdout == b"" or self.stdout.endswith(b"\n")
        return [json.loads(line) for line in self.stdout.split(b"\n")[:-1]]


@dataclass(frozen=True)
class Here:
    """The command line on a local KMS of its own, in a folder of its own.

    Attributes:
        store: path of the local KMS's store.
        folder: the working directory; nothing but the test's own files is in it.
    """

    store: Path
    folder: Path

    def call(self, *words: str, stdin: bytes = b"") -> Printed:
        """Run in this process, as `main` does."""
        return call("--local-store", str(self.store), *words, stdin=stdin)

    def process(
        self, *words: str, stdin: bytes | None = None, environment: Mapping[str, str] | None = None
    ) -> Printed:
        """Run in a process of its own."""
        done = subprocess.run(
            [*PROGRAM, "--local-store", str(self.store), *words],
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env={**os.environ, **(environment or {})},
        )
        return Printed(done.returncode, done.stdout, done.stderr)

    def make(self, name: str | Path, content: bytes = b"content") -> Path:
        """Write a file below the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def sealed(self, content: bytes = b"content", *options: str) -> bytes:
        """A message under the first key."""
        done = self.call("encrypt", "-", "-k", KEY, *options, stdin=content)
        assert done.status == 0, done.err
        return done.stdout

    def listing(self) -> dict[str, bytes | str]:
        """Everything below the folder: contents of files, targets of links."""
        found: dict[str, bytes | str] = {}
        for path in sorted(self.folder.rglob("*")):
            name = str(path.relative_to(self.folder))
            if path.is_symlink():
                found[name] = f"link to {os.readlink(path)}"
            else:
                found[name] = path.read_bytes() if path.is_file() else "not a regular file"
        return found


def call(*words: str, stdin: bytes = b"") -> Printed:
    """Run the command line in this process, its standard streams pipes."""
    with _streams(stdin) as (out, err), _signals_as_they_were():
        status = run(root, words)
        sys.stdout.flush()
        sys.stderr.flush()
        return Printed(status, out.getvalue(), err.getvalue())


@contextmanager
def _streams(stdin: bytes) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    out, err = io.BytesIO(), io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        # Kept by name: a wrapper that is collected closes its buffer.
        wrappers = [
            io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
            for raw in (io.BytesIO(stdin), out, err)
        ]
        for name, wrapper in zip(("stdin", "stdout", "stderr"), wrappers, strict=True):
            patch.setattr(sys, name, wrapper)
        yield out, err
        for wrapper in wrappers:
            wrapper.detach()


@contextmanager
def _signals_as_they_were() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
