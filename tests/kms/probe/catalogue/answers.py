"""What every answer has: request id and status; and who is asking."""

from __future__ import annotations

import re

from botocore.exceptions import ClientError

from tests.kms.probe.lab import Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, recorded

NOBODY = "00000000-1111-4222-8333-444444444444"


@probe(source="Boto3 guide, Low-level clients: ResponseMetadata", safe=True)
def an_answer_has_its_metadata(lab: Lab) -> None:
    """Every answer carries a request id, another one each time, and HTTP status 200."""
    answers = [lab.kms.list_keys(Limit=1)["ResponseMetadata"] for _ in range(2)]
    assert [answer["HTTPStatusCode"] for answer in answers] == [200, 200]
    assert all(re.fullmatch(r"[0-9a-f-]{36}", answer["RequestId"]) for answer in answers)
    assert answers[0]["RequestId"] != answers[1]["RequestId"]


@probe(source="Boto3 guide, Error handling: ClientError.response", safe=True)
def an_error_has_its_metadata(lab: Lab) -> None:
    """Every error carries a request id and its HTTP status too."""
    with refused("NotFoundException") as refusal:
        lab.kms.describe_key(KeyId=NOBODY)
    assert re.fullmatch(r"[0-9a-f-]{36}", refusal.answer["ResponseMetadata"]["RequestId"])


@probe(source=recorded("test_get_key_does_not_exist"), safe=True)
def an_unknown_key_is_status_400(lab: Lab) -> None:
    """NotFoundException comes with HTTP status 400."""
    with refused("NotFoundException") as refusal:
        lab.kms.describe_key(KeyId=NOBODY)
    assert refusal.status == 400


@probe(source=recorded("test_generate_random_invalid_number_of_bytes"), safe=True)
def a_validation_error_is_status_400(lab: Lab) -> None:
    """ValidationException comes with HTTP status 400."""
    with refused("ValidationException") as refusal:
        lab.kms.generate_random(NumberOfBytes=1025)
    assert refusal.status == 400


@probe(source="Boto3 guide, Error handling: client.exceptions", safe=True)
def modelled_errors_are_classes(lab: Lab) -> None:
    """Errors of the service model are caught by their class on client.exceptions."""
    caught = []
    try:
        lab.kms.describe_key(KeyId=NOBODY)
    except lab.kms.exceptions.NotFoundException as error:
        caught.append(error)
    try:
        lab.kms.decrypt(CiphertextBlob=b"no blob of KMS")
    except lab.kms.exceptions.InvalidCiphertextException as error:
        caught.append(error)
    try:
        lab.kms.list_keys(Marker="no marker of KMS")
    except lab.kms.exceptions.InvalidMarkerException as error:
        caught.append(error)
    assert len(caught) == 3
    assert all(isinstance(error, ClientError) for error in caught)


@probe(source=api("DisabledException", "modelled error") + "; Boto3 guide, Error handling")
def state_errors_are_classes(lab: Lab) -> None:
    """The errors of disabled keys and of dry runs are caught by their class as well."""
    key = lab.new_key()
    caught = []
    try:
        lab.kms.encrypt(KeyId=key.id, Plaintext=b"x", DryRun=True)
    except lab.kms.exceptions.DryRunOperationException as error:
        caught.append(error)
    lab.kms.disable_key(KeyId=key.id)
    try:
        lab.kms.encrypt(KeyId=key.id, Plaintext=b"x")
    except lab.kms.exceptions.DisabledException as error:
        caught.append(error)
    try:
        lab.kms.cancel_key_deletion(KeyId=key.id)
    except lab.kms.exceptions.KMSInvalidStateException as error:
        caught.append(error)
    assert len(caught) == 3


@probe(source="KMS API Reference, Common Errors: ValidationError", safe=True)
def a_missing_parameter(lab: Lab) -> None:
    """A request without a required parameter is ValidationException."""
    for method, request in (
        ("describe_key", {}),
        ("encrypt", {"KeyId": NOBODY}),
        ("create_alias", {"AliasName": "alias/sealscope-probe"}),
    ):
        with refused("ValidationException"):
            getattr(lab.unchecked, method)(**request)


@probe(source="STS API Reference, GetCallerIdentity", safe=True)
def the_caller_has_an_identity(lab: Lab) -> None:
    """GetCallerIdentity answers a 12-digit account, an ARN in that account, and a user id."""
    answer = lab.client_of("sts").get_caller_identity()
    assert re.fullmatch(r"\d{12}", answer["Account"])
    assert f"::{answer['Account']}:" in answer["Arn"]
    assert answer["UserId"]


@probe(source="STS API Reference, GetCallerIdentity; KMS API Reference, CreateKey: KeyMetadata")
def keys_belong_to_the_caller(lab: Lab) -> None:
    """A key belongs to the account of the caller who created it."""
    assert lab.key().metadata["AWSAccountId"] == lab.account
    assert lab.key().arn.split(":")[4] == lab.account
