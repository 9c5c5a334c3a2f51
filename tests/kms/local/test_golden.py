"""What an earlier version wrote, this one opens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sealscope.kms.local import LocalStore, local_session
from sealscope.kms.local.schema import SCHEMA_VERSION
from tests.kms.local.golden.make import PASSPHRASE

GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = (1, 2)


@dataclass(frozen=True)
class Golden:
    """A copy of a golden store, open, and the ciphertexts that were made with it."""

    store: LocalStore
    schema: int
    blobs: list[dict[str, Any]]


@pytest.fixture(
    params=[(name, schema) for schema in SCHEMAS for name in ("store", "protected")],
    ids=lambda made: f"{made[0]}-{made[1]}",
)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Golden]:
    name, schema = request.param
    path = tmp_path / f"{name}-{schema}.sqlite3"
    shutil.copyfile(GOLDEN / path.name, path)
    # A version control system keeps no such modes.
    path.chmod(0o600)
    store = LocalStore.open(path, passphrase=PASSPHRASE if name == "protected" else None)
    assert not store.created
    yield Golden(store, schema, json.loads((GOLDEN / f"blobs-{schema}.json").read_text()))
    store.close()


@pytest.fixture
def kms(golden: Golden) -> Any:
    return local_session(golden.store).client("kms")


def test_every_ciphertext_decrypts(golden: Golden, kms: Any) -> None:
    assert len(golden.blobs) == 7
    for entry in golden.blobs:
        answer = kms.decrypt(CiphertextBlob=bytes.fromhex(entry["blob"]), **entry["options"])
        assert answer["Plaintext"].decode() == entry["name"]


def test_the_store_is_whole(golden: Golden) -> None:
    assert golden.store.check().problems == ()
    assert golden.store.info().keys == 5


def test_the_store_has_the_present_schema_when_it_is_open(golden: Golden) -> None:
    assert golden.store.info().schema == SCHEMA_VERSION


def test_uses_are_known_since_they_are_noted(golden: Golden, kms: Any) -> None:
    """Schema 1 noted none: what was before its migration is not known."""
    key = kms.list_aliases()["Aliases"][0]["TargetKeyId"]
    answer = kms.get_key_last_usage(KeyId=key)
    if golden.schema == 1:
        assert answer["KeyLastUsage"] == {}
        assert answer["TrackingStartDate"] > answer["KeyCreationDate"]
    else:
        assert answer["KeyLastUsage"]["Operation"] == "Encrypt"
        assert answer["TrackingStartDate"] == answer["KeyCreationDate"]


def test_the_store_takes_new_keys(kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"new")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"new"


def test_the_ids_are_those_that_were_written(golden: Golden, kms: Any) -> None:
    assert golden.store.store_id == "11bad248-28b0-4372-a456-9367b2b7e9ba"
    alias = kms.list_aliases()["Aliases"][0]
    first = golden.blobs[0]["blob"]
    assert first[10:42] == alias["TargetKeyId"].replace("-", "")
