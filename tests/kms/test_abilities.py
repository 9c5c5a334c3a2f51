"""What I may do with a key: asked by dry runs, without doing it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sealscope import errors
from sealscope.kms.abilities import (
    CALL_WAS_MADE,
    NEEDS_CIPHERTEXT,
    NOT_TRIED,
    Ability,
    Verdict,
    abilities,
)
from sealscope.kms.facade import KmsGate
from sealscope.kms.keys import KeyDescription, description_from
from tests.kms.gates import ARN, FakeConnection, gate_on, local_gate, refuse

YES = refuse("DryRunOperationException")
SYMMETRIC = description_from(
    {"KeyMetadata": {"KeyId": "k", "Arn": ARN, "KeySpec": "SYMMETRIC_DEFAULT"}}
)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[KmsGate]:
    with local_gate(tmp_path / "kms.sqlite3") as made:
        yield made


def new_key(gate: KmsGate, **parameters: Any) -> KeyDescription:
    return description_from(gate.call("CreateKey", **parameters))


def told(found: Iterator[Ability]) -> dict[str, tuple[Verdict, str]]:
    return {ability.operation: (ability.verdict, ability.note) for ability in found}


class TestADryRun:
    def test_says_yes_and_when_it_was_made(self, gate: KmsGate) -> None:
        before = datetime.now(UTC)
        found = list(abilities(gate, new_key(gate)))
        assert [ability.operation for ability in found] == ["Encrypt", "Decrypt", "GenerateDataKey"]
        assert {ability.verdict for ability in found} == {Verdict.YES}
        assert all(before <= ability.at <= datetime.now(UTC) for ability in found)

    def test_says_no_and_why(self, gate: KmsGate) -> None:
        key = new_key(gate)
        gate.call("DisableKey", KeyId=key.arn)
        for ability in abilities(gate, key):
            assert ability.verdict is Verdict.NO
            assert isinstance(ability.error, errors.KeyDisabled)
            assert key.arn in ability.error.detail

    @pytest.mark.parametrize(
        ("parameters", "operations"),
        [
            ({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}, ["Encrypt", "Decrypt"]),
            ({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}, ["Sign"]),
            ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, ["GenerateMac"]),
            ({"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}, []),
        ],
    )
    def test_is_of_what_the_key_is_made_for(
        self, gate: KmsGate, parameters: dict[str, str], operations: list[str]
    ) -> None:
        found = told(abilities(gate, new_key(gate, **parameters)))
        assert found == dict.fromkeys(operations, (Verdict.YES, ""))

    def test_of_a_ciphertext_says_whether_the_key_opens_it(self, gate: KmsGate) -> None:
        key = new_key(gate)
        blob = gate.call("Encrypt", KeyId=key.arn, Plaintext=b"x", EncryptionContext={"a": "b"})[
            "CiphertextBlob"
        ]
        right = told(abilities(gate, key, context={"a": "b"}, ciphertext=blob))
        wrong = told(abilities(gate, key, context={"a": "c"}, ciphertext=blob))
        assert right["Decrypt"] == (Verdict.YES, "")
        assert wrong["Decrypt"] == (Verdict.NO, "")

    def test_is_always_marked_as_one(self) -> None:
        connection = FakeConnection(encrypt=YES, decrypt=YES, generate_data_key=YES)
        found = told(abilities(gate_on(connection), SYMMETRIC, context={"a": "b"}))
        assert set(found.values()) == {(Verdict.YES, "")}
        assert all(asked["DryRun"] is True for _, asked in connection.kms.seen)
        assert all(asked["EncryptionContext"] == {"a": "b"} for _, asked in connection.kms.seen)
        assert connection.kms.seen[1][1]["DryRunModifiers"] == ["IGNORE_CIPHERTEXT"]

    @pytest.mark.parametrize("code", ["ValidationException", "InvalidCiphertextException"])
    def test_of_decrypt_may_need_a_ciphertext(self, code: str) -> None:
        connection = FakeConnection(encrypt=YES, decrypt=refuse(code), generate_data_key=YES)
        found = told(abilities(gate_on(connection), SYMMETRIC))
        assert found["Decrypt"] == (Verdict.UNKNOWN, NEEDS_CIPHERTEXT)

    @pytest.mark.parametrize("code", ["ThrottlingException", "UnknownOperationException"])
    def test_that_fails_leaves_it_unknown(self, code: str) -> None:
        fail = refuse(code)
        connection = FakeConnection(encrypt=fail, decrypt=fail, generate_data_key=fail)
        found = list(abilities(gate_on(connection), SYMMETRIC))
        assert {ability.verdict for ability in found} == {Verdict.UNKNOWN}
        assert all(ability.error is not None for ability in found)

    def test_ends_where_the_credentials_have_expired(self) -> None:
        connection = FakeConnection(encrypt=refuse("ExpiredTokenException"))
        with pytest.raises(errors.CredentialsExpired):
            list(abilities(gate_on(connection), SYMMETRIC))
        assert len(connection.kms.seen) == 1


class TestAnEndpointThatIgnoresDryRuns:
    def test_is_found_out_by_the_call_that_answers_nothing_secret(self) -> None:
        connection = FakeConnection(encrypt=lambda **_: {"CiphertextBlob": b"blob"})
        gate = gate_on(connection)
        assert told(abilities(gate, SYMMETRIC)) == {
            "Encrypt": (Verdict.YES, CALL_WAS_MADE),
            "Decrypt": (Verdict.UNKNOWN, NOT_TRIED),
            "GenerateDataKey": (Verdict.UNKNOWN, NOT_TRIED),
        }
        assert [name for name, _ in connection.kms.seen] == ["encrypt"]

    def test_is_remembered(self) -> None:
        connection = FakeConnection()
        gate = gate_on(connection)
        list(abilities(gate, SYMMETRIC))
        before = len(connection.kms.seen)
        assert {verdict for verdict, _ in told(abilities(gate, SYMMETRIC)).values()} == {
            Verdict.UNKNOWN
        }
        assert len(connection.kms.seen) == before

    def test_leaves_nothing_of_the_plaintext_it_answered(self) -> None:
        secret = b"a plaintext data key, 32 bytes.."
        connection = FakeConnection(
            encrypt=refuse("AccessDeniedException"),
            decrypt=lambda **_: {"Plaintext": secret},
        )
        gate = gate_on(connection)
        found = list(abilities(gate, SYMMETRIC))
        assert [ability.verdict for ability in found] == [
            Verdict.NO,
            Verdict.YES,
            Verdict.UNKNOWN,
        ]
        assert secret.decode() not in repr(found) + repr(gate.log.records())
