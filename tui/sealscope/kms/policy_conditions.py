"""A policy statement's conditions in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_TESTS: Final = {
    "stringequals": ("is", "is not"),
    "stringequalsignorecase": ("is, in any case of letters,", "is not, in any case of letters,"),
    "stringlike": ("is like", "is not like"),
    "arnequals": ("is like", "is not like"),
    "arnlike": ("is like", "is not like"),
    "numericequals": ("is", "is not"),
    "dateequals": ("is", "is not"),
    "ipaddress": ("is within", "is not within"),
    "bool": ("is", "is not"),
    "binaryequals": ("is", "is not"),
}
"""Condition operator in lower case, without "Not" -> its words, and those of its opposite."""

_COMPARISONS: Final = {
    "lessthan": "is less than",
    "lessthanequals": "is at most",
    "greaterthan": "is more than",
    "greaterthanequals": "is at least",
}
_ORDERED: Final = ("numeric", "date")
_QUANTIFIERS: Final = {"foranyvalue": "one of", "forallvalues": "each of"}


def conditions_in_words(condition: object) -> tuple[str, ...]:
    """One phrase for each test of a statement's Condition, all of which must hold.

    What is not written as conditions are is repeated as it is, never left out: a statement
    without its condition would say more than it allows.
    """
    if condition is None:
        return ()
    if not isinstance(condition, Mapping):
        return (str(condition),)
    return tuple(
        _phrase(str(operator), str(key), values)
        for operator, tests in condition.items()
        for key, values in (tests.items() if isinstance(tests, Mapping) else [("", tests)])
    )


def _phrase(operator: str, key: str, values: object) -> str:
    quantifier, _, test = operator.rpartition(":")
    bare = test.removesuffix("IfExists")
    listed = [str(value) for value in (values if isinstance(values, list) else [values])]
    subject = f"{_QUANTIFIERS.get(quantifier.lower(), quantifier)} {key}".strip()
    optional = ", where it is given" if bare != test else ""
    if bare.lower() == "null":
        absent = listed in (["True"], ["true"])
        return f"{subject} is {'not ' if absent else ''}given"
    return f"{subject} {_test_in_words(bare)} {_choice(bare, listed)}{optional}"


def _test_in_words(operator: str) -> str:
    name = operator.lower()
    positive = name.replace("not", "", 1)
    if positive in _TESTS:
        return _TESTS[positive][positive != name]
    for kind in _ORDERED:
        if name.removeprefix(kind) in _COMPARISONS and name.startswith(kind):
            return _COMPARISONS[name.removeprefix(kind)]
    return operator


def _choice(operator: str, values: list[str]) -> str:
    negated = operator.lower().replace("not", "", 1) != operator.lower()
    return (" and not " if negated else " or ").join(values)
