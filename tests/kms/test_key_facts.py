"""What can be read of one key: each group of facts, or why it is not there."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from botocore import xform_name

from sealscope import errors
from sealscope.kms.custom_key_store import custom_key_store, custom_key_store_of
from sealscope.kms.facade import KmsGate
from sealscope.kms.grants import grant_pages, grants_of
from sealscope.kms.keys import KeyDescription, description_from
from sealscope.kms.last_usage import LastUsage, Usage, last_usage
from sealscope.kms.multi_region import RelatedKey
from sealscope.kms.policy import key_policy
from sealscope.kms.public_key import PublicKey, public_key, public_key_of
from sealscope.kms.reading import Absence, Missing, attempt
from sealscope.kms.related_keys import describe_related
from sealscope.kms.rotation import key_materials, rotation_of
from sealscope.kms.tags import Tag, tags_of
from tests.kms.gates import ARN, NOON, FakeConnection, answering, gate_on, local_gate, paged, refuse

REPLICA = ARN.replace("eu-west-1", "us-east-2")


def described(**metadata: Any) -> KeyDescription:
    known = {"KeyId": "k", "Arn": ARN, "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS"}
    return description_from({"KeyMetadata": known | metadata})


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[KmsGate]:
    with local_gate(tmp_path / "kms.sqlite3") as made:
        yield made


def new_key(gate: KmsGate, **parameters: Any) -> KeyDescription:
    return description_from(gate.call("CreateKey", **parameters))


READERS: dict[str, Callable[[KmsGate], object]] = {
    "GetKeyPolicy": lambda gate: key_policy(gate, ARN),
    "ListGrants": lambda gate: grants_of(gate, ARN),
    "ListKeyRotations": lambda gate: key_materials(gate, ARN),
    "ListResourceTags": lambda gate: tags_of(gate, ARN),
    "GetKeyLastUsage": lambda gate: last_usage(gate, ARN),
    "GetPublicKey": lambda gate: public_key(gate, ARN),
    "DescribeCustomKeyStores": lambda gate: custom_key_store(gate, "cks-1"),
}


class TestEveryGroup:
    @pytest.mark.parametrize("operation", READERS)
    def test_may_be_unknown_to_an_endpoint(self, operation: str) -> None:
        gate = answering(**{xform_name(operation): refuse("UnknownOperationException")})
        missing = attempt(lambda: READERS[operation](gate))
        assert isinstance(missing, Missing)
        assert missing.words == "not supported by this endpoint"

    @pytest.mark.parametrize("operation", READERS)
    def test_may_be_denied_and_says_to_whom_and_what(self, operation: str) -> None:
        who = {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/bob"}
        gate = answering(
            get_caller_identity=lambda **_: who,
            **{xform_name(operation): refuse("AccessDeniedException")},
        )
        gate.identity()
        missing = attempt(lambda: READERS[operation](gate))
        assert isinstance(missing, Missing)
        assert missing.why is Absence.NO_ACCESS
        assert missing.words.startswith("no access: ")
        assert operation in missing.words
        assert "user/bob" in missing.words

    @pytest.mark.parametrize("operation", READERS)
    def test_may_fail_and_says_why(self, operation: str) -> None:
        gate = answering(**{xform_name(operation): refuse("ThrottlingException")})
        missing = attempt(lambda: READERS[operation](gate))
        assert isinstance(missing, Missing)
        assert missing.why is Absence.FAILED
        assert missing.words.startswith("KMS slows us down: ")

    @pytest.mark.parametrize("operation", READERS)
    def test_passes_a_read_only_gate(self, operation: str) -> None:
        connection = FakeConnection()
        attempt(lambda: READERS[operation](gate_on(connection)))
        assert [name for name, _ in connection.kms.seen] == [xform_name(operation)]

    @pytest.mark.parametrize("operation", sorted(set(READERS) - {"DescribeCustomKeyStores"}))
    def test_is_asked_in_the_region_of_the_key(self, operation: str) -> None:
        connection = FakeConnection()
        gate = gate_on(connection)
        gate.region = "us-west-2"
        attempt(lambda: READERS[operation](gate))
        assert connection.regions == ["eu-west-1"]

    @pytest.mark.parametrize("operation", READERS)
    @pytest.mark.parametrize("odd", [5, [5], [{}], ["text"], {"a": 5}])
    def test_of_another_shape_is_an_error_of_ours(self, operation: str, odd: object) -> None:
        names = ("Policy", "Grants", "Rotations", "Tags", "KeyLastUsage", "PublicKey")
        answer = dict.fromkeys((*names, "CustomKeyStores"), odd)
        gate = answering(**{xform_name(operation): lambda **_: answer})
        may_be_empty = (operation, str(odd)) in {
            ("ListKeyRotations", "[{}]"),  # older endpoints give entries of another kind
            ("GetKeyLastUsage", "{'a': 5}"),
        }
        if may_be_empty:
            READERS[operation](gate)
            return
        with pytest.raises(errors.KmsError, match="did not answer as it should"):
            READERS[operation](gate)


class TestTheDescription:
    def test_has_all_that_describe_key_tells(self) -> None:
        key = described(
            ValidTo=NOON,
            ExpirationModel="KEY_MATERIAL_EXPIRES",
            PendingDeletionWindowInDays=9,
            CustomKeyStoreId="cks-1",
            CloudHsmClusterId="cluster-1",
            XksKeyConfiguration={"Id": "theirs"},
            EncryptionAlgorithms=["SYMMETRIC_DEFAULT"],
        )
        assert (key.valid_to, key.expiration_model) == (NOON, "KEY_MATERIAL_EXPIRES")
        assert (key.pending_window_days, key.external_key_id) == (9, "theirs")
        assert (key.custom_key_store_id, key.cloudhsm_cluster_id) == ("cks-1", "cluster-1")
        assert key.algorithms == ("SYMMETRIC_DEFAULT",)
        assert (key.region, key.family) == ("eu-west-1", None)

    @pytest.mark.parametrize(
        "group",
        [
            "EncryptionAlgorithms",
            "SigningAlgorithms",
            "MacAlgorithms",
            "KeyAgreementAlgorithms",
            "EncapsulationAlgorithms",
        ],
    )
    def test_names_the_algorithms_of_every_usage(self, group: str) -> None:
        assert described(**{group: ["A", "B"]}).algorithms == ("A", "B")

    @pytest.mark.parametrize(
        "odd",
        [
            {"SigningAlgorithms": [5]},
            {"MultiRegionConfiguration": {"ReplicaKeys": [5]}},
            {"MultiRegionConfiguration": {"PrimaryKey": {}}},
            {"XksKeyConfiguration": {"Id": 5}},
        ],
    )
    def test_of_another_shape_is_an_error_of_ours(self, odd: dict[str, Any]) -> None:
        with pytest.raises(errors.KmsError, match="did not answer as it should"):
            described(**odd)


class TestTheFamily:
    def test_is_the_primary_and_its_replicas_with_their_regions(self) -> None:
        key = described(
            MultiRegion=True,
            MultiRegionConfiguration={
                "MultiRegionKeyType": "REPLICA",
                "PrimaryKey": {"Arn": REPLICA, "Region": "us-east-2"},
                "ReplicaKeys": [{"Arn": ARN, "Region": "eu-west-1"}],
            },
        )
        assert key.multi_region == "REPLICA"
        assert key.family is not None
        assert key.family.primary == RelatedKey(REPLICA, "us-east-2")
        assert key.family.replicas == (RelatedKey(ARN, "eu-west-1"),)
        assert key.family.others(ARN) == (RelatedKey(REPLICA, "us-east-2"),)

    def test_of_a_local_primary_is_itself(self, gate: KmsGate) -> None:
        key = new_key(gate, MultiRegion=True)
        assert key.family is not None
        assert (key.multi_region, key.family.primary) == ("PRIMARY", RelatedKey(key.arn, "local"))
        assert key.family.others(key.arn) == ()


class TestTheRestOfTheFamily:
    FAMILY: ClassVar[dict[str, Any]] = {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": ARN, "Region": "eu-west-1"},
        "ReplicaKeys": [
            {"Arn": ARN.replace("eu-west-1", region), "Region": region}
            for region in ("us-east-2", "ap-south-1")
        ],
    }

    def test_is_described_each_in_its_own_region(self) -> None:
        connection = FakeConnection(
            describe_key=lambda **asked: {
                "KeyMetadata": {"KeyId": "k", "Arn": asked["KeyId"], "KeyState": "Disabled"}
            }
        )
        found = list(
            describe_related(gate_on(connection), described(MultiRegionConfiguration=self.FAMILY))
        )
        assert connection.regions == ["us-east-2", "ap-south-1"]
        for related, key in found:
            assert not isinstance(key, Missing)
            assert (key.arn, key.state) == (related.arn, "Disabled")

    def test_that_may_not_be_described_stays_with_the_reason(self) -> None:
        gate = answering(describe_key=refuse("AccessDeniedException"))
        found = list(describe_related(gate, described(MultiRegionConfiguration=self.FAMILY)))
        assert [related.region for related, _ in found] == ["us-east-2", "ap-south-1"]
        for _, missing in found:
            assert isinstance(missing, Missing)
            assert missing.why is Absence.NO_ACCESS

    def test_of_a_single_region_key_is_nobody(self) -> None:
        gate = answering()
        assert list(describe_related(gate, described())) == []
        assert gate.log.count == 0


class TestGrants:
    def test_are_listed_to_the_end(self) -> None:
        entries = [{"GrantId": str(number)} for number in range(7)]
        pages = list(grant_pages(answering(list_grants=paged("Grants", entries, 3)), ARN))
        assert [len(page) for page in pages] == [3, 3, 1]

    def test_say_who_may_do_what_under_which_constraints(self, gate: KmsGate) -> None:
        key = new_key(gate).arn
        reader = "arn:aws:iam::000000000000:role/reader"
        gate.call(
            "CreateGrant",
            KeyId=key,
            Name="reading",
            GranteePrincipal=reader,
            RetiringPrincipal=reader,
            Operations=["Decrypt", "DescribeKey"],
            Constraints={"EncryptionContextSubset": {"department": "x"}},
        )
        (grant,) = grants_of(gate, key)
        assert (grant.name, grant.grantee, grant.retiring) == ("reading", reader, reader)
        assert grant.operations == ("Decrypt", "DescribeKey")
        assert grant.context_subset == (("department", "x"),)
        assert grant.context_equals == ()
        assert grant.created is not None
        assert grant.created.tzinfo is not None

    def test_of_services_name_the_service(self) -> None:
        entry = {
            "GrantId": "g",
            "GranteeServicePrincipal": "dynamodb.amazonaws.com",
            "RetiringServicePrincipal": "x.amazonaws.com",
            "Constraints": {"EncryptionContextEquals": {"a": "b"}, "SourceArn": "arn:aws:s3:::b"},
        }
        (grant,) = grants_of(answering(list_grants=paged("Grants", [entry])), ARN)
        assert (grant.grantee, grant.retiring) == ("dynamodb.amazonaws.com", "x.amazonaws.com")
        assert (grant.context_equals, grant.source_arn) == ((("a", "b"),), "arn:aws:s3:::b")


class TestTags:
    def test_are_listed_to_the_end(self) -> None:
        entries = [{"TagKey": str(number), "TagValue": ""} for number in range(120)]
        gate = answering(list_resource_tags=paged("Tags", entries, 50))
        assert tags_of(gate, ARN)[-1] == Tag("119", "")
        assert gate.log.count == 3

    def test_of_the_local_kms_come_by_name(self, gate: KmsGate) -> None:
        tags = [{"TagKey": "b", "TagValue": "2"}, {"TagKey": "a", "TagValue": "1"}]
        key = new_key(gate, Tags=tags)
        assert tags_of(gate, key.arn) == (Tag("a", "1"), Tag("b", "2"))


class TestRotation:
    def test_of_a_rotated_key_has_its_schedule_and_its_generations(self, gate: KmsGate) -> None:
        key = new_key(gate)
        gate.call("EnableKeyRotation", KeyId=key.arn, RotationPeriodInDays=90)
        gate.call("RotateKeyOnDemand", KeyId=key.arn)
        rotation = rotation_of(gate, key)
        assert not isinstance(rotation.automatic, Missing)
        assert (rotation.automatic.enabled, rotation.automatic.period_days) == (True, 90)
        assert rotation.automatic.next_date is not None
        assert not isinstance(rotation.materials, Missing)
        first, second = rotation.materials
        assert (first.state, first.rotation_type, first.rotated) == ("NON_CURRENT", "", None)
        assert (second.state, second.rotation_type) == ("CURRENT", "ON_DEMAND")
        assert first.material_id == key.key_material_id
        assert second.material_id == gate.describe_key(key.arn).key_material_id
        assert rotation.on_demand_count == 1

    @pytest.mark.parametrize(
        "parameters",
        [
            {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
            {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        ],
    )
    def test_is_not_applicable_to_other_kinds_of_keys(
        self, gate: KmsGate, parameters: dict[str, str]
    ) -> None:
        key = new_key(gate, **parameters)
        before = gate.log.count
        rotation = rotation_of(gate, key)
        for part in (rotation.automatic, rotation.materials):
            assert isinstance(part, Missing)
            assert part.words.startswith("not applicable: ")
        assert rotation.on_demand_count is None
        assert gate.log.count == before

    def test_of_imported_material_is_on_demand_only(self, gate: KmsGate) -> None:
        rotation = rotation_of(gate, new_key(gate, Origin="EXTERNAL"))
        assert isinstance(rotation.automatic, Missing)
        assert rotation.automatic.words == (
            "not applicable: imported material is rotated on demand only"
        )
        assert rotation.materials == ()

    def test_of_an_imported_generation_says_when_it_expires(self) -> None:
        entry = {
            "KeyId": "k",
            "KeyMaterialId": "m",
            "KeyMaterialDescription": "from the safe",
            "ImportState": "IMPORTED",
            "KeyMaterialState": "PENDING_ROTATION",
            "ExpirationModel": "KEY_MATERIAL_EXPIRES",
            "ValidTo": NOON,
        }
        gate = answering(list_key_rotations=paged("Rotations", [entry]))
        (material,) = key_materials(gate, ARN)
        assert (material.import_state, material.valid_to) == ("IMPORTED", NOON)
        assert (material.description, material.state) == ("from the safe", "PENDING_ROTATION")

    def test_in_a_state_in_which_kms_does_not_tell_is_not_applicable(self) -> None:
        gate = answering(
            get_key_rotation_status=refuse("KMSInvalidStateException", "is pending import."),
            list_key_rotations=paged("Rotations", []),
        )
        automatic = rotation_of(gate, described(KeyState="PendingImport")).automatic
        assert isinstance(automatic, Missing)
        assert automatic.words.endswith("a key in the state PendingImport")

    def test_may_be_known_in_part(self) -> None:
        gate = answering(
            get_key_rotation_status=lambda **_: {
                "KeyRotationEnabled": False,
                "OnDemandRotationStartDate": NOON,
            },
            list_key_rotations=refuse("AccessDeniedException"),
        )
        rotation = rotation_of(gate, described())
        assert not isinstance(rotation.automatic, Missing)
        assert rotation.automatic.on_demand_started == NOON
        assert isinstance(rotation.materials, Missing)
        assert rotation.on_demand_count is None

    def test_asks_for_all_material_and_to_the_end(self) -> None:
        connection = FakeConnection(
            list_key_rotations=paged("Rotations", [{"KeyMaterialId": "m"}] * 3)
        )
        assert len(key_materials(gate_on(connection), ARN)) == 3
        assert {asked["IncludeKeyMaterial"] for _, asked in connection.kms.seen} == {
            "ALL_KEY_MATERIAL"
        }


class TestTheLastUse:
    def usage(self, **answer: Any) -> LastUsage:
        return last_usage(answering(get_key_last_usage=lambda **_: answer), ARN)

    def test_names_the_operation_its_time_and_where_to_look_it_up(self) -> None:
        found = self.usage(
            KeyLastUsage={
                "Operation": "Decrypt",
                "Timestamp": NOON,
                "CloudTrailEventId": "event",
                "KmsRequestId": "request",
            },
            TrackingStartDate=NOON,
            KeyCreationDate=NOON,
        )
        assert (found.usage, found.operation, found.at) == (Usage.USED, "Decrypt", NOON)
        assert (found.cloudtrail_event_id, found.request_id) == ("event", "request")

    @pytest.mark.parametrize(
        ("created", "tracking", "usage"),
        [
            (NOON, NOON, Usage.NEVER),
            (NOON + timedelta(days=1), NOON, Usage.NEVER),
            (NOON - timedelta(days=1), NOON, Usage.NOT_SINCE_TRACKING),
            (NOON, None, Usage.UNKNOWN),
            (None, NOON, Usage.UNKNOWN),
        ],
    )
    def test_has_three_kinds_of_nothing(self, created: Any, tracking: Any, usage: Usage) -> None:
        found = self.usage(KeyLastUsage={}, TrackingStartDate=tracking, KeyCreationDate=created)
        assert (found.usage, found.at, found.operation) == (usage, None, "")


class TestThePublicKey:
    @pytest.fixture
    def pair(self, gate: KmsGate) -> KeyDescription:
        return new_key(gate, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")

    def test_is_what_other_tools_read(
        self, gate: KmsGate, pair: KeyDescription, tmp_path: Path
    ) -> None:
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        found = public_key_of(gate, pair)
        assert isinstance(found, PublicKey)
        assert (found.spec, found.usage) == ("ECC_NIST_P256", "SIGN_VERIFY")
        assert found.algorithms == ("ECDSA_SHA_256",)
        load_pem_public_key(found.pem.encode())
        body = "".join(found.pem.splitlines()[1:-1])
        assert base64.b64decode(body) == found.der
        assert found.fingerprint == hashlib.sha256(found.der).hexdigest()

    @pytest.mark.parametrize("spec", ["SYMMETRIC_DEFAULT", "HMAC_256", ""])
    def test_is_not_asked_of_a_key_that_has_none(self, spec: str) -> None:
        gate = answering()
        found = public_key_of(gate, described(KeySpec=spec))
        assert isinstance(found, Missing)
        assert found.why is Absence.NOT_APPLICABLE
        assert gate.log.count == 0


class TestTheCustomKeyStore:
    def test_says_how_it_is_connected(self) -> None:
        entry = {
            "CustomKeyStoreId": "cks-1",
            "CustomKeyStoreName": "vault",
            "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
            "ConnectionState": "FAILED",
            "ConnectionErrorCode": "XKS_PROXY_TIMED_OUT",
            "CreationDate": NOON,
            "XksProxyConfiguration": {
                "Connectivity": "PUBLIC_ENDPOINT",
                "UriEndpoint": "https://proxy.example",
                "UriPath": "/kms/xks/v1",
            },
        }
        connection = FakeConnection(
            describe_custom_key_stores=lambda **_: {"CustomKeyStores": [entry]}
        )
        store = custom_key_store_of(gate_on(connection), described(CustomKeyStoreId="cks-1"))
        assert not isinstance(store, Missing)
        assert (store.name, store.kind) == ("vault", "EXTERNAL_KEY_STORE")
        assert (store.state, store.error_code) == ("FAILED", "XKS_PROXY_TIMED_OUT")
        assert store.proxy == "https://proxy.example/kms/xks/v1"
        assert connection.kms.seen[0][1] == {"CustomKeyStoreId": "cks-1"}
        assert connection.regions == ["eu-west-1"]

    def test_is_not_asked_of_a_key_that_is_in_none(self) -> None:
        gate = answering()
        assert isinstance(custom_key_store_of(gate, described()), Missing)
        assert gate.log.count == 0

    def test_that_is_not_there_is_not_found(self) -> None:
        gate = answering(describe_custom_key_stores=lambda **_: {"CustomKeyStores": []})
        with pytest.raises(errors.KeyNotFound):
            custom_key_store(gate, "cks-1")
