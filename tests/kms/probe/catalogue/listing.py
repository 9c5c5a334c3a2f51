"""Paging: limits, markers, and lists that come whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from tests.kms.probe.lab import Key, Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api


@dataclass(frozen=True)
class Listing:
    """A list operation that pages.

    Attributes:
        operation: its name in the API.
        items: the name of the list in its answer.
        maximum: the largest Limit.
        fill: gives the key three items to list; None where the list is not of one key.
    """

    operation: str
    method: str
    items: str
    maximum: int
    fill: Callable[[Lab, Key], object] | None = None


def _grants(lab: Lab, key: Key) -> None:
    for _ in range(3):
        lab.kms.create_grant(KeyId=key.id, GranteePrincipal=lab.root, Operations=["Decrypt"])


def _tags(lab: Lab, key: Key) -> None:
    tags = [{"TagKey": name, "TagValue": "v"} for name in "abc"]
    lab.kms.tag_resource(KeyId=key.id, Tags=tags)


def _rotations(lab: Lab, key: Key) -> None:
    for _ in range(3):
        lab.kms.rotate_key_on_demand(KeyId=key.id)


def _aliases(lab: Lab, key: Key) -> None:
    for _ in range(3):
        lab.new_alias(key)


OF_A_KEY: Final = (
    Listing("ListAliases", "list_aliases", "Aliases", 100, _aliases),
    Listing("ListGrants", "list_grants", "Grants", 100, _grants),
    Listing("ListResourceTags", "list_resource_tags", "Tags", 50, _tags),
    Listing("ListKeyRotations", "list_key_rotations", "Rotations", 1000, _rotations),
)
ALL: Final = (
    *OF_A_KEY,
    Listing("ListKeys", "list_keys", "Keys", 1000),
    Listing("ListKeyPolicies", "list_key_policies", "PolicyNames", 1000),
)


def _subject(lab: Lab, listing: Listing) -> dict[str, Any]:
    whole_account = listing.operation in {"ListKeys", "ListAliases"}
    return {} if whole_account else {"KeyId": lab.key().id}


def _pages(
    ask: Callable[..., Mapping[str, Any]], items: str, **request: Any
) -> list[list[Mapping[str, Any]]]:
    answer = ask(**request)
    pages = [answer[items]]
    while answer["Truncated"]:
        answer = ask(**request, Marker=answer["NextMarker"])
        pages.append(answer[items])
    assert "NextMarker" not in answer, "the last page has a marker"
    return pages


def _comes_in_pages(listing: Listing, lab: Lab) -> None:
    key = lab.new_key()
    assert listing.fill is not None
    listing.fill(lab, key)
    ask = getattr(lab.kms, listing.method)
    whole = lab.eventually(lambda: ask(KeyId=key.id)[listing.items], lambda items: len(items) >= 3)
    assert len(whole) == 3
    pages = _pages(ask, listing.items, KeyId=key.id, Limit=2)
    assert [len(page) for page in pages] == [2, 1]
    assert [item for page in pages for item in page] == whole


def _limit_above_the_maximum(listing: Listing, lab: Lab) -> None:
    with refused("ValidationException"):
        getattr(lab.kms, listing.method)(**_subject(lab, listing), Limit=listing.maximum + 1)


def _limit_at_the_maximum(listing: Listing, lab: Lab) -> None:
    getattr(lab.kms, listing.method)(**_subject(lab, listing), Limit=listing.maximum)


def _limit_of_nothing(listing: Listing, lab: Lab) -> None:
    with refused("ValidationException"):
        getattr(lab.unchecked, listing.method)(**_subject(lab, listing), Limit=0)


def _bad_marker(listing: Listing, lab: Lab) -> None:
    with refused("InvalidMarkerException"):
        getattr(lab.kms, listing.method)(**_subject(lab, listing), Marker="no marker of KMS")


def _register(
    listing: Listing,
    run: Callable[[Listing, Lab], None],
    about: str,
    states: str,
) -> None:
    bound = partial(run, listing)
    bound.__module__ = __name__
    needs_key = bool(listing.fill) or listing.operation == "ListKeyPolicies"
    whole_account = listing.operation in {"ListKeys", "ListAliases"}
    probe(
        source=api(listing.operation, about),
        states=f"{listing.operation} {states}",
        name=f"{listing.operation}_{run.__name__.strip('_')}",
        safe=run is not _comes_in_pages and (whole_account or not needs_key),
        bulk=run is _comes_in_pages and listing.operation == "ListKeyRotations",
    )(bound)


for _listing in OF_A_KEY:
    _register(
        _listing,
        _comes_in_pages,
        "Limit, Marker; NextMarker, Truncated",
        "pages: Limit items at most, a NextMarker while Truncated, each item once, in one order.",
    )
for _listing in ALL:
    _largest = f"Limit: 1 to {_listing.maximum}"
    _register(
        _listing, _limit_above_the_maximum, _largest, f"refuses a Limit above {_listing.maximum}."
    )
    _register(_listing, _limit_at_the_maximum, _largest, f"takes a Limit of {_listing.maximum}.")
    _register(_listing, _limit_of_nothing, _largest, "refuses a Limit of 0.")
    if _listing.operation != "ListKeyPolicies":
        _register(
            _listing,
            _bad_marker,
            "Errors: InvalidMarkerException",
            "answers InvalidMarkerException to a marker that it did not give.",
        )


@probe(source=api("ListKeys", "Keys, NextMarker, Truncated"))
def every_key_is_listed_once(lab: Lab) -> None:
    """ListKeys pages through all keys: every created one comes once, whatever the page size."""
    made = {lab.new_key().id for _ in range(3)}
    for limit in (2, 1000):
        pages = _pages(lab.kms.list_keys, "Keys", Limit=limit)
        assert all(len(page) <= limit for page in pages)
        ids = [key["KeyId"] for page in pages for key in page]
        assert len(ids) == len(set(ids))
        assert made <= set(ids)


@probe(source=api("ListKeys", "KeyListEntry"))
def a_listed_key_is_an_id_and_an_arn(lab: Lab) -> None:
    """A listed key has its id and its ARN, nothing else."""
    key = lab.key()
    pages = _pages(lab.kms.list_keys, "Keys", Limit=1000)
    entries = [entry for page in pages for entry in page if entry["KeyId"] == key.id]
    assert entries == [{"KeyId": key.id, "KeyArn": key.arn}]


@probe(source=api("ListKeys", "Limit: defaults to 100"), bulk=True)
def a_page_of_keys_is_a_hundred(lab: Lab) -> None:
    """ListKeys without a Limit answers at most 100 keys."""
    for _ in range(101):
        lab.new_key()
    answer = lab.kms.list_keys()
    assert len(answer["Keys"]) == 100
    assert answer["Truncated"] is True


@probe(source=api("ListAliases", "Limit: defaults to 50"), bulk=True)
def a_page_of_aliases_is_fifty(lab: Lab) -> None:
    """ListAliases without a Limit answers at most 50 aliases."""
    keys = lab.new_key(), lab.new_key()
    for number in range(51):
        lab.new_alias(keys[number % 2])
    answer = lab.kms.list_aliases()
    assert len(answer["Aliases"]) == 50
    assert answer["Truncated"] is True


@probe(source=api("ListGrants", "Limit: defaults to 50"), bulk=True)
def a_page_of_grants_is_fifty(lab: Lab) -> None:
    """ListGrants without a Limit answers at most 50 grants."""
    key = lab.new_key()
    for _ in range(51):
        lab.kms.create_grant(KeyId=key.id, GranteePrincipal=lab.root, Operations=["Decrypt"])
    answer = lab.kms.list_grants(KeyId=key.id)
    assert len(answer["Grants"]) == 50
    assert answer["Truncated"] is True


@probe(source="botocore paginators-1.json for KMS; KMS API Reference, ListKeys: Marker")
def botocores_paginators_work(lab: Lab) -> None:
    """botocore's paginators find every key and every alias, page by page."""
    key = lab.new_key()
    name = lab.new_alias(key)
    settings = {"PageSize": 2}
    keys = lab.kms.get_paginator("list_keys").paginate(PaginationConfig=settings)
    assert key.id in {entry["KeyId"] for page in keys for entry in page["Keys"]}
    aliases = lab.kms.get_paginator("list_aliases").paginate(PaginationConfig=settings)
    assert name in {entry["AliasName"] for page in aliases for entry in page["Aliases"]}


@probe(source=api("ListKeys", "description"))
def keys_pending_deletion_are_listed(lab: Lab) -> None:
    """ListKeys lists all keys, disabled ones and those pending deletion too."""
    key = lab.new_key()
    lab.kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
    pages = _pages(lab.kms.list_keys, "Keys", Limit=1000)
    assert key.id in {entry["KeyId"] for page in pages for entry in page}


@probe(source=api("ListKeys", "ResourceOwners: SELF, OTHER_ACCOUNTS_VIA_RAM"))
def keys_are_listed_by_owner(lab: Lab) -> None:
    """ListKeys lists the caller's keys for SELF, and none of them for OTHER_ACCOUNTS_VIA_RAM."""
    key = lab.key()
    owned = _pages(lab.kms.list_keys, "Keys", Limit=1000, ResourceOwners=["SELF"])
    assert key.id in {entry["KeyId"] for page in owned for entry in page}
    others = _pages(lab.kms.list_keys, "Keys", ResourceOwners=["OTHER_ACCOUNTS_VIA_RAM"])
    assert key.arn not in {entry["KeyArn"] for page in others for entry in page}


@probe(source=api("ListRetirableGrants", "Limit: 1 to 100; Errors: InvalidMarkerException"))
def retirable_grants_page_too(lab: Lab) -> None:
    """ListRetirableGrants refuses a Limit above 100 and a marker that it did not give."""
    with refused("ValidationException"):
        lab.kms.list_retirable_grants(RetiringPrincipal=lab.root, Limit=101)
    with refused("InvalidMarkerException"):
        lab.kms.list_retirable_grants(RetiringPrincipal=lab.root, Marker="no marker of KMS")
