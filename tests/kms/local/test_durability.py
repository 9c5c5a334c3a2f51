"""What has been acknowledged is there afterwards: killed writers, full disks, two instances."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sealscope import errors
from sealscope.kms.local import LocalStore, local_session

# Creates keys without pause; says what it was promised, one line each, unbuffered.
WRITER = """
import os, sys
from pathlib import Path
from sealscope.kms.local import LocalStore, local_session
store = LocalStore.open(Path(sys.argv[1]))
kms = local_session(store).client("kms")
count = 0
while True:
    count += 1
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=key.encode())["CiphertextBlob"]
    kms.create_alias(AliasName=f"alias/w{os.getpid()}-{count}", TargetKeyId=key)
    if count % 3 == 0:
        kms.rotate_key_on_demand(KeyId=key)
    os.write(1, f"{key} {blob.hex()} alias/w{os.getpid()}-{count}\\n".encode())
"""


def start_writer(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )


def kill_in_the_middle(path: Path, writers: int, lines: int, chance: random.Random) -> list[str]:
    """Kill writers after each has promised some lines; return all that was promised."""
    running = [start_writer(path) for _ in range(writers)]
    promised: list[str] = []
    for writer in running:
        assert writer.stdout is not None
        promised += [writer.stdout.readline() for _ in range(1 + chance.randrange(lines))]
    for writer in running:
        writer.send_signal(signal.SIGKILL)
    for writer in running:
        assert writer.stdout is not None
        promised += writer.stdout.read().splitlines(keepends=True)
        writer.wait()
        writer.stdout.close()
        assert writer.returncode == -signal.SIGKILL
    return [line for line in promised if line.endswith("\n")]


def assert_all_kept(path: Path, promised: list[str]) -> None:
    store = LocalStore.open(path)
    report = store.check()
    assert report.problems == ()
    kms = local_session(store).client("kms")
    targets = {
        alias["AliasName"]: alias["TargetKeyId"]
        for page in kms.get_paginator("list_aliases").paginate()
        for alias in page["Aliases"]
    }
    for line in promised:
        key, blob, alias = line.split()
        assert kms.decrypt(CiphertextBlob=bytes.fromhex(blob))["Plaintext"] == key.encode()
        assert targets[alias] == key
    store.close()


class TestAKilledWriter:
    def test_loses_nothing_it_was_promised(self, path: Path) -> None:
        LocalStore.open(path).close()
        promised: list[str] = []
        chance = random.Random(7)
        for _ in range(2):
            promised += kill_in_the_middle(path, writers=4, lines=12, chance=chance)
        assert len(promised) >= 8
        assert_all_kept(path, promised)

    @pytest.mark.exhaustive
    def test_loses_nothing_in_many_rounds(self, path: Path) -> None:
        LocalStore.open(path).close()
        chance = random.Random(11)
        promised: list[str] = []
        for _ in range(60):
            promised += kill_in_the_middle(path, writers=4, lines=120, chance=chance)
        assert_all_kept(path, promised)

    def test_on_its_first_run_leaves_no_half_made_store(self, tmp_path: Path) -> None:
        for attempt in range(4):
            path = tmp_path / str(attempt) / "store"
            writer = start_writer(path)
            while writer.poll() is None and not list(path.parent.glob("*")):
                pass
            writer.send_signal(signal.SIGKILL)
            writer.communicate()
            store = LocalStore.open(path)
            assert store.check().ok
            store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 KB; without the right to mount one, there is nothing to test on."""
    place = tmp_path / "disk"
    place.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k,mode=0700", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system is not allowed here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill_until_refused(kms: Any) -> tuple[dict[str, bytes], ClientError]:
    kept: dict[str, bytes] = {}
    for _ in range(5000):
        try:
            key = kms.create_key(Description="x" * 4000)["KeyMetadata"]["KeyId"]
        except ClientError as error:
            return kept, error
        kept[key] = kms.encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
    pytest.fail("the disk never filled")


class TestAFullDisk:
    def test_is_told_and_all_earlier_keys_still_decrypt(self, small_disk: Path) -> None:
        store = LocalStore.open(small_disk / "store")
        kms = local_session(store).client("kms")
        kept, error = fill_until_refused(kms)
        answer = error.response
        assert answer["Error"]["Code"] == "KMSInternalException"
        assert "full" in answer["Error"]["Message"]
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 500
        assert answer["ResponseMetadata"]["RetryAttempts"] == 0
        assert kept
        for blob in kept.values():
            assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"
        store.close()

    def test_passes_when_there_is_room_again(self, small_disk: Path) -> None:
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(200_000))
        store = LocalStore.open(small_disk / "store")
        kms = local_session(store).client("kms")
        kept, _ = fill_until_refused(kms)
        ballast.unlink()
        assert kms.create_key()["KeyMetadata"]["Enabled"]
        assert len(kms.list_keys(Limit=1000)["Keys"]) == len(kept) + 2
        assert store.check().ok
        store.close()

    def test_on_the_first_run_leaves_nothing(self, small_disk: Path) -> None:
        (small_disk / "ballast").write_bytes(bytes(580_000))
        with pytest.raises(errors.StoreError, match="could not be created"):
            LocalStore.open(small_disk / "store")
        assert [file.name for file in small_disk.iterdir()] == ["ballast"]

    def test_during_a_backup_leaves_nothing(self, store: LocalStore, small_disk: Path) -> None:
        (small_disk / "ballast").write_bytes(bytes(580_000))
        with pytest.raises(errors.OutputFailed, match="backup could not be written"):
            store.backup(small_disk / "copy")
        assert [file.name for file in small_disk.iterdir()] == ["ballast"]

    def test_by_sqlites_own_limit_is_the_same(self, store: LocalStore, kms: Any) -> None:
        with store.reading() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages + 8}")
        kept, error = fill_until_refused(kms)
        assert error.response["Error"]["Code"] == "KMSInternalException"
        assert "full" in error.response["Error"]["Message"]
        for blob in kept.values():
            assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"


class TestTwoInstances:
    def test_see_each_others_changes_at_once(self, store: LocalStore, path: Path, kms: Any) -> None:
        other_store = LocalStore.open(path)
        other = local_session(other_store).client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        blob = other.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        other.rotate_key_on_demand(KeyId=key)
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
        other.disable_key(KeyId=key)
        with pytest.raises(kms.exceptions.DisabledException):
            kms.decrypt(CiphertextBlob=blob)
        other_store.close()

    def test_a_writer_that_is_held_up_too_long_is_told_so(
        self, store: LocalStore, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sealscope.kms.local.schema.BUSY_TIMEOUT_S", 0.01)
        other = LocalStore.open(path)
        kms = local_session(other).client("kms")
        with store.writing():
            with pytest.raises(ClientError, match="database is locked"):
                kms.create_key()
            assert len(kms.list_keys()["Keys"]) == 1
        assert kms.create_key()["KeyMetadata"]["Enabled"]
        other.close()


class TestThreads:
    def test_share_a_store(self, store: LocalStore, kms: Any) -> None:
        made: list[str] = []

        def work() -> None:
            for _ in range(10):
                key = kms.create_key()["KeyMetadata"]["KeyId"]
                blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
                assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
                made.append(key)

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(made)) == 60
        assert store.info().keys == 61

    def test_that_have_ended_keep_no_files_open(self, store: LocalStore) -> None:
        def count() -> int:
            return len(os.listdir("/proc/self/fd"))

        if not Path("/proc/self/fd").exists():
            pytest.skip("counts open files in /proc")
        before = count()
        for _ in range(20):
            thread = threading.Thread(target=store.info)
            thread.start()
            thread.join()
        assert count() <= before + 6


class TestATransaction:
    def test_that_fails_takes_its_changes_back(self, store: LocalStore) -> None:
        with contextlib.suppress(ZeroDivisionError), store.writing() as connection:
            connection.execute("DELETE FROM key")
            raise ZeroDivisionError
        assert store.info().keys == 1

    def test_that_sqlite_has_taken_back_itself_tells_the_first_error(
        self, store: LocalStore
    ) -> None:
        def fail() -> None:
            with store.writing() as connection:
                connection.execute("ROLLBACK")
                raise sqlite3.OperationalError("database or disk is full")

        with pytest.raises(sqlite3.OperationalError, match="disk is full"):
            fail()


class TestClosing:
    def test_lets_the_threads_at_work_end_what_they_began(self, path: Path) -> None:
        """Closing a connection under its thread made SQLite read freed memory."""
        for _ in range(3):
            store = LocalStore.open(path)
            kms = local_session(store).client("kms")
            started = threading.Barrier(9)
            refused: list[str] = []

            def work(kms: Any, started: threading.Barrier, refused: list[str]) -> None:
                started.wait()
                while True:
                    try:
                        kms.create_key()
                        kms.list_keys(Limit=1000)
                    except ClientError as error:
                        refused.append(str(error))
                        return

            threads = [
                threading.Thread(target=work, args=(kms, started, refused)) for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            started.wait()
            while store.info().keys < 20:
                continue
            store.close()
            for thread in threads:
                thread.join()
            assert len(refused) == 8
            assert all("has been closed" in reason for reason in refused)
            assert [file.name for file in path.parent.iterdir()] == [path.name]
            path.unlink()

    def test_in_the_middle_of_a_transaction_keeps_what_it_writes(
        self, store: LocalStore, path: Path
    ) -> None:
        with store.writing() as connection:
            connection.execute("UPDATE key SET description = 'written'")
            store.close()
        with pytest.raises(errors.StoreError, match="closed"), store.reading():
            pass
        again = LocalStore.open(path)
        with again.reading() as connection:
            row = connection.execute("SELECT description FROM key").fetchone()
        assert row[0] == "written"
        again.close()


def test_a_store_whose_locks_were_lost_refuses_rather_than_forgets(
    store: LocalStore, path: Path, kms: Any
) -> None:
    """Reading the file within the process drops SQLite's locks: POSIX."""
    kms.list_keys()
    path.read_bytes()
    other = (
        "import sys; from pathlib import Path; from sealscope.kms.local import LocalStore\n"
        "store = LocalStore.open(Path(sys.argv[1]))\n"
        "with store.writing() as c: c.execute(\"UPDATE key SET description = 'theirs'\")\n"
        "store.close()"
    )
    subprocess.run([sys.executable, "-c", other, str(path)], check=True)
    promised: list[str] = []
    with pytest.raises(ClientError, match="must be opened again"):
        promised.append(kms.create_key()["KeyMetadata"]["KeyId"])
    with pytest.raises(ClientError, match="must be opened again"):
        kms.list_keys()
    store.close()
    again = LocalStore.open(path)
    with again.reading() as connection:
        rows = connection.execute("SELECT id, description FROM key").fetchall()
    assert [row["description"] for row in rows] == ["theirs"]
    assert set(promised) <= {row["id"] for row in rows}
    assert again.check().ok
    again.close()


def test_a_store_whose_file_is_gone_says_so(store: LocalStore, path: Path) -> None:
    path.unlink()
    with pytest.raises(errors.StoreError, match="cannot be used"):
        store.info()


class TestABackup:
    @pytest.mark.parametrize("name", ["/", ".", "", "a\0b", "~nobody-has-this-name/x"])
    def test_without_a_name_of_its_own_is_refused(self, store: LocalStore, name: str) -> None:
        with pytest.raises(errors.OutputFailed, match="could not be written"):
            store.backup(Path(name))

    def test_is_a_whole_store_for_the_owner_alone(
        self, store: LocalStore, kms: Any, tmp_path: Path
    ) -> None:
        blob = kms.encrypt(KeyId="alias/getting-started", Plaintext=b"x")["CiphertextBlob"]
        copy_path = tmp_path / "copy.sqlite3"
        store.backup(copy_path)
        assert copy_path.stat().st_mode & 0o777 == 0o600
        copy = LocalStore.open(copy_path)
        assert copy.store_id == store.store_id
        assert copy.check().ok
        assert local_session(copy).client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
        copy.close()
        assert sorted(file.name for file in tmp_path.iterdir()) == ["copy.sqlite3", "keys"]

    def test_is_one_file(self, store: LocalStore, tmp_path: Path) -> None:
        place = tmp_path / "backups"
        place.mkdir()
        store.backup(place / "copy")
        assert [file.name for file in place.iterdir()] == ["copy"]

    def test_never_replaces_a_file(self, store: LocalStore, tmp_path: Path, path: Path) -> None:
        taken = tmp_path / "taken"
        taken.write_text("mine")
        link = tmp_path / "link"
        link.symlink_to(tmp_path / "nowhere")
        for destination in (taken, link, path):
            before = destination.read_bytes() if destination.exists() else None
            with pytest.raises(errors.OutputExists):
                store.backup(destination)
            assert (destination.read_bytes() if destination.exists() else None) == before
        assert not (tmp_path / "nowhere").exists()
        assert store.check().ok

    def test_into_a_folder_that_is_not_there_is_refused(
        self, store: LocalStore, tmp_path: Path
    ) -> None:
        with pytest.raises(errors.OutputFailed, match="could not be written"):
            store.backup(tmp_path / "no" / "copy")
