"""Loading very many keys of a local store, with and without time added to each call.

Each run has a process of its own, so that its memory is that of an inventory and nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from sealscope.kms.connection import Connection, Target, connect
from sealscope.kms.facade import KmsGate
from sealscope.kms.inventory import (
    DESCRIBES_PER_SECOND,
    Event,
    Inventory,
    KeysPageLoaded,
    ListFinished,
)
from sealscope.kms.local import LocalStore, new_keys, rows
from sealscope.kms.local.records import AliasRecord
from tests.bench.figure import Figure
from tests.bench.memory import own_peak_mib
from tests.bench.rounds import WrongResultError
from tests.bench.settings import Settings

SIZES: Final = (10_000, 100_000)
DELAYS: Final = (0, 40)
"""Milliseconds added to each call; 40 stands for AWS as it is seen from the next continent."""

VIEW: Final = 40
"""Rows on a screen."""

PATIENCE: Final = 300.0
TICK: Final = 0.002
NOW: Final = 1_760_000_000_000


@dataclass(frozen=True)
class Goal:
    """What a measure may be at most.

    Attributes:
        keys, delay: the run it is for; None for all.
    """

    measure: str
    most: float
    keys: int | None = None
    delay: int | None = None


GOALS: Final = (
    Goal("first keys", 0.5, delay=40),
    Goal("all key ids", 8.0, 100_000, 0),
    Goal("all aliases", 8.0, 100_000, 0),
    Goal("DescribeKey calls for the first screen", 3 * VIEW),
    Goal("peak memory", 250.0, 100_000, 0),
    Goal("quit while loading", 0.5),
)
UNITS: Final = {
    "first keys": "s",
    "all key ids": "s",
    "all aliases": "s",
    f"{VIEW} rows described": "s",
    "DescribeKey calls for the first screen": "",
    "peak memory": "MiB",
    "longest stall of another thread": "s",
    "quit while loading": "s",
}


def measure(settings: Settings) -> list[Figure]:
    """Load each number of keys with each delay."""
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.folder) as made:
        for keys in SIZES:
            store = Path(made, f"{keys}.sqlite3")
            fill(store, keys, keys // 2)
            for delay in DELAYS:
                found += figures(keys, delay, run(store, delay))
    return found


def figures(keys: int, delay: int, measured: Mapping[str, float]) -> list[Figure]:
    """The measures of one run beside their goals."""
    return [figure(name, keys, delay, measured[name]) for name in UNITS]


def figure(name: str, keys: int, delay: int, value: float) -> Figure:
    """One measure beside its goal, if it has one."""
    unit = UNITS[name]
    goals = [
        goal.most
        for goal in GOALS
        if goal.measure == name and goal.keys in {None, keys} and goal.delay in {None, delay}
    ]
    return Figure(
        f"{keys:,} keys, {delay} ms a call: {name}",
        f"{value:.3g} {unit}".strip(),
        f"at most {goals[0]:g} {unit}".strip() if goals else "",
        value <= goals[0] if goals else None,
        f"{keys // 2:,} aliases",
    )


def fill(path: Path, keys: int, aliases: int) -> None:
    """Make a store with so many keys, the first of them with an alias each."""
    store = LocalStore.open(path)
    with store.writing() as connection:
        root = store.unlocked_root(connection)
        # The store comes with a key and an alias.
        for number in range(1, keys):
            key = new_keys.symmetric(NOW + number, store.entropy, description=f"number {number}")
            rows.insert_key(connection, key)
            made = new_keys.aes_material(key.id, 0, NOW, root, store.entropy)
            rows.insert_material(connection, made)
            if number < aliases:
                name = f"alias/service-{number:06d}"
                rows.insert_alias(connection, AliasRecord(name, key.id, NOW, NOW))
    store.close()


def run(store: Path, delay: int) -> dict[str, float]:
    """One run in a process of its own."""
    words = [sys.executable, "-m", "tests.bench.inventory_scale", str(store), str(delay)]
    done = subprocess.run(words, check=True, capture_output=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


class SlowConnection:
    """A connection to a local store that takes its time for each call."""

    is_local = True
    is_locked = False
    profile = None
    region = "local"

    def __init__(self, connection: Connection, delay: int) -> None:
        self._client = connection.client()
        self._seconds = delay / 1000

    def client(self, region: str | None = None) -> Any:
        """The client."""
        return self

    def __getattr__(self, method: str) -> Callable[..., Any]:
        call = getattr(self._client, method)

        def slowly(**parameters: Any) -> Any:
            time.sleep(self._seconds)
            return call(**parameters)

        return slowly if self._seconds else cast("Callable[..., Any]", call)


class Look:
    """An inventory that is loaded, and the times at which something happened."""

    def __init__(self, gate: KmsGate, delay: int) -> None:
        # The stand-in for AWS is asked as AWS is.
        per_second = DESCRIBES_PER_SECOND if delay else None
        self.inventory = Inventory(gate, per_second=per_second)
        self._started = time.perf_counter()
        self._changed = threading.Condition()
        self.times: dict[str, float] = {}
        self.inventory.subscribe(self._hear)

    def load(self) -> None:
        """Begin."""
        self._started = time.perf_counter()
        self.inventory.load()

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Wait until something that was told makes it true."""
        with self._changed:
            if not self._changed.wait_for(condition, PATIENCE):
                raise WrongResultError(f"after {PATIENCE} s: {self.times}")

    def _hear(self, event: Event) -> None:
        with self._changed:
            now = time.perf_counter() - self._started
            if isinstance(event, ListFinished):
                self.times[event.what] = now
            else:
                self.times.setdefault(type(event).__name__, now)
            self._changed.notify_all()


class Ticking:
    """A thread that wants to run often, as an app's event loop does."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """End it; the longest time in seconds for which it could not run."""
        self._end.set()
        self._thread.join()
        return self.longest

    def _tick(self) -> None:
        last = time.perf_counter()
        while not self._end.wait(TICK):
            now = time.perf_counter()
            self.longest = max(self.longest, now - last - TICK)
            last = now


def look(store: Path, delay: int) -> dict[str, float]:
    """Load a store as the list of keys does, and measure.

    Raises:
        WrongResultError: something did not come.
    """
    connection = connect(Target(local_store=store))
    gate = KmsGate(cast("Connection", SlowConnection(connection, delay)))
    seen = Look(gate, delay)
    ticking = Ticking()
    seen.load()
    first_page = KeysPageLoaded.__name__
    seen.wait_for(lambda: first_page in seen.times)
    asked = time.perf_counter()
    # What a list asks for at its first screen: the rows in view, then one screen around them.
    screens = seen.inventory.key_ids()[: 2 * VIEW]
    seen.inventory.describe(screens)
    view = screens[:VIEW]

    def are_described(keys: Sequence[str]) -> bool:
        return all(entry.description for entry in seen.inventory.entries(keys))

    seen.wait_for(lambda: are_described(view))
    described = time.perf_counter() - asked
    seen.wait_for(lambda: {"keys", "aliases"} <= seen.times.keys() and are_described(screens))
    stall = ticking.stop()
    calls = sum(record.operation == "DescribeKey" for record in gate.log.records())
    peak = own_peak_mib(os.getpid())
    times = dict(seen.times)
    seen.times.clear()
    seen.load()
    seen.inventory.describe(screens)
    seen.wait_for(lambda: first_page in seen.times)
    leaving = time.perf_counter()
    seen.inventory.close()
    if not seen.inventory.ended(PATIENCE):
        raise WrongResultError("its threads do not end")
    left = time.perf_counter() - leaving
    connection.close()
    return {
        "first keys": times[first_page],
        "all key ids": times["keys"],
        "all aliases": times["aliases"],
        f"{VIEW} rows described": described,
        "DescribeKey calls for the first screen": calls,
        "peak memory": peak,
        "longest stall of another thread": stall,
        "quit while loading": left,
    }


if __name__ == "__main__":
    print(json.dumps(look(Path(sys.argv[1]), int(sys.argv[2]))))
