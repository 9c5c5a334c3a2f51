"""The programs that Sealscope is measured against: where they are, and their versions."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ENCRYPTION_CLI: Final = "aws-encryption-cli"
PEERS_VARIABLE: Final = "SEALSCOPE_BENCH_PEERS"
_VERSION_WORDS: Final = {
    ENCRYPTION_CLI: "--version",
    "age": "--version",
    "openssl": "version",
    "cp": "--version",
}


@dataclass(frozen=True)
class Peers:
    """What is installed; None for what is not."""

    encryption_cli: Path | None = None
    age: Path | None = None
    age_keygen: Path | None = None
    openssl: Path | None = None
    cp: Path | None = None

    def absent(self) -> dict[str, str]:
        """Why a peer cannot take part, by its name."""
        found = {
            ENCRYPTION_CLI: self.encryption_cli,
            "age": self.age and self.age_keygen,
            "openssl": self.openssl,
            "cp": self.cp,
        }
        return {
            name: f"{name} is not installed" for name, program in found.items() if program is None
        }

    def versions(self) -> dict[str, str]:
        """The first line of what each says of its version."""
        found = {
            ENCRYPTION_CLI: self.encryption_cli,
            "age": self.age,
            "openssl": self.openssl,
            "cp": self.cp,
        }
        return {
            name: "not installed" if program is None else _version(name, program)
            for name, program in found.items()
        }


def find(folder: Path | None = None) -> Peers:
    """Look for the peers.

    Args:
        folder: the environment of `aws-encryption-cli`, made by `--make-peers`; the one that
            `SEALSCOPE_BENCH_PEERS` names when there is none, and then `PATH`.

    Raises:
        FileNotFoundError: a folder was named, and it does not hold `aws-encryption-cli`.
    """
    named = folder or (Path(value) if (value := os.environ.get(PEERS_VARIABLE)) else None)
    cli = _on_path(ENCRYPTION_CLI) if named is None else named / "bin" / ENCRYPTION_CLI
    if named is not None and not os.access(named / "bin" / ENCRYPTION_CLI, os.X_OK):
        msg = f"{named} holds no bin/{ENCRYPTION_CLI}; --make-peers {named} makes it"
        raise FileNotFoundError(msg)
    return Peers(
        encryption_cli=cli,
        age=_on_path("age"),
        age_keygen=_on_path("age-keygen"),
        openssl=_on_path("openssl"),
        cp=_on_path("cp"),
    )


def make(folder: Path) -> None:
    """Make an environment for `aws-encryption-cli`, which needs an older SDK than our tests.

    This is the one step that uses the network: it asks the package index.
    """
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = folder / "bin" / "python"
    subprocess.run([pip, "-m", "pip", "install", "-q", "aws-encryption-sdk-cli"], check=True)


def _on_path(name: str) -> Path | None:
    found = shutil.which(name)
    return None if found is None else Path(found)


def _version(name: str, program: Path) -> str:
    done = subprocess.run(
        [program, _VERSION_WORDS[name]], check=False, capture_output=True, text=True
    )
    lines = (done.stdout or done.stderr).splitlines()
    return lines[0].strip() if lines else "unknown"
