"""The catalogue: importing it registers every probe."""

from tests.kms.probe.catalogue import (
    aliases,
    answers,
    data_keys,
    deletion,
    dry_run,
    encryption,
    grants,
    identifiers,
    imported,
    keys,
    listing,
    macs,
    policies,
    rotation,
    signatures,
    states,
    tags,
)
from tests.kms.probe.registry import PROBES

__all__ = [
    "PROBES",
    "aliases",
    "answers",
    "data_keys",
    "deletion",
    "dry_run",
    "encryption",
    "grants",
    "identifiers",
    "imported",
    "keys",
    "listing",
    "macs",
    "policies",
    "rotation",
    "signatures",
    "states",
    "tags",
]
