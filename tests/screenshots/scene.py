"""What the pictures show: a local KMS and a folder that are the same every time.

The store's clock and its random bytes are fixed, and so are the engine's, so that key ids,
message ids and sizes never change. Nothing here is ever used to protect anything.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric import ec

from sealscope.engine.suites import SignatureAlgorithm
from sealscope.jobs.request import EncryptRequest, SealOptions, encrypted_name
from sealscope.jobs.work import perform
from sealscope.kms.connection import Connection, Target
from sealscope.kms.facade import KmsGate
from sealscope.kms.local import LocalStore, local_session

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
_SCALAR = 0x5EA1


class Entropy:
    """Bytes that look random and are the same in every run."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def __call__(self, length: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(f"{self._seed} {self._count}".encode()).digest(length)


class Clock:
    """A clock that the scene sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def fixed_messages() -> Iterator[None]:
    """Message ids and signing keys of the engine, fixed while this lasts."""
    key = ec.derive_private_key(_SCALAR, ec.SECP384R1())

    def signing_key(_: SignatureAlgorithm) -> ec.EllipticCurvePrivateKey:
        return key

    with (
        patch("sealscope.engine.encrypt.os.urandom", Entropy("message")),
        patch("sealscope.engine.signing.ec.generate_private_key", signing_key),
    ):
        yield


def open_connection(home: Path, clock: Clock) -> Connection:
    """The scene's local KMS."""
    store = LocalStore.open(home / "kms.sqlite3", clock=clock, entropy=Entropy("store"))
    return Connection(local_session(store), target=Target(), region="local", local_store=store)


def furnish(home: Path) -> Path:
    """Make the keys, and a folder of files; the folder."""
    clock = Clock(NOW - timedelta(days=700))
    connection = open_connection(home, clock)
    gate = KmsGate(connection)
    try:
        _make_keys(gate, clock)
        return _make_files(gate, home)
    finally:
        connection.close()


def _make_keys(gate: KmsGate, clock: Clock) -> None:
    prod = gate.create_key("payments/prod", description="Card settlement files")
    gate.call("EnableKeyRotation", KeyId=prod.key_id, RotationPeriodInDays=365)
    gate.call("CreateAlias", AliasName="alias/payments/production", TargetKeyId=prod.key_id)
    clock.now += timedelta(days=120)
    gate.create_key("payments/stage", description="Test settlements")
    nightly = gate.create_key("backup/nightly", description="Nightly database dumps")
    gate.call("EnableKeyRotation", KeyId=nightly.key_id, RotationPeriodInDays=90)
    clock.now = NOW - timedelta(days=40)
    disabled = gate.create_key("backup/2024", description="Replaced by backup/nightly")
    gate.call("DisableKey", KeyId=disabled.key_id)
    _make_special_key(gate, "signing/release", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    _make_special_key(gate, "session/mac", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    _make_special_key(gate, "partners/upload", KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    _make_special_key(gate, "imported/hsm", Origin="EXTERNAL")
    _make_special_key(gate, "sessions", MultiRegion=True)
    clock.now = NOW - timedelta(days=3)
    legacy = gate.create_key("legacy/etl", description="Nobody knows")
    gate.call("ScheduleKeyDeletion", KeyId=legacy.key_id, PendingWindowInDays=14)


def _make_special_key(gate: KmsGate, alias: str, **parameters: object) -> None:
    made = gate.call("CreateKey", **parameters)["KeyMetadata"]  # type: ignore[arg-type]
    gate.call("CreateAlias", AliasName=f"alias/{alias}", TargetKeyId=made["KeyId"])


def _make_files(gate: KmsGate, home: Path) -> Path:
    folder = home / "settlements"
    (folder / "archive").mkdir(parents=True)
    sizes = {"2026-11-21.csv": 2_310_400, "2026-11-22.csv": 2_287_116, "nightly.tar": 52_428_800}
    for name, size in sizes.items():
        with (folder / name).open("wb") as file:
            file.truncate(size)
    (folder / "README.txt").write_text("Settlement files, one a day.\n", encoding="utf-8")
    options = SealOptions(
        keys=("alias/payments/prod", "alias/backup/nightly"),
        context=(("purpose", "settlement"), ("tenant", "acme")),
    )
    with fixed_messages():
        for name in ("2026-11-21.csv", "2026-11-22.csv"):
            source = folder / name
            perform(EncryptRequest(source, encrypted_name(source), options), gate)
    os.unlink(folder / "2026-11-21.csv")
    return folder
