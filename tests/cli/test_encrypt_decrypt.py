"""`encrypt` and `decrypt` on files: every option, the JSON Lines, the exit status."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate
from tests.cli.calling import KEY, Here, call

ENCRYPTED = [
    "path",
    "output",
    "operation",
    "suite",
    "recipients",
    "encryption_context",
    "plaintext_bytes",
    "message_bytes",
    "seconds",
]
DECRYPTED = [*ENCRYPTED, "opened_by", "key_material_id", "signature_verified"]


@pytest.fixture
def second_key(here: Here) -> str:
    """ARN of another key."""
    connection = connect(Target(local_store=here.store))
    try:
        return KmsGate(connection).create_key("second").arn
    finally:
        connection.close()


def first_arn(here: Here) -> str:
    for line in here.call("keys", "--json").json():
        if KEY in line["aliases"]:
            return str(line["arn"])
    raise AssertionError(KEY)


class TestARoundTrip:
    def test_gives_the_bytes_back_under_their_own_name(self, here: Here) -> None:
        content = os.urandom(200_000)
        path = here.make("report.csv", content)
        assert here.call("encrypt", "report.csv", "-k", KEY).status == 0
        path.unlink()
        assert here.call("decrypt", "report.csv.encrypted", "-k", KEY).status == 0
        assert path.read_bytes() == content

    @pytest.mark.parametrize("suite", ["0578", "0478"])
    @pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 300, 350])
    def test_works_for_every_suite_and_size(self, here: Here, suite: str, size: int) -> None:
        here.make("f", os.urandom(size))
        sealing = ["--suite", suite, "--frame-length", "100", "--json"]
        (line,) = here.call("encrypt", "f", "-k", KEY, *sealing).json()
        assert line["suite"] == suite
        done = here.call("decrypt", "f.encrypted", "-k", KEY, "-o", "again", "--json")
        assert done.json()[0]["signature_verified"] is (True if suite == "0578" else None)
        assert (here.folder / "again").read_bytes() == (here.folder / "f").read_bytes()

    def test_tells_in_words_what_was_done(self, here: Here) -> None:
        here.make("f")
        done = here.call("encrypt", "f", "-k", KEY)
        assert done.out == "f -> f.encrypted  (7 B, suite 0578, 1 recipient)\n"
        done = here.call("decrypt", "f.encrypted", "-k", KEY, "-o", "g")
        told = f"7 B, suite 0578, opened by {first_arn(here)}, signature verified"
        assert done.out == f"f.encrypted -> g  ({told})\n"
        assert done.stderr == b""


class TestJson:
    def test_has_the_keys_of_the_contract(self, here: Here) -> None:
        here.make("f", b"x" * 1000)
        sealed = here.call("encrypt", "f", "-k", KEY, "-c", "a=1", "--json")
        (line,) = sealed.json()
        assert list(line) == ENCRYPTED
        assert (line["path"], line["output"]) == ("f", "f.encrypted")
        assert line["operation"] == "encrypt"
        assert line["recipients"] == [first_arn(here)]
        assert line["encryption_context"]["a"] == "1"
        assert line["plaintext_bytes"] == 1000
        assert line["message_bytes"] == (here.folder / "f.encrypted").stat().st_size
        assert (sealed.status, sealed.stderr) == (0, b"")
        opened = here.call("decrypt", "f.encrypted", "-k", KEY, "-o", "g", "--json")
        (line,) = opened.json()
        assert list(line) == DECRYPTED
        assert line["operation"] == "decrypt"
        assert line["opened_by"] == first_arn(here)
        assert (opened.status, opened.stderr) == (0, b"")

    def test_prints_a_failed_item_in_its_place_and_does_the_others(self, here: Here) -> None:
        here.make("a")
        here.make("c")
        done = here.call("encrypt", "a", "b", "c", "-k", KEY, "--json")
        assert [line["path"] for line in done.json()] == ["a", "b", "c"]
        assert list(done.json()[1]) == ["path", "error"]
        assert list(done.json()[1]["error"]) == ["class", "title", "detail", "hint"]
        assert (done.status, done.stderr) == (1, b"")
        assert set(here.listing()) == {"a", "c", "a.encrypted", "c.encrypted"}

    def test_prints_what_a_walk_skipped_with_the_reason(self, here: Here) -> None:
        here.make("d/a")
        (here.folder / "d/link").symlink_to("a")
        done = here.call("encrypt", "-r", "d", "-k", KEY, "--json")
        skipped = [line for line in done.json() if "skipped" in line]
        assert [(line["path"], "link" in line["skipped"]) for line in skipped] == [("d/link", True)]
        assert done.status == 0


class TestTheKey:
    def test_may_be_an_id_an_arn_an_alias_or_an_alias_arn(self, here: Here) -> None:
        arn = first_arn(here)
        alias_arn = arn.replace(arn.rsplit(":", 1)[1], KEY)
        here.make("f")
        for number, name in enumerate([KEY, arn, arn.rsplit("/", 1)[1], alias_arn]):
            sealed = f"sealed-{number}"
            assert here.call("encrypt", "f", "-k", name, "-o", sealed).status == 0
            opened = here.call("decrypt", sealed, "-k", name, "-o", f"opened-{number}")
            assert opened.status == 0, opened.err

    def test_may_be_given_several_times_and_each_opens(self, here: Here, second_key: str) -> None:
        here.make("f")
        (line,) = here.call("encrypt", "f", "-k", KEY, "-k", second_key, "--json").json()
        assert line["recipients"] == [first_arn(here), second_key]
        (line,) = here.call("decrypt", "f.encrypted", "-k", second_key, "-o", "g", "--json").json()
        assert line["opened_by"] == second_key

    def test_is_needed_and_the_recipients_of_the_file_are_named(
        self, here: Here, second_key: str
    ) -> None:
        here.make("m", here.sealed(b"x", "-k", second_key))
        done = here.call("decrypt", "m")
        assert (done.status, done.stdout) == (2, b"")
        assert first_arn(here) in done.err
        assert second_key in done.err
        assert "-k" in done.err
        assert "--discovery" in done.err

    def test_is_needed_also_when_the_file_is_no_envelope(self, here: Here) -> None:
        here.make("m", b"not a message")
        done = here.call("decrypt", "m", "missing", "-")
        assert done.status == 2
        assert "--discovery" in done.err

    def test_count_can_be_limited(self, here: Here, second_key: str) -> None:
        here.make("f")
        keys = ("-k", KEY, "-k", second_key)
        assert here.call("encrypt", "f", *keys, "--max-encrypted-data-keys", "1").status != 0
        assert set(here.listing()) == {"f"}
        assert here.call("encrypt", "f", *keys).status == 0
        done = here.call(
            "decrypt",
            "f.encrypted",
            "-k",
            KEY,
            "-o",
            "g",
            "--max-encrypted-data-keys",
            "1",
            "--json",
        )
        assert done.json()[0]["error"]["class"] == "LimitExceeded"


class TestDiscovery:
    def test_opens_with_the_key_that_the_file_names(self, here: Here) -> None:
        here.make("m", here.sealed())
        assert here.call("decrypt", "m", "--discovery").status == 0

    @pytest.mark.parametrize(
        ("filters", "status"),
        [
            (["--account", "000000000000"], 0),
            (["--account", "111111111111", "--account", "000000000000"], 0),
            (["--account", "111111111111"], 1),
            (["--partition", "aws"], 0),
            (["--partition", "aws-cn"], 1),
        ],
        ids=str,
    )
    def test_can_be_filtered(self, here: Here, filters: list[str], status: int) -> None:
        here.make("m", here.sealed())
        done = here.call("decrypt", "m", "--discovery", *filters)
        assert done.status == status
        assert ("m.decrypted" in here.listing()) is (status == 0)


class TestTheContext:
    def test_is_bound_to_the_message(self, here: Here) -> None:
        here.make("m", here.sealed(b"x", "-c", "a=1", "-c", "b=x=y"))
        assert here.call("decrypt", "m", "-k", KEY, "-c", "b=x=y").status == 0

    @pytest.mark.parametrize("pair", ["a=2", "c=1"])
    def test_that_differs_is_an_error(self, here: Here, pair: str) -> None:
        here.make("m", here.sealed(b"x", "-c", "a=1"))
        done = here.call("decrypt", "m", "-k", KEY, "-c", pair, "--json")
        assert done.status == 1
        assert set(here.listing()) == {"m"}


class TestTheOutput:
    def test_is_named_with_o(self, here: Here) -> None:
        here.make("f")
        here.call("encrypt", "f", "-k", KEY, "-o", "sealed")
        assert set(here.listing()) == {"f", "sealed"}

    def test_is_a_folder_for_several_inputs(self, here: Here) -> None:
        here.make("a")
        here.make("b")
        assert here.call("encrypt", "a", "b", "-k", KEY, "-o", "new/out").status == 0
        assert {"new/out/a.encrypted", "new/out/b.encrypted"} <= set(here.listing())

    def test_mirrors_a_folder_and_comes_back_from_it(self, here: Here) -> None:
        for name in ("d/a", "d/e/b", "d/e/f/c"):
            here.make(name, name.encode())
        assert here.call("encrypt", "-r", "d", "-k", KEY, "-o", "sealed").status == 0
        assert here.call("decrypt", "-r", "sealed", "-k", KEY, "-o", "back").status == 0
        found = here.listing()
        for name in ("a", "e/b", "e/f/c"):
            assert found[f"back/{name}"] == found[f"d/{name}"] == f"d/{name}".encode()

    def test_replaces_only_when_it_is_told_to(self, here: Here) -> None:
        here.make("f", b"new")
        here.make("f.encrypted", b"old")
        assert here.call("encrypt", "f", "-k", KEY).status == 1
        assert here.listing()["f.encrypted"] == b"old"
        assert here.call("encrypt", "f", "-k", KEY, "--overwrite").status == 0
        assert here.listing()["f.encrypted"] != b"old"

    def test_is_not_wider_readable_than_its_source(self, here: Here) -> None:
        here.make("f").chmod(0o600)
        here.call("encrypt", "f", "-k", KEY)
        assert (here.folder / "f.encrypted").stat().st_mode & 0o777 == 0o600

    def test_of_several_files_cannot_be_one_file(self, here: Here) -> None:
        for name in ("a", "b", "out"):
            here.make(name)
        assert here.call("encrypt", "a", "b", "-k", KEY, "-o", "out").status == 2

    def test_folder_that_stays_empty_is_not_left_behind(self, here: Here) -> None:
        here.make("d/e/m.encrypted", here.sealed()[:-1])
        before = here.listing()
        assert here.call("decrypt", "-r", "d", "-k", KEY, "-o", "new/out").status == 1
        assert here.listing() == before


class TestAFolder:
    def test_needs_r(self, here: Here) -> None:
        here.make("d/a")
        here.make("b")
        done = here.call("encrypt", "d", "b", "-k", KEY)
        assert done.status == 1
        assert "Use -r" in done.err
        assert "b.encrypted" in here.listing()

    def test_of_many_files_is_summed_up(self, here: Here) -> None:
        for name in ("d/a", "d/b"):
            here.make(name)
        done = here.call("encrypt", "-r", "d", "missing", "-k", KEY)
        assert done.err.endswith("sealscope: 2 done, 1 failed\n")

    def test_without_encrypted_files_says_so(self, here: Here) -> None:
        here.make("d/plain")
        done = here.call("decrypt", "-r", "d", "-k", KEY)
        assert done.status == 1
        assert "holds no .encrypted files" in done.err


NAMES = ["--overwrite", "-k", "a b", "*.txt", "new\nline", "\x1b]0;owned\x07", "ü", "[b]x[/b]", "'"]


class TestANameIsAName:
    @pytest.mark.parametrize("name", [*NAMES, os.fsdecode(b"caf\xe9"), "x" * 240])
    def test_whatever_it_looks_like(self, here: Here, name: str) -> None:
        here.make(name, name.encode("utf-8", "surrogateescape"))
        done = here.call("encrypt", "-k", KEY, "--json", "--", name)
        assert done.json()[0]["path"] == name
        (here.folder / name).unlink()
        assert here.call("decrypt", "-k", KEY, "--", f"{name}.encrypted").status == 0
        assert here.listing()[name] == name.encode("utf-8", "surrogateescape")

    def test_also_of_the_output(self, here: Here) -> None:
        here.make("f")
        assert here.call("encrypt", "f", "-k", KEY, "-o", "-k").status == 0
        assert "-k" in here.listing()

    def test_a_pattern_is_not_spread_by_the_program(self, here: Here) -> None:
        here.make("a.txt")
        assert here.call("encrypt", "*.txt", "-k", KEY).status == 1
        assert set(here.listing()) == {"a.txt"}


def test_a_second_message_does_not_depend_on_the_first(here: Here) -> None:
    here.make("f")
    here.call("encrypt", "f", "-k", KEY, "-o", "one")
    here.call("encrypt", "f", "-k", KEY, "-o", "two")
    assert here.listing()["one"] != here.listing()["two"]


def test_a_file_of_yesterday_is_opened_by_a_new_process(here: Here) -> None:
    here.make("f", b"yesterday")
    assert here.process("encrypt", "f", "-k", KEY).status == 0
    assert here.process("decrypt", "f.encrypted", "-k", KEY, "-o", "g").status == 0
    assert here.listing()["g"] == b"yesterday"


def test_without_any_option_for_it_the_first_run_makes_its_key(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"first")
    assert call("encrypt", str(path), "-k", KEY).status == 0
    assert call("decrypt", f"{path}.encrypted", "-k", KEY, "-o", str(tmp_path / "g")).status == 0
