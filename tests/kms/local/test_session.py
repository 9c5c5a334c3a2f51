"""The boto3 session on a local store: ordinary to its users, and nothing leaves the machine."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from sealscope.kms.local import LocalStore, local_session
from sealscope.kms.local.session import HANDLER_ID, response
from tests.kms.local.tools import refusal


@pytest.fixture
def session(store: LocalStore) -> Any:
    return local_session(store)


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Records every attempt to reach something, and lets none through."""
    attempts: list[Any] = []

    def refuse(*args: Any, **_: Any) -> None:
        attempts.append(args)
        raise socket.gaierror("no name is resolved in this test")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    return attempts


class TestAnOrdinaryClient:
    def test_is_botocores_own_class(self, session: Any) -> None:
        assert isinstance(session, boto3.Session)
        kms = session.client("kms")
        assert type(kms).__module__ == "botocore.client"
        assert type(kms).__name__ == "KMS"

    def test_raises_the_services_modelled_exceptions(self, kms: Any) -> None:
        with pytest.raises(kms.exceptions.NotFoundException) as caught:
            kms.describe_key(KeyId="alias/nothing")
        answer = caught.value.response
        assert answer["Error"]["Message"] == (
            "Alias arn:aws:kms:local:000000000000:alias/nothing is not found."
        )
        assert answer["ResponseMetadata"]["RequestId"]
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400

    def test_has_a_request_id_in_every_answer(self, kms: Any) -> None:
        seen = {kms.list_keys()["ResponseMetadata"]["RequestId"] for _ in range(3)}
        assert len(seen) == 3

    def test_has_working_paginators(self, kms: Any) -> None:
        for _ in range(4):
            kms.create_key()
        pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}))
        assert [len(page["Keys"]) for page in pages] == [2, 2, 1]

    def test_takes_the_config_of_a_library(self, session: Any) -> None:
        kms = session.client("kms", config=Config(user_agent_extra="library/1.0"))
        assert kms.list_keys()["Keys"]
        assert kms.meta.config.retries["total_max_attempts"] == 1

    def test_works_through_an_underlying_botocore_session(self, session: Any) -> None:
        kms = session._session.create_client("kms", "us-east-1", endpoint_url="http://127.1")
        assert kms.list_keys()["Keys"][0]["KeyArn"].startswith("arn:aws:kms:local:")
        assert kms.meta.endpoint_url == "https://kms.local.invalid"

    def test_can_have_another_region_in_its_arns(self, store: LocalStore) -> None:
        kms = local_session(store, "local-test").client("kms")
        arn = kms.list_keys()["Keys"][0]["KeyArn"]
        assert arn.startswith("arn:aws:kms:local-test:000000000000:key/")
        assert kms.describe_key(KeyId=arn)["KeyMetadata"]["Arn"] == arn


class TestOtherServices:
    def test_sts_says_who_is_calling(self, session: Any) -> None:
        who = session.client("sts").get_caller_identity()
        assert (who["Account"], who["Arn"]) == (
            "000000000000",
            "arn:aws:iam::000000000000:user/local",
        )
        assert who["ResponseMetadata"]["HTTPStatusCode"] == 200

    @pytest.mark.parametrize(
        ("service", "call", "params"),
        [
            ("sts", "get_session_token", {}),
            ("s3", "list_buckets", {}),
            ("dynamodb", "list_tables", {}),
            ("ec2", "describe_instances", {}),
            ("lambda", "list_functions", {}),
            ("iam", "list_users", {}),
        ],
    )
    def test_all_others_are_denied(
        self, session: Any, no_sockets: list[Any], service: str, call: str, params: dict[str, Any]
    ) -> None:
        error = refusal(getattr(session.client(service), call), **params)
        assert error.response["Error"]["Code"] == "AccessDenied"
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
        assert no_sockets == []


class TestNothingLeavesTheMachine:
    def test_no_name_is_looked_up_and_no_connection_made(
        self, session: Any, no_sockets: list[Any]
    ) -> None:
        kms = session.client("kms")
        blob = kms.encrypt(KeyId="alias/getting-started", Plaintext=b"secret")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
        session.client("sts").get_caller_identity()
        assert no_sockets == []

    def test_even_with_the_hook_removed(
        self, session: Any, no_sockets: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        kms = session.client("kms")
        kms.meta.events.unregister("before-send", unique_id=HANDLER_ID)
        with pytest.raises(EndpointConnectionError, match=r"https://kms\.local\.invalid"):
            kms.encrypt(KeyId="alias/getting-started", Plaintext=b"secret")
        assert {attempt[0] for attempt in no_sockets} == {"kms.local.invalid"}

    def test_whatever_endpoint_is_configured(
        self, store: LocalStore, no_sockets: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9")
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        session: Any = local_session(store)
        kms = session.client("kms", endpoint_url="http://127.0.0.1:9", region_name="eu-west-1")
        assert kms.list_keys()["Keys"]
        assert no_sockets == []


class TestTheUsersAwsSettings:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("AWS_PROFILE", "missing"),
            ("AWS_DEFAULT_PROFILE", "missing"),
            ("AWS_REGION", "not a region"),
            ("AWS_DEFAULT_REGION", "not a region"),
            ("AWS_CA_BUNDLE", "/nowhere/bundle.pem"),
            ("AWS_MAX_ATTEMPTS", "many"),
            ("AWS_RETRY_MODE", "strange"),
            ("AWS_DEFAULTS_MODE", "strange"),
            ("AWS_USE_FIPS_ENDPOINT", "true"),
            ("AWS_CONFIG_FILE", "/nowhere/config"),
        ],
    )
    def test_do_not_reach_it(
        self, store: LocalStore, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)
        kms = local_session(store).client("kms")
        assert kms.list_keys()["Keys"]

    def test_broken_in_their_files_do_not_either(self, store: LocalStore, empty_home: Path) -> None:
        (empty_home / ".aws").mkdir()
        for name in ("config", "credentials"):
            (empty_home / ".aws" / name).write_text("[broken\n")
        assert local_session(store).client("kms").list_keys()["Keys"]

    def test_are_untouched_by_it(self, store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
        local_session(store).client("kms").list_keys()
        session = boto3.Session(region_name="eu-west-1")
        real = session.client("kms")
        assert real.meta.endpoint_url == "https://kms.eu-west-1.amazonaws.com"
        credentials = session.get_credentials()
        assert credentials is not None
        assert credentials.access_key == "real"


class TestARealClientInTheSameProcess:
    def test_is_not_answered_by_the_local_kms(self, store: LocalStore) -> None:
        local = local_session(store).client("kms")
        seen: list[str] = []

        def stand_in(request: Any, **_: Any) -> AWSResponse:
            seen.append(request.url)
            body = json.dumps({"Keys": [], "Truncated": False}).encode()
            return response(request.url, 200, {}, body)

        real_session = botocore.session.Session()
        real_session.set_credentials("a", "b")
        real = real_session.create_client("kms", region_name="eu-west-1")
        real.meta.events.register("before-send.kms", stand_in)
        assert real.list_keys()["Keys"] == []
        assert len(local.list_keys()["Keys"]) == 1
        assert seen == ["https://kms.eu-west-1.amazonaws.com/"]

    def test_keeps_apart_two_local_stores(self, store: LocalStore, tmp_path: Path) -> None:
        other = LocalStore.open(tmp_path / "other")
        keys = [
            local_session(each).client("kms").list_keys()["Keys"][0]["KeyId"]
            for each in (store, other)
        ]
        assert keys[0] != keys[1]
        other.close()


class TestTheContractWithBotocore:
    """AWSResponse and `before-send` are thin interfaces; a change of theirs shows here."""

    def test_an_answer_is_read_through_content_text_and_headers(self) -> None:
        answer = response("https://kms.local.invalid/", 418, {"X-Amzn-RequestId": "7"}, b"{}")
        assert isinstance(answer, AWSResponse)
        assert (answer.status_code, answer.content, answer.text) == (418, b"{}", "{}")
        assert answer.content == b"{}"
        assert answer.headers["x-amzn-requestid"] == "7"

    def test_the_event_comes_once_for_a_call_and_its_answer_is_taken(self, session: Any) -> None:
        events: list[str] = []
        kms = session.client("kms")
        kms.meta.events.register_first(
            "before-send", lambda event_name, **_: events.append(event_name)
        )
        kms.list_keys()
        assert events == ["before-send.kms.ListKeys"]

    def test_a_closed_store_is_an_error_of_the_service(
        self, session: Any, store: LocalStore
    ) -> None:
        kms = session.client("kms")
        store.close()
        with pytest.raises(ClientError, match="has been closed"):
            kms.list_keys()


class TestImports:
    def test_the_store_needs_neither_boto3_nor_botocore(self) -> None:
        code = (
            "import sys, sealscope.kms.local as local, sealscope.kms.local.store;"
            "assert local.LocalStore;"
            "print([name for name in ('boto3', 'botocore') if name in sys.modules])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]"

    def test_the_room_gives_its_names_again_and_again(self) -> None:
        code = (
            "from sealscope.kms.local import serve, local_session\n"
            "from sealscope.kms.local import serve as again\n"
            "import sealscope.kms.local as local\n"
            "assert serve is again is local.serve and callable(serve)\n"
            "try: local.nothing\n"
            "except AttributeError: print('good')"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "good"
