"""A store that a disk has damaged gives our errors, or right answers, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sealscope import errors
from sealscope.kms.local import LocalStore, local_session


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
