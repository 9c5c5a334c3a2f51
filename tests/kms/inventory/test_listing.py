"""Both lists are followed to their ends, side by side, and forgotten with their load."""

from __future__ import annotations

import pytest

from sealscope.errors import AccessDenied, CredentialsExpired
from sealscope.kms.inventory import (
    AliasesPageLoaded,
    Inventory,
    KeysPageLoaded,
    ListFailed,
    ListFinished,
    LoadStarted,
    PaceChanged,
)
from tests.kms.inventory.ear import Desk, Ear, desk
from tests.kms.strict import Contents, StrictClient, StrictConnection, key_arn, key_id
from tests.kms.strict.answers import Request
from tests.kms.strict.contents import Record


class TestListing:
    def test_follows_both_lists_to_the_end(self) -> None:
        with desk(StrictClient(Contents.of(2500, 3000))) as at:
            inventory = at.inventory
            assert inventory.key_ids() == tuple(key_id(n) for n in range(2500))
            assert inventory.key_count() == 2500
            assert inventory.alias_count() == 3000
            names = [alias.name for alias in inventory.aliases_of(key_id(1))]
            assert names == ["alias/service-000001", "alias/service-002501"]
            assert {e.what for e in at.ear.of(ListFinished)} == {"keys", "aliases"}

    def test_asks_for_the_largest_pages(self) -> None:
        with desk(StrictClient(Contents.of(2500, 250))) as at:
            assert at.kms.count("ListKeys") == 3
            assert at.kms.count("ListAliases") == 3

    def test_tells_of_each_page_as_it_comes(self) -> None:
        kms = StrictClient(Contents.of(5, 3))
        kms.most_items = 2
        with desk(kms) as at:
            assert isinstance(at.ear.events[0], LoadStarted)
            pages = [event.key_ids for event in at.ear.of(KeysPageLoaded)]
            assert pages == [(key_id(0), key_id(1)), (key_id(2), key_id(3)), (key_id(4),)]
            named = [event.key_ids for event in at.ear.of(AliasesPageLoaded)]
            assert named == [(key_id(0), key_id(1)), (key_id(2),)]

    def test_offers_what_is_new_alone(self) -> None:
        with desk(StrictClient(Contents.of(5))) as at:
            assert at.inventory.key_ids(start=3) == (key_id(3), key_id(4))
            known = at.inventory.entries([key_id(4), "nobody", key_id(0)])
            assert [entry.key_id for entry in known] == [key_id(4), key_id(0)]

    @pytest.mark.parametrize(("held", "other"), [("Keys", "aliases"), ("Aliases", "keys")])
    def test_does_not_hold_back_one_list_for_the_other(self, held: str, other: str) -> None:
        at = Desk(StrictClient(Contents.of(3, 2)))
        door = at.kms.hold(f"List{held}")
        generation = at.inventory.load()
        at.ear.wait_for(lambda: ListFinished(generation, other) in at.ear.events)
        door.set()
        at.ear.wait_for(at.ear.finished)
        entry = at.inventory.entry(key_id(1))
        assert entry is not None
        assert len(entry.aliases) == 1
        at.inventory.close()

    def test_an_alias_without_a_key_belongs_to_none(self) -> None:
        contents = Contents.of(2)
        contents.aliases["alias/aws/ebs"] = None
        with desk(StrictClient(contents)) as at:
            assert at.inventory.alias_count() == 1
            assert all(at.inventory.aliases_of(key) == () for key in at.inventory.key_ids())

    def test_an_alias_that_moves_while_it_is_listed_belongs_to_the_last_key(self) -> None:
        pages = iter([key_id(0), key_id(1)])

        def moving(request: Request) -> Record:
            request.contents.aliases["alias/x"] = next(pages)
            more = {"NextMarker": "x"} if "Marker" not in request.params else {}
            return {
                "Aliases": [request.contents.alias("alias/x")],
                "Truncated": bool(more),
                **more,
            }

        kms = StrictClient(Contents.of(2))
        kms.answer("ListAliases", moving)
        with desk(kms) as at:
            assert at.inventory.aliases_of(key_id(0)) == ()
            assert [alias.name for alias in at.inventory.aliases_of(key_id(1))] == ["alias/x"]
            assert at.inventory.alias_count() == 1

    def test_keeps_all_that_kms_told_of_an_alias(self) -> None:
        with desk(StrictClient(Contents.of(1, 1))) as at:
            (alias,) = at.inventory.aliases_of(key_id(0))
            ((told,),) = StrictConnection(at.kms).gate().alias_pages()
            assert alias == told


class TestFailing:
    @pytest.mark.parametrize("operation", ["ListKeys", "ListAliases"])
    def test_a_list_that_is_denied_says_so_and_the_other_one_is_there(self, operation: str) -> None:
        kms = StrictClient(Contents.of(3, 2))
        kms.deny(operation)
        with desk(kms) as at:
            (failure,) = at.ear.of(ListFailed)
            assert failure.what == operation.removeprefix("List").lower()
            assert isinstance(failure.error, AccessDenied)
            assert len(at.ear.of(ListFinished)) == 1

    def test_a_list_that_breaks_off_keeps_what_came(self) -> None:
        kms = StrictClient(Contents.of(3000))
        kms.deny("ListAliases")
        kms.expire_after(2)
        with desk(kms) as at:
            failures = {event.what: event.error for event in at.ear.of(ListFailed)}
            assert isinstance(failures["keys"], CredentialsExpired)
            assert at.inventory.key_count() in {1000, 2000}

    def test_a_throttled_list_goes_on_later_and_says_that_it_is_slower(self) -> None:
        kms = StrictClient(Contents.of(5000), latency=0.01)
        kms.set_quota("ListKeys", 2)
        with desk(kms) as at:
            assert at.inventory.key_ids() == tuple(key_id(n) for n in range(5000))
            assert at.ear.of(ListFailed) == []
            assert [event.pace.throttled for event in at.ear.of(PaceChanged)][:2] == [True, False]
            assert not at.inventory.pace.throttled

    def test_a_fault_of_our_own_is_a_reason_too(self) -> None:
        class Broken:
            def pages(self, operation: str, limit: int) -> object:
                raise ZeroDivisionError(operation)

        ear = Ear()
        inventory = Inventory(Broken())  # type: ignore[arg-type]
        inventory.subscribe(ear)
        inventory.load()
        ear.wait_for(ear.finished)
        assert {event.error.detail for event in ear.of(ListFailed)} == {"ZeroDivisionError"}
        inventory.close()


class TestLoadingAgain:
    def test_forgets_what_was_known(self) -> None:
        with desk(StrictClient(Contents.of(3))) as at:
            at.describe(key_id(0))
            at.kms.contents.keys = {key_id(9): {}}
            at.ear.events.clear()
            at.load()
            assert at.inventory.key_ids() == (key_id(9),)
            assert at.inventory.entry(key_id(0)) is None
            assert {event.generation for event in at.ear.events} == {at.inventory.generation}

    def test_drops_the_answers_of_an_older_load(self) -> None:
        at = Desk(StrictClient(Contents.of(3, 2)))
        door = at.kms.hold("ListKeys")
        first = at.inventory.load()
        at.kms.wait_for_calls("ListKeys", 1)
        second = at.inventory.load()
        at.kms.wait_for_calls("ListKeys", 2)
        at.ear.events.clear()
        door.set()
        at.ear.wait_for(lambda: ListFinished(second, "keys") in at.ear.events)
        assert len(at.ear.of(KeysPageLoaded)) == 1
        assert first not in {event.generation for event in at.ear.events}
        at.inventory.close()

    def test_on_another_connection_never_mixes_the_rows_of_both(self) -> None:
        at = Desk(StrictClient(Contents.of(3, 3)))
        doors = [at.kms.hold(name) for name in ("ListKeys", "ListAliases", "DescribeKey")]
        at.inventory.load()
        at.kms.wait_for_calls("ListKeys", 1)
        at.inventory.describe([key_arn(key_id(0))])
        at.kms.wait_for_calls("DescribeKey", 1)
        contents = Contents(region="us-east-1")
        contents.add_key(key_id(0))
        there = StrictClient(contents)
        at.inventory.switch(StrictConnection(there).gate(), per_second=None)
        at.ear.wait_for(at.ear.finished)
        for door in doors:
            door.set()
        at.inventory.describe([key_id(0)])
        at.ear.wait_for(lambda: at.known(key_id(0)))
        entry = at.inventory.entry(key_id(0))
        assert entry is not None
        assert entry.arn == key_arn(key_id(0), "us-east-1")
        assert entry.description is not None
        assert entry.description.arn == entry.arn
        assert at.inventory.alias_count() == 0
        assert at.inventory.entry(key_arn(key_id(0))) is None
        assert there.keys_asked("DescribeKey") == [entry.arn]
        at.inventory.close()

    def test_no_two_loads_have_one_number(self) -> None:
        inventories = [Inventory(StrictConnection(StrictClient(Contents())).gate()) for _ in "ab"]
        assert [inventory.generation for inventory in inventories] == [0, 0]
        numbers = [inventory.load() for inventory in inventories * 2]
        assert len(set(numbers)) == 4
        for inventory in inventories:
            inventory.close()
