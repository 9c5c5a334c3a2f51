"""What an earlier version wrote, this one opens."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from sealscope.kms.local import LocalStore, local_session
from tests.kms.local.golden.make import PASSPHRASE

GOLDEN = Path(__file__).parent / "golden"
BLOBS: list[dict[str, Any]] = json.loads((GOLDEN / "blobs-1.json").read_text())


@pytest.fixture(params=["store-1.sqlite3", "protected-1.sqlite3"])
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    path = tmp_path / request.param
    shutil.copyfile(GOLDEN / request.param, path)
    # A version control system keeps no such modes.
    path.chmod(0o600)
    passphrase = PASSPHRASE if request.param.startswith("protected") else None
    store = LocalStore.open(path, passphrase=passphrase)
    assert not store.created
    yield store
    store.close()


def test_every_ciphertext_decrypts(golden: LocalStore) -> None:
    kms = local_session(golden).client("kms")
    assert len(BLOBS) == 7
    for entry in BLOBS:
        answer = kms.decrypt(CiphertextBlob=bytes.fromhex(entry["blob"]), **entry["options"])
        assert answer["Plaintext"].decode() == entry["name"]


def test_the_store_is_whole(golden: LocalStore) -> None:
    assert golden.check().problems == ()
    assert golden.info().schema == 1
    assert golden.info().keys == 5


def test_the_store_takes_new_keys(golden: LocalStore) -> None:
    kms = local_session(golden).client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"new")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"new"


def test_the_ids_are_those_that_were_written(golden: LocalStore) -> None:
    kms = local_session(golden).client("kms")
    assert golden.store_id == "11bad248-28b0-4372-a456-9367b2b7e9ba"
    alias = kms.list_aliases()["Aliases"][0]
    first = json.loads((GOLDEN / "blobs-1.json").read_text())[0]["blob"]
    assert first[10:42] == alias["TargetKeyId"].replace("-", "")
