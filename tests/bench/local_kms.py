"""A local KMS in a temporary home: for our command, for our engine, and served to the peers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate

KEY: Final = "alias/getting-started"
LINES: Final = 3
"""Lines that `sealscope local serve` prints for other programs."""
PATIENCE: Final = 20.0


@dataclass(frozen=True)
class LocalKms:
    """A store of its own and what reaches it.

    Attributes:
        environment: of processes that shall see this home and nothing of the user's.
        key_arn: of the store's first key, whose alias is `KEY`.
    """

    store: Path
    environment: Mapping[str, str]
    key_arn: str

    @contextmanager
    def gate(self) -> Iterator[KmsGate]:
        """An open KMS gate in this process."""
        connection = connect(Target(local_store=self.store))
        try:
            yield KmsGate(connection)
        finally:
            connection.close()

    @contextmanager
    def served(self) -> Iterator[dict[str, str]]:
        """`sealscope local serve` until the end of the block: the environment of other programs."""
        words = [sealscope_command(), "local", "serve", "--port", "0"]
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.environment
        ) as server:
            try:
                assert server.stdout is not None
                lines = [server.stdout.readline().decode() for _ in range(LINES)]
                if not lines[-1]:
                    raise subprocess.CalledProcessError(server.wait(PATIENCE), words)
                yield {**self.environment, **exported(lines)}
            finally:
                end(server)


def make_local_kms(home: Path) -> LocalKms:
    """Make a store below a home, which may be new."""
    home.mkdir(exist_ok=True)
    store = home / "kms.sqlite3"
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "SEALSCOPE_LOCAL_STORE": str(store),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    listed = subprocess.run(
        [sealscope_command(), "keys", "--json"], check=True, capture_output=True, env=environment
    )
    return LocalKms(store, environment, str(json.loads(listed.stdout)["arn"]))


def exported(lines: list[str]) -> dict[str, str]:
    """The variables of `export NAME=VALUE ...` lines."""
    words = [word for line in lines for word in line.split()[1:]]
    return dict(word.split("=", 1) for word in words)


def end(server: subprocess.Popen[bytes]) -> None:
    """End a server as Ctrl-C does; by force when that does not help."""
    if server.poll() is not None:
        return
    server.send_signal(signal.SIGINT)
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()


def sealscope_command() -> str:
    """The installed command, beside the interpreter that runs this."""
    return str(Path(sys.executable).with_name("sealscope"))
