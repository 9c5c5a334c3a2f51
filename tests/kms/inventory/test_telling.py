"""Listeners hear of changes, of many small ones together, and of nothing after the end."""

from __future__ import annotations

import threading

from sealscope.kms.inventory import Inventory, KeysDescribed
from tests.kms.inventory.ear import Desk, Ear, desk
from tests.kms.strict import Contents, StrictClient, StrictConnection, key_id


class TestTelling:
    def test_of_many_descriptions_is_done_in_few_events(self) -> None:
        with desk(StrictClient(Contents.of(1000)), per_second=None) as at:
            at.inventory.describe(at.inventory.key_ids(), rotation=False)
            at.ear.wait_for(lambda: len(at.ear.described()) == 1000)
            assert len(at.ear.of(KeysDescribed)) < 100

    def test_ends_for_a_listener_that_left(self) -> None:
        at = Desk(StrictClient(Contents.of(3)))
        other = Ear()
        leave = at.inventory.subscribe(other)
        leave()
        leave()
        at.load()
        assert other.events == []
        at.inventory.close()


class TestClosing:
    def test_drops_answers_that_are_still_under_way(self) -> None:
        at = Desk(StrictClient(Contents.of(3)))
        at.load()
        door = at.kms.hold("DescribeKey")
        at.inventory.describe([key_id(0)])
        at.kms.wait_for_calls("DescribeKey", 1)
        at.ear.events.clear()
        at.inventory.close()
        door.set()
        at.inventory.describe([key_id(1)])
        assert at.inventory.ended(20)
        assert at.ear.events == []
        assert at.kms.count("DescribeKey") == 1

    def test_ends_the_waits_for_the_cap_and_for_a_throttled_list(self) -> None:
        kms = StrictClient(Contents.of(3000))
        inventory = Inventory(StrictConnection(kms).gate(), per_second=1)
        ear = Ear()
        inventory.subscribe(ear)
        inventory.load()
        ear.wait_for(ear.finished)
        kms.set_quota("ListKeys", 0)
        inventory.load()
        inventory.describe([key_id(n) for n in range(10)])
        ear.wait_for(lambda: inventory.pace.throttled)
        inventory.close()
        # Real time: without the end these threads would wait for seconds.
        assert inventory.ended(0.9)

    def test_does_not_wait_for_a_call_that_hangs(self) -> None:
        at = Desk(StrictClient(Contents.of(3)))
        door = at.kms.hold("ListKeys")
        at.inventory.load()
        at.kms.wait_for_calls("ListKeys", 1)
        at.inventory.close()
        assert not at.inventory.ended(0)
        assert all(each.daemon for each in threading.enumerate() if each.name.startswith("kms-"))
        door.set()
        assert at.inventory.ended(20)
