"""Aliases: their names, where they point, and moving them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.kms.probe.lab import Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, guide, recorded, reported


@probe(source=recorded("test_create_alias"))
def an_alias_begins_with_alias(lab: Lab) -> None:
    """An alias name without the prefix alias/ is ValidationException, with AWS's sentence."""
    with refused("ValidationException", saying='Alias must start with the prefix "alias/".'):
        lab.kms.create_alias(AliasName="no-prefix", TargetKeyId=lab.key().id)


@probe(source=api("CreateAlias", "AliasName: the alias/aws/ prefix is reserved"))
def aliases_of_aws_are_reserved(lab: Lab) -> None:
    """CreateAlias refuses names that begin with alias/aws/, and none comes to be."""
    with refused():
        lab.kms.create_alias(AliasName="alias/aws/sealscope-probe", TargetKeyId=lab.key().id)
    names = [alias["AliasName"] for alias in lab.aliases_of(lab.key())]
    assert "alias/aws/sealscope-probe" not in names


@probe(source=reported("crossplane-contrib/provider-aws#1741", "CreateAlias"))
def a_name_is_given_once(lab: Lab) -> None:
    """A second alias of the same name is AlreadyExistsException, which names its ARN."""
    key = lab.key()
    name = lab.new_alias(key)
    message = f"An alias with the name {lab.arn(name)} already exists"
    for target in (key, lab.key(other=True)):
        with refused("AlreadyExistsException", saying=message):
            lab.kms.create_alias(AliasName=name, TargetKeyId=target.id)


@probe(source=api("CreateAlias", "AliasName: pattern"))
def an_alias_has_few_characters(lab: Lab) -> None:
    """Alias names hold letters, digits, slash, underscore and dash; others are refused."""
    for name in ("alias/with.dot", "alias/with space", "alias/wïth-umlaut", "alias/with*star"):
        with refused("ValidationException", "InvalidAliasNameException"):
            lab.kms.create_alias(AliasName=name, TargetKeyId=lab.key().id)


@probe(source=reported("hashicorp/terraform-provider-aws#12891", "CreateAlias"))
def an_alias_has_no_colon(lab: Lab) -> None:
    """A colon passes the pattern of the model and is refused all the same."""
    message = "alias/Service:Test contains invalid characters for an alias"
    with refused("ValidationException", saying=message):
        lab.kms.create_alias(AliasName="alias/Service:Test", TargetKeyId=lab.key().id)


@probe(source=api("CreateAlias", "AliasName: slashes, underscores and dashes"))
def an_alias_may_have_folders(lab: Lab) -> None:
    """Slashes, underscores, dashes and capitals are part of a name, and case tells names apart."""
    key = lab.new_key()
    first = lab.new_name() + "/Team_A/files-1"
    second = first.replace("Team", "team")
    for name in (first, second):
        lab.kms.create_alias(AliasName=name, TargetKeyId=key.id)
    assert {alias["AliasName"] for alias in lab.aliases_of(key)} == {first, second}
    for name in (first, second):
        lab.kms.delete_alias(AliasName=name)


@probe(source=api("CreateAlias", "AliasName: maximum length 256"))
def an_alias_has_at_most_256_characters(lab: Lab) -> None:
    """An alias name of 257 characters is ValidationException, one of 256 is not."""
    key = lab.new_key()
    longest = lab.new_name().ljust(256, "x")
    with refused("ValidationException"):
        lab.kms.create_alias(AliasName=longest + "x", TargetKeyId=key.id)
    lab.kms.create_alias(AliasName=longest, TargetKeyId=key.id)
    lab.kms.delete_alias(AliasName=longest)


@probe(source=api("CreateAlias", "TargetKeyId; Errors: NotFoundException"))
def an_alias_needs_a_key(lab: Lab) -> None:
    """CreateAlias for a key that does not exist is NotFoundException."""
    with refused("NotFoundException"):
        lab.kms.create_alias(
            AliasName=lab.new_name(), TargetKeyId="00000000-1111-4222-8333-444444444444"
        )


@probe(source=api("CreateAlias", "TargetKeyId: key ID or key ARN"))
def an_alias_points_at_no_alias(lab: Lab) -> None:
    """CreateAlias takes a key id or ARN as its target, no alias."""
    alias = lab.new_alias(lab.key())
    with refused():
        lab.kms.create_alias(AliasName=lab.new_name(), TargetKeyId=alias)


@probe(source=api("CreateAlias", "TargetKeyId"))
def an_alias_made_by_arn_is_listed_by_id(lab: Lab) -> None:
    """An alias whose target was given as ARN is listed with the key's id, and leads to the key."""
    key = lab.new_key()
    name = lab.new_name()
    lab.kms.create_alias(AliasName=name, TargetKeyId=key.arn)
    assert [alias["TargetKeyId"] for alias in lab.aliases_of(key)] == [key.id]
    assert lab.kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == key.id
    lab.kms.delete_alias(AliasName=name)


@probe(source=api("CreateAlias", "description: a key can have multiple aliases"))
def a_key_may_have_several_aliases(lab: Lab) -> None:
    """A key can have several aliases; each leads to it."""
    key = lab.new_key()
    names = {lab.new_alias(key) for _ in range(3)}
    assert {alias["AliasName"] for alias in lab.aliases_of(key)} == names


@probe(source=api("ListAliases", "AliasListEntry"))
def a_listed_alias(lab: Lab) -> None:
    """A listed alias has its name, its ARN, its key's id and the dates of its making and move."""
    key = lab.new_key()
    name = lab.new_alias(key)
    (alias,) = lab.aliases_of(key)
    assert alias["AliasName"] == name
    assert alias["AliasArn"] == lab.arn(name)
    assert alias["TargetKeyId"] == key.id
    assert abs(datetime.now(UTC) - alias["CreationDate"]) < timedelta(minutes=5)
    assert alias["LastUpdatedDate"] >= alias["CreationDate"]


@probe(source=api("ListAliases", "KeyId"))
def aliases_of_one_key(lab: Lab) -> None:
    """ListAliases with a KeyId, id or ARN, lists that key's aliases and no others."""
    key, other = lab.new_key(), lab.new_key()
    name = lab.new_alias(key)
    lab.new_alias(other)
    for named in (key.id, key.arn):
        aliases = lab.kms.list_aliases(KeyId=named)["Aliases"]
        assert [alias["AliasName"] for alias in aliases] == [name]


@probe(source=api("ListAliases", "Errors: NotFoundException"), safe=True)
def aliases_of_no_key(lab: Lab) -> None:
    """ListAliases of a key that does not exist is NotFoundException."""
    with refused("NotFoundException"):
        lab.kms.list_aliases(KeyId="00000000-1111-4222-8333-444444444444")


@probe(source=api("UpdateAlias", "description"))
def an_alias_may_move(lab: Lab) -> None:
    """UpdateAlias points an alias at another key of its kind; its creation date stays."""
    old, new = lab.new_key(), lab.new_key()
    name = lab.new_alias(old)
    (before,) = lab.aliases_of(old)
    lab.kms.update_alias(AliasName=name, TargetKeyId=new.id)
    (after,) = lab.aliases_of(new)
    assert lab.aliases_of(old) == []
    assert after["TargetKeyId"] == new.id
    assert after["CreationDate"] == before["CreationDate"]


@probe(source=api("ListAliases", "AliasListEntry, LastUpdatedDate"))
def an_alias_tells_when_it_moved(lab: Lab) -> None:
    """UpdateAlias moves LastUpdatedDate, and CreationDate stays."""
    keys = lab.new_key(), lab.new_key()
    name = lab.new_alias(keys[0])
    (before,) = lab.aliases_of(keys[0])
    # Dates have their resolution: moves within one tick share it, many moves do not.
    for turn in range(1, 201):
        target = keys[turn % 2]
        lab.kms.update_alias(AliasName=name, TargetKeyId=target.id)
        (after,) = lab.aliases_of(target)
        if after["LastUpdatedDate"] > before["LastUpdatedDate"]:
            break
    assert after["LastUpdatedDate"] > before["LastUpdatedDate"]
    assert after["CreationDate"] == before["CreationDate"]


@probe(source=api("UpdateAlias", "description: same type and same key usage"))
def an_alias_keeps_its_kind_of_key(lab: Lab) -> None:
    """UpdateAlias to a key of another type or usage is refused, and the alias stays."""
    key = lab.new_key()
    name = lab.new_alias(key)
    for other in (
        lab.key("RSA_2048"),
        lab.key("RSA_2048", "SIGN_VERIFY"),
        lab.key("ECC_NIST_P256"),
        lab.key("HMAC_256"),
    ):
        with refused():
            lab.kms.update_alias(AliasName=name, TargetKeyId=other.id)
    assert [alias["AliasName"] for alias in lab.aliases_of(key)] == [name]


@probe(source=api("UpdateAlias", "description: same type and same key usage"))
def an_alias_keeps_its_usage_of_key(lab: Lab) -> None:
    """UpdateAlias from an RSA encryption key to an RSA signing key is refused."""
    key = lab.new_key("RSA_2048", "ENCRYPT_DECRYPT")
    name = lab.new_alias(key)
    with refused():
        lab.kms.update_alias(AliasName=name, TargetKeyId=lab.key("RSA_2048", "SIGN_VERIFY").id)
    assert [alias["AliasName"] for alias in lab.aliases_of(key)] == [name]


@probe(source=api("UpdateAlias", "Errors: NotFoundException"))
def no_unknown_alias_moves(lab: Lab) -> None:
    """UpdateAlias of an alias that does not exist is NotFoundException."""
    name = lab.new_name()
    with refused("NotFoundException", saying=lab.arn(name)):
        lab.kms.update_alias(AliasName=name, TargetKeyId=lab.key().id)


@probe(source=api("DeleteAlias", "Errors: NotFoundException"), safe=True)
def no_unknown_alias_goes(lab: Lab) -> None:
    """DeleteAlias of an alias that does not exist is NotFoundException."""
    name = lab.new_name()
    with refused("NotFoundException", saying=lab.arn(name)):
        lab.kms.delete_alias(AliasName=name)


@probe(source=api("DeleteAlias", "AliasName: must begin with alias/"), safe=True)
def deleting_needs_the_prefix_too(lab: Lab) -> None:
    """DeleteAlias of a name without the prefix alias/ is refused."""
    with refused():
        lab.kms.delete_alias(AliasName="no-prefix")


@probe(source=api("DeleteAlias", "description: without affecting the KMS key"))
def deleting_an_alias_leaves_the_key(lab: Lab) -> None:
    """DeleteAlias frees the name, and the key goes on opening what was sealed by that name."""
    key = lab.new_key()
    name = lab.new_alias(key)
    blob = lab.kms.encrypt(KeyId=name, Plaintext=b"x")["CiphertextBlob"]
    lab.kms.delete_alias(AliasName=name)
    with refused("NotFoundException"):
        lab.kms.describe_key(KeyId=name)
    assert lab.kms.decrypt(CiphertextBlob=blob, KeyId=key.id)["Plaintext"] == b"x"
    lab.kms.create_alias(AliasName=name, TargetKeyId=lab.key().id)
    lab.kms.delete_alias(AliasName=name)


@probe(source=guide("Resource quotas", "aliases per KMS key: 50"), bulk=True)
def a_key_has_at_most_50_aliases(lab: Lab) -> None:
    """The 51st alias of a key is LimitExceededException."""
    key = lab.new_key()
    for _ in range(50):
        lab.new_alias(key)
    with refused("LimitExceededException"):
        lab.new_alias(key)
