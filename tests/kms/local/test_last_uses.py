"""The last use of each key: told at once, written down seldom, lost by nobody for long."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from sealscope.kms.local import LocalStore, local_session, schema
from sealscope.kms.local.direct import LocalClient
from sealscope.kms.local.operations import OPERATIONS
from sealscope.kms.local.services.last_usage import USES
from sealscope.kms.local.wire import service_model
from tests.kms.local.tools import Clock, refusal_code

GOLDEN = Path(__file__).parent / "golden"


def last_use(kms: Any, key: str) -> Any:
    return kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]


def rows(path: Path) -> list[tuple[str, str]]:
    """The uses in the file, read past the store."""
    connection = sqlite3.connect(path)
    try:
        return list(connection.execute("SELECT key_id, operation FROM last_use"))
    finally:
        connection.close()


class TestAUse:
    def test_is_told_at_once(self, kms: Any, key: str, clock: Clock) -> None:
        assert last_use(kms, key) == {}
        answer = kms.encrypt(KeyId=key, Plaintext=b"x")
        used = last_use(kms, key)
        assert used["Operation"] == "Encrypt"
        assert used["Timestamp"].astimezone(UTC) == clock.now
        assert used["KmsRequestId"] == answer["ResponseMetadata"]["RequestId"]
        assert "CloudTrailEventId" not in used
        clock.advance(seconds=1)
        kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])
        assert last_use(kms, key)["Operation"] == "Decrypt"

    def test_through_the_quick_client_is_told_as_well(
        self, store: LocalStore, kms: Any, key: str
    ) -> None:
        answer = LocalClient(store).generate_data_key(KeyId=key, NumberOfBytes=32)
        used = last_use(kms, key)
        assert used["Operation"] == "GenerateDataKey"
        assert used["KmsRequestId"] == answer["ResponseMetadata"]["RequestId"]

    def test_is_of_both_keys_when_one_re_encrypts(self, kms: Any, key: str) -> None:
        other = kms.create_key()["KeyMetadata"]["KeyId"]
        blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other)
        assert [last_use(kms, used)["Operation"] for used in (key, other)] == ["ReEncrypt"] * 2

    def test_is_no_dry_run_and_no_refusal(self, kms: Any, key: str) -> None:
        assert refusal_code(kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True)
        kms.disable_key(KeyId=key)
        assert refusal_code(kms.encrypt, KeyId=key, Plaintext=b"x") == "DisabledException"
        kms.describe_key(KeyId=key)
        assert last_use(kms, key) == {}

    def test_is_every_operation_that_kms_counts(self) -> None:
        counted = set(service_model().shape_for("KeyLastUsageTrackingOperation").enum)
        assert counted & set(OPERATIONS) == USES

    def test_of_a_key_is_tracked_since_the_key_is_there(self, kms: Any, clock: Clock) -> None:
        clock.advance(days=3)
        key = kms.create_key()["KeyMetadata"]
        answer = kms.get_key_last_usage(KeyId=key["Arn"])
        assert answer["TrackingStartDate"] == answer["KeyCreationDate"] == key["CreationDate"]
        assert answer["KeyId"] == key["Arn"]


class TestTheFile:
    def test_is_written_once_a_minute_and_key(
        self, store: LocalStore, path: Path, kms: Any, key: str, clock: Clock
    ) -> None:
        kms.encrypt(KeyId=key, Plaintext=b"x")
        assert rows(path) == [(key, "Encrypt")]
        with store.reading() as connection:
            before = connection.execute("PRAGMA data_version").fetchone()
        clock.advance(seconds=59)
        kms.generate_data_key(KeyId=key, NumberOfBytes=32)
        store.last_uses.flush()
        assert rows(path) == [(key, "Encrypt")]
        with store.reading() as connection:
            assert connection.execute("PRAGMA data_version").fetchone() == before
        clock.advance(seconds=1)
        kms.generate_data_key(KeyId=key, NumberOfBytes=32)
        assert rows(path) == [(key, "GenerateDataKey")]

    def test_is_written_after_the_clock_was_set_back(
        self, path: Path, kms: Any, key: str, clock: Clock
    ) -> None:
        kms.encrypt(KeyId=key, Plaintext=b"x")
        clock.advance(hours=-1)
        kms.generate_data_key(KeyId=key, NumberOfBytes=32)
        assert rows(path) == [(key, "GenerateDataKey")]

    def test_holds_the_uses_after_the_store_was_closed(
        self, store: LocalStore, path: Path, kms: Any, key: str, clock: Clock
    ) -> None:
        kms.encrypt(KeyId=key, Plaintext=b"x")
        store.close()
        again = LocalStore.open(path, clock=clock)
        assert last_use(local_session(again).client("kms"), key)["Operation"] == "Encrypt"
        again.close()

    def test_holds_no_use_of_a_key_that_is_gone(
        self, path: Path, kms: Any, key: str, clock: Clock
    ) -> None:
        kms.encrypt(KeyId=key, Plaintext=b"x")
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        clock.advance(days=8)
        kms.list_keys()
        assert rows(path) == []

    def test_has_them_in_a_backup(
        self, store: LocalStore, kms: Any, key: str, tmp_path: Path
    ) -> None:
        kms.encrypt(KeyId=key, Plaintext=b"x")
        store.backup(tmp_path / "copy")
        assert rows(tmp_path / "copy") == [(key, "Encrypt")]

    def test_is_as_durable_for_keys_as_before(self, store: LocalStore, kms: Any, key: str) -> None:
        with store.reading() as connection:
            before = [
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("synchronous", "busy_timeout")
            ]
        kms.encrypt(KeyId=key, Plaintext=b"x")
        with store.reading() as connection:
            after = [
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("synchronous", "busy_timeout")
            ]
        assert before == after == [2, int(schema.BUSY_TIMEOUT_S * 1000)]


class TestCryptography:
    def test_waits_for_no_other_programs_write(
        self, path: Path, kms: Any, key: str, clock: Clock
    ) -> None:
        writer = sqlite3.connect(path, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        assert last_use(kms, key)["Operation"] == "Encrypt"
        writer.execute("ROLLBACK")
        assert rows(path) == []
        kms.decrypt(CiphertextBlob=blob)
        assert rows(path) == [(key, "Decrypt")]
        writer.close()

    def test_goes_on_when_the_table_cannot_be_written(
        self, store: LocalStore, kms: Any, key: str
    ) -> None:
        with store.writing() as connection:
            connection.execute("DROP TABLE last_use")
        blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"

    def test_of_many_threads_is_all_noted(self, store: LocalStore, kms: Any) -> None:
        keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(8)]
        client = LocalClient(store)

        def use(key: str) -> None:
            for _ in range(20):
                client.generate_data_key(KeyId=key, NumberOfBytes=32)

        threads = [threading.Thread(target=use, args=(key,)) for key in keys]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {last_use(kms, key)["Operation"] for key in keys} == {"GenerateDataKey"}


KILLED = """
import os, signal, sys
from pathlib import Path
from sealscope.kms.local import LocalStore
from sealscope.kms.local.direct import LocalClient
client = LocalClient(LocalStore.open(Path(sys.argv[1])))
client.generate_data_key(KeyId="alias/getting-started", NumberOfBytes=32)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_is_killed_leaves_the_store_whole_and_its_first_use_in_it(
    path: Path,
) -> None:
    LocalStore.open(path).close()
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    store = LocalStore.open(path)
    assert store.check().ok
    store.close()
    assert [operation for _, operation in rows(path)] == ["GenerateDataKey"]


class TestAnOlderStore:
    @pytest.fixture
    def old(self, tmp_path: Path) -> Path:
        path = tmp_path / "store-1.sqlite3"
        path.write_bytes((GOLDEN / "store-1.sqlite3").read_bytes())
        path.chmod(0o600)
        return path

    def test_is_brought_to_the_present_schema_once(self, old: Path, clock: Clock) -> None:
        clock.advance(days=1)
        LocalStore.open(old, clock=clock).close()
        clock.advance(days=1)
        store = LocalStore.open(old, clock=clock)
        kms = local_session(store).client("kms")
        key = kms.list_aliases()["Aliases"][0]["TargetKeyId"]
        since = kms.get_key_last_usage(KeyId=key)["TrackingStartDate"]
        assert (clock.now - since).days == 1
        store.close()

    def test_whose_tables_are_not_its_own_is_left_as_it_is(self, old: Path) -> None:
        connection = sqlite3.connect(old)
        connection.execute("CREATE TABLE other (a)")
        connection.commit()
        connection.close()
        with pytest.raises(Exception, match="damaged"):
            LocalStore.open(old)
        connection = sqlite3.connect(old)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        connection.close()

    def test_that_many_open_at_once_is_brought_there_by_one(self, old: Path) -> None:
        program = (
            "import sys\nfrom pathlib import Path\nfrom sealscope.kms.local import LocalStore\n"
            "LocalStore.open(Path(sys.argv[1])).close()"
        )
        running = [
            subprocess.Popen([sys.executable, "-c", program, str(old)], env=dict(os.environ))
            for _ in range(4)
        ]
        assert [process.wait() for process in running] == [0] * 4
        store = LocalStore.open(old)
        assert store.check().ok
        assert store.info().schema == schema.SCHEMA_VERSION
        store.close()
