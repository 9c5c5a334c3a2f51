"""The local KMS answers as AWS KMS does: every probe of the catalogue, and no way around it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from tests.kms.probe.catalogue import PROBES
from tests.kms.probe.lab import Lab, answer_or_error, refused
from tests.kms.probe.places import LocalPlace

MODEL: Any = ServiceModel(Loader().load_service_model("kms", "service-2"), "kms")
WRONG_VALUES: tuple[object, ...] = (
    None,
    "",
    "x" * 9000,
    "\ud800\0",
    -1,
    2**70,
    1.5e300,
    True,
    [],
    [None],
    {},
    {"a": 1},
)


@pytest.mark.parametrize("name", PROBES)
def test_the_local_kms_answers_as_aws_does(name: str, local_lab: Lab) -> None:
    PROBES[name].run(local_lab)


@contextmanager
def sending(client: Any, **changed: Any) -> Iterator[None]:
    """Replace the body or the headers of the requests that the client sends."""

    def replace(params: dict[str, Any], **_: Any) -> None:
        if "body" in changed:
            params["body"] = changed["body"]
        params["headers"].update(changed.get("headers", {}))

    client.meta.events.register("before-call.kms", replace, unique_id="sending")
    try:
        yield
    finally:
        client.meta.events.unregister("before-call.kms", unique_id="sending")


def _ask(lab: Lab, body: bytes, target: str) -> None:
    """Send a body; whatever it is, the answer is a success or a refusal of AWS's kind."""
    headers = {"X-Amz-Target": target}
    with sending(lab.kms, body=body, headers=headers):
        answered = answer_or_error(lab.kms.list_keys)
    status = answered["ResponseMetadata"]["HTTPStatusCode"]
    assert status == 200 or 400 <= status < 500
    assert answered.get("Error", {}).get("Code", "Exception").endswith("Exception")


class TestBrokenRequests:
    @pytest.mark.parametrize("operation", MODEL.operation_names)
    def test_a_wrong_value_anywhere_is_refused_as_aws_refuses(
        self, operation: str, local_lab: Lab
    ) -> None:
        """Each member of each operation with values of every wrong type: never a crash or a 500."""
        target = f"TrentService.{operation}"
        _ask(local_lab, b"{}", target)
        key = local_lab.new_key()
        members = MODEL.operation_model(operation).input_shape.members
        for member in members:
            for value in WRONG_VALUES:
                body = ({"KeyId": key.id} if "KeyId" in members else {}) | {member: value}
                _ask(local_lab, json.dumps(body).encode(), target)

    @pytest.mark.parametrize(
        "body",
        [b"not JSON", b"\xff\xfe", b"[]", b"null", b'"text"', b'{"KeyId": NaN}', b"[" * 100_000],
        ids=["text", "binary", "list", "null", "string", "NaN", "deep"],
    )
    def test_a_body_that_is_no_request_is_refused(self, body: bytes, local_lab: Lab) -> None:
        with sending(local_lab.kms, body=body), refused():
            local_lab.kms.describe_key(KeyId="x")

    @pytest.mark.parametrize("target", ["TrentService.Dance", "Dance", "", "Other.Encrypt"])
    def test_an_unknown_operation_is_refused(self, target: str, local_lab: Lab) -> None:
        changed = sending(local_lab.kms, headers={"X-Amz-Target": target})
        with changed, refused("UnknownOperationException"):
            local_lab.kms.list_keys()

    def test_an_operation_that_it_lacks_is_unsupported(self, local_lab: Lab) -> None:
        with refused("UnsupportedOperationException"):
            local_lab.kms.describe_custom_key_stores()

    def test_another_service_is_denied(self, local_place: LocalPlace) -> None:
        s3 = local_place.session.client("s3")
        with refused("AccessDenied"):
            s3.list_buckets()
        s3.close()


class TestTwoStores:
    def test_what_one_sealed_the_other_does_not_open(self, tmp_path: Path, local_lab: Lab) -> None:
        """A blob of a key that is not here is AccessDenied, as a key of another account's is."""
        place = LocalPlace(tmp_path / "other.sqlite3")
        other = Lab(place)
        blob = other.kms.encrypt(KeyId=other.key().id, Plaintext=b"x")["CiphertextBlob"]
        with refused("AccessDeniedException"):
            local_lab.kms.decrypt(CiphertextBlob=blob)
        with refused("IncorrectKeyException"):
            local_lab.kms.decrypt(CiphertextBlob=blob, KeyId=local_lab.key().id)
        place.close()

    def test_keys_are_cleared_away_by_the_lab(self, tmp_path: Path) -> None:
        """What probes create goes again, so that an account is left as it was found."""
        place = LocalPlace(tmp_path / "other.sqlite3")
        lab = Lab(place)
        key = lab.new_key()
        alias = lab.new_alias(key)
        lab.close()
        assert lab.describe(key)["KeyState"] == "PendingDeletion"
        with refused("NotFoundException"):
            lab.kms.describe_key(KeyId=alias)
        lab.close()
        place.close()
