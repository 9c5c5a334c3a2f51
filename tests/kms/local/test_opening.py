"""Opening a store: the first run, and files that must be refused."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sealscope import errors
from sealscope.kms.local import LocalStore, creation, filesystem, local_session, schema
from tests.kms.local.tools import Clock, FixedBytes

WORKER = """
import sys
from pathlib import Path
from sealscope.kms.local import LocalStore
sys.stdin.readline()
store = LocalStore.open(Path(sys.argv[1]))
with store.reading() as connection:
    root = bytes(connection.execute("SELECT secret FROM root").fetchone()[0]).hex()
print(store.store_id, root, store.created)
store.close()
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestTheFirstRun:
    def test_makes_the_store_with_one_key_and_its_alias(self, store: LocalStore, kms: Any) -> None:
        assert store.created
        (alias,) = kms.list_aliases()["Aliases"]
        (key,) = kms.list_keys()["Keys"]
        assert alias["AliasName"] == "alias/getting-started"
        assert alias["TargetKeyId"] == key["KeyId"]
        assert kms.describe_key(KeyId="alias/getting-started")["KeyMetadata"]["Enabled"]

    def test_makes_a_file_and_a_folder_for_the_owner_alone(
        self, path: Path, store: LocalStore
    ) -> None:
        assert mode(path.parent) == 0o700
        assert {mode(file) for file in path.parent.iterdir()} == {0o600}

    def test_leaves_nothing_beside_the_store(self, path: Path, store: LocalStore) -> None:
        store.close()
        assert [file.name for file in path.parent.iterdir()] == [path.name]

    def test_happens_once(self, path: Path, store: LocalStore) -> None:
        again = LocalStore.open(path)
        assert not again.created
        assert again.store_id == store.store_id
        again.close()

    def test_by_eight_processes_at_once_makes_one_store(self, path: Path) -> None:
        workers = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, str(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(8)
        ]
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        answers = [worker.communicate(timeout=60)[0].split() for worker in workers]
        assert [worker.returncode for worker in workers] == [0] * 8
        assert len({(store_id, root) for store_id, root, _ in answers}) == 1
        assert sorted(created for *_, created in answers) == ["False"] * 7 + ["True"]
        assert [file.name for file in path.parent.iterdir()] == [path.name]

    def test_that_finds_another_faster_drops_its_own_draft(self, path: Path) -> None:
        assert creation.create(path, None, 0, os.urandom)
        before = path.read_bytes()
        assert not creation.create(path, None, 0, os.urandom)
        assert path.read_bytes() == before
        assert [file.name for file in path.parent.iterdir()] == [path.name]

    def test_in_a_folder_that_cannot_be_made_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        (tmp_path / "circle").symlink_to(tmp_path / "circle")
        for place in ("file/store", "circle", "circle/store", "a\0b"):
            with pytest.raises(errors.StoreError, match="cannot be opened"):
                LocalStore.open(tmp_path / place)
        with pytest.raises(errors.StoreError, match="could not be created"):
            LocalStore.open(Path("/proc/sealscope/store"))

    def test_through_a_link_makes_the_file_that_the_link_names(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path / "real" / "store")
        store = LocalStore.open(tmp_path / "link")
        assert store.path == tmp_path / "real" / "store"
        store.close()

    def test_with_fixed_time_and_bytes_gives_the_same_ids(self, tmp_path: Path) -> None:
        seen = []
        for name in ("one", "two"):
            store = LocalStore.open(tmp_path / name, clock=Clock(), entropy=FixedBytes("pictures"))
            kms = local_session(store).client("kms")
            key = kms.describe_key(KeyId="alias/getting-started")["KeyMetadata"]
            blob = kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")["CiphertextBlob"]
            seen.append((store.store_id, key["Arn"], key["CreationDate"], blob))
            store.close()
        assert seen[0] == seen[1]

    def test_refuses_an_empty_passphrase(self, path: Path) -> None:
        from sealscope.secret import SecretBytes

        with pytest.raises(errors.UsageError, match="passphrase is empty"):
            LocalStore.open(path, passphrase=SecretBytes(b""))
        assert not path.exists()


class TestAStoreInUse:
    def test_writes_ahead_and_flushes_every_commit(self, store: LocalStore) -> None:
        with store.reading() as connection:
            pragmas = {
                name: connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
            }
        assert pragmas == {
            "journal_mode": "wal",
            "synchronous": 2,
            "secure_delete": 1,
            "foreign_keys": 1,
        }

    def test_on_a_network_file_system_uses_a_rollback_journal(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(creation, "is_network", lambda _: True)
        store = LocalStore.open(path)
        with store.reading() as connection:
            assert schema.journal_mode(connection) == "delete"
            assert connection.execute("PRAGMA synchronous").fetchone()[0] == 3
        store.close()

    def test_moved_to_a_network_file_system_gives_up_its_write_ahead_log(
        self, path: Path, store: LocalStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store.close()
        monkeypatch.setattr("sealscope.kms.local.store.is_network", lambda _: True)
        moved = LocalStore.open(path)
        assert moved.info().journal_mode == "delete"
        moved.close()

    def test_closed_says_so(self, store: LocalStore) -> None:
        store.close()
        with pytest.raises(errors.StoreError, match="has been closed"):
            store.info()

    def test_tells_about_itself(self, store: LocalStore, path: Path, clock: Clock) -> None:
        info = store.info()
        assert (info.path, info.schema, info.keys, info.aliases) == (path, 2, 1, 1)
        assert info.created_at == clock.now
        assert not info.is_protected
        assert info.size_bytes >= path.stat().st_size


class TestAFileThatIsRefused:
    def test_is_one_that_others_may_read(self, path: Path, store: LocalStore) -> None:
        store.close()
        path.chmod(0o640)
        with pytest.raises(errors.StoreUnsafe, match="Others may read") as caught:
            LocalStore.open(path)
        assert "chmod 600" in caught.value.hint

    def test_is_one_in_a_folder_where_anyone_may_swap_it(
        self, path: Path, store: LocalStore
    ) -> None:
        store.close()
        path.parent.chmod(0o777)
        with pytest.raises(errors.StoreUnsafe, match="Anyone may replace"):
            LocalStore.open(path)

    @pytest.mark.skipif(os.geteuid() != 0, reason="needs root to look like another user")
    def test_is_another_users(
        self, path: Path, store: LocalStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store.close()
        monkeypatch.setattr(os, "geteuid", lambda: 4711)
        with pytest.raises(errors.StoreUnsafe, match="another user"):
            LocalStore.open(path)

    def test_is_one_of_a_newer_schema(self, path: Path, store: LocalStore) -> None:
        with store.writing() as connection:
            connection.execute("PRAGMA user_version=3")
        store.close()
        before = path.read_bytes()
        with pytest.raises(errors.StoreTooNew, match="newer Sealscope") as caught:
            LocalStore.open(path)
        assert "schema 3" in caught.value.detail
        assert path.read_bytes() == before

    @pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + bytes(200)])
    def test_is_one_that_is_no_store(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(mode=0o700)
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(errors.StoreUnsafe, match="not a local key store"):
            LocalStore.open(path)
        assert path.read_bytes() == content

    def test_is_another_programs_database(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700)
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE root (secret)")
        connection.close()
        path.chmod(0o600)
        with pytest.raises(errors.StoreUnsafe, match="not a local key store"):
            LocalStore.open(path)

    def test_is_a_folder_or_a_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        for place in (tmp_path, tmp_path / "pipe"):
            with pytest.raises(errors.StoreUnsafe, match="not a local key store"):
                LocalStore.open(place)

    @pytest.mark.parametrize("length", [100, 4096, 20_000])
    def test_is_one_that_was_cut_short(self, path: Path, store: LocalStore, length: int) -> None:
        store.close()
        os.truncate(path, length)
        with pytest.raises(errors.StoreError):
            _open_and_check(path)


def _open_and_check(path: Path) -> None:
    store = LocalStore.open(path)
    try:
        store.check()
    finally:
        store.close()


class TestTheMountTable:
    TABLE = (
        "/dev/sda1 / ext4 rw 0 0\n"
        "server:/home /home nfs4 rw 0 0\n"
        "tmpfs /home/me/tmp tmpfs rw 0 0\n"
        "//nas/share /mnt/my\\040share cifs rw 0 0\n"
        "broken\n"
    )

    @pytest.mark.parametrize(
        ("path", "kind"),
        [
            ("/var/lib/x", "ext4"),
            ("/home/me/x", "nfs4"),
            ("/home/me/tmp/x", "tmpfs"),
            ("/homework/x", "ext4"),
            ("/mnt/my share/x", "cifs"),
        ],
    )
    def test_gives_the_type_of_the_closest_mount(self, path: str, kind: str) -> None:
        assert filesystem.mount_type(path, self.TABLE) == kind


def test_opening_a_store_twice_keeps_the_locks_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing any descriptor of a file drops this process's locks on it (POSIX)."""
    from sealscope.kms.local import filesystem

    looked: list[Path] = []
    real = filesystem._header

    def watched(path: Path) -> bytes:
        looked.append(path)
        return real(path)

    monkeypatch.setattr(filesystem, "_header", watched)
    path = tmp_path / "kms.sqlite3"
    first = LocalStore.open(path)
    looked.clear()
    second = LocalStore.open(path)
    assert looked == []
    second.close()
    first.close()
    LocalStore.open(path).close()
    assert looked == [path]
