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
from sealscope.kms.answers import member, odd, optional, text
from sealscope.kms.call_log import CallLog, CallRecord
from sealscope.kms.connection import Connection, Identity
from sealscope.kms.keys import (
    Alias,
    KeyDescription,
    KeyRef,
    RotationStatus,
    alias_from,
    description_from,
    key_ref_from,
)
from sealscope.kms.service_errors import CallSite, translate
from sealscope.secret import SecretBytes

KEYS_PER_PAGE: Final = 1000  # ListKeys allows 1 to 1000
ALIASES_PER_PAGE: Final = 100  # ListAliases allows 1 to 100


class KmsGate:
    """KMS as the rest of the app sees it. Safe to use from any thread.

    Args:
        connection: AWS or local.
        write: allow changes to keys on AWS; the local KMS is always writable.
    """

    def __init__(self, connection: Connection, *, write: bool = False) -> None:
        self._connection = connection
        self.is_local = connection.is_local
        self.is_read_only = not (connection.is_local or write)
        self.region = connection.region
        self.profile = connection.profile
        self.log = CallLog()
        self._identity: Identity | None = None

    @property
    def is_locked(self) -> bool:
        """Whether the local store's passphrase is missing; never so on AWS."""
        return self._connection.is_locked

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
            in_region: for keys of another region; the connection's own by default.
            parameters: as the API names them.

        Raises:
            ReadOnly: the operation changes keys and the connection is read-only.
            KmsError: one of its kinds, for anything the call may meet.
        """
        key = str(parameters.get("KeyId") or parameters.get("TargetKeyId") or "")
        region = self.region if self.is_local or not in_region else in_region
        self._refuse_changes(operation, key, region)
        return self._send(
            lambda: self._connection.client(region), operation, key, region, parameters
        )

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
            in_region=_region_of(key_id),
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
            in_region=_region_of(key_id),
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
            in_region=_region_of(key_id),
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
        region = _region_of(str(parameters.get("KeyId", "")))
        try:
            self.call(operation, in_region=region, DryRun=True, **parameters)
        except errors.DryRunSucceeded:
            return True
        return False

    # Looking at keys.

    def key_pages(self) -> Iterator[tuple[KeyRef, ...]]:
        """ListKeys to the end, a page at a time (needs kms:ListKeys)."""
        for answer in self._pages("ListKeys", KEYS_PER_PAGE):
            yield tuple(key_ref_from(key) for key in member(answer, "Keys", list))

    def alias_pages(self) -> Iterator[tuple[Alias, ...]]:
        """ListAliases to the end, a page at a time (needs kms:ListAliases)."""
        for answer in self._pages("ListAliases", ALIASES_PER_PAGE):
            yield tuple(alias_from(alias) for alias in member(answer, "Aliases", list))

    def aliases_of(self, key: KeyDescription) -> tuple[Alias, ...]:
        """ListAliases of one key: its first page, which is 50 names (needs kms:ListAliases)."""
        answer = self.call("ListAliases", in_region=_region_of(key.arn), KeyId=key.key_id)
        return tuple(alias_from(alias) for alias in member(answer, "Aliases", list))

    def describe_key(self, key_id: str) -> KeyDescription:
        """DescribeKey, by id, ARN, alias or alias ARN (needs kms:DescribeKey)."""
        answer = self.call("DescribeKey", in_region=_region_of(key_id), KeyId=key_id)
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
            answer = self.call("GetKeyRotationStatus", in_region=_region_of(key_id), KeyId=key_id)
        except (errors.UnsupportedOperation, errors.KeyStateInvalid, errors.KeyPendingDeletion):
            return RotationStatus(applicable=False, enabled=False)
        return RotationStatus(
            applicable=True,
            enabled=member(answer, "KeyRotationEnabled", bool),
            period_days=optional(answer, "RotationPeriodInDays", int),
            next_date=optional(answer, "NextRotationDate", datetime),
        )

    def create_key(self, alias: str, *, description: str = "") -> KeyDescription:
        """DescribeKey, CreateKey and CreateAlias (needs the kms: permission of each).

        Args:
            alias: with or without the prefix "alias/".
            description: free text.

        Raises:
            AlreadyExists: the alias is taken; no key was made.
            KmsError: a refusal. When it names a key, that key was made and has no alias.
        """
        name = alias if alias.startswith("alias/") else f"alias/{alias}"
        self._check_free(name)
        created = description_from(self.call("CreateKey", Description=description))
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

    def _pages(self, operation: str, limit: int) -> Iterator[dict[str, Any]]:
        parameters: dict[str, Any] = {"Limit": limit}
        while True:
            answer = self.call(operation, **parameters)
            yield answer
            if not answer.get("Truncated"):
                return
            marker = member(answer, "NextMarker", str)
            if marker == parameters.get("Marker"):
                # An endpoint that ignores Marker would list the same page without end.
                raise odd("NextMarker")
            parameters["Marker"] = marker

    def _refuse_changes(self, operation: str, key: str, region: str) -> None:
        if self.is_read_only and operation not in READ_ONLY_OPERATIONS:
            site = CallSite(operation, key, region, self._principal())
            self._record(site, "refused: read-only")
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
            self._record(site, result, spent, request_id)
        return answer

    def _record(
        self, site: CallSite, result: str, spent: float = 0.0, request_id: str = ""
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
            )
        )

    def _principal(self) -> str:
        return self._identity.arn if self._identity else ""


def _region_of(key_id: str) -> str | None:
    """The region of a key ARN or alias ARN; None for ids and alias names."""
    arn = parse_kms_arn(key_id)
    return arn.region if arn else None
