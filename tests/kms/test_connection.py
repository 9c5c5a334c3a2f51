"""Which connection is chosen: by what is configured, never by whether a call worked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from sealscope.errors import CredentialsMissing, StoreLocked, UsageError
from sealscope.kms.connection import Identity, Target, connect


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory and an environment without a word of AWS."""
    import os

    for name in list(os.environ):
        if name.startswith(("AWS_", "SEALSCOPE_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def aws_file(home: Path, name: str, text: str) -> None:
    (home / ".aws").mkdir(exist_ok=True)
    (home / ".aws" / name).write_text(text, encoding="utf-8")


class TestWithNothingNamed:
    def test_nothing_configured_leads_to_the_local_kms(self, home: Path) -> None:
        assert Target().is_local()

    @pytest.mark.parametrize(
        "variable",
        [
            "AWS_PROFILE",
            "AWS_ACCESS_KEY_ID",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
        ],
    )
    def test_a_credential_source_in_the_environment_leads_to_aws(
        self, home: Path, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        monkeypatch.setenv(variable, "something")
        assert not Target().is_local()

    def test_an_empty_variable_configures_nothing(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_PROFILE", "")
        assert Target().is_local()

    @pytest.mark.parametrize(
        "setting",
        [
            "aws_access_key_id = AKIAEXAMPLE",
            "sso_session = corp",
            "role_arn = arn:aws:iam::111122223333:role/r",
            "credential_process = /bin/true",
        ],
    )
    def test_a_default_profile_with_credentials_leads_to_aws(
        self, home: Path, setting: str
    ) -> None:
        aws_file(home, "config", f"[default]\nregion = eu-west-1\n{setting}\n")
        assert not Target().is_local()

    @pytest.mark.parametrize(
        "section", ["profile default", "profile  default", 'profile "default"']
    )
    def test_the_default_profile_may_be_called_profile_default(
        self, home: Path, section: str
    ) -> None:
        aws_file(home, "config", f"[{section}]\nsso_session = corp\n")
        assert not Target().is_local()
        assert "default" in boto3.Session().available_profiles

    @pytest.mark.parametrize(
        ("name", "section"), [("credentials", "profile default"), ("config", "profile default x")]
    )
    def test_what_is_no_default_profile_to_boto3_is_none_to_us(
        self, home: Path, name: str, section: str
    ) -> None:
        aws_file(home, name, f"[{section}]\naws_access_key_id = AKIAEXAMPLE\n")
        assert Target().is_local()

    @pytest.mark.parametrize("path", ["~nobody-has-this-name/config", ".", "\udcff"])
    def test_a_config_file_that_cannot_be_found_configures_nothing(
        self, home: Path, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        monkeypatch.setenv("AWS_CONFIG_FILE", path)
        assert Target().is_local()

    def test_the_credentials_file_counts_as_well(self, home: Path) -> None:
        aws_file(home, "credentials", "[default]\naws_access_key_id = AKIAEXAMPLE\n")
        assert not Target().is_local()

    def test_a_region_alone_configures_no_credentials(self, home: Path) -> None:
        aws_file(home, "config", "[default]\nregion = eu-west-1\n")
        assert Target().is_local()

    def test_another_profile_needs_to_be_named(self, home: Path) -> None:
        aws_file(home, "config", "[profile prod]\nsso_session = corp\n")
        assert Target().is_local()
        assert not Target(profile="prod").is_local()

    def test_a_broken_config_file_configures_nothing(self, home: Path) -> None:
        aws_file(home, "config", "no section here = \x00\n[[[")
        assert Target().is_local()


class TestWithFlags:
    @pytest.mark.parametrize(
        "target",
        [
            Target(profile="p"),
            Target(region="eu-west-1"),
            Target(endpoint_url="http://127.0.0.1:9"),
        ],
    )
    def test_an_aws_flag_wins(self, home: Path, target: Target) -> None:
        assert not target.is_local()

    def test_the_local_flags_win_over_what_is_configured(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_PROFILE", "prod")
        assert Target(local=True).is_local()
        assert Target(local_store=home / "store").is_local()

    def test_both_kinds_contradict_each_other(self, home: Path) -> None:
        with pytest.raises(UsageError, match="takes no profile"):
            Target(profile="p", local=True).is_local()


class TestConnecting:
    def test_an_unknown_profile_is_named(self, home: Path) -> None:
        with pytest.raises(CredentialsMissing) as caught:
            connect(Target(profile="nowhere"))
        assert "nowhere" in caught.value.detail

    def test_a_missing_region_is_said_before_any_call(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
        with pytest.raises(CredentialsMissing, match="region"):
            connect(Target())

    @pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
    def test_the_profile_of_the_environment_is_told(
        self, home: Path, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        aws_file(home, "config", "[profile prod]\nregion = eu-west-1\nsso_session = corp\n")
        monkeypatch.setenv(variable, "prod")
        connection = connect(Target())
        assert (connection.profile, connection.region) == ("prod", "eu-west-1")
        monkeypatch.setenv(variable, "nowhere")
        with pytest.raises(CredentialsMissing, match="nowhere"):
            connect(Target())

    def test_the_regions_of_hostile_envelopes_do_not_pile_up(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connection = connect(Target(region="eu-west-1", endpoint_url="http://127.0.0.1:1"))
        made: list[str] = []

        def new_client(_service: str, region: str) -> object:
            made.append(region)
            return object()

        monkeypatch.setattr(connection, "_new_client", new_client)
        for number in range(200):
            connection.client(f"us-hostile-{number}")
            connection.client("eu-west-1")
        assert made.count("eu-west-1") == 1
        connection.client("us-hostile-199")
        connection.client("us-hostile-0")
        assert (made.count("us-hostile-199"), made.count("us-hostile-0")) == (1, 2)

    def test_the_local_kms_comes_with_a_first_key(self, home: Path) -> None:
        connection = connect(Target(local_store=home / "folder" / "kms.sqlite3"))
        try:
            assert connection.is_local
            names = [a["AliasName"] for a in connection.client().list_aliases()["Aliases"]]
            assert names == ["alias/getting-started"]
        finally:
            connection.close()

    def test_the_local_kms_is_used_without_boto3(self, tmp_path: Path) -> None:
        """Loading it would take longer than all that a command does with a small file."""
        code = (
            "import sys; from pathlib import Path;"
            "from sealscope.kms.connection import Target, connect;"
            "connection = connect(Target(local_store=Path(sys.argv[1])));"
            "print(len(connection.client().list_keys()['Keys']));"
            "print([name for name in ('boto3', 'botocore.session') if name in sys.modules])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "store")],
            capture_output=True,
            check=True,
            text=True,
        )
        assert done.stdout.split() == ["1", "[]"]

    def test_other_libraries_get_a_boto3_session_on_the_local_kms(self, tmp_path: Path) -> None:
        connection = connect(Target(local_store=tmp_path / "store"))
        assert isinstance(connection.session, boto3.Session)
        theirs = connection.session.client("kms").list_keys()["Keys"]
        assert theirs == connection.client().list_keys()["Keys"] != []
        connection.close()

    def test_a_passphrase_file_that_cannot_be_read_is_said(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SEALSCOPE_LOCAL_PASSPHRASE_FILE", str(home / "missing"))
        with pytest.raises(StoreLocked, match="passphrase file"):
            connect(Target(local=True))


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:sts::111122223333:assumed-role/Auditor/alice", "Auditor"),
        ("arn:aws:iam::111122223333:user/bob", "bob"),
        ("arn:aws:iam::111122223333:root", "root"),
        ("", ""),
    ],
)
def test_an_identity_has_a_short_name(arn: str, name: str) -> None:
    assert Identity("111122223333", arn).name == name
