"""An ordinary boto3 session whose requests are answered from a local store.

botocore asks its `before-send` event for an answer before it opens a connection; here the local
KMS gives it. Registered on the session, this covers every client made from it, also those that
libraries make for themselves, and no other session of the process.

Nothing can leave the machine even if the hook is lost: every client's endpoint is
`https://<service>.local.invalid`, a name that by RFC 2606 never resolves, and proxies are off.

The session's default client configuration has one attempt and no retries, as a local answer does
not get better by asking again. Callers that pass their own `Config` should set
`retries={"total_max_attempts": 1}` in it, or a full disk takes three attempts to show.
"""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from sealscope.kms.local.arns import USER_ARN
from sealscope.kms.local.identity import caller_identity
from sealscope.kms.local.loader import loader
from sealscope.kms.local.store import LocalStore
from sealscope.kms.local.wire import handle

if TYPE_CHECKING:
    import boto3

HANDLER_ID: Final = "sealscope-local-kms"


class LocalSession(botocore.session.Session):  # type: ignore[misc] # botocore ships no types
    """A botocore session that reads no configuration and sends nothing."""

    def __init__(self, store: LocalStore, region: str = "local") -> None:
        # The user's profile, Region, certificate bundle and retry settings are for AWS; a broken
        # one must not break the local KMS. So every variable keeps its default only.
        defaults: dict[str, Any] = {
            name: (None, None, default, conversion)
            for name, (_name, _variable, default, conversion) in self.SESSION_VARIABLES.items()
        }
        defaults["config_file"] = (None, None, os.devnull, None)
        defaults["credentials_file"] = (None, None, os.devnull, None)
        super().__init__(session_vars=defaults)
        self._store = store
        self._region = region
        self.register_component("data_loader", loader())
        self.set_config_variable("region", region)
        self.set_credentials("local", "local")
        self.set_default_client_config(Config(retries={"total_max_attempts": 1}, proxies={}))
        self.register("before-send", self._answer, unique_id=HANDLER_ID)

    def create_client(self, service_name: str, *args: Any, **options: Any) -> Any:
        """A client; whatever endpoint was asked for, it gets the one that never resolves."""
        names = ("region_name", "api_version", "use_ssl", "verify", "endpoint_url")
        options.update(zip(names, args, strict=False))
        options["endpoint_url"] = f"https://{service_name}.local.invalid"
        options["region_name"] = self._region
        options["verify"] = None
        return super().create_client(service_name, **options)

    def _answer(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        _before_send, service, operation = event_name.split(".", 2)
        if service == "kms":
            target = _text(request.headers["X-Amz-Target"])
            answer = handle(self._store, self._region, target, _bytes(request.body))
            return response(request.url, answer.status, answer.headers, answer.body)
        if (service, operation) == ("sts", "GetCallerIdentity"):
            request_id = str(uuid.uuid4())
            headers = {"Content-Type": "text/xml", "x-amzn-RequestId": request_id}
            return response(request.url, 200, headers, caller_identity(request_id))
        raise ClientError(
            {
                "Error": {
                    "Code": "AccessDenied",
                    "Message": f"User: {USER_ARN} is not authorized to perform:"
                    f" {service}:{operation}; the local KMS answers for KMS only",
                },
                "ResponseMetadata": {"HTTPStatusCode": 403, "RequestId": str(uuid.uuid4())},
            },
            operation,
        )


def local_session(store: LocalStore, region: str = "local") -> boto3.Session:
    """A boto3 session on a local store.

    Args:
        store: an open store; it must stay open as long as clients are used.
        region: the Region that ARNs carry.
    """
    # Not above: it takes a tenth of a command's time, and a client can be had without it.
    import boto3

    return boto3.Session(botocore_session=LocalSession(store, region))


def response(url: str, status: int, headers: Mapping[str, str], body: bytes) -> AWSResponse:
    """What botocore takes for the answer of a server."""
    return AWSResponse(url, status, dict(headers), _Body(body))


class _Body(io.BytesIO):
    """The part of a urllib3 response that botocore reads."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    return bytes(body.read())
