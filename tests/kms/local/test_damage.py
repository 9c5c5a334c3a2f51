"""A store that a disk has damaged gives our errors, or right answers, and nothing else."""

from __future__ import annotations

import base64
import contextlib
import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sealscope import errors
from sealscope.kms.local import LocalStore, local_session
from sealscope.kms.local.wire import handle
from tests.kms.local.tools import Clock


@pytest.fixture
def filled(store: LocalStore, path: Path, kms: Any, key: str) -> bytes:
    """The bytes of a store with a row in every table, and the calls that read them."""
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "team", "TagValue": "payments"}])
    kms.create_grant(
        KeyId=key,
        GranteePrincipal="arn:aws:iam::000000000000:user/ann",
        Operations=["Encrypt", "Decrypt"],
    )
    kms.rotate_key_on_demand(KeyId=key)
    kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    store.close()
    return path.read_bytes()


def calls(store: LocalStore, key: str) -> Iterator[tuple[Callable[..., Any], dict[str, Any]]]:
    kms = local_session(store).client("kms")
    yield store.info, {}
    yield store.check, {}
    yield kms.list_keys, {}
    yield kms.list_aliases, {}
    yield kms.create_key, {}
    for name in (
        "describe_key",
        "list_grants",
        "list_resource_tags",
        "list_key_rotations",
        "get_key_rotation_status",
        "get_key_policy",
        "disable_key",
    ):
        yield getattr(kms, name), {"KeyId": key}
    yield kms.generate_data_key, {"KeyId": key, "KeySpec": "AES_256"}
    yield kms.encrypt, {"KeyId": "alias/getting-started", "Plaintext": b"x"}


def try_damaged(tmp_path: Path, filled: bytes, key: str, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(filled)
    for _ in range(chance.choice([1, 4, 30, 300])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path = tmp_path / f"damaged-{seed}"
    path.write_bytes(data)
    path.chmod(0o600)
    try:
        store = LocalStore.open(path)
    except errors.StoreError:
        return
    try:
        for call, params in calls(store, key):
            try:
                call(**params)
            except (errors.StoreError, ClientError):
                continue
    finally:
        store.close()


@pytest.mark.parametrize("seed", range(30))
def test_bytes_changed_at_random(tmp_path: Path, filled: bytes, key: str, seed: int) -> None:
    try_damaged(tmp_path, filled, key, seed)


@pytest.mark.exhaustive
def test_bytes_changed_at_random_a_thousand_times(tmp_path: Path, filled: bytes, key: str) -> None:
    for seed in range(1000, 2000):
        try_damaged(tmp_path, filled, key, seed)


def test_check_names_the_key_whose_material_does_not_open(
    store: LocalStore, kms: Any, key: str
) -> None:
    with store.writing() as connection:
        connection.execute("UPDATE material SET wrapped = zeroblob(60) WHERE key_id = ?", (key,))
    report = store.check()
    assert not report.ok
    assert [key in problem for problem in report.problems] == [True]


def test_check_finds_nothing_wrong_with_a_good_store(store: LocalStore, key: str) -> None:
    report = store.check()
    assert (report.ok, report.problems, report.keys, report.materials) == (True, (), 2, 2)


def test_a_row_moved_to_another_key_does_not_open(store: LocalStore, kms: Any) -> None:
    victim, thief = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    with store.writing() as connection:
        connection.execute(
            "UPDATE material SET wrapped = (SELECT wrapped FROM material WHERE key_id = ?)"
            " WHERE key_id = ?",
            (victim, thief),
        )
    with pytest.raises(ClientError, match="does not open"):
        kms.encrypt(KeyId=thief, Plaintext=b"x")
    assert kms.encrypt(KeyId=victim, Plaintext=b"x")["CiphertextBlob"]
    assert not store.check().ok


def test_a_trigger_added_to_the_file_is_refused(store: LocalStore, path: Path) -> None:
    with store.writing() as connection:
        connection.execute("CREATE TRIGGER spy AFTER INSERT ON key BEGIN DELETE FROM alias; END")
    store.close()
    with pytest.raises(errors.StoreError, match="damaged"):
        LocalStore.open(path)


HOSTILE = [
    None,
    b"",
    "no such thing",
    2**62,
    *(
        pytest.param(value, marks=pytest.mark.exhaustive)
        for value in ("", "[]", b"\xff" * 40, 1.5, -1, -(2**62))
    ),
]
"""Values that a file may hold in any column, whatever its type."""


def columns_of(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c"
        " WHERE t.type = 'table'"
    ).fetchall()
    connection.close()
    return found


def calls_of_every_table(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Calls that read each row of `all_tables`; ids as they were before the tampering."""
    yield from json.loads(path.with_suffix(".calls").read_text())


@pytest.fixture
def all_tables(store: LocalStore, path: Path, kms: Any, key: str) -> Path:
    """A closed store with a row in every table; beside it, the calls that read them."""
    rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
    pair = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    external = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    token = kms.get_parameters_for_import(
        KeyId=external, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )["ImportToken"]
    ann = "arn:aws:iam::000000000000:user/ann"
    kms.create_grant(KeyId=key, GranteePrincipal=ann, RetiringPrincipal=ann, Operations=["Decrypt"])
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "team", "TagValue": "payments"}])
    kms.enable_key_rotation(KeyId=key)
    kms.rotate_key_on_demand(KeyId=key)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    store.close()
    text = {"Message": "YQ==", "SigningAlgorithm": "ECDSA_SHA_256"}
    everything = [
        *(("DescribeKey", {"KeyId": each}) for each in (key, rsa, pair, external)),
        ("ListKeys", {}),
        ("ListAliases", {}),
        ("ListGrants", {"KeyId": key}),
        ("ListRetirableGrants", {"RetiringPrincipal": ann}),
        ("ListResourceTags", {"KeyId": key, "Limit": 1}),
        ("GetKeyPolicy", {"KeyId": key}),
        ("GetKeyRotationStatus", {"KeyId": key}),
        ("ListKeyRotations", {"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}),
        ("Encrypt", {"KeyId": key, "Plaintext": "eA=="}),
        ("Decrypt", {"CiphertextBlob": base64.b64encode(blob).decode()}),
        (
            "Encrypt",
            {"KeyId": rsa, "Plaintext": "eA==", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"},
        ),
        ("Sign", {"KeyId": pair, **text}),
        ("Verify", {"KeyId": pair, "Signature": "eA==", **text}),
        ("GetPublicKey", {"KeyId": pair}),
        (
            "ImportKeyMaterial",
            {
                "KeyId": external,
                "ImportToken": base64.b64encode(token).decode(),
                "EncryptedKeyMaterial": base64.b64encode(bytes(256)).decode(),
                "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            },
        ),
        ("RotateKeyOnDemand", {"KeyId": key}),
    ]
    path.with_suffix(".calls").write_text(json.dumps(everything))
    return path


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_any_value_in_any_column_gets_an_answer(
    all_tables: Path, tmp_path: Path, clock: Clock, value: object
) -> None:
    for table, column in columns_of(all_tables):
        copy = tmp_path / f"{table}.{column}"
        copy.write_bytes(all_tables.read_bytes())
        copy.chmod(0o600)
        tamperer = sqlite3.connect(copy)
        with contextlib.suppress(sqlite3.IntegrityError), tamperer:
            tamperer.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (value,))
        tamperer.close()
        try:
            store = LocalStore.open(copy, clock=clock)
        except errors.StoreError:
            continue
        for look in (store.info, store.check, *([store.unprotect] if "wrapped" in column else [])):
            with contextlib.suppress(errors.StoreError):
                look()
        for operation, params in calls_of_every_table(all_tables):
            body = json.dumps(params).encode()
            answer = handle(store, "local", f"TrentService.{operation}", body)
            assert answer.status in {200, 400, 500}
        assert_boto3_reads_dates(store)
        store.close()


def assert_boto3_reads_dates(store: LocalStore) -> None:
    """The dates of an answer have to be some that Python can hold."""
    kms = local_session(store).client("kms")
    with contextlib.suppress(ClientError):
        kms.list_aliases()
    with contextlib.suppress(ClientError):
        kms.describe_key(KeyId="alias/getting-started")


def test_a_date_of_rotation_on_a_key_that_never_rotates_leaves_its_material_alone(
    store: LocalStore, kms: Any
) -> None:
    pair = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    with store.writing() as connection:
        connection.execute("UPDATE key SET next_rotation = 1 WHERE id = ?", (pair,))
        before = connection.execute("SELECT * FROM material").fetchall()
    with pytest.raises(ClientError, match="a date of rotation"):
        kms.sign(KeyId=pair, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
    with store.reading() as connection:
        assert connection.execute("SELECT * FROM material").fetchall() == before


class TestAPublicKeyThatWasSwapped:
    @pytest.fixture
    def swapped(self, store: LocalStore, kms: Any) -> str:
        ours, theirs = (
            kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
            for _ in range(2)
        )
        with store.writing() as connection:
            connection.execute(
                "UPDATE material SET public = (SELECT public FROM material WHERE key_id = ?)"
                " WHERE key_id = ?",
                (theirs, ours),
            )
        return str(ours)

    def test_encrypts_nothing(self, kms: Any, swapped: str) -> None:
        algorithm = {"KeyId": swapped, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
        blob = kms.encrypt(Plaintext=b"secret", **algorithm)["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob, **algorithm)["Plaintext"] == b"secret"

    def test_is_found_by_the_check(self, store: LocalStore, swapped: str) -> None:
        (problem,) = store.check().problems
        assert swapped in problem
        assert "public key" in problem
