"""One small file, the whole process from its start to its end, against `aws-encryption-cli`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench import encryption_cli, peers
from tests.bench.figure import Figure, Medians
from tests.bench.local_kms import KEY, make_local_kms, sealscope_command
from tests.bench.peers import ENCRYPTION_CLI, Peers
from tests.bench.rounds import Contender, WrongResultError, command, make_file, take_turns
from tests.bench.settings import MEMORY_FOLDER

RUNS: Final = 7
FILE_BYTES: Final = 1 << 10
SUITE: Final = "0578"
LIMIT: Final = 0.5
OURS: Final = "sealscope"
CLI_VARIABLE: Final = "SEALSCOPE_BENCH_ENCRYPTION_CLI"


def measure(runs: int = RUNS) -> list[Figure]:
    """Encrypt a file, and decrypt the message that `sealscope` made of it."""
    cli = find_cli()
    program = sealscope_command()
    base = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="bench-", dir=base) as made:
        plain, sealed, theirs, opened = (Path(made, name) for name in ("p", "s", "t", "o"))
        make_file(plain, FILE_BYTES)
        kms = make_local_kms(Path(made, "home"))

        def sealscope(words: Sequence[str | Path], output: Path) -> Contender:
            work = command([program, *words, "-k", KEY, "-o", output], kms.environment)
            return Contender(OURS, work, output, runs, keep=True)

        with kms.served() as served:

            def peer(words: Sequence[str], output: Path) -> Contender:
                return Contender(ENCRYPTION_CLI, command(words, served), output, runs, keep=True)

            contenders = {
                "encrypt": [sealscope(["encrypt", plain, "--suite", SUITE], sealed)],
                "decrypt": [sealscope(["decrypt", sealed], opened)],
            }
            if cli is not None:
                seal = encryption_cli.encrypt(cli, plain, theirs, key=kms.key_arn, suite=SUITE)
                open_ = encryption_cli.decrypt(cli, sealed, opened, key=kms.key_arn)
                contenders["encrypt"].append(peer(seal, theirs))
                contenders["decrypt"].append(peer(open_, opened))
            found = []
            for verb, them in contenders.items():
                medians = Medians(take_turns(them), Peers(encryption_cli=cli).absent())
                found.append(figure(verb, medians))
        if opened.read_bytes() != plain.read_bytes():
            raise WrongResultError("something else was decrypted than was encrypted")
    return found


def figure(verb: str, medians: Medians) -> Figure:
    """A verb's figure beside its goal."""
    name = f"whole process, one {FILE_BYTES >> 10} KiB file, {verb}, {SUITE}"
    return medians.at_most(name, OURS, ENCRYPTION_CLI, LIMIT)


def find_cli() -> Path | None:
    """The peer: the one that the environment names, or the one that is installed."""
    named = os.environ.get(CLI_VARIABLE)
    return Path(named) if named else peers.find().encryption_cli
