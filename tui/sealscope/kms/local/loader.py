"""Reading botocore's data files, without what a KMS on this machine has no use for.

botocore looks through the folders of its four hundred services to tell whether it knows a name,
and reads where each of them has endpoints in which Region. Here that is most of the time that
making a client takes, and it would say nothing: the services are ours, and so is the endpoint.
"""

from __future__ import annotations

import functools
from typing import Any, Final

from botocore.loaders import Loader

ANSWERED: Final = frozenset({"kms", "sts"})
"""The services that the local KMS answers for."""

_NO_ENDPOINTS: Final = {"version": 3, "partitions": []}


class LocalLoader(Loader):  # type: ignore[misc] # botocore ships no types
    """A loader for sessions whose every client is given its endpoint."""

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:
        """A model, as botocore's own loader finds it; of our services without a search."""
        if service_name not in ANSWERED:
            return super().load_service_model(service_name, type_name, api_version)
        version = api_version or self.determine_latest_version(service_name, type_name)
        return self.load_data(f"{service_name}/{version}/{type_name}")

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """A data file and where it was found."""
        if name == "endpoints":
            return _NO_ENDPOINTS, ""
        found: tuple[Any, str] = super().load_data_with_path(name)
        return found


@functools.cache
def loader() -> LocalLoader:
    """Once for all local sessions, as it keeps what it has read."""
    return LocalLoader()
