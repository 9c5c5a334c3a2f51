"""Every failure has a place in the family, three parts, and a form that scripts can read."""

from __future__ import annotations

import ast
import inspect
import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import sealscope
from sealscope import errors
from sealscope.errors import AccessDenied, Cancelled, SealscopeError

SOURCES = sorted(Path(sealscope.__file__).parent.rglob("*.py"))
CLASSES = {
    name: kind
    for name, kind in vars(errors).items()
    if inspect.isclass(kind) and kind.__module__ == errors.__name__
}


def family_in_the_docstring() -> dict[str, str]:
    """Each error's name and that of the one above it, as the module's page draws them."""
    above: dict[int, str] = {0: "SealscopeError"}
    found: dict[str, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        branch = re.match(r"^ {4}([│ ]*)[├└]── ((?:[A-Z]\w+, ?)*[A-Z]\w+)", line)
        if branch:
            depth = len(branch[1]) // 4
            for name in branch[2].split(", "):
                found[name] = above[depth]
                above[depth + 1] = name
    return found


def test_the_drawn_family_is_the_real_one() -> None:
    real = {
        name: kind.__base__.__name__
        for name, kind in CLASSES.items()
        if kind is not SealscopeError and kind.__base__
    }

    assert family_in_the_docstring() == real


@pytest.mark.parametrize("kind", CLASSES.values())
def test_each_says_what_it_is_for(kind: type[SealscopeError]) -> None:
    assert kind.__doc__
    assert inspect.cleandoc(kind.__doc__).splitlines()[0].endswith(".")
    assert kind.__dict__.get("__doc__"), "its own words, not those of the class above it"


@pytest.mark.parametrize("kind", CLASSES.values())
def test_each_carries_its_three_parts_and_the_request(kind: type[SealscopeError]) -> None:
    error = kind("Title", "detail", "hint")

    assert (error.title, error.detail, error.hint) == ("Title", "detail", "hint")
    assert error.request_id is None
    assert str(error) == "Title: detail"
    assert error.kind == kind.__name__
    assert error.as_json() == {
        "class": kind.__name__,
        "title": "Title",
        "detail": "detail",
        "hint": "hint",
    }


@pytest.mark.parametrize("kind", CLASSES.values())
def test_each_survives_the_way_between_processes(kind: type[SealscopeError]) -> None:
    error = kind("Title", "detail", "hint")
    error.request_id = "r-1"
    back = pickle.loads(pickle.dumps(error))

    assert type(back) is kind
    assert back.as_json() == error.as_json()


def test_the_services_request_id_is_part_of_it_when_there_is_one() -> None:
    error = AccessDenied("No", "where", "how", request_id="r-1")

    assert error.as_json()["request_id"] == "r-1"
    assert json.loads(json.dumps(error.as_json())) == error.as_json()


def test_a_missing_part_leaves_no_trace() -> None:
    assert str(SealscopeError("Title")) == "Title"
    assert str(Cancelled()) == "Cancelled"


def raised(path: Path) -> Iterator[tuple[int, list[str | None]]]:
    """The texts given to our errors in a module: None where they are not written out."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name in CLASSES:
                texts = [
                    arg.value
                    if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                    else None
                    for arg in node.args
                ]
                yield node.lineno, texts


def test_titles_are_sentences_without_a_full_stop_and_hints_have_one() -> None:
    wrong = []
    for path in SOURCES:
        for line, texts in raised(path):
            title, _, hint = (texts + [None] * 3)[:3]
            if title is not None and (not title or title[-1] in ".!:" or title[0].islower()):
                wrong.append((path.name, line, title))
            if hint and hint[-1] not in ".?!`":
                wrong.append((path.name, line, hint))

    assert wrong == []
