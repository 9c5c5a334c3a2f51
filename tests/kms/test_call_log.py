"""The call log: bounded memory, exact totals, and no secret of any operation in it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.loaders import Loader

from sealscope.kms.call_log import KEPT_CALLS, REFUSED, CallLog, CallRecord
from sealscope.kms.call_parameters import (
    MOST_CHARACTERS,
    Structure,
    Withheld,
    without_secrets,
)

MARK = "0p3n-s3s4m3"
CALL = CallRecord(
    at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    operation="DescribeKey",
    key="alias/a",
    region="eu-west-1",
    result="ok",
    milliseconds=12.5,
    request_id="req-1",
)
MODEL: dict[str, Any] = Loader().load_service_model("kms", "service-2")


def example(shape_name: str) -> Any:
    """A value of a shape of KMS's API, with the mark in every secret and every blob."""
    shape = MODEL["shapes"][shape_name]
    match shape["type"]:
        case "blob":
            return MARK.encode()
        case "string":
            return MARK if shape.get("sensitive") else "plain"
        case "structure":
            return {name: example(m["shape"]) for name, m in shape["members"].items()}
        case "list":
            return [example(shape["member"]["shape"])]
        case "map":
            return {"name": example(shape["value"]["shape"])}
        case "timestamp":
            return CALL.at
        case "boolean":
            return True
    return 7


def requests() -> list[tuple[str, dict[str, Any]]]:
    """A full request of every operation."""
    return [
        (name, example(operation["input"]["shape"]))
        for name, operation in sorted(MODEL["operations"].items())
    ]


class TestParameters:
    @pytest.mark.parametrize(("operation", "request_"), requests(), ids=lambda v: str(v)[:30])
    def test_of_no_operation_hold_a_blob_or_what_its_model_calls_sensitive(
        self, operation: str, request_: dict[str, Any]
    ) -> None:
        kept = without_secrets(request_)
        assert MARK not in repr(kept)
        assert [name for name, _ in kept] == list(request_)

    @pytest.mark.parametrize("name", ["Plaintext", "GrantTokens", "KeyStorePassword", "Future"])
    def test_that_nobody_has_thought_about_are_withheld_whatever_their_type(
        self, name: str
    ) -> None:
        for value in (MARK, [MARK], {"a": MARK}, MARK.encode(), bytearray(MARK.encode())):
            assert MARK not in repr(without_secrets({name: value}))

    def test_are_kept_where_they_say_what_was_asked(self) -> None:
        kept = without_secrets(
            {"KeyId": "alias/a", "NumberOfBytes": 32, "EncryptionContext": {"a": "é"}}
        )
        assert kept == (
            ("KeyId", "alias/a"),
            ("NumberOfBytes", 32),
            ("EncryptionContext", Structure('{"a": "é"}')),
        )

    def test_that_are_blobs_leave_their_size(self) -> None:
        assert without_secrets({"CiphertextBlob": b"x" * 184}) == (
            ("CiphertextBlob", Withheld(184, is_bytes=True)),
        )

    @pytest.mark.parametrize("value", ["x" * 32768, {"a": "x" * 8192}])
    def test_that_are_long_leave_their_length(self, value: object) -> None:
        ((_, kept),) = without_secrets({"Policy": value})
        assert isinstance(kept, Withheld)
        assert kept.size is not None
        assert kept.size > MOST_CHARACTERS

    def test_that_no_operation_takes_are_withheld(self) -> None:
        assert without_secrets({"Tags": [object()]}) == (("Tags", Withheld(None)),)


class TestTheLog:
    def test_keeps_the_newest_and_counts_all(self) -> None:
        log = CallLog()
        for number in range(KEPT_CALLS + 500):
            log.add(replace(CALL, request_id=str(number)))
        records = log.records()
        assert len(records) == KEPT_CALLS
        assert (records[0].request_id, records[-1].request_id) == ("500", str(KEPT_CALLS + 499))
        assert log.count == log.totals().calls == KEPT_CALLS + 500

    def test_counts_exactly_with_many_threads(self) -> None:
        log = CallLog()

        def work() -> None:
            for _ in range(1000):
                log.add(CALL)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert log.totals().operations == {"DescribeKey": 8000}
        assert log.totals().billable == 8000

    def test_counts_each_operation_the_most_frequent_first(self) -> None:
        log = CallLog()
        for operation in ("Decrypt", "ListKeys", "Decrypt"):
            log.add(replace(CALL, operation=operation))
        assert list(log.totals().operations.items()) == [("Decrypt", 2), ("ListKeys", 1)]

    def test_estimates_three_cents_for_ten_thousand_requests(self) -> None:
        log = CallLog()
        for _ in range(10_000):
            log.add(CALL)
        assert log.totals().dollars == pytest.approx(0.03)

    @pytest.mark.parametrize(
        "free",
        [
            replace(CALL, is_local=True),
            replace(CALL, result=REFUSED),
            replace(CALL, operation="GetCallerIdentity"),
        ],
        ids=["local", "never sent", "STS"],
    )
    def test_estimates_nothing_for_what_costs_nothing(self, free: CallRecord) -> None:
        log = CallLog()
        log.add(free)
        assert (log.totals().billable, log.totals().dollars) == (0, 0.0)

    @pytest.mark.parametrize(
        ("result", "failed"),
        [("ok", 0), ("DryRunSucceeded", 0), ("AccessDenied", 1), (REFUSED, 1)],
    )
    def test_counts_what_failed(self, result: str, failed: int) -> None:
        log = CallLog()
        log.add(replace(CALL, result=result))
        assert log.totals().failed == failed
