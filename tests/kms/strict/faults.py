"""What AWS answers when it refuses, as botocore raises it."""

from __future__ import annotations

import uuid

from botocore.exceptions import ClientError


def fault(operation: str, code: str, message: str = "", status: int = 400) -> ClientError:
    """A refusal with a request id of its own."""
    answer = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {
            "RequestId": str(uuid.uuid4()),
            "HTTPStatusCode": status,
            "HTTPHeaders": {},
            "RetryAttempts": 0,
        },
    }
    return ClientError(answer, operation)


def throttled(operation: str) -> ClientError:
    """More calls in a second than the quota has."""
    return fault(operation, "ThrottlingException", "Rate exceeded")


def expired(operation: str) -> ClientError:
    """The session token is over."""
    words = "The security token included in the request is expired"
    return fault(operation, "ExpiredTokenException", words)


def denied(operation: str, principal: str, resource: str) -> ClientError:
    """No policy allows it."""
    words = (
        f"User: {principal} is not authorized to perform: kms:{operation} on resource: {resource}"
        " because no resource-based policy allows the action"
    )
    return fault(operation, "AccessDeniedException", words)


def not_found(operation: str, message: str) -> ClientError:
    """No such key or alias in this account and Region."""
    return fault(operation, "NotFoundException", message)


def unknown_operation(operation: str) -> ClientError:
    """An endpoint that is older than the operation."""
    return fault(operation, "UnknownOperationException", "", 404)


def invalid_marker(operation: str) -> ClientError:
    """A marker that another list gave, or nobody."""
    return fault(operation, "InvalidMarkerException", "Could not deserialize marker")


def invalid(operation: str, message: str) -> ClientError:
    """A parameter that the service's own checks refuse."""
    return fault(operation, "ValidationException", message)
