"""Turn what boto3 raises into our errors, with principal, key, region, request id and a hint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from sealscope import errors
from sealscope.config import PASSPHRASE_FILE_VARIABLE
from sealscope.errors import KmsError


@dataclass(frozen=True)
class CallSite:
    """What was being called, for the error's detail."""

    operation: str
    key: str
    region: str
    principal: str

    def detail(self, message: str) -> str:
        """The service's own words, then where: operation, key, region, principal."""
        parts = [f"{self.operation}"]
        if self.key:
            parts.append(f"key {self.key}")
        parts.append(f"region {self.region}")
        if self.principal:
            parts.append(f"as {self.principal}")
        return f"{message} ({', '.join(parts)})" if message else ", ".join(parts)


_Words = tuple[type[KmsError], str, str]

# What more than one code says.
_THROTTLED: Final[_Words] = (
    errors.Throttled,
    "KMS slows us down",
    "Wait a little and try again.",
)
_EXPIRED: Final[_Words] = (
    errors.CredentialsExpired,
    "The credentials have expired",
    "Sign in again, for example with `aws sso login`.",
)
_UNKNOWN: Final[_Words] = (
    errors.UnsupportedOperation,
    "This endpoint does not know the operation",
    "",
)

_PENDING_DELETION: Final = re.compile(r"(?<!not )pending deletion")
"""CancelKeyDeletion's refusal says that a key is not."""

_STALE_TOKEN: Final[_Words] = (
    errors.InvalidRequest,
    "The import token is not good any more",
    "Begin the import again: a token is for one key, and for 24 hours.",
)

# Error code -> class, title, hint. Codes: AWS KMS API reference, "Errors" of each operation.
_BY_CODE: Final[dict[str, _Words]] = {
    "AccessDeniedException": (
        errors.AccessDenied,
        "KMS denied access",
        "Ask for the permission in the key policy, a grant or an IAM policy, or change profile.",
    ),
    "NotFoundException": (
        errors.KeyNotFound,
        "KMS knows no such key or alias",
        "Check the name, the region and the account; `sealscope keys` lists what is there.",
    ),
    "DisabledException": (
        errors.KeyDisabled,
        "The key is disabled",
        "Enable the key, or use another one.",
    ),
    "KMSInvalidStateException": (
        errors.KeyStateInvalid,
        "The key's state does not allow this",
        "Look at the key's state in Keys.",
    ),
    "InvalidCiphertextException": (
        errors.InvalidCiphertext,
        "KMS cannot open this ciphertext",
        "It is damaged, or the encryption context differs from the one it was made with.",
    ),
    "IncorrectKeyException": (
        errors.IncorrectKey,
        "Another key made this ciphertext",
        "Name the key that the envelope names.",
    ),
    "InvalidKeyUsageException": (
        errors.KeyStateInvalid,
        "The key is not made for this operation",
        "Envelopes need an enabled SYMMETRIC_DEFAULT key with usage ENCRYPT_DECRYPT.",
    ),
    "KeyUnavailableException": (
        errors.KeyStateInvalid,
        "The key is not available now",
        "Try again.",
    ),
    "AlreadyExistsException": (
        errors.AlreadyExists,
        "The name is taken",
        "Choose another name, or retarget the existing alias.",
    ),
    "LimitExceededException": (
        errors.InvalidRequest,
        "A quota of KMS is reached",
        "Remove something, or ask AWS to raise the quota.",
    ),
    "ThrottlingException": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "ExpiredTokenException": _EXPIRED,
    "ExpiredToken": _EXPIRED,
    "UnrecognizedClientException": (
        errors.CredentialsMissing,
        "AWS does not know these credentials",
        "Check the access key, and that the region is enabled in the account.",
    ),
    "InvalidClientTokenId": (
        errors.CredentialsMissing,
        "AWS does not know these credentials",
        "Check the access key.",
    ),
    "InvalidSignatureException": (
        errors.CredentialsMissing,
        "AWS rejects the signature of the request",
        "Check the secret access key and this machine's clock.",
    ),
    "UnsupportedOperationException": (
        errors.UnsupportedOperation,
        "KMS does not do this with this key",
        "",
    ),
    "UnknownOperationException": _UNKNOWN,
    "InvalidAction": _UNKNOWN,
    "DryRunOperationException": (errors.DryRunSucceeded, "The call would succeed", ""),
    "ValidationException": (errors.InvalidRequest, "KMS rejects a parameter", ""),
    "InvalidArnException": (
        errors.InvalidRequest,
        "This is not an ARN of KMS",
        "Use a key id, a key ARN, an alias or an alias ARN.",
    ),
    "InvalidAliasNameException": (
        errors.InvalidRequest,
        "This is not a name for an alias",
        "Use letters, digits, / _ and -, after `alias/`; names under `alias/aws/` are AWS's.",
    ),
    "MalformedPolicyDocumentException": (
        errors.InvalidRequest,
        "KMS does not take this key policy",
        "",
    ),
    "TagException": (
        errors.InvalidRequest,
        "KMS does not take this tag",
        "Use letters, digits, spaces and _.:/=+-@, no name twice, and none that begins with aws:.",
    ),
    "ConflictException": (
        errors.KeyStateInvalid,
        "Another change of the key is under way",
        "Wait for it, then try again.",
    ),
    "IncorrectKeyMaterialException": (
        errors.InvalidRequest,
        "This is not the key material that KMS waits for",
        "Import the very bytes that were imported before, or add them as new material.",
    ),
    "InvalidImportTokenException": _STALE_TOKEN,
    "ExpiredImportTokenException": _STALE_TOKEN,
    "CustomKeyStoreNotFoundException": (
        errors.KeyNotFound,
        "KMS knows no such custom key store",
        "Check the region and the account.",
    ),
    "CustomKeyStoreInvalidStateException": (
        errors.KeyStateInvalid,
        "The custom key store is not connected",
        "Connect it, then try again.",
    ),
    "KMSInternalException": (
        errors.Unreachable,
        "KMS failed inside",
        "Try again.",
    ),
    "DependencyTimeoutException": (errors.Unreachable, "KMS failed inside", "Try again."),
}


def translate(error: Exception, site: CallSite) -> KmsError:
    """Our error for an exception of boto3 or botocore.

    Args:
        error: whatever botocore let out.
        site: what was being called.
    """
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        return _from_answer(error.response, site)
    return _without_answer(error, site)


def _from_answer(answer: dict[str, Any], site: CallSite) -> KmsError:
    problem = answer.get("Error", {})
    code = str(problem.get("Code", ""))
    message = str(problem.get("Message", "") or "")
    meta = answer.get("ResponseMetadata", {})
    request_id = meta.get("RequestId")
    if code == "KMSInvalidStateException" and _PENDING_DELETION.search(message):
        return errors.KeyPendingDeletion(
            "The key is waiting to be deleted",
            site.detail(message),
            "Cancel its deletion and enable it, while there is time.",
            request_id=request_id,
        )
    if code == "KeyUnavailableException" and "protected by a passphrase" in message:
        return errors.KeyStateInvalid(
            "The local key store is locked",
            site.detail(message),
            f"Start again and give its passphrase, or name a file that holds it in"
            f" {PASSPHRASE_FILE_VARIABLE}.",
            request_id=request_id,
        )
    if code == "KMSInternalException" and message.startswith("local key store:"):
        return errors.Unreachable(
            "The local key store failed",
            site.detail(message),
            "Look at free space and permissions; `sealscope local check` tests the store.",
            request_id=request_id,
        )
    if meta.get("HTTPStatusCode", 0) == 501:
        kind, title, hint = _UNKNOWN
        return kind(title, site.detail(f"{code} {message}"), hint, request_id=request_id)
    if meta.get("HTTPStatusCode", 0) >= 500 and code not in _BY_CODE:
        return errors.Unreachable(
            "KMS failed inside",
            site.detail(f"{code} {message}"),
            "Try again.",
            request_id=request_id,
        )
    kind, title, hint = _BY_CODE.get(code, (KmsError, f"KMS answered {code or 'an error'}", ""))
    return kind(title, site.detail(message), hint, request_id=request_id)


def _without_answer(error: Exception, site: CallSite) -> KmsError:
    from botocore import exceptions as boto

    detail = site.detail(str(error))
    if isinstance(
        error,
        boto.UnauthorizedSSOTokenError | boto.SSOTokenLoadError | boto.TokenRetrievalError,
    ):
        return errors.CredentialsExpired(
            "The single sign-on session has expired", detail, "Run `aws sso login` and try again."
        )
    if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError):
        return errors.CredentialsMissing(
            "No AWS credentials were found",
            detail,
            "Name a profile with --profile, or use the local KMS with --local.",
        )
    if isinstance(
        error,
        boto.CredentialRetrievalError
        | boto.RefreshWithMFAUnsupportedError
        | boto.MetadataRetrievalError
        | boto.InvalidConfigError
        | boto.InfiniteLoopConfigError
        | boto.ConfigNotFound
        | boto.MissingDependencyException,
    ):
        return errors.CredentialsMissing(
            "The AWS credentials could not be fetched", detail, "Check the profile."
        )
    if isinstance(error, boto.InvalidRegionError):
        return errors.InvalidRequest("This is no name of an AWS region", detail)
    if isinstance(error, boto.ParamValidationError):
        return errors.InvalidRequest("The request is not one that KMS takes", detail)
    if isinstance(error, boto.HTTPClientError) and "Invalid header value" in str(error):
        # Not told further: the header holds the access key id or the session token.
        return errors.CredentialsMissing(
            "The AWS credentials hold a character that no credentials have",
            site.detail(""),
            "Look for a line break or a space in them.",
        )
    if isinstance(error, boto.HTTPClientError | boto.ConnectionError):
        return errors.Unreachable(
            "KMS cannot be reached",
            detail,
            "Check the network, the region and the endpoint; then try again.",
        )
    return KmsError(
        "The call to KMS failed",
        site.detail(f"{type(error).__name__}: {error}"),
        "Check the endpoint and the AWS configuration.",
    )
