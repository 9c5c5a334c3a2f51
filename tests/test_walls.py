"""The rooms and the walls between them, as the running program sees them.

import-linter reads the imports that are written down; here each room is loaded in a fresh
interpreter, which also sees what is imported on the way. The rooms are found on the disk, so
that a new module is checked from its first day.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

import sealscope

ROOT: Final = Path(sealscope.__file__).parent
TESTS: Final = Path(__file__).parent
SOURCES: Final = sorted(ROOT.rglob("*.py"))

AWS: Final = {"boto3", "botocore"}
TERMINAL: Final = {"textual", "rich", "click"}
FACES: Final = {"sealscope.app", "sealscope.cli"}

FORBIDDEN: Final = {
    "": AWS | TERMINAL | FACES | {"sealscope.kms", "sealscope.jobs", "sealscope.engine"},
    "engine": AWS | TERMINAL | FACES | {"sealscope.kms", "sealscope.jobs", "sealscope.formats"},
    "formats": AWS | TERMINAL | FACES | {"sealscope.kms", "sealscope.jobs"},
    "kms": TERMINAL | FACES | {"sealscope.jobs"},
    "jobs": TERMINAL | FACES,
    "cli": {"textual", "sealscope.app"},
    "app": {"click", "sealscope.cli"},
}
"""Room (the ground is the empty one) -> what loading all its modules may not load."""

REVEALS: Final = {
    "app/small_data/plaintext.py": "shows or copies a plaintext where the user asked for it",
    "cli/kms_output.py": "writes a plaintext where the user asked for it",
    "engine/block.py": "gives the content key to AES-GCM",
    "engine/derivation.py": "derives the content key and checks the header with it",
    "engine/frames.py": "gives the content key to AES-GCM",
    "engine/raw_aes_keyring.py": "gives the raw key to AES-GCM, and the data key to be wrapped",
    "engine/raw_rsa_keyring.py": "gives the data key to RSA to be wrapped",
    "engine/rsa_pem.py": "loads a private key",
    "jobs/raw_keys.py": "tells a key file of text from one of bytes",
    "kms/facade.py": "sends a data key to KMS to have it wrapped",
    "kms/material_wrapping.py": "wraps key material that is to be imported",
    "kms/small_data.py": "sends a plaintext to KMS to be encrypted",
    "kms/local/blob.py": "derives the key of one blob",
    "kms/local/import_wrapping.py": "unwraps imported key material",
    "kms/local/new_keys.py": "derives the public key of a private one",
    "kms/local/protection.py": "derives and uses the key that protects the store",
    "kms/local/rsa_encryption.py": "loads a private key",
    "kms/local/services/data_keys.py": "answers GenerateDataKey as KMS does",
    "kms/local/services/encryption.py": "answers Decrypt as KMS does",
    "kms/local/services/macs.py": "computes a MAC",
    "kms/local/services/signing.py": "loads a private key",
}
"""Module -> why it may take a secret out of its wrapping. Think twice before adding a line."""

MAKES_SHOWN: Final = {
    "text.py": "the text gate",
    "app/calls/aws_command.py": "joins quoted words that have passed the gate",
    "app/envelopes/browser.py": "cuts a name that has passed the gate",
    "app/jobs/command_line.py": "joins quoted words that have passed the gate",
    "app/jobs/farewell.py": "joins names that have passed the gate",
    "app/keys/model.py": "joins its own words and numbers",
    "app/keys/rows.py": "adds its own words and numbers to text that has passed the gate",
    "app/small_data/command.py": "joins quoted words that have passed the gate",
    "app/widgets/cells.py": "pads text that has passed the gate",
}
"""Module -> why it may call text fit to show without passing it through the gate."""


def where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    parts = ("sealscope", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(room: str) -> list[str]:
    found = ROOT.glob("*.py") if not room else (ROOT / room).rglob("*.py")
    return sorted(dotted(path) for path in found)


@cache
def loaded_by(*names: str) -> frozenset[str]:
    """Every module in a fresh interpreter after importing these."""
    return loaded_after("\n".join(f"import {name}" for name in names))


def loaded_after(code: str) -> frozenset[str]:
    program = f"import sys, json\n{code}\njson.dump(sorted(sys.modules), sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return frozenset(json.loads(done.stderr))


def forbidden_in(loaded: frozenset[str], forbidden: set[str]) -> set[str]:
    return {
        name
        for name in loaded
        if any(name == wall or name.startswith(f"{wall}.") for wall in forbidden)
    }


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


class TestRooms:
    def test_there_are_no_others_than_these(self) -> None:
        rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}

        assert rooms == set(FORBIDDEN) - {""}

    def test_every_folder_of_modules_is_a_package(self) -> None:
        for root in (ROOT, TESTS):
            folders = {path.parent for path in root.rglob("*.py")}
            assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []

    @pytest.mark.parametrize("room", FORBIDDEN)
    def test_none_loads_what_is_behind_a_wall(self, room: str) -> None:
        loaded = loaded_by(*modules(room))

        assert set(modules(room)) <= loaded
        assert forbidden_in(loaded, FORBIDDEN[room]) == set()

    @pytest.mark.parametrize("name", ["kms.facade", "jobs.runner", "app.app"])
    def test_what_starts_first_does_not_wait_for_boto3(self, name: str) -> None:
        if not (ROOT / f"{name.replace('.', '/')}.py").exists():
            pytest.fail(f"{name} was moved: say here what starts first now")

        assert forbidden_in(loaded_by(f"sealscope.{name}"), AWS) == set()


class TestTheHelp:
    @pytest.mark.parametrize("argument", ["--help", "--version"])
    def test_loads_neither_textual_nor_boto3_nor_cryptography(self, argument: str) -> None:
        loaded = loaded_after(
            "from sealscope.cli.main import main\n"
            f"sys.argv = ['sealscope', '{argument}']\n"
            "try:\n    main()\n"
            "except SystemExit as end:\n    assert not end.code, end.code\n"
        )

        heavy = AWS | {"textual", "rich", "cryptography", "sealscope.app", "sealscope.kms.local"}
        assert forbidden_in(loaded, heavy) == set()


# One test looks at all modules: with a test for each, parallel runs would disagree on the list
# while somebody adds a module.
class TestModules:
    def test_are_at_most_400_lines_long(self) -> None:
        lengths = {where(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES}

        assert {name: length for name, length in lengths.items() if length > 400} == {}

    def test_are_named_after_what_they_do(self) -> None:
        vague = {"utils", "util", "helpers", "helper", "misc", "common", "stuff", "tools"}

        assert [where(path) for path in SOURCES if {path.stem, path.parent.name} & vague] == []

    def test_say_what_they_are_for(self) -> None:
        assert [where(path) for path in SOURCES if not ast.get_docstring(tree(path))] == []

    def test_print_only_where_the_command_line_writes(self) -> None:
        prints = {
            where(path)
            for path in SOURCES
            for call in calls(path)
            if isinstance(call.func, ast.Name) and call.func.id in {"print", "breakpoint"}
        }

        assert prints <= {"cli/output.py"}


class TestGates:
    def test_secrets_are_revealed_only_where_they_are_used(self) -> None:
        reveals = {
            where(path)
            for path in SOURCES
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Attribute) and node.attr == "reveal"
        }

        assert reveals == set(REVEALS)

    def test_secrets_are_reached_by_no_back_door(self) -> None:
        back_doors = {
            where(path)
            for path in SOURCES
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Constant) and node.value == "reveal"
        }

        assert back_doors == set()

    def test_text_is_called_fit_to_show_only_by_the_text_gate(self) -> None:
        makes = {
            where(path)
            for path in SOURCES
            for call in calls(path)
            if isinstance(call.func, ast.Name)
            and call.func.id == "Shown"
            and not all(isinstance(arg, ast.Constant) for arg in call.args)
        }

        assert makes == set(MAKES_SHOWN)
