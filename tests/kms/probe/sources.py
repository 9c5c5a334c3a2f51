"""The works that probes cite, so that a citation is written one way."""

from __future__ import annotations

from typing import Final

_RECORDED: Final = "localstack/localstack, tests/aws/services/kms/test_kms.snapshot.json"


def api(operation: str, section: str) -> str:
    """A section of an operation's page in the API Reference (and in botocore's service model)."""
    return f"KMS API Reference, {operation}: {section}"


def guide(page: str, section: str = "") -> str:
    """A page of the developer guide."""
    return f"KMS Developer Guide, {page}" + (f": {section}" if section else "")


def recorded(test: str) -> str:
    """An answer of AWS that LocalStack recorded and publishes with its tests."""
    return f"AWS's answer as recorded in {_RECORDED}, {test}"


def reported(issue: str, what: str) -> str:
    """An answer of AWS quoted in a public issue."""
    return f"AWS's answer as quoted in {issue} ({what})"


def key_states(note: str) -> str:
    """The key state table; `note` is the number of the table's note, or the cell."""
    return guide("Key states of AWS KMS keys", f"key state table, {note}")
