"""Keys, aliases, tags, policies and grants: what is listed, and in which pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sealscope.kms.local import LocalStore, local_session
from tests.kms.local.tools import Clock, refusal, refusal_code

ANN = "arn:aws:iam::000000000000:user/ann"
BOB = "arn:aws:iam::000000000000:role/bob"


class TestCreatingAKey:
    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"KeySpec": "RSA_2048"}, "ValidationException"),
            ({"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "SIGN_VERIFY"}, "ValidationException"),
            ({"KeySpec": "HMAC_256", "KeyUsage": "ENCRYPT_DECRYPT"}, "ValidationException"),
            (
                {"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "KEY_AGREEMENT"},
                "ValidationException",
            ),
            ({"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}, "UnsupportedOperationException"),
            ({"KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY"}, "UnsupportedOperationException"),
            (
                {"KeySpec": "RSA_2048", "CustomerMasterKeySpec": "RSA_2048"},
                "ValidationException",
            ),
            ({"Origin": "AWS_CLOUDHSM"}, "ValidationException"),
            ({"CustomKeyStoreId": "cks-1"}, "CustomKeyStoreNotFoundException"),
            ({"XksKeyId": "x"}, "ValidationException"),
            ({"Tags": [{"TagKey": "aws:x", "TagValue": "y"}]}, "TagException"),
            ({"Policy": "no JSON"}, "MalformedPolicyDocumentException"),
        ],
    )
    def test_refuses_what_does_not_fit_and_makes_nothing(
        self, kms: Any, params: dict[str, Any], code: str
    ) -> None:
        assert refusal_code(kms.create_key, **params) == code
        assert len(kms.list_keys()["Keys"]) == 1

    def test_describes_it(self, kms: Any, clock: Clock) -> None:
        made = kms.create_key(
            Description="signs", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY", MultiRegion=True
        )["KeyMetadata"]
        assert made == kms.describe_key(KeyId=made["Arn"])["KeyMetadata"]
        assert made["CreationDate"] == clock.now
        assert made["KeyManager"] == "CUSTOMER"
        assert len(made["SigningAlgorithms"]) == 6
        assert made["MultiRegionConfiguration"]["PrimaryKey"]["Arn"] == made["Arn"]
        assert "EncryptionAlgorithms" not in made
        assert "CurrentKeyMaterialId" not in made

    def test_changes_its_description(self, kms: Any, key: str) -> None:
        kms.update_key_description(KeyId=key, Description="new")
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "new"


class TestNamingAKey:
    def test_works_by_id_arn_alias_and_alias_arn(self, kms: Any, key: str) -> None:
        kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
        alias_arn = "arn:aws:kms:local:000000000000:alias/mine"
        for name in (key, f"arn:aws:kms:local:000000000000:key/{key}", "alias/mine", alias_arn):
            assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == key

    @pytest.mark.parametrize(
        ("name", "code", "message"),
        [
            ("nonsense", "NotFoundException", "Invalid keyId 'nonsense'"),
            (
                "00000000-0000-4000-8000-000000000000",
                "NotFoundException",
                (
                    "Key 'arn:aws:kms:local:000000000000:key/00000000-0000-4000-8000-000000000000'"
                    " does not exist"
                ),
            ),
            (
                "alias/no",
                "NotFoundException",
                "Alias arn:aws:kms:local:000000000000:alias/no is not found.",
            ),
            (
                "arn:aws:kms:eu-west-1:000000000000:key/00000000-0000-4000-8000-000000000000",
                "NotFoundException",
                "Invalid arn eu-west-1",
            ),
            ("arn:aws:s3:::bucket", "InvalidArnException", "Invalid arn arn:aws:s3:::bucket"),
        ],
    )
    def test_that_is_not_there_says_how(self, kms: Any, name: str, code: str, message: str) -> None:
        error = refusal(kms.describe_key, KeyId=name)
        assert error.response["Error"] == {"Code": code, "Message": message}

    def test_of_another_account_is_denied(self, kms: Any, key: str) -> None:
        arn = f"arn:aws:kms:local:111122223333:key/{key}"
        error = refusal(kms.encrypt, KeyId=arn, Plaintext=b"x")
        assert error.response["Error"]["Code"] == "AccessDeniedException"
        assert "kms:Encrypt" in error.response["Error"]["Message"]

    def test_by_an_alias_is_refused_where_keys_are_managed(self, kms: Any) -> None:
        alias = "alias/getting-started"
        for call in (kms.disable_key, kms.schedule_key_deletion, kms.list_grants):
            assert refusal_code(call, KeyId=alias) == "NotFoundException"
            arn = f"arn:aws:kms:local:000000000000:{alias}"
            assert refusal_code(call, KeyId=arn) == "InvalidArnException"


class TestAliases:
    def test_are_made_moved_and_deleted(self, kms: Any, key: str, clock: Clock) -> None:
        kms.create_alias(AliasName="alias/a/b_c-1", TargetKeyId=key)
        made = clock.now
        clock.advance(hours=1)
        other = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.update_alias(AliasName="alias/a/b_c-1", TargetKeyId=other)
        (alias,) = kms.list_aliases(KeyId=other)["Aliases"]
        assert (alias["CreationDate"], alias["LastUpdatedDate"]) == (made, clock.now)
        assert kms.list_aliases(KeyId=key)["Aliases"] == []
        kms.delete_alias(AliasName="alias/a/b_c-1")
        for call in (kms.delete_alias, kms.update_alias):
            params = {"TargetKeyId": key} if call == kms.update_alias else {}
            code = refusal_code(call, AliasName="alias/a/b_c-1", **params)
            assert code == "NotFoundException"

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("mine", "ValidationException"),
            ("alias/aws/mine", "NotAuthorizedException"),
            ("alias/", "ValidationException"),
            ("alias/a:b", "ValidationException"),
            ("alias/getting-started", "AlreadyExistsException"),
        ],
    )
    def test_with_a_wrong_name_are_refused(self, kms: Any, key: str, name: str, code: str) -> None:
        assert refusal_code(kms.create_alias, AliasName=name, TargetKeyId=key) == code

    def test_move_to_keys_of_the_same_kind_only(self, kms: Any) -> None:
        other = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
        code = refusal_code(
            kms.update_alias, AliasName="alias/getting-started", TargetKeyId=other["KeyId"]
        )
        assert code == "ValidationException"

    def test_are_at_most_50_for_a_key(self, kms: Any, key: str) -> None:
        for number in range(50):
            kms.create_alias(AliasName=f"alias/n{number}", TargetKeyId=key)
        code = refusal_code(kms.create_alias, AliasName="alias/n50", TargetKeyId=key)
        assert code == "LimitExceededException"


@pytest.fixture
def crowded(store: LocalStore, kms: Any) -> int:
    """A store of 1,203 keys and 151 aliases."""
    kms.create_alias(AliasName="alias/x000", TargetKeyId=kms.list_keys()["Keys"][0]["KeyId"])
    with store.writing() as connection:
        connection.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1202)"
            " INSERT INTO key SELECT printf('%08x-0000-4000-8000-000000000000', i), spec, usage,"
            " origin, state, '', 0, created, NULL, NULL, NULL, NULL, NULL FROM n, key"
        )
        connection.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 149)"
            " INSERT INTO alias SELECT printf('alias/n%03d', i), key_id, created, updated"
            " FROM n, alias WHERE name = 'alias/x000'"
        )
    return 1203


class TestPages:
    def test_of_keys_hold_100_and_at_most_1000(self, kms: Any, crowded: int) -> None:
        first = kms.list_keys()
        assert (len(first["Keys"]), first["Truncated"]) == (100, True)
        pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1000}))
        assert [len(page["Keys"]) for page in pages] == [1000, 203]
        assert len({key["KeyId"] for page in pages for key in page["Keys"]}) == crowded
        assert "NextMarker" not in pages[1]

    def test_of_aliases_hold_50_and_at_most_100(self, kms: Any, crowded: int) -> None:
        assert len(kms.list_aliases()["Aliases"]) == 50
        assert refusal_code(kms.list_aliases, Limit=101) == "ValidationException"
        pages = list(kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 100}))
        assert [len(page["Aliases"]) for page in pages] == [100, 51]

    def test_that_end_exactly_are_not_followed_by_an_empty_one(self, kms: Any) -> None:
        kms.create_key()
        assert kms.list_keys(Limit=2)["Truncated"] is False

    def test_neither_repeat_nor_skip_when_keys_come_and_go(
        self, kms: Any, crowded: int, store: LocalStore
    ) -> None:
        first = kms.list_keys(Limit=500)
        seen = [key["KeyId"] for key in first["Keys"]]
        with store.writing() as connection:
            connection.execute("DELETE FROM key WHERE id = ?", (seen[-1],))
        for _ in range(20):
            kms.create_key()
        rest = kms.list_keys(Limit=1000, Marker=first["NextMarker"])
        later = [key["KeyId"] for key in rest["Keys"]]
        assert not set(seen) & set(later)
        assert len(seen) + len(later) >= crowded

    @pytest.mark.parametrize("marker", ["x", "AAAA", "WzEsMiwzXQ==", "\u00ff", "bnVsbA=="])
    def test_with_a_made_up_marker_are_refused(self, kms: Any, marker: str) -> None:
        for call in (kms.list_keys, kms.list_aliases):
            assert refusal_code(call, Marker=marker) == "InvalidMarkerException"

    def test_take_no_marker_of_another_list(self, kms: Any, crowded: int) -> None:
        marker = kms.list_keys(Limit=1)["NextMarker"]
        assert refusal_code(kms.list_aliases, Marker=marker) == "InvalidMarkerException"

    def test_of_other_accounts_keys_are_empty(self, kms: Any) -> None:
        answer = kms.list_keys(ResourceOwners=["OTHER_ACCOUNTS_VIA_RAM"])
        assert answer["Keys"] == []


class TestTags:
    def test_are_added_changed_listed_and_removed(self, kms: Any, key: str) -> None:
        kms.tag_resource(
            KeyId=key, Tags=[{"TagKey": f"k{n:02}", "TagValue": "1"} for n in range(50)]
        )
        kms.tag_resource(KeyId=key, Tags=[{"TagKey": "k00", "TagValue": "2"}])
        kms.untag_resource(KeyId=key, TagKeys=["k01", "not there"])
        first = kms.list_resource_tags(KeyId=key, Limit=30)
        rest = kms.list_resource_tags(KeyId=key, Limit=30, Marker=first["NextMarker"])
        assert (len(first["Tags"]), len(rest["Tags"])) == (30, 19)
        assert first["Tags"][0] == {"TagKey": "k00", "TagValue": "2"}

    @pytest.mark.parametrize(
        ("tags", "code"),
        [
            ([("aws:x", "y")], "TagException"),
            ([("AWS:x", "y")], "TagException"),
            ([("a", "1"), ("a", "2")], "TagException"),
            ([("a<", "1")], "TagException"),
            ([("a", "<b>")], "TagException"),
            ([(f"k{n}", "") for n in range(51)], "LimitExceededException"),
        ],
    )
    def test_that_break_a_rule_change_nothing(
        self, kms: Any, key: str, tags: list[tuple[str, str]], code: str
    ) -> None:
        pairs = [{"TagKey": name, "TagValue": value} for name, value in tags]
        assert refusal_code(kms.tag_resource, KeyId=key, Tags=pairs) == code
        assert kms.list_resource_tags(KeyId=key)["Tags"] == []


def policy(**changes: Any) -> str:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    statement.update(changes)
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


class TestPolicies:
    def test_are_the_default_one_until_they_are_put(self, kms: Any, key: str) -> None:
        told = kms.get_key_policy(KeyId=key)
        assert told["PolicyName"] == "default"
        assert json.loads(told["Policy"])["Id"] == "key-default-1"
        new = policy(Action=["kms:PutKeyPolicy", "kms:Encrypt"])
        kms.put_key_policy(KeyId=key, Policy=new)
        assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == new
        assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]

    @pytest.mark.parametrize(
        "text",
        [
            "x",
            "[]",
            "{}",
            '{"Statement": []}',
            '{"Statement": [7]}',
            "[" * 3000,
            policy(Effect="Maybe"),
            policy(Principal=None),
            policy(Action=None),
            policy(Resource=None),
            policy(Action="kms:Encrypt"),
            policy(Principal={"AWS": "arn:aws:iam::111122223333:root"}),
            policy(Principal={"Service": "s3.amazonaws.com"}),
            policy(Effect="Deny"),
            policy(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        ],
    )
    def test_that_are_malformed_or_lock_us_out_are_refused(
        self, kms: Any, key: str, text: str
    ) -> None:
        code = refusal_code(kms.put_key_policy, KeyId=key, Policy=text)
        assert code == "MalformedPolicyDocumentException"

    def test_may_lock_us_out_when_that_is_asked_for(self, kms: Any, key: str) -> None:
        kms.put_key_policy(
            KeyId=key,
            Policy=policy(Action="kms:Encrypt"),
            BypassPolicyLockoutSafetyCheck=True,
        )

    def test_are_at_most_32_kb_long(self, kms: Any, key: str) -> None:
        code = refusal_code(kms.put_key_policy, KeyId=key, Policy=policy(Sid="x" * 32768))
        assert code == "LimitExceededException"

    def test_have_no_other_name(self, kms: Any, key: str) -> None:
        assert refusal_code(kms.get_key_policy, KeyId=key, PolicyName="x") == "NotFoundException"


class TestGrants:
    def test_are_listed_with_all_that_was_said(self, kms: Any, key: str, clock: Clock) -> None:
        constraints = {"EncryptionContextSubset": {"team": "payments"}}
        made = kms.create_grant(
            KeyId=key,
            GranteePrincipal=ANN,
            RetiringPrincipal=BOB,
            Operations=["Encrypt", "Decrypt"],
            Constraints=constraints,
            Name="one",
        )
        (grant,) = kms.list_grants(KeyId=key)["Grants"]
        assert grant == {
            "KeyId": f"arn:aws:kms:local:000000000000:key/{key}",
            "GrantId": made["GrantId"],
            "Name": "one",
            "CreationDate": clock.now,
            "GranteePrincipal": ANN,
            "RetiringPrincipal": BOB,
            "IssuingAccount": "arn:aws:iam::000000000000:root",
            "Operations": ["Encrypt", "Decrypt"],
            "Constraints": constraints,
        }
        retirable = kms.list_retirable_grants(RetiringPrincipal=BOB)["Grants"]
        assert [each["GrantId"] for each in retirable] == [made["GrantId"]]

    def test_with_a_name_are_made_once(self, kms: Any, key: str) -> None:
        request = {"KeyId": key, "GranteePrincipal": ANN, "Operations": ["Encrypt"], "Name": "n"}
        first, second = kms.create_grant(**request), kms.create_grant(**request)
        assert first["GrantId"] == second["GrantId"]
        assert first["GrantToken"] != second["GrantToken"]
        request["Operations"] = ["Decrypt"]
        assert kms.create_grant(**request)["GrantId"] != first["GrantId"]

    def test_are_filtered_and_paged(self, kms: Any, key: str) -> None:
        for number in range(6):
            kms.create_grant(
                KeyId=key, GranteePrincipal=(ANN, BOB)[number % 2], Operations=["Encrypt"]
            )
        assert len(kms.list_grants(KeyId=key, GranteePrincipal=BOB)["Grants"]) == 3
        pages = kms.get_paginator("list_grants").paginate(
            KeyId=key, PaginationConfig={"PageSize": 4}
        )
        assert [len(page["Grants"]) for page in pages] == [4, 2]
        assert refusal_code(kms.list_grants, KeyId=key, Limit=101) == "ValidationException"

    def test_are_revoked_and_retired(self, kms: Any, key: str) -> None:
        arn = f"arn:aws:kms:local:000000000000:key/{key}"
        made = [
            kms.create_grant(KeyId=key, GranteePrincipal=ANN, Operations=["Encrypt"])
            for _ in range(3)
        ]
        kms.revoke_grant(KeyId=key, GrantId=made[0]["GrantId"])
        kms.retire_grant(GrantToken=made[1]["GrantToken"])
        kms.retire_grant(KeyId=arn, GrantId=made[2]["GrantId"])
        assert kms.list_grants(KeyId=key)["Grants"] == []
        code = refusal_code(kms.revoke_grant, KeyId=key, GrantId=made[0]["GrantId"])
        assert code == "NotFoundException"

    def test_survive_a_dry_run(self, kms: Any, key: str) -> None:
        request = {"KeyId": key, "GranteePrincipal": ANN, "Operations": ["Encrypt"]}
        dry = "DryRunOperationException"
        assert refusal_code(kms.create_grant, DryRun=True, **request) == dry
        assert kms.list_grants(KeyId=key)["Grants"] == []
        made = kms.create_grant(**request)
        token, grant_id = made["GrantToken"], made["GrantId"]
        assert refusal_code(kms.revoke_grant, KeyId=key, GrantId=grant_id, DryRun=True) == dry
        assert refusal_code(kms.retire_grant, GrantToken=token, DryRun=True) == dry
        assert len(kms.list_grants(KeyId=key)["Grants"]) == 1

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"Operations": ["Sign"]}, "ValidationException"),
            ({"GranteePrincipal": "ann"}, "InvalidArnException"),
            ({"RetiringPrincipal": "arn:aws:s3:::x"}, "InvalidArnException"),
            ({"GranteeServicePrincipal": "s3.amazonaws.com"}, "ValidationException"),
            (
                {"GranteePrincipal": None, "GranteeServicePrincipal": "s3.amazonaws.com"},
                "ValidationException",
            ),
            (
                {"RetiringPrincipal": BOB, "RetiringServicePrincipal": "s3.amazonaws.com"},
                "ValidationException",
            ),
            ({"GranteePrincipal": None}, "ValidationException"),
        ],
    )
    def test_that_make_no_sense_are_refused(
        self, kms: Any, key: str, changes: dict[str, Any], code: str
    ) -> None:
        request = {"KeyId": key, "GranteePrincipal": ANN, "Operations": ["Encrypt"], **changes}
        request = {name: value for name, value in request.items() if value is not None}
        assert refusal_code(kms.create_grant, **request) == code

    def test_need_an_enabled_key(self, kms: Any, key: str) -> None:
        kms.disable_key(KeyId=key)
        code = refusal_code(
            kms.create_grant, KeyId=key, GranteePrincipal=ANN, Operations=["Encrypt"]
        )
        assert code == "DisabledException"

    @pytest.mark.parametrize("token", ["x", "AAAA", "TEtNRwE="])
    def test_have_tokens_that_cannot_be_made_up(self, kms: Any, key: str, token: str) -> None:
        code = refusal_code(kms.encrypt, KeyId=key, Plaintext=b"x", GrantTokens=[token])
        assert code == "InvalidGrantTokenException"
        assert refusal_code(kms.retire_grant, GrantToken=token) == "InvalidGrantTokenException"

    def test_are_retired_by_a_token_or_by_id_and_key(self, kms: Any, key: str) -> None:
        assert refusal_code(kms.retire_grant) == "ValidationException"
        assert refusal_code(kms.retire_grant, KeyId=key) == "ValidationException"


@pytest.mark.exhaustive
def test_a_hundred_thousand_keys_are_listed_and_described(tmp_path: Path) -> None:
    store = LocalStore.open(tmp_path / "many")
    kms = local_session(store).client("kms")
    with store.writing() as connection:
        connection.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
            " INSERT INTO key SELECT printf('%08x-0000-4000-8000-000000000000', i), spec, usage,"
            " origin, state, '', 0, created, NULL, NULL, NULL, NULL, NULL FROM n, key"
        )
    pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1000})
    assert sum(len(page["Keys"]) for page in pages) == 100_001
    store.close()
