"""The first word, the options before and after it, the help, and what is not loaded for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from sealscope.cli import launch
from sealscope.cli.main import COMMANDS, root
from sealscope.cli.options import ConnectionChoice
from sealscope.cli.options_context import unique_names
from sealscope.kms.connection import connect
from tests.cli.calling import KEY, Here, call

FORBID = ("--commitment-policy", "forbid-encrypt-allow-decrypt")
HEAVY = ("textual", "rich", "boto3", "botocore", "cryptography")


def loaded_by(code: str) -> set[str]:
    """Which heavy modules a fresh interpreter has after running some code."""
    ending = f"; import sys, json; print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code + ending], capture_output=True, check=True, text=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


class TestTheHelp:
    def test_loads_no_heavy_library(self) -> None:
        helped = "from sealscope.cli.main import root; root.main(['--help'], standalone_mode=False)"
        assert loaded_by(helped) == set()

    @pytest.mark.parametrize("name", COMMANDS)
    def test_of_a_command_loads_no_heavy_library_either(self, name: str) -> None:
        helped = (
            "from sealscope.cli.main import root;"
            f"root.main(['{name}', '--help'], standalone_mode=False)"
        )
        assert loaded_by(helped) == set()

    def test_names_both_ways_to_call_and_every_command(self) -> None:
        done = call("--help")
        assert done.status == 0
        assert "sealscope [CONNECTION] [PATH]" in done.out
        assert "sealscope [CONNECTION] COMMAND ..." in done.out
        for name in COMMANDS:
            assert f"\n  {name} " in done.out

    @pytest.mark.parametrize("name", COMMANDS)
    def test_says_of_each_command_what_the_command_says_of_itself(self, name: str) -> None:
        context = click.Context(root)
        command = root.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str() == COMMANDS[name][1]
        assert command.name == name

    @pytest.mark.parametrize("words", [["-h"], ["keys", "-h"], ["local", "info", "-h"]])
    def test_has_a_short_flag(self, words: list[str]) -> None:
        done = call(*words)
        assert done.status == 0
        assert done.out.startswith("Usage: sealscope")

    @pytest.mark.parametrize(
        ("name", "options"),
        {
            "keys": {"--json"},
            "inspect": {"--json", "--decode"},
            "encrypt": {
                "-k", "-c", "-o", "-r", "--suite", "--frame-length", "--overwrite", "--json",
                "--max-encrypted-data-keys", "--raw-aes", "--raw-rsa", "--rsa-padding",
                "--required-context", "--commitment-policy", "--caching", "--encode",
            },
            "decrypt": {
                "-k", "-c", "-o", "-r", "--discovery", "--account", "--partition", "--overwrite",
                "--json", "--max-encrypted-data-keys", "--commitment-policy",
                "--allow-unverified-stream", "--raw-aes", "--raw-rsa", "--rsa-padding", "--caching",
                "--decode",
            },
            "verify": {
                "-k", "-c", "-r", "--discovery", "--account", "--partition", "--json",
                "--max-encrypted-data-keys", "--commitment-policy", "--raw-aes", "--raw-rsa",
                "--rsa-padding", "--caching", "--decode",
            },
        }.items(),
    )  # fmt: skip
    def test_shows_every_option_of_the_contract(self, name: str, options: set[str]) -> None:
        words = call(name, "--help").out.replace(",", " ").split()
        assert options <= set(words)

    def test_of_inspect_shows_no_connection_because_it_opens_none(self) -> None:
        assert "--region" not in call("inspect", "--help").out

    def test_shows_write_only_where_keys_can_be_changed(self) -> None:
        assert "--write" in call("--help").out
        assert "--write" not in call("encrypt", "--help").out

    def test_every_sentence_of_every_option_ends(self) -> None:
        """Plain, whole sentences, because the README repeats them."""
        context = click.Context(root)
        for name in ("keys", "inspect", "encrypt", "decrypt", "verify"):
            command = root.get_command(context, name)
            assert command is not None
            for option in command.params:
                if isinstance(option, click.Option):
                    assert (option.help or "").endswith("."), option.name


class TestTheVersion:
    def test_is_told(self) -> None:
        done = call("--version")
        assert done.status == 0
        assert done.out.startswith("sealscope 0.")


class Launched:
    """Stands where the app would start."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str | None, ConnectionChoice]] = []
        monkeypatch.setattr(launch, "launch", self._launch)

    def _launch(self, path: str | None, connection: ConnectionChoice) -> int:
        self.calls.append((path, connection))
        return 0


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> Launched:
    return Launched(monkeypatch)


class TestTheFirstWord:
    def test_missing_opens_the_app(self, launched: Launched) -> None:
        assert call().status == 0
        assert [path for path, _ in launched.calls] == [None]

    def test_that_is_no_command_is_a_path(self, launched: Launched) -> None:
        call("file.encrypted")
        assert [path for path, _ in launched.calls] == ["file.encrypted"]

    def test_that_is_a_command_is_the_command(self, launched: Launched, here: Here) -> None:
        here.make("keys")
        assert here.call("keys").out.startswith("ALIAS")
        assert launched.calls == []

    @pytest.mark.parametrize("words", [["./keys"], ["--", "keys"], ["--local", "--", "keys"]])
    def test_that_is_a_commands_name_can_be_a_path(
        self, launched: Launched, words: list[str]
    ) -> None:
        call(*words)
        assert [path for path, _ in launched.calls] == [words[-1]]

    def test_may_begin_with_a_dash_after_two_dashes(self, launched: Launched) -> None:
        call("--", "--local")
        assert [path for path, _ in launched.calls] == ["--local"]

    def test_is_the_only_path(self, launched: Launched) -> None:
        assert call("one", "two").status == 2
        assert launched.calls == []

    def test_that_is_neither_command_nor_file_is_a_wrong_command(self, here: Here) -> None:
        done = call("kyes")
        assert done.status == 2
        assert "no such command or file" in done.err

    def test_opens_no_app_where_there_is_no_terminal(self, here: Here) -> None:
        here.make("file")
        for words in ([], ["file"]):
            done = call("--local", *words)
            assert done.status == 2
            assert "needs a terminal" in done.err

    def test_with_a_nul_in_it_is_a_wrong_command(self) -> None:
        assert call("a\0b").status == 2


class TestTheConnection:
    def test_stands_before_a_path_or_after_it(self, launched: Launched) -> None:
        for words in (["--region", "eu-west-1", "f"], ["f", "--region", "eu-west-1"]):
            call(*words)
        assert [choice.region for _, choice in launched.calls] == ["eu-west-1"] * 2

    def test_of_the_app_may_allow_changes(self, launched: Launched) -> None:
        call("--profile", "p", "--write")
        (_, choice), *_ = launched.calls
        assert choice == ConnectionChoice(profile="p", write=True)

    def test_stands_before_a_command_or_after_it(self, here: Here) -> None:
        store = str(here.store)
        before = call("--local-store", store, "keys", "--json").json()
        after = call("keys", "--json", "--local-store", store).json()
        assert before == after != []

    def test_after_a_command_wins(self, here: Here, tmp_path: Path) -> None:
        other = str(tmp_path / "other.sqlite3")
        asked = call("--local-store", other, "keys", "--json", "--local-store", str(here.store))
        assert asked.json() == here.call("keys", "--json").json()

    @pytest.mark.parametrize("option", [["--profile", "p"], ["--region", "r"], ["--write"]])
    def test_is_accepted_by_every_command(self, here: Here, option: list[str]) -> None:
        here.make("m", here.sealed())
        assert call("inspect", "m", *option).status == 0

    @pytest.mark.parametrize(
        "words", [["keys"], ["encrypt", "f", "-k", "k"], ["local", "info"], []]
    )
    def test_that_contradicts_itself_is_a_wrong_command(self, here: Here, words: list[str]) -> None:
        done = here.call("--profile", "p", *words)
        assert done.status == 2
        assert "takes no profile" in done.err

    def test_by_default_is_the_local_kms(self, here: Here, empty_home: Path) -> None:
        assert [line["aliases"] for line in call("keys", "--json").json()] == [
            ["alias/getting-started"]
        ]
        assert list(empty_home.rglob("local-kms.sqlite3"))

    def test_takes_its_region_from_aws_region_as_other_sdks_do(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "x")
        monkeypatch.setenv("AWS_REGION", "eu-north-1")
        connection = connect(ConnectionChoice().target())
        assert (connection.is_local, connection.region) == (False, "eu-north-1")
        connection.close()

    def test_to_an_unknown_profile_fails_in_words(self) -> None:
        done = call("--profile", "nobody", "keys")
        assert done.status == 1
        assert "no such AWS profile" in done.err


class TestAWrongCommand:
    @pytest.mark.parametrize(
        "words",
        [
            ["--bogus"],
            ["keys", "--bogus"],
            ["keys", "extra"],
            ["inspect"],
            ["encrypt", "-k", "k"],
            ["encrypt", "file"],
            ["encrypt", "file", "-k"],
            ["encrypt", "file", "-k", "k", "--suite", "0178"],
            ["encrypt", "file", "-k", "k", "--suite", "0078"],
            ["encrypt", "file", "-k", "k", "--suite", "9999"],
            ["encrypt", "file", "-k", "k", "--suite", "0578", *FORBID],
            ["encrypt", "file", "-k", "k", "--commitment-policy", "none"],
            ["encrypt", "file", "-k", "k", "--frame-length", "-1"],
            ["encrypt", "file", "-k", "k", "--required-context", "tenant"],
            ["encrypt", "file", "--raw-aes", "n/k=missing"],
            ["encrypt", "file", "--raw-aes", "n/k=file"],
            ["encrypt", "file", "--raw-rsa", "n/k=file"],
            ["encrypt", "file", "--raw-aes", "nk=file"],
            ["encrypt", "file", "--raw-aes", "/k=file"],
            ["encrypt", "file", "--raw-aes", "n/=file"],
            ["encrypt", "file", "--raw-aes", "n/k="],
            ["encrypt", "file", "--raw-aes", "n/k"],
            ["encrypt", "file", "--raw-aes", "n/\udce9=file"],
            ["encrypt", "file", "-k", "k", "--rsa-padding", "none"],
            ["encrypt", "file", "-k", "k", "--caching", "600"],
            ["encrypt", "file", "-k", "k", "--caching", "max-bytes=1"],
            ["encrypt", "file", "-k", "k", "--caching", "max-age=0"],
            ["encrypt", "file", "-k", "k", "--caching", "max-age=nan"],
            ["encrypt", "file", "-k", "k", "--caching", "max-age=inf"],
            ["encrypt", "file", "-k", "k", "--caching", "max-age=1_0"],
            ["encrypt", "file", "-k", "k", "--caching", "max-age= 10"],
            ["encrypt", "file", "-k", "k", "--caching", f"max-age={'9' * 5000}"],
            ["encrypt", "file", "-k", "k", "--caching", "max-age=1,max-age=2"],
            ["encrypt", "file", "-k", "k", "--caching", "max-age=1,max-messages=0"],
            ["encrypt", "file", "-k", "k", "--caching", f"max-age=1,max-messages={2**32 + 1}"],
            ["encrypt", "file", "-k", "k", "--caching", f"max-age=1,max-bytes={2**63}"],
            ["encrypt", "file", "-k", "k", "--caching", f"max-age=1,max-bytes={'9' * 5000}"],
            ["encrypt", "file", "-k", "k", "--caching", "max-age=1,max-bytes=1_0"],
            ["encrypt", "file", "-k", "k", "--caching", "max-age=1,capacity=10"],
            ["encrypt", "file", "-k", "k", "--caching", "max-age=1,"],
            ["encrypt", "file", "-k", "k", "--frame-length", "2147483648"],
            ["encrypt", "file", "-k", "k", "--max-encrypted-data-keys", "0"],
            ["encrypt", "file", "-k", "k", "-c", "novalue"],
            ["encrypt", "file", "-k", "k", "-c", "=noname"],
            ["encrypt", "file", "-k", "k", "-c", "a=1", "-c", "a=2"],
            ["encrypt", "file", "-k", "k", "-c", "a=\udce9"],
            ["encrypt", "file", "-k", "k", "-c", "aws-crypto-x=1"],
            ["decrypt", "file", "-k", "k", "--discovery"],
            ["decrypt", "file", "-k", "k", "--account", "1"],
            ["decrypt", "file", "--partition", "aws"],
            ["decrypt", "file", "-k", "k", "--commitment-policy", "none"],
            ["decrypt", "file", "--raw-aes", "n/k=missing"],
            ["decrypt", "file", "-k", "k", "--caching", "max-age"],
            ["decrypt", "file", "-k", "k", "--allow-unverified-stream"],
            ["local"],
            ["local", "bogus"],
            ["local", "backup"],
            ["local", "serve", "--port", "65536"],
        ],
        ids=" ".join,
    )
    def test_ends_with_2_and_prints_nothing_on_standard_output(
        self, here: Here, words: list[str]
    ) -> None:
        here.make("file")
        done = here.call(*words)
        assert (done.status, done.stdout) == (2, b"")
        assert done.err.startswith("sealscope: ")
        assert set(here.listing()) == {"file"}

    @pytest.mark.parametrize(
        "words",
        [
            [""],
            ["inspect", ""],
            ["encrypt", "-r", "", "-k", KEY],
            ["encrypt", "file", "-k", ""],
            ["encrypt", "file", "-k", KEY, "-o", ""],
            ["decrypt", "file", "--discovery", "--account", ""],
            ["decrypt", "file", "--discovery", "--partition", ""],
            ["--profile", "", "keys"],
            ["--region", "", "keys"],
            ["--endpoint-url", "", "keys"],
            ["keys", "--local-store", ""],
            ["local", "backup", ""],
        ],
        ids=" ".join,
    )
    def test_is_one_with_the_empty_variable_of_a_script(self, here: Here, words: list[str]) -> None:
        """It must not mean the working folder, another KMS or no filter at all."""
        here.make("file")
        done = call(*words)
        assert (done.status, done.stdout) == (2, b"")
        assert "it is empty" in done.err
        assert set(here.listing()) == {"file"}

    def test_of_a_group_without_a_command_is_told_in_one_line(self) -> None:
        assert "\\n" not in call("local").err

    def test_with_a_huge_context_is_told_at_once(self) -> None:
        """The time must grow with the number of pairs, not with its square."""
        pairs = tuple((str(number), "") for number in range(200_000))
        parameter = click.Option(["-c"])
        context = click.Context(click.Command("encrypt"))
        assert unique_names(context, parameter, pairs) is pairs
        with pytest.raises(click.BadParameter, match="199999"):
            unique_names(context, parameter, (*pairs, pairs[-1]))

    def test_is_answered_with_where_its_options_are_told(self) -> None:
        assert "`sealscope keys --help`" in call("keys", "--bogus").err


def test_the_process_ends_with_the_commands_status(here: Here) -> None:
    assert here.process("keys", "--bogus").status == 2
    assert here.process("inspect", "missing").status == 1
