"""Many small files in one run with a cached data key, against `aws-encryption-cli --caching`."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from tests.bench import encryption_cli
from tests.bench.figure import Figure, Medians
from tests.bench.local_kms import KEY, make_local_kms, sealscope_command
from tests.bench.peers import ENCRYPTION_CLI
from tests.bench.rounds import Contender, WrongResultError, command, take_turns
from tests.bench.settings import Settings

FILES: Final = 1000
FILE_BYTES: Final = 16 << 10
OURS: Final = "sealscope"
GOALS: Final = {"0578": 5, "0478": 10}
# The same context for all files, or the peer's cache never hits.
CONTEXT: Final = "purpose=bench"
CACHING: Final = "max-age=600,max-messages=100000"
CLI_CACHING: Final = ("--caching", "capacity=10", "max_age=600")


def measure(settings: Settings) -> list[Figure]:
    """Encrypt a folder with each suite."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.folder) as made:
        folder = Path(made)
        sources, ours, theirs = folder / "sources", folder / "ours", folder / "theirs"
        make_files(sources, FILES)
        kms = make_local_kms(folder / "home")
        found = []
        with kms.served() as served:
            for suite in GOALS:
                words = [sealscope_command(), "encrypt", "-r", str(sources), "-o", str(ours)]
                words += ["-k", KEY, "--suite", suite, "--caching", CACHING, "-c", CONTEXT]
                contenders = [Contender(OURS, command(words, kms.environment), None, settings.runs)]
                cli = settings.peers.encryption_cli
                if cli is not None:
                    options = ("-r", *CLI_CACHING, "--encryption-context", CONTEXT)
                    sealing = encryption_cli.encrypt(
                        cli, sources, theirs, key=kms.key_arn, suite=suite, options=options
                    )
                    work = command(sealing, served)
                    contenders.append(Contender(ENCRYPTION_CLI, work, None, settings.runs))
                for contender, output in zip(contenders, (ours, theirs), strict=False):
                    empty(output)
                    contender.work()
                    check(output, FILES)
                taken = take_turns(contenders, prepare=lambda: empty(ours, theirs))
                found.append(figure(suite, Medians(taken, settings.peers.absent())))
    return found


def figure(suite: str, medians: Medians) -> Figure:
    """A suite's figure beside its goal."""
    name = f"{FILES:,} files of {FILE_BYTES >> 10} KiB, {suite}, cached data key"
    return medians.at_least(name, OURS, ENCRYPTION_CLI, GOALS[suite])


def make_files(folder: Path, count: int) -> None:
    """A new folder of small files with different contents."""
    folder.mkdir()
    for number in range(count):
        folder.joinpath(f"file-{number:04}").write_bytes(os.urandom(FILE_BYTES))


def check(folder: Path, count: int) -> None:
    """See that as many messages were made as there were files.

    Raises:
        WrongResultError: there are others.
    """
    made = len(list(folder.iterdir()))
    if made != count:
        raise WrongResultError(f"{made} of {count} files were encrypted")


def empty(*folders: Path) -> None:
    """Make the folders, or make them empty."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
