"""The client without a protocol: it answers as the ordinary one does, and leaves the rest to it."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from sealscope.kms.local import LocalStore
from sealscope.kms.local.direct import PLAIN, TIMES, LocalClient, Member, is_plain
from sealscope.kms.local.operations import OPERATIONS
from sealscope.kms.local.session import LocalSession
from sealscope.kms.local.shapes import decode
from sealscope.kms.local.wire import service_model
from sealscope.secret import SecretBytes
from tests.kms.local.tools import Clock, FixedBytes

KEY = "alias/getting-started"
KINDS = {str: "string", bytes: "blob", int: "integer", dict: "map"}
GENERATED = {
    str: st.text(min_size=1, max_size=20),
    bytes: st.binary(min_size=1, max_size=20),
    int: st.integers(1, 1000),
    dict: st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
}


@pytest.fixture
def direct(store: LocalStore) -> LocalClient:
    return LocalClient(store)


@pytest.fixture
def ordinary(store: LocalStore) -> Any:
    return LocalSession(store).create_client("kms")


def input_shape(method: str) -> Any:
    return service_model().operation_model(PLAIN[method].action).input_shape


def matches(member: Member, value: Any) -> bool:
    return not member.pattern or re.fullmatch(member.pattern, value) is not None


def timestamps(shape: Any) -> Iterator[str]:
    """The names of all members that are times."""
    for name, member in getattr(shape, "members", {}).items():
        if member.type_name == "timestamp":
            yield name
        yield from timestamps(member)
    if shape.type_name == "list":
        yield from timestamps(shape.member)


def names(shape: Any) -> Iterator[str]:
    """The names of all members that are no times."""
    for name, member in getattr(shape, "members", {}).items():
        if member.type_name != "timestamp":
            yield name
        yield from names(member)
    if shape.type_name == "list":
        yield from names(shape.member)


class TestTheTable:
    """botocore's model is the truth; what it says differently one day shows here."""

    @pytest.mark.parametrize("method", PLAIN)
    def test_names_operations_that_the_local_kms_knows(self, method: str) -> None:
        assert PLAIN[method].action in OPERATIONS
        assert xform_name(PLAIN[method].action) == method

    @pytest.mark.parametrize("method", PLAIN)
    def test_requires_what_the_model_requires(self, method: str) -> None:
        assert PLAIN[method].required == set(input_shape(method).required_members)

    @pytest.mark.parametrize(
        ("method", "name", "member"),
        [
            (method, name, member)
            for method, plain in PLAIN.items()
            for name, member in plain.members.items()
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_allows_what_the_model_allows(self, method: str, name: str, member: Member) -> None:
        shape = input_shape(method).members[name]
        assert shape.type_name == KINDS[member.kind]
        rules = {key: value for key, value in shape.metadata.items() if key != "sensitive"}
        if member.kind is dict:
            assert (rules, shape.key.metadata, shape.value.metadata) == ({}, {}, {})
        else:
            pattern = {"pattern": member.pattern} if member.pattern else {}
            assert rules == {"min": member.least, "max": member.most, **pattern}

    def test_knows_every_time_in_an_answer_and_nothing_else_by_that_name(self) -> None:
        shapes = [
            service_model().operation_model(plain.action).output_shape for plain in PLAIN.values()
        ]
        assert {name for shape in shapes for name in timestamps(shape)} == TIMES
        assert not {name for shape in shapes for name in names(shape)} & TIMES

    @given(st.data())
    def test_takes_nothing_that_the_protocol_would_change(self, data: st.DataObject) -> None:
        method = data.draw(st.sampled_from(sorted(PLAIN)))
        plain = PLAIN[method]
        chosen = plain.required | data.draw(st.sets(st.sampled_from(sorted(plain.members))))
        params = {name: data.draw(GENERATED[plain.members[name].kind]) for name in chosen}

        broken = {name for name in chosen if not matches(plain.members[name], params[name])}
        assert is_plain(plain, params) == (not broken)
        for name in broken:
            params[name] = "AA"
        sent = json.dumps(params, default=lambda blob: base64.b64encode(blob).decode())
        assert decode(input_shape(method), json.loads(sent)) == params


def with_keys_of_all_kinds(kms: Any) -> list[str]:
    """A key in each state and of several kinds; their ids."""
    made = [
        kms.create_key(**options)["KeyMetadata"]["KeyId"]
        for options in (
            {},
            {"MultiRegion": True},
            {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
            {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
            {"Origin": "EXTERNAL"},
            {"Description": "rotated"},
            {"Description": "disabled"},
            {"Description": "to be deleted"},
        )
    ]
    for number, key in enumerate(made):
        kms.create_alias(AliasName=f"alias/number-{number}", TargetKeyId=key)
    kms.enable_key_rotation(KeyId=made[5])
    kms.rotate_key_on_demand(KeyId=made[5])
    kms.disable_key(KeyId=made[6])
    kms.schedule_key_deletion(KeyId=made[7], PendingWindowInDays=7)
    return made


def outcome(call: Callable[[], Any]) -> Any:
    """An answer without its metadata, or what was raised."""
    try:
        answer = dict(call())
    except Exception as error:  # noqa: BLE001 - whatever it is, the other client must raise it too
        return type(error).__name__, str(error)
    assert answer.pop("ResponseMetadata")["RequestId"]
    return answer


class TestAnswers:
    def test_to_questions_are_the_ordinary_ones(self, direct: LocalClient, ordinary: Any) -> None:
        keys = with_keys_of_all_kinds(ordinary)
        asked: list[tuple[str, dict[str, Any]]] = [
            (method, {"KeyId": key})
            for key in keys
            for method in ("describe_key", "get_key_rotation_status", "list_aliases")
        ]
        asked += [("list_aliases", {"Limit": 3}), ("list_keys", {"Limit": 1000}), ("list_keys", {})]
        for method, params in asked:
            mine = outcome(partial(getattr(direct, method), **params))
            theirs = outcome(partial(getattr(ordinary, method), **params))
            assert mine == theirs
            assert as_types(mine) == as_types(theirs)

    def test_open_what_the_ordinary_one_sealed_and_the_other_way_round(
        self, direct: LocalClient, ordinary: Any
    ) -> None:
        context = {"purpose": "test", "": "\u00e9\U0001f511"}
        for one, other in ((direct, ordinary), (ordinary, direct)):
            sealed = one.encrypt(KeyId=KEY, Plaintext=b"secret", EncryptionContext=context)
            opened = other.decrypt(
                CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context
            )
            assert opened["Plaintext"] == b"secret"
            assert opened["KeyId"] == sealed["KeyId"]
            made = one.generate_data_key(KeyId=KEY, NumberOfBytes=32, EncryptionContext=context)
            opened = other.decrypt(
                KeyId=KEY, CiphertextBlob=made["CiphertextBlob"], EncryptionContext=context
            )
            assert opened["Plaintext"] == made["Plaintext"]
            assert len(made["Plaintext"]) == 32

    def test_have_a_request_id_each(self, direct: LocalClient) -> None:
        answers = [direct.list_keys()["ResponseMetadata"] for _ in range(3)]
        assert len({answer["RequestId"] for answer in answers}) == 3
        assert {answer["HTTPStatusCode"] for answer in answers} == {200}

    def test_come_after_what_is_due(self, direct: LocalClient, clock: Clock) -> None:
        key = direct.create_key()["KeyMetadata"]["KeyId"]
        direct.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        clock.advance(days=8)
        assert key not in {entry["KeyId"] for entry in direct.list_keys()["Keys"]}


def as_types(value: Any) -> Any:
    """The types in an answer; a time's zone is its own affair."""
    if isinstance(value, dict):
        return {key: as_types(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_types(part) for part in value]
    return type(value)


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("describe_key", {"KeyId": "alias/nothing"}),
    ("describe_key", {"KeyId": "arn:aws:kms:eu-west-1:111122223333:key/x"}),
    ("describe_key", {"KeyId": ""}),
    ("describe_key", {"KeyId": "x" * 2049}),
    ("describe_key", {"KeyId": 7}),
    ("describe_key", {"KeyId": "\udc80"}),
    ("describe_key", {}),
    ("describe_key", {"KeyId": KEY, "Nothing": 1}),
    ("describe_key", {"KeyId": KEY, "GrantTokens": ["broken"]}),
    ("encrypt", {"KeyId": KEY, "Plaintext": b""}),
    ("encrypt", {"KeyId": KEY, "Plaintext": bytes(4097)}),
    ("encrypt", {"KeyId": KEY, "Plaintext": 5}),
    ("encrypt", {"KeyId": KEY, "Plaintext": b"x", "DryRun": True}),
    ("encrypt", {"KeyId": KEY, "Plaintext": b"x", "EncryptionContext": {"a": 1}}),
    ("encrypt", {"KeyId": KEY, "Plaintext": b"x", "EncryptionContext": {"\udc80": "a"}}),
    ("decrypt", {"CiphertextBlob": b"no ciphertext"}),
    ("decrypt", {"KeyId": KEY}),
    ("generate_data_key", {"KeyId": KEY}),
    ("generate_data_key", {"KeyId": KEY, "NumberOfBytes": 0}),
    ("generate_data_key", {"KeyId": KEY, "NumberOfBytes": True}),
    ("generate_data_key", {"KeyId": KEY, "NumberOfBytes": 1025}),
    ("list_keys", {"Limit": 1001}),
    ("list_keys", {"Marker": "nonsense"}),
]


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("method", "params"),
        REFUSED,
        ids=[f"{n}-{method}" for n, (method, _) in enumerate(REFUSED)],
    )
    def test_is_told_as_by_the_ordinary_client(
        self, direct: LocalClient, ordinary: Any, method: str, params: dict[str, Any]
    ) -> None:
        mine = outcome(partial(getattr(direct, method), **params))
        theirs = outcome(partial(getattr(ordinary, method), **params))
        assert isinstance(mine, tuple)
        assert mine == (theirs[0], theirs[1])

    def test_keeps_the_request_id_that_it_had_at_first(self, tmp_path: Path) -> None:
        """With fixed randomness, as in the pictures, both clients take the same steps."""
        ids = []
        for direct in (True, False):
            opened = LocalStore.open(tmp_path / f"{direct}", entropy=FixedBytes("same"))
            kms: Any = LocalClient(opened) if direct else LocalSession(opened).create_client("kms")
            for alias in ("alias/nothing", KEY, KEY):
                try:
                    answer = kms.describe_key(KeyId=alias)
                except ClientError as error:
                    answer = error.response
                ids.append(answer["ResponseMetadata"]["RequestId"])
            opened.close()
        assert ids[:3] == ids[3:]
        assert len(set(ids)) == 3

    def test_by_a_closed_store_is_too(
        self, store: LocalStore, direct: LocalClient, ordinary: Any
    ) -> None:
        store.close()
        mine, theirs = (outcome(kms.list_keys) for kms in (direct, ordinary))
        assert mine == theirs
        assert "has been closed" in mine[1]

    def test_by_a_locked_store_is_too(self, tmp_path: Path) -> None:
        path = tmp_path / "protected"
        LocalStore.open(path, passphrase=SecretBytes(b"correct horse")).close()
        store = LocalStore.open(path)
        ordinary = LocalSession(store).create_client("kms")
        mine, theirs = (
            outcome(partial(kms.generate_data_key, KeyId=KEY, NumberOfBytes=32))
            for kms in (LocalClient(store), ordinary)
        )
        assert mine == theirs
        assert "passphrase" in mine[1]
        store.close()


class TestTheOrdinaryClient:
    def test_has_all_else(self, direct: LocalClient) -> None:
        key = direct.describe_key(KeyId=KEY)["KeyMetadata"]["KeyId"]
        assert direct.get_key_policy(KeyId=key)["Policy"]
        assert direct.meta.endpoint_url == "https://kms.local.invalid"
        assert direct.can_paginate("list_keys")
        with pytest.raises(AttributeError, match="nothing"):
            _ = direct.nothing
        with pytest.raises(direct.exceptions.NotFoundException):
            direct.describe_key(KeyId="alias/nothing")

    def test_is_made_once_for_all_threads(
        self, direct: LocalClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made: list[Any] = []
        make = LocalSession.create_client

        def counted(session: LocalSession, *args: Any, **options: Any) -> Any:
            made.append(args)
            return make(session, *args, **options)

        monkeypatch.setattr(LocalSession, "create_client", counted)
        key = direct.describe_key(KeyId=KEY)["KeyMetadata"]["KeyId"]
        with ThreadPoolExecutor(8) as threads:
            answers = list(
                threads.map(lambda _: direct.get_key_policy(KeyId=key)["Policy"], range(16))
            )
        assert len(set(answers)) == 1
        assert made == [("kms",)]
        direct.close()

    @pytest.mark.parametrize(
        "words",
        [
            ["keys"],
            ["encrypt", "f", "-k", KEY, "-o", "e"],
            ["decrypt", "f.encrypted", "-k", KEY, "-o", "g"],
        ],
        ids=lambda words: words[0],
    )
    def test_is_not_even_loaded_by_a_command(self, tmp_path: Path, words: list[str]) -> None:
        """It would be half of the command's time."""
        code = (
            "import sys, os; from sealscope.cli.exit_status import run;"
            "from sealscope.cli.main import root; os.chdir(sys.argv[1]);"
            "status = run(root, ['--local-store', 'store', *sys.argv[2:]]);"
            "print(status, 'botocore.session' in sys.modules, 'boto3' in sys.modules)"
        )
        (tmp_path / "f").write_bytes(b"content")
        for asked in (["encrypt", "f", "-k", KEY], words):
            last = subprocess.run(
                [sys.executable, "-c", code, str(tmp_path), *asked],
                capture_output=True,
                check=True,
                text=True,
            )
        assert last.stdout.splitlines()[-1].split() == ["0", "False", "False"]
