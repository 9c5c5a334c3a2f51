"""`keys`: every key, described as far as permitted."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sealscope.cli.options import ConnectionChoice
from sealscope.errors import AccessDenied
from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate
from sealscope.kms.keys import KeyDescription, RotationStatus
from tests.cli.calling import Here

CONTRACT = [
    "aliases",
    "key_id",
    "arn",
    "state",
    "spec",
    "usage",
    "origin",
    "manager",
    "multi_region",
    "rotation",
    "created",
    "deletion_date",
    "description",
]


@contextmanager
def gate_of(here: Here) -> Iterator[KmsGate]:
    connection = connect(Target(local_store=here.store))
    try:
        yield KmsGate(connection)
    finally:
        connection.close()


class TestJson:
    def test_has_one_line_a_key_with_the_keys_of_the_contract(self, here: Here) -> None:
        done = here.call("keys", "--json")
        (line,) = done.json()
        assert list(line) == CONTRACT
        assert line["aliases"] == ["alias/getting-started"]
        assert line["arn"].endswith(f":key/{line['key_id']}")
        assert (line["state"], line["spec"]) == ("Enabled", "SYMMETRIC_DEFAULT")
        assert (line["usage"], line["origin"]) == ("ENCRYPT_DECRYPT", "AWS_KMS")
        assert line["rotation"] == {
            "applicable": True,
            "enabled": False,
            "period_days": None,
            "next_date": None,
        }
        assert (done.status, done.stderr) == (0, b"")

    def test_tells_rotation_deletion_and_every_alias(self, here: Here) -> None:
        with gate_of(here) as gate:
            (first,) = [ref for page in gate.key_pages() for ref in page]
            gate.call("CreateAlias", AliasName="alias/another", TargetKeyId=first.key_id)
            gate.call("EnableKeyRotation", KeyId=first.key_id, RotationPeriodInDays=100)
            doomed = gate.create_key("doomed", description="to go")
            gate.call("ScheduleKeyDeletion", KeyId=doomed.key_id, PendingWindowInDays=7)
            signing = gate.call("CreateKey", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        lines = {line["key_id"]: line for line in here.call("keys", "--json").json()}
        assert lines[first.key_id]["aliases"] == ["alias/another", "alias/getting-started"]
        rotation = lines[first.key_id]["rotation"]
        assert (rotation["enabled"], rotation["period_days"]) == (True, 100)
        assert lines[doomed.key_id]["state"] == "PendingDeletion"
        assert lines[doomed.key_id]["deletion_date"] is not None
        assert lines[doomed.key_id]["description"] == "to go"
        other = lines[signing["KeyMetadata"]["KeyId"]]
        assert other["spec"] == "ECC_NIST_P256"
        assert other["rotation"]["applicable"] is False
        assert other["aliases"] == []

    def test_has_all_keys_of_many_pages(self, here: Here) -> None:
        with gate_of(here) as gate:
            made = {gate.create_key(f"k{number}").key_id for number in range(130)}
        lines = here.call("keys", "--json").json()
        assert len(lines) == 131
        assert made < {line["key_id"] for line in lines}
        assert all(len(line["aliases"]) == 1 for line in lines)


class TestATable:
    def test_has_a_row_a_key_and_no_drawing_when_it_is_piped(self, here: Here) -> None:
        done = here.call("keys")
        heading, row = done.out.splitlines()
        assert heading.split() == ["ALIAS", "STATE", "SPEC", "USAGE", "ROTATION", "KEY", "ID"]
        assert row.split()[0] == "alias/getting-started"
        assert row.split()[1:5] == ["Enabled", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "off"]
        assert done.out.isascii()


class TestAKeyThatMayNotBeDescribed:
    @pytest.fixture
    def denied(self, here: Here, monkeypatch: pytest.MonkeyPatch) -> str:
        with gate_of(here) as gate:
            secret = gate.create_key("secret").key_id
        real = KmsGate.describe_key

        def describe(gate: KmsGate, key_id: str) -> KeyDescription:
            if key_id.endswith(secret):
                raise AccessDenied("KMS denied access", "who\x1b[2J", "Ask.", request_id="r-1")
            return real(gate, key_id)

        monkeypatch.setattr(KmsGate, "describe_key", describe)
        return secret

    def test_stays_as_a_line_with_its_error(self, here: Here, denied: str) -> None:
        done = here.call("keys", "--json")
        lines = {line["key_id"]: line for line in done.json()}
        assert len(lines) == 2
        assert list(lines[denied]) == ["aliases", "key_id", "arn", "error"]
        assert lines[denied]["aliases"] == ["alias/secret"]
        assert lines[denied]["error"]["class"] == "AccessDenied"
        assert lines[denied]["error"]["request_id"] == "r-1"
        assert done.status == 1

    def test_stays_in_the_table_and_is_told_on_standard_error(
        self, here: Here, denied: str
    ) -> None:
        done = here.call("keys")
        assert done.status == 1
        assert "alias/secret           no access" in done.out
        assert len(done.out.splitlines()) == 3
        assert f"sealscope: {denied}: KMS denied access" in done.err
        assert "request id: r-1" in done.err


def test_a_rotation_that_may_not_be_read_is_told_in_its_place(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(gate: KmsGate, key_id: str) -> RotationStatus:
        raise AccessDenied("KMS denied access")

    monkeypatch.setattr(KmsGate, "rotation_status", refuse)
    done = here.call("keys", "--json")
    (line,) = done.json()
    assert line["state"] == "Enabled"
    assert line["rotation"]["error"]["class"] == "AccessDenied"
    assert done.status == 0


def test_a_choice_of_connection_becomes_the_target_it_names(here: Here) -> None:
    assert ConnectionChoice(local_store=str(here.store)).target() == Target(local_store=here.store)


def test_ctrl_c_waits_for_no_call_that_is_under_way(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An endpoint that never answers holds a call for minutes, retries included."""
    released = threading.Event()
    ended: list[bool] = []

    def hang(_: KmsGate, key_id: str) -> KeyDescription:
        os.kill(os.getpid(), signal.SIGINT)
        ended.append(released.wait(10))
        raise AccessDenied("KMS denied access", key_id)

    monkeypatch.setattr(KmsGate, "describe_key", hang)
    done = here.call("keys")
    ended_before = list(ended)
    released.set()
    assert (done.status, done.stdout, ended_before) == (130, b"", [])
