"""Another KMS, reached by `--endpoint-url` as the app reaches it, answers the same probes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from tests.kms.probe.__main__ import main
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


class TestTheLiveCommand:
    """`--live` against moto, which stands in for an account."""

    @pytest.fixture
    def profile(self, moto_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        config = tmp_path / "config"
        config.write_text(
            "[profile prober]\n"
            "region = us-east-1\n"
            f"endpoint_url = {moto_lab.kms.meta.endpoint_url}\n"
            "aws_access_key_id = testing\n"
            "aws_secret_access_key = testing\n"
        )
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        return "prober"

    def test_runs_the_safe_probes(self, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--live", profile, "--only", "identifiers.an_unknown_a"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[-1] == "3 of 3 as said"

    def test_says_what_differs_and_fails(
        self, profile: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """moto takes any marker: the probe of it differs, and the command says so."""
        assert main(["--live", profile, "--only", "ListKeys_bad_marker"]) == 1
        shown = capsys.readouterr()
        assert "DIFFERS listing.ListKeys_bad_marker" in shown.out
        assert "KMS API Reference, ListKeys" in shown.out
        assert "it was not refused" in shown.err

    def test_creates_keys_only_when_told_to(
        self, profile: str, capsys: pytest.CaptureFixture[str], moto_lab: Lab
    ) -> None:
        name = "keys.the_old_name_of_the_spec_still_works"
        before = len(moto_lab.kms.list_keys()["Keys"])
        assert main(["--live", profile, "--only", name]) == 0
        assert len(moto_lab.kms.list_keys()["Keys"]) == before
        assert main(["--live", profile, "--only", name, "--create"]) == 0
        assert len(moto_lab.kms.list_keys()["Keys"]) == before + 1
        assert capsys.readouterr().out.splitlines()[-1] == "1 of 1 as said"


def test_it_is_moto_that_answers(moto_lab: Lab) -> None:
    """The keys are of moto's account and Region, and reached over loopback."""
    assert moto_lab.key().arn.startswith("arn:aws:kms:us-east-1:123456789012:key/")
    assert moto_lab.kms.meta.endpoint_url.startswith("http://127.0.0.1:")
