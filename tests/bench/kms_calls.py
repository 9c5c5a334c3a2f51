"""KMS calls for many files under cached data keys, counted by the service."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.bench import encryption_cli
from tests.bench.counting_server import counting_kms
from tests.bench.figure import SKIPPED, Figure
from tests.bench.local_kms import make_local_kms, sealscope_command
from tests.bench.peers import ENCRYPTION_CLI
from tests.bench.rounds import command
from tests.bench.settings import Settings
from tests.bench.small_files import CONTEXT, check, empty, make_files

FILES: Final = 500
MESSAGES: Final = 100
GOAL: Final = 5
OPERATION: Final = "GenerateDataKey"
NAME: Final = f"{OPERATION} calls for {FILES} files, one context, {MESSAGES} messages a key"
PEER_NAME: Final = f"the same with {ENCRYPTION_CLI}"
AWS: Final = {
    "AWS_REGION": "local",
    "AWS_DEFAULT_REGION": "local",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
}


def measure(settings: Settings) -> list[Figure]:
    """Encrypt a folder with ours, and with the peer if it is there."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.folder) as made:
        folder = Path(made)
        sources, output = folder / "sources", folder / "output"
        make_files(sources, FILES)
        kms = make_local_kms(folder / "home")
        environment = {**kms.environment, **AWS}
        with counting_kms(kms.store) as (address, calls):
            words = [sealscope_command(), "--endpoint-url", address, "encrypt", "-r", str(sources)]
            words += ["-o", str(output), "-k", kms.key_arn, "-c", CONTEXT]
            words += ["--caching", f"max-age=600,max-messages={MESSAGES}"]
            empty(output)
            command(words, environment)()
            check(output, FILES)
            ours = dict(calls)
            calls.clear()
            theirs = None
            if (cli := settings.peers.encryption_cli) is not None:
                caching = ("--caching", "capacity=10", "max_age=600")
                options = ("-r", *caching, f"max_messages_encrypted={MESSAGES}")
                sealing = encryption_cli.encrypt(
                    cli,
                    sources,
                    output,
                    key=kms.key_arn,
                    suite="0578",
                    options=(*options, "--encryption-context", CONTEXT),
                )
                empty(output)
                command(sealing, {**environment, "AWS_ENDPOINT_URL_KMS": address})()
                check(output, FILES)
                theirs = dict(calls)
    return figures(ours, theirs)


def figures(ours: Mapping[str, int], theirs: Mapping[str, int] | None) -> list[Figure]:
    """What the service counted, by operation; None when the peer is not installed."""
    generated = ours.get(OPERATION, 0)
    # No call at all would mean that the count is of another service.
    met = 0 < generated <= GOAL
    peer = (
        Figure(PEER_NAME, SKIPPED, seconds=f"{ENCRYPTION_CLI} is not installed")
        if theirs is None
        else Figure(PEER_NAME, str(theirs.get(OPERATION, 0)), seconds=listed(theirs))
    )
    return [Figure(NAME, str(generated), f"at most {GOAL}", met, listed(ours)), peer]


def listed(calls: Mapping[str, int]) -> str:
    """All calls: `5 GenerateDataKey, 1 DescribeKey`."""
    return ", ".join(f"{count} {name}" for name, count in sorted(calls.items()))
