"""The command that a call is shown as: quoted, without secrets, and the very same call."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace

import pytest

from sealscope.app.calls.aws_command import command_of
from tests.app.calls.records import ARN, record
from tests.hostile import HOSTILE, HOSTILE_IDS, leaks

BASH = shutil.which("bash")
WHERE = "--profile prod --region eu-central-1"


def words(command: str) -> list[str]:
    """What a shell makes of a command line."""
    assert BASH is not None
    done = subprocess.run(
        [BASH, "-c", f"printf '%s\\0' {command}"], capture_output=True, check=True
    )
    return [os.fsdecode(word) for word in done.stdout.split(b"\0")[:-1]]


class TestTheCommand:
    def test_names_operation_parameters_profile_and_region(self) -> None:
        call = record("GenerateDataKey", KeyId="alias/a", NumberOfBytes=32)
        assert command_of(call) == (
            f"aws kms generate-data-key --key-id alias/a --number-of-bytes 32 {WHERE}"
        )

    def test_writes_switches_without_a_value(self) -> None:
        assert "--dry-run --key-id" in command_of(record("Encrypt", DryRun=True, KeyId="k"))
        assert "--no-multi-region" in command_of(record("CreateKey", MultiRegion=False))

    def test_writes_lists_and_maps_as_json(self) -> None:
        call = record("Decrypt", EncryptionContext={"a b": "c'd"})
        assert json.loads(words(command_of(call))[4]) == {"a b": "c'd"}

    def test_asks_sts_who_calls(self) -> None:
        assert command_of(record("GetCallerIdentity")).startswith("aws sts get-caller-identity ")

    def test_names_the_endpoint_where_there_is_one(self) -> None:
        command = command_of(record("ListKeys"), "http://127.0.0.1:4566")
        assert command.endswith("--endpoint-url http://127.0.0.1:4566")

    def test_of_the_local_kms_names_none_of_these(self) -> None:
        call = replace(record("ListKeys"), is_local=True)
        assert command_of(call, "http://elsewhere") == "aws kms list-keys"

    def test_has_files_to_be_made_in_place_of_blobs_and_secrets(self) -> None:
        call = record(
            "ImportKeyMaterial",
            KeyId=ARN,
            EncryptedKeyMaterial=b"s3cr3t" * 100,
            KeyStorePassword="s3cr3t",
            Policy="x" * 30000,
        )
        command = command_of(call)
        assert "fileb://encrypted-key-material-600-bytes" in command
        assert "--key-store-password file://key-store-password " in command
        assert "file://policy-30000-characters" in command
        assert "s3cr3t" not in command

    @pytest.mark.parametrize("value", ["file:///etc/passwd", "fileb://x", "http://a", "https://b"])
    def test_never_makes_the_cli_fetch_what_a_value_names(self, value: str) -> None:
        call = record("UpdateKeyDescription", KeyId="k", Description=value)
        command = words(command_of(call))
        assert value not in command
        given = command[command.index("--cli-input-json") + 1]
        assert json.loads(given) == {"Description": value}

    def test_takes_no_value_for_an_option(self) -> None:
        call = record("UpdateKeyDescription", Description="--endpoint-url=http://evil")
        assert "--description=--endpoint-url=http://evil" in words(command_of(call))

    @pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
    def test_is_harmless_and_exact_whatever_the_values(self, text: str) -> None:
        text = text[:2000].replace("\0", "")
        call = replace(record("DescribeKey", KeyId=f"k{text}"), profile=f"p{text}")
        command = command_of(call)
        assert leaks(command) == []
        if not any("\ud800" <= char <= "\udfff" for char in text):
            read = words(command)
            assert f"k{text}" in read
            assert f"p{text}" in read
