"""A connection whose clients are strict ones, one for each Region."""

from __future__ import annotations

from typing import cast

from sealscope.kms.connection import Connection
from sealscope.kms.facade import KmsGate
from tests.kms.strict.client import PRINCIPAL, StrictClient
from tests.kms.strict.contents import ACCOUNT, Contents, Record


class Sts:
    """STS of the account."""

    def get_caller_identity(self) -> Record:
        """GetCallerIdentity."""
        return {"Account": ACCOUNT, "Arn": PRINCIPAL, "UserId": "AROA:tests"}


class StrictConnection:
    """What the KMS gate needs of a connection to AWS.

    Attributes:
        kms: the client of the connection's own Region; other Regions are empty.
    """

    is_local = False
    is_locked = False
    profile = "prod"

    def __init__(self, kms: StrictClient) -> None:
        self.kms = kms
        self.region = kms.contents.region
        self.endpoint_url = f"https://kms.{self.region}.amazonaws.com"
        self._clients = {self.region: kms}

    def client(self, region: str | None = None) -> StrictClient:
        """The client of a Region."""
        wanted = region or self.region
        if wanted not in self._clients:
            self._clients[wanted] = StrictClient(Contents(region=wanted), clock=self.kms.clock)
        return self._clients[wanted]

    def identity_client(self) -> Sts:
        """The client of STS."""
        return Sts()

    def close(self) -> None:
        """Nothing is open."""

    def gate(self, *, write: bool = False) -> KmsGate:
        """The KMS gate on this connection."""
        return KmsGate(cast("Connection", self), write=write)
