"""One large file: ours, `aws-encryption-cli`, `cp`, `openssl dgst -sha384` and `age` in turns.

Ours is measured twice: the whole command as a process, and the same job inside a running process
whose KMS gate is open, which is what the app does; Python and boto3 need as long to start as
`cp` needs for half a gibibyte. Each tool decrypts what it wrote itself, and ours also what
`aws-encryption-cli` wrote, in frames of 4 KiB.
"""

from __future__ import annotations

import filecmp
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sealscope.jobs.request import DecryptRequest, EncryptRequest, OpenOptions, SealOptions
from sealscope.jobs.work import perform
from sealscope.kms.facade import KmsGate
from tests.bench import encryption_cli
from tests.bench.figure import Figure, Medians
from tests.bench.local_kms import KEY, LocalKms, make_local_kms, sealscope_command
from tests.bench.peers import ENCRYPTION_CLI
from tests.bench.rounds import (
    Contender,
    WrongResultError,
    command,
    make_file,
    take_turns,
    touch_memory,
)
from tests.bench.settings import Settings

COMMAND: Final = "sealscope"
ENGINE: Final = "sealscope, without its start"
WAYS: Final = {COMMAND: "whole command", ENGINE: "in a running process"}
OF_CLI: Final = ", the CLI's message"
CLI_READS_OURS: Final = "aws-encryption-cli, our message"
DIGEST: Final = "openssl dgst -sha384"


@dataclass(frozen=True)
class Goals:
    """What a suite is compared with, and its goals.

    Attributes:
        base: the tool that shows what the machine can do at all.
        most: times as long as that tool.
        least: times as fast as the CLI, each with its own message.
        least_of_cli: times as fast as the CLI, both with the CLI's message.
    """

    base: str
    most: float
    least: float
    least_of_cli: float


GOALS: Final = {"0478": Goals("cp", 1.25, 20, 15), "0578": Goals(DIGEST, 1.2, 8, 8)}


def measure(settings: Settings) -> list[Figure]:
    """Encrypt and decrypt one file with each suite, and with age."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=settings.folder))
        )
        kms = make_local_kms(folder / "home")
        bench = _Bench(
            settings,
            folder,
            kms,
            gate=stack.enter_context(kms.gate()),
            served=stack.enter_context(kms.served()),
        )
        make_file(bench.source, settings.size)
        found: list[Figure] = []
        for suite in GOALS:
            found += figures(suite, bench.encrypting(suite), bench.decrypting(suite))
            bench.ours.unlink()
            bench.theirs.unlink(missing_ok=True)
        return found + age_figures(bench.with_age())


def figures(suite: str, encrypting: Medians, decrypting: Medians) -> list[Figure]:
    """A suite's figures beside their goals."""
    goals = GOALS[suite]
    found: list[Figure] = []
    for verb, medians in (("encrypt", encrypting), ("decrypt", decrypting)):
        for way, words in WAYS.items():
            name = f"{verb} {suite}, {words}"
            found.append(medians.at_most(f"{name}: {goals.base}", way, goals.base, goals.most))
            found.append(
                medians.at_least(f"{name}: {ENCRYPTION_CLI}", way, ENCRYPTION_CLI, goals.least)
            )
    for way, words in WAYS.items():
        name = f"decrypt the CLI's {suite} message, {words}"
        found.append(decrypting.at_least(name, way + OF_CLI, ENCRYPTION_CLI, goals.least_of_cli))
    name = f"{ENCRYPTION_CLI} decrypts our {suite} message: its own"
    return [*found, decrypting.information(name, CLI_READS_OURS, ENCRYPTION_CLI)]


def age_figures(medians: Medians) -> list[Figure]:
    """How long age takes."""
    return [medians.information(f"age {verb}: cp", f"age {verb}", "cp") for verb in AGE_VERBS]


AGE_VERBS: Final = ("encrypt", "decrypt")


class _Bench:
    def __init__(
        self,
        settings: Settings,
        folder: Path,
        kms: LocalKms,
        *,
        gate: KmsGate,
        served: Mapping[str, str],
    ) -> None:
        self.settings = settings
        self.folder = folder
        self.kms = kms
        self.gate = gate
        self.served = served
        self.source = folder / "source"
        self.ours = folder / "ours"
        self.theirs = folder / "theirs"
        self.output = folder / "output"

    def encrypting(self, suite: str) -> Medians:
        """Leaves our message and the CLI's."""

        def in_this_process() -> None:
            options = SealOptions(keys=(KEY,), suite=suite)
            perform(EncryptRequest(self.source, self.output, options), self.gate, progress=_ignore)

        words = [sealscope_command(), "encrypt", str(self.source), "-k", KEY, "--suite", suite]
        ours = command([*words, "-o", str(self.ours)], self.kms.environment)
        contenders = [
            *self._base(GOALS[suite].base),
            self._contender(COMMAND, ours, self.ours, keep=True),
            self._contender(ENGINE, in_this_process, self.output),
        ]
        if (cli := self.settings.peers.encryption_cli) is not None:
            sealing = encryption_cli.encrypt(
                cli, self.source, self.theirs, key=self.kms.key_arn, suite=suite
            )
            contenders.append(self._slow(ENCRYPTION_CLI, sealing, self.theirs, keep=True))
        return self._turns(contenders)

    def decrypting(self, suite: str) -> Medians:
        """Our message and the CLI's, which must be there."""
        contenders = [*self._base(GOALS[suite].base), *self._opening(self.ours, "")]
        if (cli := self.settings.peers.encryption_cli) is not None:
            contenders += self._opening(self.theirs, OF_CLI)
            for name, message in ((ENCRYPTION_CLI, self.theirs), (CLI_READS_OURS, self.ours)):
                opening = encryption_cli.decrypt(cli, message, self.output, key=self.kms.key_arn)
                contenders.append(self._slow(name, opening, self.output))
        return self._turns(contenders)

    def with_age(self) -> Medians:
        """Age from and to files, with a key of its own."""
        peers = self.settings.peers
        contenders = self._base("cp")
        if peers.age is not None and peers.age_keygen is not None:
            identity, message = self.folder / "identity", self.folder / "age"
            subprocess.run([peers.age_keygen, "-o", identity], check=True, capture_output=True)
            shown = subprocess.run(
                [peers.age_keygen, "-y", identity], check=True, capture_output=True
            )
            recipient = shown.stdout.decode().strip()
            sealing: list[str | Path] = [peers.age, "-r", recipient, "-o", message, self.source]
            opening: list[str | Path] = [
                peers.age,
                "-d",
                "-i",
                identity,
                "-o",
                self.output,
                message,
            ]
            contenders += [
                self._contender("age encrypt", command(sealing, self.served), message, keep=True),
                self._contender("age decrypt", command(opening, self.served), self.output),
            ]
        return self._turns(contenders)

    def _base(self, name: str) -> list[Contender]:
        """The tool that shows what the machine can do, if it is there."""
        cp, openssl = self.settings.peers.cp, self.settings.peers.openssl
        if name == "cp" and cp is not None:
            words: list[str | Path] = [cp, self.source, self.output]
            return [self._contender(name, command(words, self.kms.environment), self.output)]
        if name == DIGEST and openssl is not None:
            words = [openssl, "dgst", "-sha384", self.source]
            return [self._contender(name, command(words, self.kms.environment), None)]
        return []

    def _opening(self, message: Path, suffix: str) -> list[Contender]:
        """Our two ways to decrypt a message; each is seen to give the source back."""

        def in_this_process() -> None:
            request = DecryptRequest(message, self.output, OpenOptions(keys=(KEY,)))
            perform(request, self.gate, progress=_ignore)

        words = [sealscope_command(), "decrypt", str(message), "-k", KEY, "-o", str(self.output)]
        ours = command(words, self.kms.environment)
        for work in (ours, in_this_process):
            work()
            if not filecmp.cmp(self.source, self.output, shallow=False):
                raise WrongResultError(f"{message.name} was decrypted to something else")
            self.output.unlink()
        return [
            self._contender(COMMAND + suffix, ours, self.output),
            self._contender(ENGINE + suffix, in_this_process, self.output),
        ]

    def _contender(
        self, name: str, work: Callable[[], object], output: Path | None, *, keep: bool = False
    ) -> Contender:
        return Contender(name, work, output, self.settings.runs, keep)

    def _slow(self, name: str, words: list[str], output: Path, *, keep: bool = False) -> Contender:
        return Contender(name, command(words, self.served), output, self.settings.cli_runs, keep)

    def _turns(self, contenders: list[Contender]) -> Medians:
        size = self.settings.size
        taken = take_turns(contenders, prepare=lambda: touch_memory(self.folder, size))
        return Medians(taken, absent(self.settings.peers.absent()))


def absent(missing: Mapping[str, str]) -> dict[str, str]:
    """Why contenders are missing, by their names here, from the peers that are."""
    users = {
        ENCRYPTION_CLI: (
            ENCRYPTION_CLI,
            CLI_READS_OURS,
            COMMAND + OF_CLI,
            ENGINE + OF_CLI,
        ),
        "openssl": (DIGEST,),
        "age": tuple(f"age {verb}" for verb in AGE_VERBS),
        "cp": ("cp",),
    }
    return {user: why for name, why in missing.items() for user in users[name]}


def _ignore(_: int) -> None:
    """Progress that nobody looks at; that it is told belongs to the work."""
