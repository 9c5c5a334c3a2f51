"""A passphrase on the store: what it hides, and what goes on without it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm

from sealscope import errors
from sealscope.kms.local import LocalStore, local_session, protection
from sealscope.kms.local.protection import Kdf, RootKey
from sealscope.secret import SecretBytes
from tests.kms.local.tools import FixedBytes, everything_on_disk, refusal, refusal_code

KDF = {"name": "argon2id", "salt": "00" * 16, "passes": 1, "memory_kib": 64, "lanes": 1}
PASSPHRASE = SecretBytes(b"correct horse battery staple")


@pytest.fixture(autouse=True)
def cheap_derivation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least that Argon2 takes: these tests are not about its cost."""
    cheap = classmethod(lambda cls, salt: cls("argon2id", salt.hex(), 1, 32, 4))
    monkeypatch.setattr(Kdf, "argon2id", cheap)


@pytest.fixture
def blob(kms: Any) -> bytes:
    return bytes(kms.encrypt(KeyId="alias/getting-started", Plaintext=b"old")["CiphertextBlob"])


@pytest.fixture
def locked(store: LocalStore, path: Path, blob: bytes) -> Iterator[LocalStore]:
    store.protect(PASSPHRASE)
    store.close()
    opened = LocalStore.open(path)
    yield opened
    opened.close()


def root_on_disk(store: LocalStore) -> bytes:
    with store.reading() as connection:
        return bytes(connection.execute("SELECT secret FROM root").fetchone()[0])


def decrypt(store: LocalStore, blob: bytes) -> bytes:
    kms = local_session(store).client("kms")
    return bytes(kms.decrypt(CiphertextBlob=blob)["Plaintext"])


class TestProtecting:
    def test_leaves_the_old_root_key_nowhere_on_disk(
        self, store: LocalStore, path: Path, kms: Any
    ) -> None:
        for _ in range(50):
            kms.create_key()
        old = root_on_disk(store)
        assert old in everything_on_disk(path)
        store.protect(PASSPHRASE)
        assert old not in everything_on_disk(path)
        assert old not in root_on_disk(store)
        store.close()
        assert old not in everything_on_disk(path)

    def test_lets_the_open_store_go_on(self, store: LocalStore, kms: Any, blob: bytes) -> None:
        store.protect(PASSPHRASE)
        assert store.is_protected
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"old"
        assert store.check().ok

    def test_holds_after_opening_again(self, store: LocalStore, path: Path, blob: bytes) -> None:
        store.protect(PASSPHRASE)
        store.close()
        again = LocalStore.open(path, passphrase=PASSPHRASE)
        assert again.is_protected
        assert decrypt(again, blob) == b"old"
        again.close()

    def test_again_changes_the_passphrase(self, store: LocalStore, path: Path, blob: bytes) -> None:
        store.protect(PASSPHRASE)
        store.protect(SecretBytes(b"another"))
        store.close()
        with pytest.raises(errors.StoreLocked, match="passphrase of the local key store is wrong"):
            LocalStore.open(path, passphrase=PASSPHRASE)
        again = LocalStore.open(path, passphrase=SecretBytes(b"another"))
        assert decrypt(again, blob) == b"old"
        again.close()

    def test_covers_import_tokens_under_way(self, store: LocalStore, kms: Any) -> None:
        key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
        kms.get_parameters_for_import(
            KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        )
        store.protect(PASSPHRASE)
        assert store.check().ok

    def test_with_an_empty_passphrase_is_refused(self, store: LocalStore) -> None:
        with pytest.raises(errors.UsageError, match="empty"):
            store.protect(SecretBytes(b""))
        assert not store.is_protected

    def test_while_another_program_reads_says_that_traces_may_remain(
        self, store: LocalStore, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sealscope.kms.local.schema.BUSY_TIMEOUT_S", 0.01)
        store.close()
        mine, other = LocalStore.open(path), LocalStore.open(path)
        with other.reading() as connection:
            connection.execute("SELECT * FROM key").fetchall()
            with pytest.raises(errors.StoreError, match="may still hold the old root key"):
                mine.protect(PASSPHRASE)
        old_generation_gone = other.is_protected
        mine.protect(PASSPHRASE)
        assert old_generation_gone
        mine.close()
        other.close()

    def test_on_a_disk_too_full_to_rewrite_says_that_it_was_done_and_traces_may_remain(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class FullDisk(sqlite3.Connection):
            def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
                if sql == "VACUUM":
                    raise sqlite3.OperationalError("database or disk is full")
                return super().execute(sql, *args)

        LocalStore.open(path).close()
        with monkeypatch.context() as patch:
            patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=FullDisk))
            store = LocalStore.open(path)
            with pytest.raises(errors.StoreError, match=r"was changed.*disk is full"):
                store.protect(PASSPHRASE)
            store.close()
        again = LocalStore.open(path, passphrase=PASSPHRASE)
        assert again.is_protected
        assert again.check().ok
        again.close()


class TestAProtectedStoreFromTheFirstRun:
    def test_never_holds_its_root_key_in_the_clear(self, path: Path) -> None:
        store = LocalStore.open(path, passphrase=PASSPHRASE)
        assert store.created
        assert store.is_protected
        assert len(root_on_disk(store)) > protection.ROOT_BYTES
        kms = local_session(store).client("kms")
        assert kms.encrypt(KeyId="alias/getting-started", Plaintext=b"x")["CiphertextBlob"]
        store.close()


class TestWithoutThePassphrase:
    def test_lists_and_describes(self, locked: LocalStore) -> None:
        kms = local_session(locked).client("kms")
        assert len(kms.list_keys()["Keys"]) == 1
        assert len(kms.list_aliases()["Aliases"]) == 1
        assert kms.describe_key(KeyId="alias/getting-started")["KeyMetadata"]["Enabled"]
        assert locked.info().is_protected

    def test_refuses_cryptography_in_words_a_user_understands(
        self, locked: LocalStore, blob: bytes
    ) -> None:
        kms = local_session(locked).client("kms")
        for call, params in (
            (kms.decrypt, {"CiphertextBlob": blob}),
            (kms.encrypt, {"KeyId": "alias/getting-started", "Plaintext": b"x"}),
            (kms.generate_data_key, {"KeyId": "alias/getting-started", "KeySpec": "AES_256"}),
            (kms.create_key, {}),
        ):
            error = refusal(call, **params)
            assert error.response["Error"]["Code"] == "KeyUnavailableException"
            assert "protected by a passphrase" in error.response["Error"]["Message"]
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400

    def test_can_be_managed(self, locked: LocalStore) -> None:
        kms = local_session(locked).client("kms")
        key = kms.list_keys()["Keys"][0]["KeyId"]
        kms.disable_key(KeyId=key)
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"

    @pytest.mark.parametrize("action", ["check", "unprotect"])
    def test_is_neither_checked_nor_unprotected(self, locked: LocalStore, action: str) -> None:
        with pytest.raises(errors.StoreLocked):
            getattr(locked, action)()

    def test_gets_no_other_passphrase(self, locked: LocalStore) -> None:
        with pytest.raises(errors.StoreLocked):
            locked.protect(SecretBytes(b"mine now"))

    def test_is_opened_by_no_wrong_one(self, locked: LocalStore, path: Path) -> None:
        with pytest.raises(errors.StoreLocked, match="is wrong"):
            LocalStore.open(path, passphrase=SecretBytes(b"Correct horse battery staple"))

    def test_a_key_that_should_rotate_waits_for_the_passphrase(
        self, store: LocalStore, path: Path, kms: Any, key: str
    ) -> None:
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
        store.protect(PASSPHRASE)
        clock: Any = store.clock
        clock.advance(days=91)
        store.close()
        for passphrase, rotations in ((None, 0), (PASSPHRASE, 1)):
            opened = LocalStore.open(path, passphrase=passphrase, clock=clock)
            found = local_session(opened).client("kms").list_key_rotations(KeyId=key)
            assert len(found["Rotations"]) == rotations
            opened.close()


class TestUnprotecting:
    def test_makes_the_file_enough_again(self, store: LocalStore, path: Path, blob: bytes) -> None:
        store.protect(PASSPHRASE)
        store.unprotect()
        store.close()
        again = LocalStore.open(path)
        assert not again.is_protected
        assert decrypt(again, blob) == b"old"
        again.close()

    def test_ignores_a_passphrase_that_is_no_longer_needed(
        self, store: LocalStore, path: Path
    ) -> None:
        store.close()
        again = LocalStore.open(path, passphrase=PASSPHRASE)
        assert not again.is_protected
        again.close()


class TestAChangeByAnotherProcess:
    def test_locks_a_store_that_does_not_know_the_passphrase(
        self, store: LocalStore, path: Path, kms: Any, blob: bytes
    ) -> None:
        other = LocalStore.open(path)
        assert decrypt(other, blob) == b"old"
        store.protect(PASSPHRASE)
        call = local_session(other).client("kms").decrypt
        assert refusal_code(call, CiphertextBlob=blob) == "KeyUnavailableException"
        store.unprotect()
        assert decrypt(other, blob) == b"old"
        other.close()

    def test_never_lets_a_row_be_written_under_the_old_root_key(
        self, store: LocalStore, path: Path
    ) -> None:
        other = LocalStore.open(path)
        kms = local_session(other).client("kms")
        kms.create_key()
        store.protect(PASSPHRASE)
        assert refusal_code(kms.create_key) == "KeyUnavailableException"
        assert store.check().ok
        other.close()


class TestTheKeyDerivation:
    def test_is_argon2id_with_64_mib_by_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.undo()
        kdf = Kdf.argon2id(bytes(16))
        assert (kdf.name, kdf.passes, kdf.memory_kib, kdf.lanes) == ("argon2id", 3, 65536, 4)

    def test_is_scrypt_where_argon2_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(*_: object, **__: object) -> None:
            raise UnsupportedAlgorithm("no Argon2 here")

        monkeypatch.setattr(protection, "Argon2id", missing)
        monkeypatch.setattr(
            Kdf, "scrypt", classmethod(lambda cls, salt: cls("scrypt", salt.hex(), 2, 8, 1))
        )
        entropy = FixedBytes("scrypt")
        root = RootKey.new(entropy)
        kdf, wrapped = root.under(PASSPHRASE, "store", entropy)
        assert kdf.name == "scrypt"
        again = Kdf.parse(kdf.text())
        opened = RootKey.opened(again, wrapped, root.generation, PASSPHRASE, "store")
        assert opened.in_the_clear() == root.in_the_clear()

    def test_is_part_of_what_is_authenticated(self) -> None:
        entropy = FixedBytes("kdf")
        root = RootKey.new(entropy)
        kdf, wrapped = root.under(PASSPHRASE, "store", entropy)
        for generation, store_id in ((root.generation, "other"), (b"x" * 16, "store")):
            with pytest.raises(InvalidTag):
                RootKey.opened(kdf, wrapped, generation, PASSPHRASE, store_id)

    @pytest.mark.parametrize(
        "text", ["", "[]", "{}", "[" * 100_000, json.dumps({**KDF, "name": "md5"})]
    )
    def test_unknown_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="key derivation"):
            Kdf.parse(text)

    @pytest.mark.parametrize("field", ["passes", "memory_kib", "lanes"])
    @pytest.mark.parametrize("value", ["x", None, 1.5, True, [], 0, -1, 2**33, 2**70])
    def test_that_would_never_end_is_refused(self, field: str, value: object) -> None:
        for name in ("argon2id", "scrypt"):
            with pytest.raises(ValueError, match="key derivation"):
                Kdf.parse(json.dumps({**KDF, "name": name, field: value}))

    def test_damaged_in_the_file_is_told(self, locked: LocalStore, path: Path) -> None:
        with locked.writing() as connection:
            connection.execute("UPDATE root SET kdf = '{}'")
        with pytest.raises(errors.StoreError, match="damaged"):
            LocalStore.open(path, passphrase=PASSPHRASE)

    def test_secrets_show_in_no_repr(self) -> None:
        root = RootKey.new(FixedBytes("repr"))
        assert root.in_the_clear().hex() not in repr(root)
