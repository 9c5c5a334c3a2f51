"""Keys are described when somebody looks at them: newest request first, and only those."""

from __future__ import annotations

import pytest

from sealscope.errors import AccessDenied, CredentialsExpired, KeyNotFound, UnsupportedOperation
from sealscope.kms.inventory import DESCRIBE_THREADS, DescribingStopped, KeysDescribed, PaceChanged
from sealscope.kms.keys import RotationStatus
from tests.kms.inventory.ear import Desk, desk
from tests.kms.strict import Contents, StrictClient, key_arn, key_id
from tests.kms.strict.answers import Request, describe_key
from tests.kms.strict.contents import Record


def keys(*numbers: int) -> list[str]:
    return [key_id(number) for number in numbers]


class TestWhatIsAsked:
    def test_is_the_description_and_then_the_rotation(self) -> None:
        with desk() as at:
            at.describe(key_id(1))
            entry = at.inventory.entry(key_id(1))
            assert entry is not None
            assert entry.description is not None
            assert entry.description.state == "Enabled"
            assert entry.described_at is not None
            assert entry.rotation is not None
            assert entry.rotation.period_days == 365
            assert at.kms.keys_asked("DescribeKey") == [key_arn(key_id(1))]

    def test_is_nothing_before_somebody_looks(self) -> None:
        with desk() as at:
            assert at.kms.count("DescribeKey") == 0
            assert at.inventory.described_count() == 0

    def test_is_no_rotation_where_nobody_wants_it(self) -> None:
        with desk() as at:
            at.inventory.describe([key_id(0)], rotation=False)
            at.ear.wait_for(lambda: at.ear.of(KeysDescribed))
            at.describe(key_id(1))
            assert at.kms.keys_asked("GetKeyRotationStatus") == [key_arn(key_id(1))]

    def test_is_the_rotation_alone_when_the_description_is_known(self) -> None:
        with desk() as at:
            at.inventory.describe([key_id(0)], rotation=False)
            at.ear.wait_for(lambda: at.ear.of(KeysDescribed))
            at.describe(key_id(0))
            assert at.kms.count("DescribeKey") == 1

    def test_is_no_rotation_of_what_kms_never_rotates(self) -> None:
        contents = Contents()
        rsa = contents.add_key(KeySpec="RSA_2048")
        with desk(StrictClient(contents)) as at:
            at.describe(rsa)
            entry = at.inventory.entry(rsa)
            assert entry is not None
            assert entry.rotation == RotationStatus(applicable=False, enabled=False)
            assert at.kms.count("GetKeyRotationStatus") == 0

    def test_is_asked_once_unless_told_to_ask_again(self) -> None:
        with desk() as at:
            at.describe(key_id(1))
            at.describe(key_id(1))
            assert at.kms.count("DescribeKey") == 1
            at.kms.contents.keys[key_id(1)]["KeyState"] = "Disabled"
            at.ear.events.clear()
            at.inventory.describe([key_id(1)], again=True)
            at.ear.wait_for(lambda: at.kms.count("GetKeyRotationStatus") == 2)
            entry = at.inventory.entry(key_id(1))
            assert entry is not None
            assert entry.description is not None
            assert entry.description.state == "Disabled"

    def test_is_asked_once_though_two_ask_for_it(self) -> None:
        at = Desk(StrictClient(Contents.of(10)), describe_threads=1)
        at.load()
        door = at.kms.hold("DescribeKey")
        at.inventory.describe(keys(0))
        at.kms.wait_for_calls("DescribeKey", 1)
        at.inventory.describe(keys(1, 2), asker="page")
        at.inventory.describe(keys(2, 1), asker="picker")
        door.set()
        at.ear.wait_for(lambda: all(map(at.known, keys(0, 1, 2))))
        assert at.kms.count("DescribeKey") == 3
        at.inventory.close()

    def test_is_a_foreign_key_by_its_arn(self) -> None:
        contents = Contents.of(2)
        with desk(StrictClient(contents)) as at:
            foreign = key_arn(key_id(0), region="us-east-1")
            at.describe(foreign)
            entry = at.inventory.entry(foreign)
            assert entry is not None
            assert isinstance(entry.error, KeyNotFound)
            listed = at.inventory.entry(key_id(0))
            assert listed is not None
            assert listed.error is None
            assert at.inventory.key_ids() == tuple(keys(0, 1))

    def test_is_one_key_by_its_id_and_by_its_arn(self) -> None:
        with desk() as at:
            at.describe(key_arn(key_id(0)))
            at.describe(key_id(0))
            assert at.inventory.entry(key_arn(key_id(0))) == at.inventory.entry(key_id(0))
            assert at.kms.count("DescribeKey") == 1


class TestOrder:
    def test_is_that_of_the_request(self) -> None:
        with desk(StrictClient(Contents.of(9)), describe_threads=1) as at:
            wanted = keys(4, 0, 8, 2)
            at.describe(*wanted)
            assert at.kms.keys_asked("DescribeKey") == [key_arn(key) for key in wanted]

    def test_what_was_scrolled_away_is_not_asked_for(self) -> None:
        at = Desk(StrictClient(Contents.of(200)))
        at.load()
        door = at.kms.hold("DescribeKey")
        at.inventory.describe(keys(*range(100)))
        at.kms.wait_for_calls("DescribeKey", DESCRIBE_THREADS)
        at.inventory.describe(keys(150, 151))
        door.set()
        at.ear.wait_for(lambda: at.known(key_id(150)) and at.known(key_id(151)))
        assert at.kms.count("DescribeKey") == DESCRIBE_THREADS + 2
        at.inventory.close()

    def test_the_newest_request_comes_first_and_drops_no_others_wish(self) -> None:
        at = Desk(StrictClient(Contents.of(50)), describe_threads=1)
        at.load()
        door = at.kms.hold("DescribeKey")
        at.inventory.describe(keys(0))
        at.kms.wait_for_calls("DescribeKey", 1)
        at.inventory.describe(keys(40), asker="page")
        at.inventory.describe(keys(1, 2))
        at.inventory.describe(keys(3, 4))
        door.set()
        at.ear.wait_for(lambda: all(map(at.known, keys(3, 4, 40))))
        assert at.kms.keys_asked("DescribeKey") == [key_arn(key) for key in keys(0, 3, 4, 40)]
        at.inventory.close()

    def test_no_more_are_asked_at_a_time_than_there_are_threads(self) -> None:
        at = Desk(StrictClient(Contents.of(50)))
        at.load()
        door = at.kms.hold("DescribeKey")
        at.inventory.describe(keys(*range(50)))
        at.kms.wait_for_calls("DescribeKey", DESCRIBE_THREADS)
        door.set()
        at.ear.wait_for(lambda: all(map(at.known, keys(*range(50)))))
        assert at.kms.most_at_once("DescribeKey") == DESCRIBE_THREADS
        at.inventory.close()

    def test_a_look_at_the_first_screen_asks_for_its_three_screens_and_no_more(self) -> None:
        with desk(StrictClient(Contents.of(1000))) as at:
            around = keys(*range(120))
            for _ in range(5):
                at.inventory.describe(around)
            at.describe(*around)
            assert at.kms.count("DescribeKey") == 120


class TestReasons:
    def test_a_key_that_may_not_be_described_stays(self) -> None:
        kms = StrictClient(Contents.of(3, 3))
        kms.deny("DescribeKey", key_id(1))
        with desk(kms) as at:
            at.describe(*keys(0, 1))
            entry = at.inventory.entry(key_id(1))
            assert entry is not None
            assert isinstance(entry.error, AccessDenied)
            assert entry.description is None
            assert len(entry.aliases) == 1
            assert key_id(1) in at.inventory.key_ids()
            assert at.kms.keys_asked("GetKeyRotationStatus") == [key_arn(key_id(0))]

    def test_a_key_that_vanished_after_it_was_listed_stays(self) -> None:
        kms = StrictClient(Contents.of(2))
        kms.vanish(key_id(1))
        with desk(kms) as at:
            at.describe(key_id(1))
            entry = at.inventory.entry(key_id(1))
            assert entry is not None
            assert isinstance(entry.error, KeyNotFound)

    def test_a_rotation_that_may_not_be_read_has_a_reason_of_its_own(self) -> None:
        kms = StrictClient(Contents.of(2))
        kms.deny("GetKeyRotationStatus", key_id(0))
        with desk(kms) as at:
            at.describe(key_id(0))
            entry = at.inventory.entry(key_id(0))
            assert entry is not None
            assert entry.description is not None
            assert isinstance(entry.rotation_error, AccessDenied)

    def test_an_endpoint_that_does_not_describe_is_the_reason(self) -> None:
        kms = StrictClient(Contents.of(1))
        kms.lack("DescribeKey")
        with desk(kms) as at:
            at.describe(key_id(0))
            entry = at.inventory.entry(key_id(0))
            assert entry is not None
            assert isinstance(entry.error, UnsupportedOperation)

    def test_an_answer_that_is_none_is_the_reason(self) -> None:
        kms = StrictClient(Contents.of(1))
        kms.answer("DescribeKey", lambda _: {"KeyMetadata": {"KeyId": 7}})
        with desk(kms) as at:
            at.describe(key_id(0))
            entry = at.inventory.entry(key_id(0))
            assert entry is not None
            assert entry.error is not None
            assert "KeyId" in entry.error.detail

    def test_an_unknown_key_has_no_entry(self) -> None:
        with desk() as at:
            assert at.inventory.entry("nobody") is None


class TestSigningInAgain:
    def test_expired_credentials_stop_the_questions_and_are_the_reason_for_all(self) -> None:
        with desk(StrictClient(Contents.of(100))) as at:
            at.kms.expire_after(0)
            at.describe(*keys(*range(100)))
            at.ear.wait_for(lambda: at.ear.of(DescribingStopped))
            assert at.kms.count("DescribeKey") <= DESCRIBE_THREADS
            (stopped,) = at.ear.of(DescribingStopped)
            assert isinstance(stopped.error, CredentialsExpired)
            assert at.inventory.stopped is stopped.error
            at.inventory.describe(keys(3), asker="page")
            assert at.kms.count("DescribeKey") <= DESCRIBE_THREADS

    def test_resuming_asks_for_what_waited(self) -> None:
        with desk(StrictClient(Contents.of(9))) as at:
            at.kms.expire_after(1)
            at.inventory.describe(keys(*range(9)))
            at.ear.wait_for(lambda: at.ear.of(DescribingStopped))
            at.kms.sign_in()
            at.inventory.resume()

            def all_described() -> bool:
                entries = at.inventory.entries(keys(*range(9)))
                return all(entry.description and entry.rotation for entry in entries)

            at.ear.wait_for(all_described)
            assert at.inventory.stopped is None


class TestThrottling:
    def test_is_a_state_and_no_failure_of_a_key(self) -> None:
        kms = StrictClient(Contents.of(120), latency=0.01)
        kms.set_quota("DescribeKey", 20)
        with desk(kms) as at:
            wanted = keys(*range(120))
            at.describe(*wanted)
            entries = at.inventory.entries(wanted)
            assert all(entry.description and entry.error is None for entry in entries)
            paces = [event.pace for event in at.ear.of(PaceChanged)]
            assert paces[0].throttled
            assert paces[0].per_second is not None
            assert paces[0].per_second < 50

    def test_is_over_when_kms_answers_for_a_while(self) -> None:
        kms = StrictClient(Contents.of(400), latency=0.01)
        at = Desk(kms, describe_threads=1)
        at.load()
        kms.set_quota("DescribeKey", 1)
        at.inventory.describe(keys(0, 1))
        at.ear.wait_for(lambda: at.ear.of(PaceChanged))
        kms.set_quota("DescribeKey", 2000)
        at.describe(*keys(*range(400)))
        assert [event.pace.throttled for event in at.ear.of(PaceChanged)][-1] is False
        assert at.inventory.pace.per_second == 50
        at.inventory.close()

    @pytest.mark.parametrize("per_second", [50, 10, None])
    def test_our_own_cap_keeps_to_its_calls_a_second(self, per_second: float | None) -> None:
        times: list[float] = []

        def noting(request: Request) -> Record:
            times.append(at.clock())
            return describe_key(request)

        kms = StrictClient(Contents.of(200), latency=0.001)
        kms.answer("DescribeKey", noting)
        at = Desk(kms, describe_threads=1, per_second=per_second)
        at.load()
        at.inventory.describe(keys(*range(200)), rotation=False)
        at.ear.wait_for(lambda: len(at.ear.described()) == 200)
        busiest = max(sum(start <= time < start + 0.99 for time in times) for start in times)
        assert busiest == (per_second or 200)
        at.inventory.close()
