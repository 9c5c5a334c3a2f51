"""A list of KMS is followed to its end, and goes on after an error where it was."""

from __future__ import annotations

import pytest

from sealscope import errors
from tests.kms.strict import Contents, StrictClient, StrictConnection
from tests.kms.strict.answers import Request
from tests.kms.strict.contents import Record


def test_a_page_that_failed_is_asked_for_again() -> None:
    kms = StrictClient(Contents.of(10))
    pages = StrictConnection(kms).gate().pages("ListKeys", 4)
    sizes = [len(next(pages)["Keys"])]
    kms.set_quota("ListKeys", 0)
    with pytest.raises(errors.Throttled):
        next(pages)
    kms.set_quota("ListKeys", 500)
    sizes += [len(page["Keys"]) for page in pages]
    assert sizes == [4, 4, 2]


def test_the_end_stays_the_end() -> None:
    pages = StrictConnection(StrictClient(Contents.of(1))).gate().pages("ListKeys", 4)
    assert len(list(pages)) == 1
    assert list(pages) == []


def test_an_endpoint_that_repeats_a_page_is_not_followed_for_ever() -> None:
    def same_page(request: Request) -> Record:
        return {"Keys": [], "Truncated": True, "NextMarker": "again"}

    kms = StrictClient(Contents.of(1))
    kms.answer("ListKeys", same_page)
    with pytest.raises(errors.KmsError, match="NextMarker"):
        list(StrictConnection(kms).gate().pages("ListKeys", 4))
    assert kms.count("ListKeys") == 2
