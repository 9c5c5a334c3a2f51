"""Another KMS, reached by `--endpoint-url` as the app reaches it, answers the same probes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from tests.kms.probe.catalogue import PROBES
from tests.kms.probe.lab import Lab
from tests.kms.probe.moto_agrees import MOTO_AGREES
from tests.kms.probe.places import EndpointPlace

AGREED = [f"{subject}.{name}" for subject, names in MOTO_AGREES.items() for name in names]


@pytest.fixture(scope="session")
def moto_lab() -> Iterator[Lab]:
    """A lab on moto's server, connected to as `sealscope --endpoint-url` connects."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        environment.delenv("AWS_PROFILE", raising=False)
        place = EndpointPlace(f"http://{host}:{port}", "us-east-1")
        lab = Lab(place)
        # Making the clients now reads the credentials while the environment has them.
        assert lab.account == "123456789012"
        assert lab.kms.meta.endpoint_url == lab.unchecked.meta.endpoint_url
    yield lab
    place.close()
    server.stop()


@pytest.mark.parametrize("name", AGREED)
def test_moto_answers_as_aws_does(name: str, moto_lab: Lab) -> None:
    PROBES[name].run(moto_lab)


def test_it_is_moto_that_answers(moto_lab: Lab) -> None:
    """The keys are of moto's account and Region, and reached over loopback."""
    assert moto_lab.key().arn.startswith("arn:aws:kms:us-east-1:123456789012:key/")
    assert moto_lab.kms.meta.endpoint_url.startswith("http://127.0.0.1:")
