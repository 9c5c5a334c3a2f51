"""A key's policy: as it is, and in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscope.kms.policy import KeyPolicy, key_policy, policy_from
from sealscope.kms.policy_reading import (
    NOT_EVALUATED,
    NOT_GRANTS,
    NOT_ODD,
    NOT_OTHERS,
    NOT_RESOURCE,
    PolicyReading,
)
from tests.kms.gates import ARN, FakeConnection, gate_on, local_gate

ROOT = "arn:aws:iam::111122223333:root"


def reading(*statements: object) -> PolicyReading:
    found = policy_from(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))
    assert found.reading is not None
    return found.reading


def line(**statement: Any) -> str:
    """The one line of a statement that allows Decrypt to a role, changed by these members."""
    whole = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:role/reader"},
        "Action": "kms:Decrypt",
        "Resource": "*",
        **statement,
    }
    (one,) = reading(whole).statements
    return one.line


def condition(operator: str, value: object, key: str = "aws:x") -> str:
    said = line(Condition={operator: {key: value}})
    return said.partition(", if ")[2]


class TestThePolicyOfAKey:
    def test_is_asked_of_kms(self, tmp_path: Path) -> None:
        with local_gate(tmp_path / "kms.sqlite3") as gate:
            found = key_policy(gate, gate.describe_key("alias/getting-started").arn)
        assert found.document == json.loads(found.text)
        assert found.reading is not None
        (statement,) = found.reading.statements
        assert statement.sid == "Enable IAM User Permissions"
        assert statement.line == (
            "account 000000000000 (whom its IAM policies allow) may do everything"
        )

    def test_keeps_its_order_when_it_is_indented(self) -> None:
        found = policy_from('{"Version":"1","Id":"x","Statement":[]}')
        assert found.pretty == '{\n  "Version": "1",\n  "Id": "x",\n  "Statement": []\n}'

    @pytest.mark.parametrize(
        "text", ["", "not JSON", "[]", '"text"', "[" * 32_000, '{"a":' * 6000 + "1" + "}" * 6000]
    )
    def test_that_holds_no_document_is_its_text_alone(self, text: str) -> None:
        assert policy_from(text) == KeyPolicy(text, text, None, None)

    def test_names_the_operation_and_its_only_policy(self) -> None:
        connection = FakeConnection(get_key_policy=lambda **_: {"Policy": "{}"})
        key_policy(gate_on(connection), ARN)
        assert connection.kms.seen == [("get_key_policy", {"KeyId": ARN, "PolicyName": "default"})]


MEMBERS = (
    *("Effect", "Principal", "NotPrincipal", "AWS", "Service", "Action", "NotAction"),
    *("Condition", "StringEquals", "Null", "Resource", "Sid"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(MEMBERS) | st.text(max_size=4),
            inner | st.sampled_from(["Allow", "Deny", "*"]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(JSON)
def test_any_document_can_be_read(document: object) -> None:
    found = policy_from(json.dumps({"Statement": document}))
    assert found.reading is not None
    assert all(statement.line for statement in found.reading.statements)


class TestWho:
    @pytest.mark.parametrize(
        ("principal", "words"),
        [
            ("*", "anyone of any account"),
            ({"AWS": "*"}, "anyone of any account"),
            ({"AWS": ROOT}, "account 111122223333 (whom its IAM policies allow)"),
            ({"AWS": "111122223333"}, "account 111122223333 (whom its IAM policies allow)"),
            (
                {"AWS": "arn:aws:iam::111122223333:role/app/reader"},
                "role app/reader of account 111122223333",
            ),
            ({"AWS": "arn:aws:iam::111122223333:user/bob"}, "user bob of account 111122223333"),
            (
                {"AWS": "arn:aws-cn:sts::111122223333:assumed-role/reader/bob"},
                "session of role reader/bob of account 111122223333",
            ),
            (
                {"AWS": "AIDACKCEVSQ6C2EXAMPLE"},
                "AIDACKCEVSQ6C2EXAMPLE, a user or role that has been deleted",
            ),
            ({"Service": "s3.amazonaws.com"}, "the service s3.amazonaws.com"),
            ({"Federated": "accounts.google.com"}, "whoever signs in through accounts.google.com"),
            ({"New": "kind"}, "New kind"),
            ([7], "7"),
            ({"AWS": []}, "nobody"),
        ],
    )
    def test_is_said_in_words(self, principal: object, words: str) -> None:
        assert line(Principal=principal) == f"{words} may kms:Decrypt"

    def test_are_listed_all(self) -> None:
        principal = {"AWS": ["a", "b"], "Service": "s3.amazonaws.com"}
        said = line(Principal=principal)
        assert said == "a, b and the service s3.amazonaws.com may kms:Decrypt"

    def test_everyone_but_some_is_told_from_some(self) -> None:
        denied = {"Effect": "Deny", "NotPrincipal": {"AWS": "a"}, "Action": "kms:*"}
        (statement,) = reading(denied).statements
        assert statement.line == "everyone but a may NOT do everything"
        assert not statement.allows


class TestWhat:
    @pytest.mark.parametrize(
        ("action", "words"),
        [
            ("kms:*", "do everything"),
            ("*", "do everything"),
            (["kms:Encrypt", "kms:Decrypt"], "kms:Encrypt and kms:Decrypt"),
            ([], "do nothing"),
        ],
    )
    def test_is_said_in_words(self, action: object, words: str) -> None:
        assert line(Action=action).endswith(f" may {words}")

    def test_all_but_some_is_told_from_some(self) -> None:
        allowed = {"Effect": "Allow", "Principal": "*", "NotAction": "kms:Put*"}
        (statement,) = reading(allowed).statements
        assert statement.line == "anyone of any account may do all but kms:Put*"


class TestConditions:
    @pytest.mark.parametrize(
        ("operator", "value", "words"),
        [
            ("StringEquals", "v", "aws:x is v"),
            ("StringEquals", ["v", "w"], "aws:x is v or w"),
            ("StringNotEquals", ["v", "w"], "aws:x is not v and not w"),
            ("StringLike", "v*", "aws:x is like v*"),
            ("ArnNotLike", "v*", "aws:x is not like v*"),
            ("Bool", "true", "aws:x is true"),
            ("Bool", True, "aws:x is True"),
            ("IpAddress", "10.0.0.0/8", "aws:x is within 10.0.0.0/8"),
            ("NotIpAddress", "10.0.0.0/8", "aws:x is not within 10.0.0.0/8"),
            ("NumericLessThanEquals", "300", "aws:x is at most 300"),
            ("DateGreaterThan", "2026-01-01", "aws:x is more than 2026-01-01"),
            ("StringEqualsIfExists", "v", "aws:x is v, where it is given"),
            ("ForAnyValue:StringEquals", "v", "one of aws:x is v"),
            ("ForAllValues:StringLike", "v", "each of aws:x is like v"),
            ("Null", "true", "aws:x is not given"),
            ("Null", "false", "aws:x is given"),
            ("SomethingNew", "v", "aws:x SomethingNew v"),
        ],
    )
    def test_are_said_in_words(self, operator: str, value: object, words: str) -> None:
        assert condition(operator, value) == words

    def test_must_all_hold(self) -> None:
        both = {"StringEquals": {"a": "1", "b": "2"}, "Bool": {"c": "true"}}
        assert line(Condition=both).endswith(", if a is 1 and b is 2 and c is true")

    @pytest.mark.parametrize("odd", ["text", ["list"], {"StringEquals": "text"}])
    def test_that_are_not_written_as_such_are_repeated_and_never_left_out(
        self, odd: object
    ) -> None:
        assert ", if " in line(Condition=odd)
        assert ("text" if "text" in str(odd) else "list") in line(Condition=odd)


class TestTheLimits:
    ALLOWED: Final = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "kms:Decrypt",
        "Resource": "*",
    }

    def test_always_name_what_no_key_policy_tells(self) -> None:
        assert reading(self.ALLOWED).limits == (NOT_GRANTS, NOT_OTHERS)

    def test_name_each_account_whose_iam_policies_decide(self) -> None:
        limits = reading({**self.ALLOWED, "Principal": {"AWS": [ROOT, "444455556666"]}}).limits
        assert ["111122223333" in limits[0], "444455556666" in limits[1]] == [True, True]
        assert all("IAM policies" in limit for limit in limits[:2])

    def test_do_not_speak_of_iam_where_an_account_is_denied(self) -> None:
        denied = {**self.ALLOWED, "Effect": "Deny", "Principal": {"AWS": ROOT}}
        assert reading(denied).limits == (NOT_GRANTS, NOT_OTHERS)

    @pytest.mark.parametrize(
        ("member", "limit"),
        [
            ({"Condition": {"Bool": {"a": "true"}}}, NOT_EVALUATED),
            ({"Resource": "arn:aws:kms:x"}, NOT_RESOURCE),
        ],
    )
    def test_name_what_was_not_judged(self, member: dict[str, Any], limit: str) -> None:
        assert limit in reading({**self.ALLOWED, **member}).limits

    @pytest.mark.parametrize("odd", [5, {}, {"Effect": "Perhaps"}, None])
    def test_name_that_an_entry_is_no_statement(self, odd: object) -> None:
        found = reading(self.ALLOWED, odd)
        assert len(found.statements) == 1
        assert NOT_ODD in found.limits

    def test_name_that_there_is_no_statement_at_all(self) -> None:
        found = policy_from("{}").reading
        assert found is not None
        assert NOT_ODD in found.limits

    def test_a_single_statement_need_not_be_in_a_list(self) -> None:
        found = policy_from(json.dumps({"Statement": self.ALLOWED})).reading
        assert found is not None
        assert len(found.statements) == 1
