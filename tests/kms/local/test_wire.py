"""The JSON protocol: whatever comes in, an answer in AWS's form goes out."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscope.kms.local import LocalStore
from sealscope.kms.local.operations import OPERATIONS
from sealscope.kms.local.wire import Answer, handle, service_model

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)

PLAUSIBLE = st.one_of(
    st.binary(max_size=120).map(lambda data: base64.b64encode(data).decode()),
    st.binary(max_size=120).map(lambda data: base64.b64encode(b"LKM\x01" + data).decode()),
    st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=3),
    st.sampled_from(["RSAES_OAEP_SHA_256", "SYMMETRIC_DEFAULT", "AES_256", "ECC_NIST_P256"]),
    st.lists(st.sampled_from(["Encrypt", "Decrypt", "SELF", "IGNORE_CIPHERTEXT"]), max_size=3),
    st.integers(min_value=0, max_value=400),
    st.booleans(),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStore]:
    store = LocalStore.open(tmp_path_factory.mktemp("wire") / "store")
    yield store
    store.close()


@pytest.fixture(scope="module")
def mangled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStore]:
    """A store whose keys random requests disable, retag and schedule for deletion."""
    store = LocalStore.open(tmp_path_factory.mktemp("mangled") / "store")
    yield store
    store.close()


def ask(store: LocalStore, action: str, body: Any) -> tuple[int, dict[str, Any]]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = handle(store, "local", f"TrentService.{action}", data)
    return answer.status, json.loads(answer.body or b"{}")


def members(action: str) -> list[str]:
    shape = service_model().operation_model(action).input_shape
    return list(shape.members) if shape is not None else []


class TestOperations:
    def test_cover_what_is_promised(self) -> None:
        assert len(OPERATIONS) == 45
        assert set(OPERATIONS) <= set(service_model().operation_names)

    @pytest.mark.parametrize(
        "action", sorted(set(service_model().operation_names) - set(OPERATIONS))
    )
    def test_that_are_missing_are_unsupported(self, shared: LocalStore, action: str) -> None:
        status, answer = ask(shared, action, {})
        assert (status, answer["__type"]) == (400, "UnsupportedOperationException")
        assert action in answer["message"]

    @pytest.mark.parametrize(
        "target", ["TrentService.Nothing", "Other.Encrypt", "Encrypt", "", "TrentService.encrypt"]
    )
    def test_that_nobody_knows_are_unknown(self, shared: LocalStore, target: str) -> None:
        answer = handle(shared, "local", target, b"{}")
        assert json.loads(answer.body) == {"__type": "UnknownOperationException"}
        assert answer.status == 400


class TestMalformedRequests:
    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"\xff\xfe",
            b"[]",
            b"7",
            b'{"KeyId": 7}',
            b'{"KeyId": "\\ud800"}',
            b'{"KeyId": "k", "Plaintext": "not base64!"}',
            b'{"KeyId": "k", "EncryptionContext": []}',
            b"[" * 100_000,
            b'{"KeyId":' * 50_000,
        ],
    )
    def test_are_serialization_errors(self, shared: LocalStore, body: bytes) -> None:
        status, answer = ask(shared, "Encrypt", body)
        assert (status, answer["__type"]) == (400, "SerializationException")

    @pytest.mark.parametrize("effect", [[], {}, ["Allow"], 7, None])
    def test_with_a_policy_whose_effect_is_no_text_are_refused(
        self, shared: LocalStore, effect: object
    ) -> None:
        statement = {"Effect": effect, "Principal": "*", "Action": "kms:*", "Resource": "*"}
        policy = json.dumps({"Statement": [statement]})
        body = json.dumps({"KeyId": first_key(shared), "Policy": policy}).encode()
        assert ask(shared, "PutKeyPolicy", body)[1]["__type"] == "MalformedPolicyDocumentException"

    def test_with_a_marker_that_sqlite_cannot_take_are_refused(self, shared: LocalStore) -> None:
        text = json.dumps([1, "ListKeys", "\ud800"])
        marker = base64.urlsafe_b64encode(text.encode()).decode()
        body = json.dumps({"Marker": marker}).encode()
        assert ask(shared, "ListKeys", body)[1]["__type"] == "InvalidMarkerException"

    @given(action=st.sampled_from(sorted(OPERATIONS)), data=st.data())
    @settings(
        max_examples=300,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def test_of_any_kind_get_an_answer(
        self, mangled: LocalStore, action: str, data: st.DataObject
    ) -> None:
        names = [*members(action), "Other"]
        body = data.draw(st.dictionaries(st.sampled_from(names), PLAUSIBLE | JSON, max_size=6))
        if "KeyId" in names:
            body["KeyId"] = data.draw(
                st.sampled_from(["alias/getting-started", first_key(mangled)])
            )
        if action == "CreateKey":
            body["KeySpec"] = "HMAC_256"
        status, answer = ask(mangled, action, body)
        assert status in {200, 400, 412}
        assert status == 200 or answer["__type"]

    @given(body=st.binary(max_size=60))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_of_any_bytes_get_an_answer(self, shared: LocalStore, body: bytes) -> None:
        assert ask(shared, "DescribeKey", body)[0] == 400


class TestValidationMessages:
    """Each as AWS words it, from recorded answers of the service."""

    @pytest.mark.parametrize(
        ("action", "body", "message"),
        [
            (
                "GenerateRandom",
                {"NumberOfBytes": 0},
                (
                    "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy"
                    " constraint: Member must have value greater than or equal to 1"
                ),
            ),
            (
                "GenerateRandom",
                {"NumberOfBytes": 1025},
                (
                    "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy"
                    " constraint: Member must have value less than or equal to 1024"
                ),
            ),
            ("GenerateRandom", {}, "NumberOfBytes is required."),
            (
                "Encrypt",
                {"KeyId": "k", "Plaintext": base64.b64encode(bytes(4097)).decode()},
                (
                    "1 validation error detected: Value at 'plaintext' failed to satisfy"
                    " constraint: Member must have length less than or equal to 4096"
                ),
            ),
            (
                "DescribeKey",
                {},
                (
                    "1 validation error detected: Value null at 'keyId' failed to satisfy"
                    " constraint: Member must not be null"
                ),
            ),
            (
                "TagResource",
                {"KeyId": "k", "Tags": [{"TagKey": "", "TagValue": "v"}]},
                (
                    "1 validation error detected: Value '' at 'tags.1.member.tagKey' failed to"
                    " satisfy constraint: Member must have length greater than or equal to 1"
                ),
            ),
        ],
    )
    def test_are_aws_own(
        self, shared: LocalStore, action: str, body: dict[str, Any], message: str
    ) -> None:
        status, answer = ask(shared, action, body)
        assert (status, answer["__type"], answer["message"]) == (
            400,
            "ValidationException",
            message,
        )

    def test_count_all_that_is_wrong(self, shared: LocalStore) -> None:
        _, answer = ask(shared, "Encrypt", {"KeyId": ""})
        assert answer["message"].startswith("2 validation errors detected: ")

    def test_list_the_allowed_values(self, shared: LocalStore) -> None:
        _, answer = ask(shared, "CreateKey", {"KeyUsage": "RANDOM"})
        assert "Value 'RANDOM' at 'keyUsage'" in answer["message"]
        assert "Member must satisfy enum value set: [" in answer["message"]

    def test_never_repeat_a_secret(self, shared: LocalStore) -> None:
        secret = base64.b64encode(b"s" * 5000).decode()
        _, answer = ask(shared, "Encrypt", {"KeyId": "k", "Plaintext": secret})
        assert "s" * 10 not in answer["message"]
        assert secret[:40] not in answer["message"]


def test_members_that_the_model_does_not_know_are_ignored(shared: LocalStore) -> None:
    assert ask(shared, "ListKeys", {"Strange": 1})[0] == 200


def test_an_answers_repr_shows_no_data_key(shared: LocalStore) -> None:
    answer = handle(
        shared,
        "local",
        "TrentService.GenerateDataKey",
        b'{"KeyId": "alias/getting-started", "KeySpec": "AES_256"}',
    )
    assert json.loads(answer.body)["Plaintext"] not in repr(answer)
    assert isinstance(answer, Answer)


def test_an_empty_answer_has_an_empty_body(shared: LocalStore, tmp_path: Path) -> None:
    body = json.dumps({"AliasName": "alias/new", "TargetKeyId": first_key(shared)}).encode()
    answer = handle(shared, "local", "TrentService.CreateAlias", body)
    assert (answer.status, answer.body) == (200, b"")
    assert ask(shared, "DeleteAlias", {"AliasName": "alias/new"})[0] == 200


def first_key(store: LocalStore) -> str:
    return str(ask(store, "ListKeys", {})[1]["Keys"][0]["KeyId"])
