"""botocore's data, read without what the local KMS has no use for."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

from sealscope.kms.local import LocalStore
from sealscope.kms.local.loader import ANSWERED, LocalLoader
from sealscope.kms.local.session import LocalSession


@pytest.fixture
def no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searching the folders of all services fails."""

    def refuse(*_: Any) -> None:
        raise AssertionError("all services were searched")

    monkeypatch.setattr(Loader, "list_available_services", refuse)


@pytest.mark.parametrize("service", sorted(ANSWERED))
class TestAServiceThatIsAnswered:
    @pytest.mark.parametrize("kind", ["service-2", "paginators-1", "endpoint-rule-set-1"])
    def test_is_described_as_by_botocores_own_loader(self, service: str, kind: str) -> None:
        expected = Loader().load_service_model(service, kind)
        assert LocalLoader().load_service_model(service, kind) == expected

    @pytest.mark.usefixtures("no_search")
    def test_has_a_client_without_a_search_through_all_services(
        self, service: str, store: LocalStore
    ) -> None:
        client = LocalSession(store).create_client(service)
        assert client.meta.endpoint_url == f"https://{service}.local.invalid"

    def test_says_so_when_a_kind_of_data_is_missing(self, service: str) -> None:
        with pytest.raises(DataNotFoundError):
            LocalLoader().load_service_model(service, "nothing-1")


def test_an_unknown_service_is_told_as_by_botocores_own_loader() -> None:
    with pytest.raises(UnknownServiceError, match="'nothing'"):
        LocalLoader().load_service_model("nothing", "service-2")
