"""Exported keys: exact in JSON, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscope.app.keys.export import COLUMNS, csv_cell, lines, proposed_name
from sealscope.errors import AccessDenied, KmsError
from sealscope.kms.inventory import KeyEntry
from sealscope.kms.keys import Alias, KeyDescription, RotationStatus
from tests.app.fakes import ACCOUNT, NOW, REGION, key_id
from tests.hostile import HOSTILE, HOSTILE_IDS, leaks

ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id(1)}"


def entry(description: str = "", *aliases: str, number: int = 1) -> KeyEntry:
    """A described key."""
    return KeyEntry(
        key_id=key_id(number),
        arn=ARN,
        aliases=tuple(Alias(name, "", key_id(number), None, None) for name in aliases),
        description=KeyDescription(
            key_id=key_id(number),
            arn=ARN,
            account=ACCOUNT,
            state="Enabled",
            spec="SYMMETRIC_DEFAULT",
            usage="ENCRYPT_DECRYPT",
            origin="AWS_KMS",
            manager="CUSTOMER",
            description=description,
            multi_region="",
            key_material_id="",
            created=NOW,
            deletion_date=None,
            valid_to=None,
        ),
        rotation=RotationStatus(applicable=True, enabled=True, period_days=365),
    )


def table(*entries: KeyEntry) -> list[dict[str, str]]:
    """The CSV file of these keys, as a program reads it."""
    return list(csv.DictReader(io.StringIO("".join(lines(entries, "csv")), newline="")))


def objects(*entries: KeyEntry) -> list[dict[str, object]]:
    """The JSON file of these keys, as a program reads it."""
    read: list[dict[str, object]] = json.loads("".join(lines(entries, "json")))
    return read


class TestJson:
    def test_is_an_array_with_an_object_a_line(self) -> None:
        text = "".join(lines([entry(), entry(number=2)], "json"))
        assert text.count("\n") == 4
        assert [item["key_id"] for item in json.loads(text)] == [key_id(1), key_id(2)]

    def test_of_no_keys_is_an_empty_array(self) -> None:
        assert "".join(lines([], "json")) == "[]\n"

    def test_says_what_the_command_line_says(self) -> None:
        (found,) = objects(entry("Card data", "alias/b", "alias/a"))
        assert found["aliases"] == ["alias/a", "alias/b"]
        assert found["rotation"] == {
            "applicable": True,
            "enabled": True,
            "period_days": 365,
            "next_date": None,
        }

    def test_says_why_a_key_is_not_described(self) -> None:
        (found,) = objects(KeyEntry(key_id(1), ARN, error=AccessDenied("no", "for you")))
        assert found["error"] == {"class": "AccessDenied", "title": "no", "detail": "for you"} | {
            "hint": ""
        }

    def test_names_keys_that_nobody_has_asked_about(self) -> None:
        assert objects(KeyEntry(key_id(1), ARN)) == [
            {"aliases": [], "key_id": key_id(1), "arn": ARN}
        ]

    @pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
    def test_holds_every_text_exactly_and_in_ascii(self, text: str) -> None:
        file = "".join(lines([entry(text, f"alias/{text}")], "json"))
        assert file.isascii()
        assert leaks(file.replace("\n", "")) == []
        assert json.loads(file)[0]["description"] == text


class TestCsv:
    def test_has_a_column_for_each_fact(self) -> None:
        (row,) = table(entry("Card data", "alias/b", "alias/a"))
        assert tuple(row) == COLUMNS
        assert (row["aliases"], row["rotation"], row["description"]) == (
            "alias/a alias/b",
            "every 365 days",
            "Card data",
        )

    def test_says_why_a_key_is_not_described(self) -> None:
        (row,) = table(KeyEntry(key_id(1), ARN, error=KmsError("=1+1")))
        assert (row["state"], row["error"]) == ("", "'=1+1")

    @pytest.mark.parametrize(
        "text",
        [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            '=cmd|"/C calc"!A0',
            " =1",
            "'=1",
            '"=1',
            "\uff1d1",
            "\uff0b1",
            "\t=1",
            "\r=1",
            "\n=1",
        ],
    )
    def test_begins_no_cell_like_a_formula(self, text: str) -> None:
        (row,) = table(entry(text))
        assert row["description"].lstrip(" \"'")[0] not in "=+-@\uff1d\uff0b\uff0d\uff20" or (
            row["description"].startswith("'")
        )
        assert not any(char in row["description"] for char in "\t\r\n")

    @pytest.mark.parametrize("separator", [";", ",", "|", '";', '";"', "; "])
    def test_begins_no_cell_like_a_formula_for_other_separators(self, separator: str) -> None:
        (row,) = table(entry(f"x{separator}=1+1"))
        assert "=1+1" in row["description"]
        assert "'" in row["description"].split("=1+1")[0]

    @pytest.mark.parametrize("text", ["a=b", "pay-stage", "you@example.com", "x; y", "1+1", ""])
    def test_leaves_ordinary_text_alone(self, text: str) -> None:
        assert csv_cell(text) == text

    @pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
    def test_shows_hostile_text_as_the_screen_does(self, text: str) -> None:
        file = "".join(lines([entry(text, f"alias/{text}")], "csv"))
        assert leaks(file.replace("\r\n", "")) == []
        assert len(table(entry(text))) == 1

    @given(st.text(alphabet=st.sampled_from("=+-@;,|\t\n\r \"'ax"), max_size=12))
    def test_lets_no_separator_be_followed_by_a_formula(self, text: str) -> None:
        cell = csv_cell(text)
        for separator in ";,|":
            for part in cell.split(separator):
                bare = part.lstrip(' "')
                assert not bare or bare[0] not in "=+-@"


class TestTheProposedName:
    @pytest.mark.parametrize(
        ("where", "name"),
        [
            ("prod eu-central-1", "keys-prod-eu-central-1-2026-11-23.csv"),
            ("../../etc eu", "keys-etc-eu-2026-11-23.csv"),
            ("\x1b[2J", "keys-2J-2026-11-23.csv"),
            ("", "keys-2026-11-23.csv"),
        ],
    )
    def test_is_one_plain_word(self, where: str, name: str) -> None:
        assert proposed_name(where, NOW, "csv") == name
