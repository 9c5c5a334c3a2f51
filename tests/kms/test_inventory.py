"""The inventory streams both lists to the end, describes what is asked for, and forgets stale."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from sealscope.errors import AccessDenied, KeyNotFound, Throttled
from sealscope.kms.inventory import (
    AliasesPageLoaded,
    Event,
    Inventory,
    KeyDescribed,
    KeysPageLoaded,
    ListFailed,
    ListFinished,
    LoadStarted,
    bare_key_id,
)
from sealscope.kms.keys import Alias, KeyDescription, KeyRef, RotationStatus

PATIENCE = 20


def arn(key_id: str, region: str = "eu-central-1") -> str:
    return f"arn:aws:kms:{region}:111122223333:key/{key_id}"


def description(key_id: str, state: str = "Enabled") -> KeyDescription:
    return KeyDescription(
        key_id=bare_key_id(key_id),
        arn=arn(bare_key_id(key_id)),
        account="111122223333",
        state=state,
        spec="SYMMETRIC_DEFAULT",
        usage="ENCRYPT_DECRYPT",
        origin="AWS_KMS",
        manager="CUSTOMER",
        description="",
        multi_region="",
        key_material_id="",
        created=None,
        deletion_date=None,
        valid_to=None,
    )


@dataclass
class Source:
    """A KMS whose pages, refusals and delays a test sets."""

    keys: list[list[str]] = field(default_factory=lambda: [["k1", "k2"], ["k3"]])
    aliases: list[list[tuple[str, str | None]]] = field(
        default_factory=lambda: [
            [("alias/one", "k1")],
            [("alias/uno", "k1"), ("alias/aws/x", None)],
        ]
    )
    denied: set[str] = field(default_factory=set)
    no_rotation: set[str] = field(default_factory=set)
    broken_list: str = ""
    gate: threading.Event = field(default_factory=threading.Event)
    described: list[str] = field(default_factory=list)
    state: str = "Enabled"

    def __post_init__(self) -> None:
        self.gate.set()

    def key_pages(self) -> Iterator[tuple[KeyRef, ...]]:
        for page in self.keys:
            self.gate.wait(PATIENCE)
            yield tuple(KeyRef(key, arn(key)) for key in page)
        if self.broken_list == "keys":
            raise Throttled("KMS slows us down")

    def alias_pages(self) -> Iterator[tuple[Alias, ...]]:
        if self.broken_list == "aliases":
            raise AccessDenied("KMS denied access")
        for page in self.aliases:
            yield tuple(Alias(name, "", target, None, None) for name, target in page)

    def describe_key(self, key_id: str) -> KeyDescription:
        self.described.append(key_id)
        self.gate.wait(PATIENCE)
        if bare_key_id(key_id) in self.denied:
            raise AccessDenied("KMS denied access", key_id)
        if bare_key_id(key_id) not in {key for page in self.keys for key in page}:
            raise KeyNotFound("KMS knows no such key", key_id)
        return description(key_id, self.state)

    def rotation_status(self, key_id: str) -> RotationStatus:
        if bare_key_id(key_id) in self.no_rotation:
            raise AccessDenied("KMS denied access", key_id)
        return RotationStatus(applicable=True, enabled=True, period_days=90)


class Ear:
    """Collects events and waits for them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE), self.events

    def finished(self) -> bool:
        ends = [e for e in self.events if isinstance(e, ListFinished | ListFailed)]
        return len(ends) == 2


@pytest.fixture
def ear() -> Ear:
    return Ear()


def loaded(source: Source, ear: Ear) -> Inventory:
    """An inventory that has listed everything."""
    inventory = Inventory(source)
    inventory.subscribe(ear)
    inventory.load()
    ear.wait_for(ear.finished)
    return inventory


class TestListing:
    def test_follows_both_lists_to_the_end(self, ear: Ear) -> None:
        inventory = loaded(Source(), ear)
        assert inventory.key_ids() == ("k1", "k2", "k3")
        assert [alias.name for alias in inventory.aliases_of("k1")] == ["alias/one", "alias/uno"]
        assert inventory.alias_count() == 3
        assert {e.what for e in ear.events if isinstance(e, ListFinished)} == {"keys", "aliases"}

    def test_tells_of_each_page_as_it_comes(self, ear: Ear) -> None:
        loaded(Source(), ear)
        assert isinstance(ear.events[0], LoadStarted)
        pages = [e.key_ids for e in ear.events if isinstance(e, KeysPageLoaded)]
        assert pages == [("k1", "k2"), ("k3",)]
        named = [e.key_ids for e in ear.events if isinstance(e, AliasesPageLoaded)]
        assert named == [("k1",), ("k1",)]

    def test_does_not_hold_back_aliases_for_keys(self, ear: Ear) -> None:
        source = Source()
        source.gate.clear()
        inventory = Inventory(source)
        inventory.subscribe(ear)
        inventory.load()
        ear.wait_for(lambda: ListFinished(1, "aliases") in ear.events)
        assert inventory.key_ids() == ()
        source.gate.set()
        ear.wait_for(ear.finished)
        entry = inventory.entry("k1")
        assert entry is not None
        assert len(entry.aliases) == 2

    def test_an_alias_without_a_key_belongs_to_none(self, ear: Ear) -> None:
        inventory = loaded(Source(aliases=[[("alias/aws/x", None)]]), ear)
        assert all(inventory.aliases_of(key) == () for key in inventory.key_ids())

    @pytest.mark.parametrize(("what", "keys"), [("keys", 3), ("aliases", 3)])
    def test_a_list_that_breaks_off_says_why_and_keeps_what_came(
        self, ear: Ear, what: str, keys: int
    ) -> None:
        inventory = loaded(Source(broken_list=what), ear)
        (failure,) = [e for e in ear.events if isinstance(e, ListFailed)]
        assert failure.what == what
        assert failure.error.title
        assert len(inventory.key_ids()) == keys

    def test_loading_again_forgets_what_was_known(self, ear: Ear) -> None:
        source = Source()
        inventory = loaded(source, ear)
        source.keys = [["k9"]]
        source.aliases = []
        ear.events.clear()
        generation = inventory.load()
        ear.wait_for(ear.finished)
        assert inventory.key_ids() == ("k9",)
        assert inventory.entry("k1") is None
        assert {event.generation for event in ear.events} == {generation}

    def test_answers_of_an_older_load_are_dropped(self, ear: Ear) -> None:
        source = Source()
        source.gate.clear()
        inventory = Inventory(source)
        inventory.subscribe(ear)
        first = inventory.load()
        second = inventory.load()
        source.gate.set()
        ear.wait_for(lambda: sum(e.generation == second for e in ear.events) >= 7)
        assert inventory.key_ids() == ("k1", "k2", "k3")
        assert inventory.alias_count() == 3
        kept = [e for e in ear.events if isinstance(e, KeysPageLoaded)]
        assert {event.generation for event in kept} == {second}
        assert first != second


class TestDescribing:
    def test_asks_for_the_keys_it_is_told_and_their_rotation(self, ear: Ear) -> None:
        source = Source()
        inventory = loaded(source, ear)
        inventory.describe(["k2"])
        ear.wait_for(lambda: sum(isinstance(e, KeyDescribed) for e in ear.events) == 2)
        entry = inventory.entry("k2")
        assert entry is not None
        assert entry.description is not None
        assert entry.description.state == "Enabled"
        assert entry.rotation == RotationStatus(applicable=True, enabled=True, period_days=90)
        assert source.described == [arn("k2")]

    def test_asks_once_unless_told_to_ask_again(self, ear: Ear) -> None:
        source = Source()
        inventory = loaded(source, ear)
        inventory.describe(["k2"])
        ear.wait_for(lambda: sum(isinstance(e, KeyDescribed) for e in ear.events) == 2)
        inventory.describe(["k2"])
        source.state = "Disabled"
        inventory.describe(["k2"], again=True)
        ear.wait_for(lambda: sum(isinstance(e, KeyDescribed) for e in ear.events) == 4)
        assert len(source.described) == 2
        entry = inventory.entry("k2")
        assert entry is not None
        assert entry.description is not None
        assert entry.description.state == "Disabled"

    def test_keeps_the_reason_when_a_key_may_not_be_described(self, ear: Ear) -> None:
        inventory = loaded(Source(denied={"k1"}), ear)
        inventory.describe(["k1"])
        ear.wait_for(lambda: KeyDescribed(1, "k1") in ear.events)
        entry = inventory.entry("k1")
        assert entry is not None
        assert isinstance(entry.error, AccessDenied)
        assert entry.description is None
        assert len(entry.aliases) == 2

    def test_keeps_the_reason_when_rotation_may_not_be_read(self, ear: Ear) -> None:
        inventory = loaded(Source(no_rotation={"k1"}), ear)
        inventory.describe(["k1"])
        ear.wait_for(lambda: sum(isinstance(e, KeyDescribed) for e in ear.events) == 2)
        entry = inventory.entry("k1")
        assert entry is not None
        assert entry.description is not None
        assert isinstance(entry.rotation_error, AccessDenied)

    def test_a_fault_of_our_own_is_a_reason_too(self, ear: Ear) -> None:
        class Broken(Source):
            def describe_key(self, key_id: str) -> KeyDescription:
                raise ZeroDivisionError(key_id)

        inventory = loaded(Broken(), ear)
        inventory.describe(["k1"])
        ear.wait_for(lambda: KeyDescribed(1, "k1") in ear.events)
        entry = inventory.entry("k1")
        assert entry is not None
        assert entry.error is not None
        assert entry.error.detail == "ZeroDivisionError"

    def test_a_newer_request_replaces_what_has_not_begun(self, ear: Ear) -> None:
        keys = [f"k{n}" for n in range(200)]
        source = Source(keys=[keys], aliases=[])
        inventory = loaded(source, ear)
        source.gate.clear()
        inventory.describe(keys[:100])
        inventory.describe(keys[150:152])
        source.gate.set()
        ear.wait_for(lambda: {KeyDescribed(1, "k150"), KeyDescribed(1, "k151")} <= set(ear.events))
        assert len(source.described) <= 6

    def test_one_asker_does_not_replace_what_another_wants(self, ear: Ear) -> None:
        keys = [f"k{n}" for n in range(50)]
        source = Source(keys=[keys], aliases=[])
        inventory = loaded(source, ear)
        source.gate.clear()
        inventory.describe(["k40"], asker="page")
        inventory.describe(keys[:10])
        inventory.describe(keys[10:12])
        source.gate.set()
        wanted = {KeyDescribed(1, "k40"), KeyDescribed(1, "k10"), KeyDescribed(1, "k11")}
        ear.wait_for(lambda: wanted <= set(ear.events))

    def test_describes_a_key_that_is_not_in_the_list_by_its_arn(self, ear: Ear) -> None:
        inventory = loaded(Source(), ear)
        foreign = arn("k1", region="us-east-1")
        inventory.describe([foreign])
        ear.wait_for(lambda: KeyDescribed(1, foreign) in ear.events)
        assert inventory.entry(foreign) is not None
        listed = inventory.entry("k1")
        assert listed is not None
        assert listed.description is None
        assert inventory.key_ids() == ("k1", "k2", "k3")

    def test_knows_a_listed_key_by_its_id_and_by_its_arn(self, ear: Ear) -> None:
        inventory = loaded(Source(), ear)
        assert inventory.entry(arn("k1")) == inventory.entry("k1")
        assert inventory.aliases_of(arn("k1")) == inventory.aliases_of("k1")

    def test_an_unknown_key_has_no_entry(self, ear: Ear) -> None:
        assert loaded(Source(), ear).entry("nobody") is None


class TestClosing:
    def test_drops_answers_that_are_still_under_way(self, ear: Ear) -> None:
        source = Source()
        inventory = loaded(source, ear)
        source.gate.clear()
        inventory.describe(["k1"])
        ear.events.clear()
        inventory.close()
        source.gate.set()
        inventory.describe(["k2"])
        assert ear.events == []

    def test_a_listener_that_left_hears_nothing(self, ear: Ear) -> None:
        inventory = Inventory(Source())
        leave = inventory.subscribe(ear)
        other = Ear()
        inventory.subscribe(other)
        leave()
        leave()
        inventory.load()
        other.wait_for(other.finished)
        assert ear.events == []
