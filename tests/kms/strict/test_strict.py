"""The strict KMS refuses what AWS refuses, so that what passes here is worth something."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from sealscope import errors
from tests.kms.strict import Contents, FakeClock, StrictClient, StrictConnection, key_arn, key_id
from tests.kms.strict.answers import ANSWERS
from tests.kms.strict.client import model, operations
from tests.kms.strict.contents import Record
from tests.kms.strict.quotas import AWS_QUOTAS


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


class TestRequests:
    def test_are_checked_against_the_service_model_before_they_are_sent(self) -> None:
        kms = StrictClient(Contents.of(1))
        for operation, params in (
            ("DescribeKey", {}),
            ("DescribeKey", {"KeyID": key_id(0)}),
            ("ListKeys", {"Limit": "10"}),
        ):
            with pytest.raises(ParamValidationError):
                kms.call(operation, params)
        assert kms.calls == []

    def test_a_method_that_boto3_does_not_have_is_missing(self) -> None:
        with pytest.raises(AttributeError):
            StrictClient(Contents.of(1)).describe_keys()

    def test_an_operation_that_it_does_not_answer_is_unknown_to_it(self) -> None:
        kms = StrictClient(Contents.of(1))
        assert code_of(kms.describe_custom_key_stores) == "UnknownOperationException"

    @pytest.mark.parametrize("operation", sorted(ANSWERS))
    def test_the_answers_have_no_members_but_those_of_the_model(self, operation: str) -> None:
        kms = StrictClient(Contents.of(2, 1))
        params: Record = {}
        shape = model().operation_model(operation)
        if "KeyId" in shape.input_shape.required_members:
            params["KeyId"] = key_id(1)
        if "TargetKeyId" in shape.input_shape.members:
            params.update(AliasName="alias/new", TargetKeyId=key_id(1))
        answer = kms.call(operation, params)
        known = shape.output_shape.members if shape.output_shape else {}
        assert set(answer) - {"ResponseMetadata"} <= set(known)
        metadata = answer.get("KeyMetadata", {})
        assert set(metadata) <= set(model().shape_for("KeyMetadata").members)

    def test_the_quotas_are_of_operations_that_exist(self) -> None:
        assert set(AWS_QUOTAS) <= set(operations().values())


class TestPages:
    def test_hold_as_many_as_asked_for_and_lead_to_the_end(self) -> None:
        gate = StrictConnection(StrictClient(Contents.of(2500, 250))).gate()
        assert [len(page) for page in gate.key_pages()] == [1000, 1000, 500]
        assert [len(page) for page in gate.alias_pages()] == [100, 100, 50]

    def test_are_shorter_without_a_limit(self) -> None:
        kms = StrictClient(Contents.of(200, 200))
        assert len(kms.list_keys()["Keys"]) == 100
        assert len(kms.list_aliases()["Aliases"]) == 50

    def test_may_hold_fewer_than_asked_for(self) -> None:
        kms = StrictClient(Contents.of(10))
        kms.most_items = 3
        pages = StrictConnection(kms).gate().key_pages()
        assert [len(page) for page in pages] == [3, 3, 3, 1]

    def test_above_the_highest_limit_are_refused(self) -> None:
        kms = StrictClient(Contents.of(1))
        kms.list_aliases(Limit=100)
        assert code_of(lambda: kms.list_aliases(Limit=101)) == "ValidationException"

    @pytest.mark.parametrize("marker", ["x", "AAAA", ""])
    def test_behind_a_marker_that_nobody_gave_are_refused(self, marker: str) -> None:
        kms = StrictClient(Contents.of(300, 300))
        alien = kms.list_keys(Limit=10)["NextMarker"]
        wrong = marker or alien
        assert code_of(lambda: kms.list_aliases(Marker=wrong)) == "InvalidMarkerException"

    def test_neither_repeat_nor_skip_when_keys_come_and_go(self) -> None:
        contents = Contents.of(6)
        kms = StrictClient(contents)
        first = kms.list_keys(Limit=3)
        del contents.keys[key_id(0)]
        second = kms.list_keys(Limit=3, Marker=first["NextMarker"])
        assert [key["KeyId"] for key in second["Keys"]] == [key_id(n) for n in (3, 4, 5)]


class TestRefusals:
    def test_more_calls_in_a_second_than_the_quota_are_throttled(self) -> None:
        clock = FakeClock()
        kms = StrictClient(Contents.of(1), clock=clock)
        for _ in range(AWS_QUOTAS["ListKeys"]):
            kms.list_keys()
        assert code_of(kms.list_keys) == "ThrottlingException"
        clock.sleep(1.01)
        kms.list_keys()

    def test_latency_is_time_that_passes_without_being_waited_for(self) -> None:
        clock = FakeClock(0)
        StrictClient(Contents.of(1), latency=0.04, clock=clock).list_keys()
        assert clock() == pytest.approx(0.04)

    def test_one_key_or_all_may_be_denied(self) -> None:
        kms = StrictClient(Contents.of(2))
        gate = StrictConnection(kms).gate()
        kms.deny("DescribeKey", key_id(0))
        kms.deny("GetKeyRotationStatus")
        with pytest.raises(errors.AccessDenied, match="kms:DescribeKey"):
            gate.describe_key(key_arn(key_id(0)))
        assert gate.describe_key(key_id(1)).key_id == key_id(1)
        with pytest.raises(errors.AccessDenied):
            gate.rotation_status(key_id(1))
        kms.allow("DescribeKey", key_id(0))
        gate.describe_key(key_id(0))

    def test_a_key_may_vanish_between_list_and_description(self) -> None:
        kms = StrictClient(Contents.of(2))
        kms.vanish(key_id(0))
        gate = StrictConnection(kms).gate()
        assert [len(page) for page in gate.key_pages()] == [2]
        with pytest.raises(errors.KeyNotFound):
            gate.describe_key(key_id(0))

    def test_credentials_may_expire_on_the_way(self) -> None:
        kms = StrictClient(Contents.of(3000))
        kms.expire_after(2)
        gate = StrictConnection(kms).gate()
        pages = gate.key_pages()
        assert [len(next(pages)) for _ in range(2)] == [1000, 1000]
        with pytest.raises(errors.CredentialsExpired):
            next(pages)
        kms.sign_in()
        gate.describe_key(key_id(0))

    def test_a_key_is_not_found_in_another_region(self) -> None:
        kms = StrictClient(Contents.of(1))
        gate = StrictConnection(kms).gate()
        with pytest.raises(errors.KeyNotFound):
            gate.describe_key(key_arn(key_id(0), "us-east-1"))
        there = key_arn(key_id(0), "us-east-1")
        assert code_of(lambda: kms.describe_key(KeyId=there)) == "NotFoundException"

    def test_an_endpoint_may_lack_an_operation(self) -> None:
        kms = StrictClient(Contents.of(1))
        kms.lack("GetKeyRotationStatus")
        assert (
            code_of(lambda: kms.get_key_rotation_status(KeyId=key_id(0)))
            == "UnknownOperationException"
        )

    def test_the_rotation_of_an_rsa_key_is_no_question(self) -> None:
        contents = Contents()
        rsa = contents.add_key(KeySpec="RSA_2048")
        gate = StrictConnection(StrictClient(contents)).gate()
        assert not gate.rotation_status(rsa).applicable


def test_it_tells_how_many_calls_were_under_way_at_a_time() -> None:
    kms = StrictClient(Contents.of(2))
    door = kms.hold("DescribeKey")
    threads = [
        threading.Thread(target=lambda n=n: kms.describe_key(KeyId=key_id(n))) for n in range(2)
    ]
    for thread in threads:
        thread.start()
    kms.wait_for_calls("DescribeKey", 2)
    door.set()
    for thread in threads:
        thread.join()
    assert kms.count("DescribeKey") == kms.most_at_once("DescribeKey") == 2
    assert sorted(kms.keys_asked("DescribeKey")) == [key_id(0), key_id(1)]
