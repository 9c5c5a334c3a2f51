"""One request to the local KMS: the store, the Region, the time, and what every service asks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag

from sealscope.kms.local import arns, rows
from sealscope.kms.local.faults import Fault, not_found, wrong_state
from sealscope.kms.local.protection import Entropy
from sealscope.kms.local.records import KeyRecord, MaterialRecord, damaged
from sealscope.kms.local.specs import SPECS
from sealscope.kms.local.store import LocalStore
from sealscope.secret import SecretBytes

Params = dict[str, Any]
"""A request's or an answer's members, by the service model's names; blobs are bytes."""


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        region: the Region of every ARN in it.
        action: the operation's name (`Encrypt`).
        now: milliseconds since 1970, the same for the whole request.
    """

    store: LocalStore
    region: str
    action: str
    now: int

    @property
    def entropy(self) -> Entropy:
        """Random bytes."""
        return self.store.entropy

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A consistent view of the store."""
        with self.store.reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A durable change of the store."""
        with self.store.writing() as connection:
            yield connection

    def arn(self, key: KeyRecord) -> str:
        """The key's ARN."""
        return arns.key_arn(self.region, key.id)

    def key(self, connection: sqlite3.Connection, reference: str) -> KeyRecord:
        """The key that a KeyId parameter names, where aliases are allowed.

        Raises:
            Fault: no such key or alias.
        """
        parsed = arns.parse_reference(reference, self.region, self.action)
        if parsed.alias is not None:
            alias = rows.alias(connection, parsed.alias)
            if alias is None:
                arn = arns.alias_arn(self.region, parsed.alias)
                raise not_found(f"Alias {arn} is not found.")
            return self._existing(connection, alias.key_id)
        return self._existing(connection, parsed.key_id or "")

    def key_by_id(self, connection: sqlite3.Connection, reference: str) -> KeyRecord:
        """The key that a KeyId parameter names, where only ids and key ARNs are allowed.

        Raises:
            Fault: no such key, or an alias.
        """
        parsed = arns.parse_reference(reference, self.region, self.action)
        if parsed.alias is not None:
            if reference.startswith("arn:"):
                raise Fault("InvalidArnException", f"Invalid arn {reference}")
            raise not_found(f"Invalid keyId '{reference}'")
        return self._existing(connection, parsed.key_id or "")

    def require_enabled(self, key: KeyRecord) -> None:
        """Refuse cryptography with a key that is not enabled.

        Raises:
            Fault: DisabledException, or KMSInvalidStateException.
        """
        if key.state == "Disabled":
            raise Fault("DisabledException", f"{self.arn(key)} is disabled.")
        self.require_not(key, "PendingDeletion", "PendingImport")

    def require_not(self, key: KeyRecord, *states: str) -> None:
        """Refuse an operation on a key in one of these states.

        Raises:
            Fault: KMSInvalidStateException.
        """
        words = {"PendingDeletion": "pending deletion", "PendingImport": "pending import"}
        if key.state in states:
            raise wrong_state(f"{self.arn(key)} is {words[key.state]}.")

    def require_usage(self, key: KeyRecord, usage: str) -> None:
        """Refuse a key made for another purpose.

        Raises:
            Fault: InvalidKeyUsageException.
        """
        if key.usage != usage:
            raise Fault(
                "InvalidKeyUsageException",
                f"{self.arn(key)} key usage is {key.usage} which is not valid for {self.action}.",
            )

    def secret(
        self, connection: sqlite3.Connection, key: KeyRecord, material: MaterialRecord | None
    ) -> SecretBytes:
        """Open a generation of a key.

        Raises:
            Fault: the store is locked, the material is gone, or its row is damaged.
            StoreError: the row is damaged in another way.
        """
        if material is None or material.wrapped is None:
            raise wrong_state(f"{self.arn(key)} is pending import.")
        root = self.store.unlocked_root(connection)
        if material.kind != SPECS[key.spec].kind:
            raise damaged(f"material {material.id}: its kind is not that of {key.spec}")
        try:
            return root.unwrap(material.place, material.wrapped)
        except InvalidTag as error:
            raise Fault(
                "KMSInternalException",
                f"local key store: material {material.id} of {self.arn(key)} does not open;"
                " see `sealscope local check`",
            ) from error

    def current(
        self, connection: sqlite3.Connection, key: KeyRecord
    ) -> tuple[MaterialRecord, SecretBytes]:
        """The generation that encrypts or signs, and its secret.

        Raises:
            Fault: see `secret`.
        """
        material = rows.current_material(connection, key.id)
        secret = self.secret(connection, key, material)
        if material is None:
            raise wrong_state(f"{self.arn(key)} is pending import.")
        return material, secret

    def _existing(self, connection: sqlite3.Connection, key_id: str) -> KeyRecord:
        record = rows.key(connection, key_id)
        if record is None:
            raise not_found(f"Key '{arns.key_arn(self.region, key_id)}' does not exist")
        return record
