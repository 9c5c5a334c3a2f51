"""What is measured, how often and where: the command's options."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench import peers

MEMORY_FOLDER: Final = Path("/dev/shm")
ROOM: Final = 4
"""The most files of the measured size that are there at a time."""
FEWEST_CLI_RUNS: Final = 3


@dataclass(frozen=True)
class Settings:
    """How to measure.

    Attributes:
        size: bytes of the large file.
        runs: how often each is measured; the median counts.
        folder: where the files are made, below a temporary folder.
    """

    size: int
    runs: int
    folder: Path
    peers: peers.Peers

    @property
    def cli_runs(self) -> int:
        """Runs of `aws-encryption-cli` on the large file, which is many times slower."""
        return min(self.runs, FEWEST_CLI_RUNS)


@dataclass(frozen=True)
class Asked:
    """The command line, as it was given.

    Attributes:
        parts: their names; empty for all.
        make_peers: only make the peers' environment, there.
    """

    parts: tuple[str, ...]
    size: int
    runs: int
    folder: Path | None
    peers: Path | None
    make_peers: Path | None
    json: Path | None
    readme: bool

    def settings(self) -> Settings:
        """Find the peers and a folder with room.

        Raises:
            FileNotFoundError: a folder that was named does not hold what it should.
        """
        folder = self.folder or roomy_folder(self.size)
        if not folder.is_dir():
            msg = f"{folder} is no folder"
            raise FileNotFoundError(msg)
        return Settings(self.size, self.runs, folder, peers.find(self.peers))


def parse(words: Sequence[str], parts: Sequence[str]) -> Asked:
    """Read the command line; a wrong one ends the process with status 2."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measure Sealscope against its peers. Only --make-peers uses the network.",
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"all by default: {', '.join(parts)}"
    )
    parser.add_argument(
        "--size", type=positive, default=1024, metavar="MIB", help="of the large file (1024)"
    )
    parser.add_argument(
        "--runs", type=positive, default=5, metavar="N", help="of each; the median counts (5)"
    )
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the files are made")
    parser.add_argument(
        "--peers",
        type=Path,
        metavar="DIR",
        help=f"environment of {peers.ENCRYPTION_CLI}; also in {peers.PEERS_VARIABLE}, or on PATH",
    )
    parser.add_argument(
        "--make-peers",
        type=Path,
        metavar="DIR",
        help="make that environment there (asks the package index), and stop",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--readme", action="store_true", help="rewrite the README's table; needs all the parts"
    )
    given = parser.parse_intermixed_args(words)
    unknown = [part for part in given.parts if part not in parts]
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(parts)}")
    if given.readme and given.parts and set(given.parts) != set(parts):
        parser.error("the README's table needs all the parts; name none")
    return Asked(
        parts=tuple(dict.fromkeys(given.parts)),
        size=given.size << 20,
        runs=given.runs,
        folder=given.folder,
        peers=given.peers,
        make_peers=given.make_peers,
        json=given.json,
        readme=given.readme,
    )


def positive(text: str) -> int:
    """A whole number above zero."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return number


def roomy_folder(size: int, candidate: Path = MEMORY_FOLDER) -> Path:
    """A folder in memory when it has room for all the files, else the temporary folder."""
    if candidate.is_dir() and shutil.disk_usage(candidate).free >= ROOM * size:
        return candidate
    return Path(tempfile.gettempdir())
