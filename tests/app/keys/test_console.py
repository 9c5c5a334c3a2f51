"""The address of a key in AWS's console, by its ARN alone."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from sealscope.app.keys.console import console_address
from tests.hostile import HOSTILE, HOSTILE_IDS

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize(
    ("partition", "region", "start"),
    [
        ("aws", "eu-central-1", "https://eu-central-1.console.aws.amazon.com/kms/home"),
        ("aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/kms/home"),
        (
            "aws-us-gov",
            "us-gov-west-1",
            "https://us-gov-west-1.console.amazonaws-us-gov.com/kms/home",
        ),
    ],
)
def test_each_partition_has_its_own_console(partition: str, region: str, start: str) -> None:
    arn = f"arn:{partition}:kms:{region}:111122223333:key/{ID}"
    assert console_address(arn) == f"{start}?region={region}#/kms/keys/{ID}"


def test_keys_that_aws_manages_are_on_a_page_of_their_own() -> None:
    arn = f"arn:aws:kms:eu-west-1:111122223333:key/{ID}"
    address = console_address(arn, "AWS")
    assert address is not None
    assert address.endswith(f"#/kms/defaultKeys/{ID}")


@pytest.mark.parametrize(
    "arn",
    [
        ID,
        f"arn:aws-iso:kms:us-iso-east-1:111122223333:key/{ID}",
        f"arn:aws:kms:local:000000000000:key/{ID}",
        f"arn:aws:kms:evil.example/x:111122223333:key/{ID}",
        f"arn:aws:kms:eu-west-1\n:111122223333:key/{ID}",
        "arn:aws:kms:eu-west-1:111122223333:alias/a",
    ],
)
def test_where_no_console_is_known_there_is_no_address(arn: str) -> None:
    assert console_address(arn) is None


@pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
def test_a_hostile_id_stays_in_its_place(text: str) -> None:
    address = console_address(f"arn:aws:kms:eu-west-1:111122223333:key/{text}x")
    assert address is not None
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address
    assert urlsplit(address).hostname == "eu-west-1.console.aws.amazon.com"
