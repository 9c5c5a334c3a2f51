"""STS GetCallerIdentity, in the query protocol's XML: who uses the local KMS."""

from __future__ import annotations

from xml.sax.saxutils import escape

from sealscope.kms.local.arns import ACCOUNT, USER_ARN

USER_ID = "AIDALOCAL"
_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def caller_identity(request_id: str) -> bytes:
    """The answer to GetCallerIdentity."""
    return (
        f'<GetCallerIdentityResponse xmlns="{_NAMESPACE}"><GetCallerIdentityResult>'
        f"<Arn>{USER_ARN}</Arn><UserId>{USER_ID}</UserId><Account>{ACCOUNT}</Account>"
        "</GetCallerIdentityResult><ResponseMetadata>"
        f"<RequestId>{escape(request_id)}</RequestId></ResponseMetadata>"
        "</GetCallerIdentityResponse>"
    ).encode()
