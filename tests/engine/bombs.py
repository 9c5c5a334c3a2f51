"""Open or look at messages, each in a process of its own, and tell what each cost.

    python -m tests.engine.bombs < JOBS

Jobs and costs are objects of JSON, one a line.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sealscope import errors
from sealscope.engine.decrypt import decrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.materials import OpenedDataKey
from sealscope.files import open_output, open_source
from sealscope.formats.recognise import describe
from tests.engine.fake_kms import FakeKms
from tests.engine.forge import SIGNED, V1, V2
from tests.engine.known_data_key import KnownDataKey
from tests.engine.messages import ALLOW

STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Job:
    """A message to open or to look at.

    Attributes:
        action: "decrypt" or "inspect".
        limit: most encrypted data keys; None for no limit.
    """

    action: str
    path: str
    limit: int | None


@dataclass(frozen=True)
class Cost:
    """What a message cost.

    Attributes:
        error: kind of the refusal; None when it was taken.
        seconds: of processor time, all threads together.
        peak_bytes: most memory beyond what the process had before.
        kms_calls: of the keyring that tries every key a message names.
    """

    error: str | None
    seconds: float
    peak_bytes: int
    kms_calls: int


class AskedAndKnown(KnownDataKey):
    """Asks KMS for whatever key a message names, hears no, and knows the data key anyway."""

    def __init__(self, kms: FakeKms) -> None:
        super().__init__(V2.key)
        self._kms = KmsKeyring.discovery(kms)

    def open(self, *asked: Any) -> OpenedDataKey:
        with suppress(errors.NoUsableKey):
            return self._kms.open(*asked)
        return super().open()


def main() -> None:
    # What is loaded and allocated once, by the first message of each kind, is no message's cost.
    for forge in (V1, V2, SIGNED):
        forge.open()
        describe(io.BytesIO(forge.message()))
    for line in sys.stdin:
        job = Job(**json.loads(line))
        child = os.fork()  # so that no message finds memory that another one has left
        if not child:
            print(json.dumps(asdict(cost_of(job))), flush=True)
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"{job} ended otherwise than by an error of ours")


def do(job: Job, keyring: AskedAndKnown) -> None:
    path = Path(job.path)
    if job.action == "inspect":
        with open_source(path) as source:
            describe(source.stream, source.size)
        return
    with open_source(path) as source, open_output(path.with_suffix(".out")) as output:
        decrypt(
            source.stream,
            output.stream,
            materials=DefaultManager(keyring),
            commitment_policy=ALLOW,
            max_encrypted_data_keys=job.limit,
        )


def cost_of(job: Job) -> Cost:
    kms = FakeKms()
    keyring = AskedAndKnown(kms)
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # makes the peak what is held now
    started = time.process_time()
    error = None
    try:
        do(job, keyring)
    except errors.EnvelopeError as refusal:
        error = refusal.kind
    seconds = time.process_time() - started
    return Cost(error, seconds, memory("VmHWM") - before, len(kms.calls))


def memory(field: str) -> int:
    for line in STATUS.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


if __name__ == "__main__":
    main()
