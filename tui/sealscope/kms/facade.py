"""The KMS gate: the only door to KMS.

Every call passes `KmsGate.call`, which holds the allow-list of a read-only connection, writes
the call log and turns service errors into ours. The methods below it only give the calls names,
types and the ARN's own region.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sealscope import errors
from sealscope.engine.arn import parse_key_arn, parse_kms_arn
from sealscope.engine.kms import GeneratedDataKey, UnwrappedDataKey, WrappedDataKey
from sealscope.kms.allow_list import READ_ONLY_OPERATIONS
from sealscope.kms.answers import member, optional, text
from sealscope.kms.call_log import REFUSED, CallLog, CallRecord
from sealscope.kms.call_parameters import without_secrets
from sealscope.kms.connection import Connection, Identity
from sealscope.kms.keys import (
    Alias,
    KeyDescription,
    KeyRef,
    RotationStatus,
    alias_from,
    description_from,
    key_ref_from,
    rotation_status_from,
)
from sealscope.kms.pages import Pages
from sealscope.kms.service_errors import CallSite, translate
from sealscope.secret import SecretBytes

KEYS_PER_PAGE: Final = 1000  # ListKeys allows 1 to 1000
ALIASES_PER_PAGE: Final = 100  # ListAliases allows 1 to 100
_NAMES_A_KEY: Final = ("KeyId", "TargetKeyId", "DestinationKeyId")


class KmsGate:
    """KMS as the rest of the app sees it. Safe to use from any thread.

    Args:
        connection: AWS or local.
        write: allow changes to keys on AWS; the local KMS is always writable.
        log: where calls are noted; one of its own by default.

    Attributes:
        ignores_dry_run: whether a dry run was answered as if it were the call itself.
    """

    def __init__(
        self, connection: Connection, *, write: bool = False, log: CallLog | None = None
    ) -> None:
        self._connection = connection
        self.is_local = connection.is_local
        self.is_read_only = not (connection.is_local or write)
        self.region = connection.region
        self.profile = connection.profile
        self.log = CallLog() if log is None else log
        self.ignores_dry_run = False
        self._identity: Identity | None = None

    @property
    def is_locked(self) -> bool:
        """Whether the local store's passphrase is missing; never so on AWS."""
        return self._connection.is_locked

    @property
    def endpoint_url(self) -> str:
        """The address that calls go to; empty for the local KMS."""
        return self._connection.endpoint_url

    def unlock(self, passphrase: SecretBytes) -> None:
        """Give the local store's passphrase; slow on purpose, so call it in a thread.

        Raises:
            StoreLocked: the passphrase is wrong.
            StoreError: the store cannot be opened.
        """
        self._connection.unlock(passphrase)

    def reconnect(self, connection: Connection) -> None:
        """Go on with another connection to the same target, and close the one before."""
        before, self._connection = self._connection, connection
        self._identity = None
        before.close()

    def call(
        self, operation: str, *, in_region: str | None = None, **parameters: Any
    ) -> dict[str, Any]:
        """Make one call of KMS, by its API name.

        Args:
            operation: "DescribeKey", "Encrypt", ...
            in_region: where to ask; by default the region of the key's ARN, or else the
                connection's own.
            parameters: as the API names them.

        Raises:
            ReadOnly: the operation changes keys and the connection is read-only.
            KmsError: one of its kinds, for anything the call may meet.
        """
        key = next((str(parameters[name]) for name in _NAMES_A_KEY if parameters.get(name)), "")
        region = self.region if self.is_local else in_region or _region_of(key) or self.region
        self._refuse_changes(operation, key, region, parameters)
        return self._send(
            lambda: self._connection.client(region), operation, key, region, parameters
        )

    def pages(self, operation: str, limit: int, **wanted: Any) -> Iterator[dict[str, Any]]:
        """The answers of a listing operation, to its end.

        After an error, the next answer asked for is the one that failed.

        Args:
            operation: "ListKeys", "ListGrants", ...
            limit: entries a page, at most what the operation allows.
            wanted: its other parameters.

        Raises:
            KmsError: a call failed, or the endpoint lists the same page again and again.
        """
        return Pages(self.call, operation, limit, wanted)

    def identity(self) -> Identity:
        """Who calls (STS GetCallerIdentity, which needs no permission); asked once."""
        if self._identity is None:
            answer = self._send(
                self._connection.identity_client, "GetCallerIdentity", "", self.region, {}
            )
            self._identity = Identity(text(answer, "Account"), text(answer, "Arn"))
        return self._identity

    # Envelope encryption: the engine's KmsService.

    def generate_data_key(
        self, key_id: str, number_of_bytes: int, context: Mapping[str, str]
    ) -> GeneratedDataKey:
        """GenerateDataKey (needs kms:GenerateDataKey)."""
        answer = self.call(
            "GenerateDataKey",
            KeyId=key_id,
            NumberOfBytes=number_of_bytes,
            EncryptionContext=dict(context),
        )
        return GeneratedDataKey(
            member(answer, "KeyId", str),
            SecretBytes(member(answer, "Plaintext", bytes)),
            member(answer, "CiphertextBlob", bytes),
        )

    def encrypt(
        self, key_id: str, plaintext: SecretBytes, context: Mapping[str, str]
    ) -> WrappedDataKey:
        """Encrypt (needs kms:Encrypt)."""
        answer = self.call(
            "Encrypt",
            KeyId=key_id,
            Plaintext=plaintext.reveal(),
            EncryptionContext=dict(context),
        )
        return WrappedDataKey(member(answer, "KeyId", str), member(answer, "CiphertextBlob", bytes))

    def decrypt(
        self, key_id: str, ciphertext: bytes, context: Mapping[str, str]
    ) -> UnwrappedDataKey:
        """Decrypt, always naming the key (needs kms:Decrypt)."""
        answer = self.call(
            "Decrypt",
            KeyId=key_id,
            CiphertextBlob=ciphertext,
            EncryptionContext=dict(context),
        )
        return UnwrappedDataKey(
            member(answer, "KeyId", str),
            SecretBytes(member(answer, "Plaintext", bytes)),
            optional(answer, "KeyMaterialId", str),
        )

    def dry_run(self, operation: str, **parameters: Any) -> bool:
        """Ask whether a cryptographic call would succeed (needs the same permission as the call).

        Returns:
            True when KMS says that it would; False when the endpoint ignores DryRun and did the
            call instead. What it answered then is dropped here.

        Raises:
            KmsError: why the call would fail.
        """
        try:
            self.call(operation, DryRun=True, **parameters)
        except errors.DryRunSucceeded:
            return True
        self.ignores_dry_run = True
        return False

    # Looking at keys.

    def key_pages(self) -> Iterator[tuple[KeyRef, ...]]:
        """ListKeys to the end, a page at a time (needs kms:ListKeys)."""
        for answer in self.pages("ListKeys", KEYS_PER_PAGE):
            yield tuple(key_ref_from(key) for key in member(answer, "Keys", list))

    def alias_pages(self) -> Iterator[tuple[Alias, ...]]:
        """ListAliases to the end, a page at a time (needs kms:ListAliases)."""
        for answer in self.pages("ListAliases", ALIASES_PER_PAGE):
            yield tuple(alias_from(alias) for alias in member(answer, "Aliases", list))

    def aliases_of(self, key: KeyDescription) -> tuple[Alias, ...]:
        """ListAliases of one key: its first page, which is 50 names (needs kms:ListAliases)."""
        answer = self.call("ListAliases", in_region=_region_of(key.arn), KeyId=key.key_id)
        return tuple(alias_from(alias) for alias in member(answer, "Aliases", list))

    def describe_key(self, key_id: str) -> KeyDescription:
        """DescribeKey, by id, ARN, alias or alias ARN (needs kms:DescribeKey)."""
        answer = self.call("DescribeKey", KeyId=key_id)
        return description_from(answer)

    def resolve(self, key_id: str) -> str:
        """The key ARN of an id, alias or alias ARN; only those cost a DescribeKey."""
        if parse_key_arn(key_id):
            return key_id
        return self.describe_key(key_id).arn

    def rotation_status(self, key_id: str) -> RotationStatus:
        """GetKeyRotationStatus (needs kms:GetKeyRotationStatus).

        Kinds of keys that KMS never rotates are answered as not applicable, not as an error.
        """
        try:
            answer = self.call("GetKeyRotationStatus", KeyId=key_id)
        except (errors.UnsupportedOperation, errors.KeyStateInvalid, errors.KeyPendingDeletion):
            return RotationStatus(applicable=False, enabled=False)
        return rotation_status_from(answer)

    def create_key(
        self,
        alias: str,
        *,
        description: str = "",
        spec: str = "",
        usage: str = "",
        origin: str = "",
        multi_region: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> KeyDescription:
        """DescribeKey, CreateKey and CreateAlias (needs the kms: permission of each).

        Args:
            alias: with or without the prefix "alias/".
            description: free text.
            spec: KMS's KeySpec; SYMMETRIC_DEFAULT when empty.
            usage: KMS's KeyUsage; ENCRYPT_DECRYPT when empty, which only some specs allow.
            origin: AWS_KMS when empty, or EXTERNAL for material that is imported later.
            multi_region: make a multi-Region primary; it stays one for ever.
            tags: names and values (needs kms:TagResource).

        Raises:
            AlreadyExists: the alias is taken; no key was made.
            KmsError: a refusal. When it names a key, that key was made and has no alias.
        """
        name = alias if alias.startswith("alias/") else f"alias/{alias}"
        self._check_free(name)
        wanted: dict[str, Any] = {
            "KeySpec": spec,
            "KeyUsage": usage,
            "Origin": origin,
            "MultiRegion": multi_region,
            "Tags": [{"TagKey": key, "TagValue": value} for key, value in (tags or {}).items()],
        }
        given = {parameter: value for parameter, value in wanted.items() if value}
        created = description_from(self.call("CreateKey", Description=description, **given))
        try:
            self.call("CreateAlias", AliasName=name, TargetKeyId=created.key_id)
        except errors.KmsError as refusal:
            # A key costs money on AWS, so a key that nobody asked for must not go unnoticed.
            refusal.detail += f"; the key {created.arn} was made and has no alias"
            raise
        return created

    def close(self) -> None:
        """Close the connection; only when no call is under way."""
        self._connection.close()

    def _check_free(self, alias: str) -> None:
        """Look for an alias before a key is made for it."""
        try:
            taken = self.describe_key(alias)
        except (errors.KeyNotFound, errors.AccessDenied):
            return
        raise errors.AlreadyExists(
            "The alias is taken", f"{alias} is a name of {taken.arn}", "Choose another alias."
        )

    def _refuse_changes(
        self, operation: str, key: str, region: str, parameters: Mapping[str, Any]
    ) -> None:
        if self.is_read_only and operation not in READ_ONLY_OPERATIONS:
            site = CallSite(operation, key, region, self._principal())
            self._record(site, REFUSED, parameters)
            raise errors.ReadOnly(
                "This connection is read-only",
                site.detail(""),
                "Start with --write to allow changes to keys.",
            )

    def _send(
        self,
        client: Callable[[], Any],
        operation: str,
        key: str,
        region: str,
        parameters: dict[str, Any],
    ) -> dict[str, Any]:
        from botocore import xform_name

        started = time.perf_counter()
        result, request_id = "ok", ""
        site = CallSite(operation, key, region, self._principal())
        try:
            # Making the client reads the configuration and the credentials, and may fail too.
            answer: dict[str, Any] = getattr(client(), xform_name(operation))(**parameters)
            request_id = answer.get("ResponseMetadata", {}).get("RequestId", "")
        except Exception as problem:  # noqa: BLE001 - botocore lets out every kind: ValueError for an endpoint, KeyError or AttributeError for an answer
            ours = translate(problem, site)
            result, request_id = ours.kind, ours.request_id or ""
            # Our error says all of it; boto3's would bring request parameters into tracebacks.
            raise ours from None
        finally:
            spent = (time.perf_counter() - started) * 1000
            self._record(site, result, parameters, spent, request_id)
        return answer

    def _record(
        self,
        site: CallSite,
        result: str,
        parameters: Mapping[str, Any],
        spent: float = 0.0,
        request_id: str = "",
    ) -> None:
        self.log.add(
            CallRecord(
                at=datetime.now(UTC),
                operation=site.operation,
                key=site.key,
                region=site.region,
                result=result,
                milliseconds=spent,
                request_id=request_id,
                parameters=without_secrets(parameters),
                profile=self.profile or "",
                is_local=self.is_local,
            )
        )

    def _principal(self) -> str:
        return self._identity.arn if self._identity else ""


def _region_of(key_id: str) -> str | None:
    """The region of a key ARN or alias ARN; None for ids and alias names."""
    arn = parse_kms_arn(key_id)
    return arn.region if arn else None
