"""The KMS gate: the allow-list, the call log, and errors in our own words."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from botocore import xform_name
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ReadTimeoutError,
    UnauthorizedSSOTokenError,
)
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError

from sealscope import errors
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.suites import DEFAULT_SUITE
from sealscope.kms.allow_list import READ_ONLY_OPERATIONS
from sealscope.kms.connection import Connection, Target, connect
from sealscope.kms.facade import KmsGate
from sealscope.kms.local import LocalStore
from sealscope.secret import SecretBytes

ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def all_operations() -> list[str]:
    model = Loader().load_service_model("kms", "service-2")
    return sorted(model["operations"])


class FakeClient:
    """Answers every operation from a table; counts what reaches it."""

    def __init__(self, answers: dict[str, Callable[..., dict[str, Any]]]) -> None:
        self.answers = answers
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        def operation(**parameters: Any) -> dict[str, Any]:
            self.seen.append((name, parameters))
            answer = self.answers.get(name)
            return answer(**parameters) if answer else {}

        return operation


class FakeConnection:
    """A connection whose clients are fakes, one for all regions."""

    def __init__(self, *, is_local: bool = False, **answers: Callable[..., Any]) -> None:
        self.kms = FakeClient(answers)
        self.is_local = is_local
        self.region = "eu-west-1"
        self.profile = "prod"
        self.regions: list[str | None] = []

    def client(self, region: str | None = None) -> FakeClient:
        self.regions.append(region)
        return self.kms

    def identity_client(self) -> FakeClient:
        return self.kms


def gate_on(connection: FakeConnection, *, write: bool = False) -> KmsGate:
    return KmsGate(cast("Connection", connection), write=write)


def service_error(code: str, message: str = "words") -> Callable[..., dict[str, Any]]:
    def fail(**_: Any) -> dict[str, Any]:
        answer = {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"RequestId": "req-1", "HTTPStatusCode": 400},
        }
        raise ClientError(answer, "Operation")

    return fail


class TestReadOnly:
    @pytest.mark.parametrize("operation", sorted(set(all_operations()) - READ_ONLY_OPERATIONS))
    def test_a_change_never_reaches_aws(self, operation: str) -> None:
        connection = FakeConnection()
        gate = gate_on(connection)
        with pytest.raises(errors.ReadOnly) as caught:
            gate.call(operation, KeyId=ARN)
        assert connection.kms.seen == []
        assert "--write" in caught.value.hint
        assert gate.log.records()[-1].result == "refused: read-only"

    @pytest.mark.parametrize("operation", sorted(READ_ONLY_OPERATIONS))
    def test_listing_describing_and_cryptography_pass(self, operation: str) -> None:
        connection = FakeConnection()
        gate_on(connection).call(operation)
        assert connection.kms.seen == [(xform_name(operation), {})]

    def test_the_allow_list_names_only_operations_that_exist(self) -> None:
        assert set(all_operations()) >= READ_ONLY_OPERATIONS

    def test_an_operation_of_the_future_counts_as_a_change(self) -> None:
        with pytest.raises(errors.ReadOnly):
            gate_on(FakeConnection()).call("ReplaceEverything")

    def test_write_lets_changes_pass(self) -> None:
        connection = FakeConnection()
        gate_on(connection, write=True).call("DisableKey", KeyId=ARN)
        assert connection.kms.seen == [("disable_key", {"KeyId": ARN})]

    def test_the_local_kms_is_writable(self) -> None:
        assert not gate_on(FakeConnection(is_local=True)).is_read_only


class TestRegions:
    def test_a_key_arn_is_asked_in_its_own_region(self) -> None:
        connection = FakeConnection(
            describe_key=lambda **_: {"KeyMetadata": {"KeyId": "k", "Arn": ARN}}
        )
        gate_on(connection).describe_key(ARN.replace("eu-west-1", "us-east-2"))
        assert connection.regions == ["us-east-2"]

    def test_an_alias_is_asked_in_the_connections_region(self) -> None:
        connection = FakeConnection(
            describe_key=lambda **_: {"KeyMetadata": {"KeyId": "k", "Arn": ARN}}
        )
        assert gate_on(connection).resolve("alias/a") == ARN
        assert connection.regions == ["eu-west-1"]

    def test_a_key_arn_needs_no_call_to_be_resolved(self) -> None:
        connection = FakeConnection()
        assert gate_on(connection).resolve(ARN) == ARN
        assert connection.kms.seen == []


class TestErrors:
    @pytest.mark.parametrize(
        ("code", "message", "kind"),
        [
            ("AccessDeniedException", "not authorized", errors.AccessDenied),
            ("NotFoundException", "Key does not exist", errors.KeyNotFound),
            ("DisabledException", "is disabled.", errors.KeyDisabled),
            ("KMSInvalidStateException", "is pending deletion.", errors.KeyPendingDeletion),
            ("KMSInvalidStateException", "is pending import.", errors.KeyStateInvalid),
            ("InvalidCiphertextException", "", errors.InvalidCiphertext),
            ("IncorrectKeyException", "", errors.IncorrectKey),
            ("InvalidKeyUsageException", "", errors.KeyStateInvalid),
            ("ThrottlingException", "Rate exceeded", errors.Throttled),
            ("ExpiredTokenException", "expired", errors.CredentialsExpired),
            ("UnrecognizedClientException", "", errors.CredentialsMissing),
            ("ValidationException", "1 validation error", errors.InvalidRequest),
            ("AlreadyExistsException", "", errors.AlreadyExists),
            ("UnknownOperationException", "", errors.UnsupportedOperation),
            ("SomethingNew", "", errors.KmsError),
        ],
    )
    def test_each_answer_has_its_class_and_its_place(
        self, code: str, message: str, kind: type[errors.KmsError]
    ) -> None:
        identity = {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/bob"}
        connection = FakeConnection(
            decrypt=service_error(code, message), get_caller_identity=lambda **_: identity
        )
        gate = gate_on(connection)
        gate.identity()
        with pytest.raises(kind) as caught:
            gate.decrypt(ARN, b"blob", {})
        error = caught.value
        assert type(error) is kind
        assert error.request_id == "req-1"
        for part in ("Decrypt", ARN, "eu-west-1", "user/bob", message):
            assert part in error.detail
        assert gate.log.records()[-1].result == kind.__name__

    @pytest.mark.parametrize(
        ("problem", "kind"),
        [
            (NoCredentialsError(), errors.CredentialsMissing),
            (UnauthorizedSSOTokenError(), errors.CredentialsExpired),
            (EndpointConnectionError(endpoint_url="http://127.0.0.1:9"), errors.Unreachable),
            (ConnectTimeoutError(endpoint_url="http://127.0.0.1:9"), errors.Unreachable),
            (ReadTimeoutError(endpoint_url="http://127.0.0.1:9"), errors.Unreachable),
        ],
    )
    def test_no_answer_at_all_is_told_apart(
        self, problem: BotoCoreError, kind: type[errors.KmsError]
    ) -> None:
        def fail(**_: Any) -> dict[str, Any]:
            raise problem

        with pytest.raises(kind) as caught:
            gate_on(FakeConnection(list_keys=fail)).call("ListKeys")
        assert caught.value.request_id is None

    def test_a_failed_call_keeps_no_request_parameters(self) -> None:
        """A traceback of an Encrypt must not lead to the plaintext data key."""
        connection = FakeConnection(encrypt=service_error("DisabledException"))
        with pytest.raises(errors.KeyDisabled) as caught:
            gate_on(connection).encrypt(ARN, SecretBytes(b"0123456789abcdef"), {})
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


class TestTheLocalStore:
    """Its failures come through KMS's codes; their words lead to what helps."""

    def test_when_locked_asks_for_the_passphrase(self, tmp_path: Path) -> None:
        path = tmp_path / "kms.sqlite3"
        LocalStore.open(path, passphrase=SecretBytes(b"correct horse")).close()
        connection = connect(Target(local_store=path))
        gate = KmsGate(connection)
        try:
            with pytest.raises(errors.KeyStateInvalid) as caught:
                gate.generate_data_key("alias/getting-started", 32, {})
        finally:
            connection.close()
        assert caught.value.title == "The local key store is locked"
        assert "give its passphrase" in caught.value.hint
        assert "SEALSCOPE_LOCAL_PASSPHRASE_FILE" in caught.value.hint
        assert "alias/getting-started" in caught.value.detail

    def test_when_it_fails_is_looked_at_by_its_own_command(self) -> None:
        full = service_error("KMSInternalException", "local key store: database or disk is full")
        with pytest.raises(errors.Unreachable) as caught:
            gate_on(FakeConnection(decrypt=full)).decrypt(ARN, b"blob", {})
        assert caught.value.title == "The local key store failed"
        assert "disk is full" in caught.value.detail
        assert "sealscope local check" in caught.value.hint


class TestWhatIsNotKms:
    """Proxies, other services and broken imitations of KMS answer too."""

    CALLS: ClassVar[dict[str, Callable[[KmsGate], object]]] = {
        "GenerateDataKey": lambda gate: gate.generate_data_key(ARN, 32, {}),
        "Encrypt": lambda gate: gate.encrypt(ARN, SecretBytes(b"k" * 32), {}),
        "Decrypt": lambda gate: gate.decrypt(ARN, b"blob", {}),
        "DescribeKey": lambda gate: gate.describe_key("k"),
        "ListKeys": lambda gate: list(gate.key_pages()),
        "ListAliases": lambda gate: list(gate.alias_pages()),
        "GetKeyRotationStatus": lambda gate: gate.rotation_status("k"),
    }

    @pytest.mark.parametrize("operation", CALLS)
    @pytest.mark.parametrize(
        "answer",
        [
            {},
            dict.fromkeys(("KeyId", "Plaintext", "CiphertextBlob", "KeyMetadata", "Keys"), 5)
            | {"Aliases": 5, "KeyRotationEnabled": "yes"},
            {"KeyMetadata": {}, "Keys": [{}], "Aliases": [{}]},
            {"KeyMetadata": {"KeyId": 5}, "Keys": [5], "Aliases": [{"AliasName": None}]},
            {"Keys": [], "Aliases": [], "Truncated": True},
            {"Keys": [], "Aliases": [], "Truncated": True, "NextMarker": "always the same"},
        ],
        ids=[
            "nothing",
            "numbers",
            "empty records",
            "odd records",
            "no next page",
            "no last page",
        ],
    )
    def test_an_odd_answer_is_an_error_of_ours_and_never_an_empty_result(
        self, operation: str, answer: dict[str, Any]
    ) -> None:
        connection = FakeConnection()
        connection.kms.answers[xform_name(operation)] = lambda **_: answer
        gate = gate_on(connection)
        with pytest.raises(errors.KmsError) as caught:
            self.CALLS[operation](gate)
        assert caught.value.title == "KMS did not answer as it should"

    @pytest.mark.parametrize(
        "problem",
        [
            ResponseParserError("Unable to parse response"),
            AttributeError("'list' object has no attribute 'get'"),
            UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        ],
    )
    def test_an_answer_that_botocore_cannot_read_is_an_error_of_ours(
        self, problem: Exception
    ) -> None:
        def fail(**_: Any) -> dict[str, Any]:
            raise problem

        gate = gate_on(FakeConnection(decrypt=fail))
        with pytest.raises(errors.KmsError) as caught:
            gate.decrypt(ARN, b"blob", {})
        assert type(problem).__name__ in caught.value.detail
        assert gate.log.records()[-1].result == "KmsError"

    def test_a_page_of_html_about_a_failure_inside_is_no_answer_of_kms(self) -> None:
        def fail(**_: Any) -> dict[str, Any]:
            raise ClientError(
                {
                    "Error": {"Code": "502", "Message": "Bad Gateway"},
                    "ResponseMetadata": {"HTTPStatusCode": 502},
                },
                "Decrypt",
            )

        with pytest.raises(errors.Unreachable) as caught:
            gate_on(FakeConnection(decrypt=fail)).decrypt(ARN, b"blob", {})
        assert "502 Bad Gateway" in caught.value.detail

    def test_what_is_not_implemented_is_not_supported(self) -> None:
        def fail(**_: Any) -> dict[str, Any]:
            raise ClientError(
                {
                    "Error": {"Code": "InternalFailure", "Message": "not yet implemented"},
                    "ResponseMetadata": {"HTTPStatusCode": 501},
                },
                "GetKeyLastUsage",
            )

        with pytest.raises(errors.UnsupportedOperation) as caught:
            gate_on(FakeConnection(get_key_last_usage=fail)).call("GetKeyLastUsage", KeyId=ARN)
        assert "not yet implemented" in caught.value.detail

    def test_credentials_that_no_header_can_hold_are_not_shown(self) -> None:
        def fail(**_: Any) -> dict[str, Any]:
            raise HTTPClientError(error=ValueError("Invalid header value b'session-token\\n'"))

        with pytest.raises(errors.CredentialsMissing) as caught:
            gate_on(FakeConnection(decrypt=fail)).decrypt(ARN, b"blob", {})
        assert "session-token" not in str(caught.value)


class TestClientsThatCannotBeMade:
    """botocore reads endpoint, region and credentials when it makes a client."""

    @pytest.fixture(autouse=True)
    def aws(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
        for name in os.environ:
            if name.startswith("AWS_"):
                monkeypatch.delenv(name)
        config = tmp_path / "config"
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        return config

    @pytest.mark.parametrize("region", ["bad region", "evil.example", "a" * 64, "é", "a/b", "#"])
    def test_a_region_that_a_hostile_message_made_up_fails_its_data_key_only(
        self, region: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
        gate = KmsGate(connect(Target(region="eu-west-1")))
        keyring = KmsKeyring.discovery(gate)
        arn = f"arn:aws:kms:{region}:111122223333:key/k"
        message = [EncryptedDataKey("aws-kms", arn.encode(), b"blob")]
        with pytest.raises(errors.NoUsableKey) as caught:
            keyring.open(message, DEFAULT_SUITE, {})
        assert "AWS region" in caught.value.title

    @pytest.mark.parametrize("url", ["foo", "http://", "http://[", "http://a:99999", "\x1b"])
    def test_an_endpoint_that_is_none(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
        gate = KmsGate(connect(Target(region="eu-west-1", endpoint_url=url)))
        for call in (lambda: gate.describe_key("k"), gate.identity):
            with pytest.raises(errors.KmsError, match="The call to KMS failed"):
                call()

    @pytest.mark.parametrize(
        ("settings", "kind"),
        [
            ("credential_process = false", errors.CredentialsMissing),
            ("credential_process = echo no JSON", errors.KmsError),
            ("credential_process = /nowhere/at-all", errors.KmsError),
            ("role_arn = arn:aws:iam::111122223333:role/r", errors.CredentialsMissing),
            (
                "role_arn = arn:aws:iam::111122223333:role/r\ncredential_source = Nowhere",
                errors.CredentialsMissing,
            ),
            (
                "sso_session = gone\nsso_account_id = 1\nsso_role_name = r",
                errors.CredentialsMissing,
            ),
        ],
    )
    def test_a_profile_that_yields_no_credentials(
        self, settings: str, kind: type[errors.KmsError], aws: Path
    ) -> None:
        aws.write_text(f"[profile p]\nregion = eu-west-1\n{settings}\n")
        gate = KmsGate(connect(Target(profile="p")))
        with pytest.raises(kind) as caught:
            gate.describe_key("k")
        assert type(caught.value) is kind


class TestDryRun:
    def test_yes_is_told_by_an_exception_of_kms(self) -> None:
        connection = FakeConnection(decrypt=service_error("DryRunOperationException"))
        assert gate_on(connection).dry_run("Decrypt", KeyId=ARN, CiphertextBlob=b"x")
        assert connection.kms.seen[0][1]["DryRun"] is True

    def test_an_endpoint_that_ignores_dry_run_is_found_out(self) -> None:
        connection = FakeConnection(decrypt=lambda **_: {"Plaintext": b"secret"})
        assert gate_on(connection).dry_run("Decrypt", CiphertextBlob=b"x") is False

    def test_no_is_the_reason(self) -> None:
        connection = FakeConnection(decrypt=service_error("DisabledException"))
        with pytest.raises(errors.KeyDisabled):
            gate_on(connection).dry_run("Decrypt", CiphertextBlob=b"x")


class TestLists:
    def test_pages_are_followed_to_the_end(self) -> None:
        pages = {
            None: {"Keys": [{"KeyId": "a", "KeyArn": "A"}], "Truncated": True, "NextMarker": "m"},
            "m": {"Keys": [], "Truncated": True, "NextMarker": "n"},
            "n": {"Keys": [{"KeyId": "b", "KeyArn": "B"}], "Truncated": False},
        }
        connection = FakeConnection(list_keys=lambda **p: pages[p.get("Marker")])
        ids = [key.key_id for page in gate_on(connection).key_pages() for key in page]
        assert ids == ["a", "b"]

    def test_a_kind_of_key_that_never_rotates_is_not_an_error(self) -> None:
        connection = FakeConnection(
            get_key_rotation_status=service_error("UnsupportedOperationException")
        )
        assert gate_on(connection).rotation_status(ARN).applicable is False


class TestCallLog:
    def test_every_call_is_noted_without_its_payload(self) -> None:
        answer = {"KeyId": ARN, "Plaintext": b"p" * 32, "CiphertextBlob": b"c"}
        connection = FakeConnection(generate_data_key=lambda **_: answer)
        gate = gate_on(connection)
        gate.generate_data_key("alias/a", 32, {"secret": "context"})
        (record,) = gate.log.records()
        assert (record.operation, record.key, record.result) == ("GenerateDataKey", "alias/a", "ok")
        assert "pppp" not in repr(record)
        assert gate.log.count == 1


class TestCreatingAKey:
    def test_a_taken_alias_makes_no_key(self) -> None:
        connection = FakeConnection(
            is_local=True, describe_key=lambda **_: {"KeyMetadata": {"KeyId": "k", "Arn": ARN}}
        )
        with pytest.raises(errors.AlreadyExists) as caught:
            gate_on(connection).create_key("a")
        assert ARN in caught.value.detail
        assert [name for name, _ in connection.kms.seen] == ["describe_key"]

    def test_a_key_whose_alias_failed_is_named(self) -> None:
        connection = FakeConnection(
            is_local=True,
            describe_key=service_error("NotFoundException"),
            create_key=lambda **_: {"KeyMetadata": {"KeyId": "k", "Arn": ARN}},
            create_alias=service_error("LimitExceededException"),
        )
        with pytest.raises(errors.InvalidRequest) as caught:
            gate_on(connection).create_key("a")
        assert f"the key {ARN} was made and has no alias" in caught.value.detail
