"""The options for a message's form: suite, frames, policy, and pairs that are not stored."""

from __future__ import annotations

import pytest

from sealscope.engine.suites import SUITES
from tests.cli.calling import KEY, Here

FORBID = ("--commitment-policy", "forbid-encrypt-allow-decrypt")
ALLOW = ("--commitment-policy", "require-encrypt-allow-decrypt")
WRITTEN = {
    suite.hex_id: () if suite.committing else FORBID for suite in SUITES.values() if suite.kdf_hash
}


def suite_of(here: Here, *options: str) -> str:
    done = here.call("encrypt", "f", "-o", "m", "--overwrite", "-k", KEY, "--json", *options)
    (line,) = done.json()
    assert done.status == 0, line
    return str(line["suite"])


@pytest.fixture
def file(here: Here) -> Here:
    here.make("f", b"content" * 1000)
    return here


class TestASuite:
    @pytest.mark.parametrize(("suite", "policy"), WRITTEN.items())
    def test_that_derives_keys_is_written_where_the_policy_allows_it(
        self, file: Here, suite: str, policy: tuple[str, ...]
    ) -> None:
        assert suite_of(file, "--suite", suite, *policy) == suite
        opened = file.call("decrypt", "m", "-o", "-", "-k", KEY, *(ALLOW if policy else ()))
        assert opened.stdout == b"content" * 1000

    @pytest.mark.parametrize("suite", ["0014", "0046", "0078"])
    def test_that_derives_none_is_never_written_and_the_reason_is_given(
        self, file: Here, suite: str
    ) -> None:
        done = file.call("encrypt", "f", "-k", KEY, "--suite", suite, *FORBID)
        assert done.status == 2
        assert "decrypts such messages, and never writes them" in done.err

    def test_is_the_policys_default_when_none_is_named(self, file: Here) -> None:
        assert suite_of(file) == "0578"
        assert suite_of(file, *ALLOW) == "0578"
        assert suite_of(file, *FORBID) == "0378"

    def test_may_be_named_in_other_ways(self, file: Here) -> None:
        assert suite_of(file, "--suite", "0x0478") == "0478"
        assert suite_of(file, "--suite", "AES_256_GCM_HKDF_SHA512_COMMIT_KEY") == "0478"

    def test_that_does_not_exist_is_answered_with_those_that_do(self, file: Here) -> None:
        done = file.call("encrypt", "f", "-k", KEY, "--suite", "578")
        assert done.status == 2
        for suite in WRITTEN:
            assert suite in done.err


class TestTheFrameLength:
    @pytest.mark.parametrize(
        ("length", "content"), [("1000", "framed"), ("0", "non-framed")], ids=["framed", "none"]
    )
    def test_is_as_asked_for(self, file: Here, length: str, content: str) -> None:
        suite_of(file, "--frame-length", length)
        (line,) = file.call("inspect", "m", "--json").json()
        assert line["content"]["type"] == content
        assert (line["content"]["frame_length"] or 0) == int(length)
        assert file.call("decrypt", "m", "-o", "-", "-k", KEY).stdout == b"content" * 1000


class TestARequiredPair:
    OPTIONS = ("-c", "tenant=blue", "-c", "purpose=test", "--required-context", "tenant")

    def test_is_not_stored_and_must_be_given_to_open(self, file: Here) -> None:
        suite_of(file, *self.OPTIONS)
        (line,) = file.call("inspect", "m", "--json").json()
        assert "tenant" not in line["encryption_context"]
        assert line["encryption_context"]["purpose"] == "test"
        for given, status in (
            (("-c", "tenant=blue"), 0),
            (("-c", "tenant=red"), 1),
            (("-c", "purpose=test"), 1),
            ((), 1),
        ):
            done = file.call("decrypt", "m", "-o", "-", "-k", KEY, *given)
            assert done.status == status, given

    def test_is_told_to_keep_other_readers_out(self, file: Here) -> None:
        done = file.call("encrypt", "f", "-k", KEY, *self.OPTIONS, "--json")
        assert done.status == 0
        assert "tenant" in done.err
        assert "cannot read" in done.err
        assert len(done.json()) == 1
