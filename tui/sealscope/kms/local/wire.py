"""The JSON protocol of KMS: a request's target and body in, a status and a body out."""

from __future__ import annotations

import base64
import functools
import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Final

from botocore.model import ServiceModel

from sealscope import errors
from sealscope.kms.local.call import Params
from sealscope.kms.local.faults import Fault, unsupported
from sealscope.kms.local.loader import loader
from sealscope.kms.local.operations import OPERATIONS, perform
from sealscope.kms.local.request_id import request_id
from sealscope.kms.local.shapes import decode
from sealscope.kms.local.store import LocalStore

CONTENT_TYPE: Final = "application/x-amz-json-1.1"
_STATUS: Final = {"KMSInternalException": 500, "DryRunOperationException": 412}


@dataclass(frozen=True, repr=False)
class Answer:
    """What goes back over the wire. The body may hold a data key: its repr does not show it.

    Attributes:
        status: HTTP status.
        headers: Content-Type, request id and, for errors, their type.
        body: JSON.
    """

    status: int
    headers: dict[str, str]
    body: bytes


def handle(store: LocalStore, region: str, target: str, body: bytes) -> Answer:
    """Answer one request.

    Args:
        store: where the keys are.
        region: the Region that ARNs carry.
        target: the X-Amz-Target header, `TrentService.Encrypt`.
        body: JSON.
    """
    own_id = request_id(store.entropy)
    try:
        answer = _perform(store, region, target, body, own_id)
    except Fault as fault:
        return _refusal(fault, own_id)
    except (sqlite3.Error, errors.StoreError, UnicodeDecodeError) as error:
        refused = Fault("KMSInternalException", f"local key store: {error}")
        return _refusal(refused, own_id)
    except RecursionError:
        refused = Fault("SerializationException", "The request is nested too deep")
        return _refusal(refused, own_id)
    headers = {"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": own_id}
    return Answer(200, headers, b"" if answer is None else _encode(answer))


def _perform(
    store: LocalStore, region: str, target: str, body: bytes, own_id: str
) -> Params | None:
    prefix, _, action = target.partition(".")
    model = service_model()
    if prefix != model.metadata["targetPrefix"] or action not in model.operation_names:
        raise Fault("UnknownOperationException")
    if action not in OPERATIONS:
        raise unsupported(f"The local KMS does not support {action}.")
    try:
        parsed = json.loads(body or b"{}")
    except ValueError as error:
        raise Fault("SerializationException", "The request is not JSON") from error
    params = decode(model.operation_model(action).input_shape, parsed)
    return perform(store, region, action, params, request_id=own_id)


@functools.cache
def service_model() -> Any:
    """What botocore says of KMS."""
    return ServiceModel(loader().load_service_model("kms", "service-2"), "kms")


def _refusal(fault: Fault, own_id: str) -> Answer:
    body = {"__type": fault.code}
    if fault.message:
        body["message"] = fault.message
    return Answer(
        fault.status or _STATUS.get(fault.code, 400),
        {
            "Content-Type": CONTENT_TYPE,
            "x-amzn-RequestId": own_id,
            "x-amzn-ErrorType": fault.code,
        },
        json.dumps(body).encode(),
    )


def _encode(answer: Params) -> bytes:
    return json.dumps(answer, default=_blob).encode()


def _blob(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"no JSON form for {type(value).__name__}")
