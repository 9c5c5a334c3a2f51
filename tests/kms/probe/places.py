"""Places that can be probed: the local KMS, an endpoint, an account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore.config import Config

from sealscope.kms.connection import Connection, Target, connect
from sealscope.kms.local import LocalStore, local_session


class SessionClients:
    """Makes clients of one session, and closes them."""

    def __init__(
        self,
        session: Any,
        *,
        region: str,
        endpoint_url: str | None = None,
        attempts: int = 1,
    ) -> None:
        self._session = session
        self._attempts = attempts
        self._region = region
        self._endpoint_url = endpoint_url
        self._clients: list[Any] = []

    def __call__(self, service: str, *, validate: bool = True) -> Any:
        """Make a client; see `lab.ClientFactory`."""
        client = self._session.client(
            service,
            region_name=self._region,
            endpoint_url=self._endpoint_url,
            config=Config(
                parameter_validation=validate,
                retries={"total_max_attempts": self._attempts, "mode": "standard"},
            ),
        )
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Close every client that was made."""
        for client in self._clients:
            client.close()


class LocalPlace(SessionClients):
    """The embedded local KMS on a store of its own."""

    def __init__(self, path: Path) -> None:
        self.store = LocalStore.open(path)
        self.session = local_session(self.store)
        super().__init__(self.session, region="local")

    def close(self) -> None:
        """Close the clients and the store."""
        super().close()
        self.store.close()


class EndpointPlace(SessionClients):
    """A KMS behind `--endpoint-url`, reached the way the app reaches it."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        self.connection: Connection = connect(Target(endpoint_url=endpoint_url, region=region))
        super().__init__(self.connection.session, region=region, endpoint_url=endpoint_url)

    def __call__(self, service: str, *, validate: bool = True) -> Any:
        """Take the connection's own clients; only the unchecked one is made apart."""
        if not validate:
            return super().__call__(service, validate=False)
        if service == "kms":
            return self.connection.client()
        return self.connection.identity_client()

    def close(self) -> None:
        """Close the clients and the connection."""
        super().close()
        self.connection.close()


class AccountPlace(SessionClients):
    """AWS, as a profile reaches it."""

    def __init__(self, profile: str, region: str | None) -> None:
        import boto3

        session = boto3.Session(profile_name=profile, region_name=region)
        super().__init__(session, region=session.region_name, attempts=6)
