"""Tags of keys."""

from __future__ import annotations

from tests.kms.probe.lab import Key, Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api, guide


def _tag(lab: Lab, key: Key, **tags: str) -> None:
    lab.kms.tag_resource(
        KeyId=key.id, Tags=[{"TagKey": name, "TagValue": value} for name, value in tags.items()]
    )


def _tags(lab: Lab, key: Key) -> dict[str, str]:
    answer = lab.kms.list_resource_tags(KeyId=key.id)
    return {tag["TagKey"]: tag["TagValue"] for tag in answer["Tags"]}


@probe(source=api("CreateKey", "Tags"))
def a_key_may_be_created_with_tags(lab: Lab) -> None:
    """CreateKey takes tags, empty values too, and ListResourceTags lists them."""
    tags = [{"TagKey": "team", "TagValue": "blue"}, {"TagKey": "empty", "TagValue": ""}]
    key = lab.new_key(Tags=tags)
    assert _tags(lab, key) == {"team": "blue", "empty": ""}


@probe(source=api("ListResourceTags", "Truncated"))
def a_key_without_tags(lab: Lab) -> None:
    """A key without tags has an empty list that is not truncated."""
    answer = lab.kms.list_resource_tags(KeyId=lab.new_key().id)
    assert answer["Tags"] == []
    assert answer["Truncated"] is False


@probe(source=api("TagResource", "Tags: the current value is replaced"))
def a_tag_is_replaced(lab: Lab) -> None:
    """Tagging with a key that is there replaces its value; the other tags stay."""
    key = lab.new_key()
    _tag(lab, key, a="1", b="2")
    _tag(lab, key, a="3")
    assert _tags(lab, key) == {"a": "3", "b": "2"}


@probe(source=api("TagResource", "description: case-sensitive strings"))
def tags_know_their_case(lab: Lab) -> None:
    """Tag keys that differ in case are two tags."""
    key = lab.new_key()
    _tag(lab, key, team="1", Team="2")
    assert _tags(lab, key) == {"team": "1", "Team": "2"}


@probe(source=api("UntagResource", "description: no exception for unknown tag keys"))
def untagging(lab: Lab) -> None:
    """UntagResource removes tags; of tags that are not there it says nothing."""
    key = lab.new_key()
    _tag(lab, key, a="1", b="2")
    lab.kms.untag_resource(KeyId=key.id, TagKeys=["a", "never-there"])
    assert _tags(lab, key) == {"b": "2"}


@probe(source="KMS API Reference, Tag; AWS General Reference, Tagging: aws: is reserved")
def tags_of_aws_are_reserved(lab: Lab) -> None:
    """A tag key that begins with aws: is TagException, when tagging and when creating."""
    key = lab.new_key()
    tags = [{"TagKey": "aws:mine", "TagValue": "x"}]
    with refused("TagException"):
        lab.kms.tag_resource(KeyId=key.id, Tags=tags)
    with refused("TagException"):
        lab.new_key(Tags=tags)
    assert _tags(lab, key) == {}


@probe(source=guide("Tags in AWS KMS", "up to 50 user-created tags"))
def a_key_has_at_most_50_tags(lab: Lab) -> None:
    """A key takes 50 tags; the 51st is refused and not added."""
    key = lab.new_key()
    _tag(lab, key, **{f"tag{number}": "v" for number in range(50)})
    with refused("TagException", "LimitExceededException"):
        _tag(lab, key, one_more="v")
    assert len(_tags(lab, key)) == 50


@probe(source=api("TagResource", "TagKey: 1 to 128, TagValue: 0 to 256 characters"))
def tags_have_lengths(lab: Lab) -> None:
    """Tag keys over 128 characters and values over 256 are ValidationException."""
    key = lab.new_key()
    _tag(lab, key, **{"k" * 128: "v" * 256})
    for name, value in (("k" * 129, "v"), ("k", "v" * 257)):
        with refused("ValidationException"):
            _tag(lab, key, **{name: value})


@probe(source=api("TagResource", "Tags: no more than one tag with the same tag key"))
def a_tag_comes_once_in_a_request(lab: Lab) -> None:
    """CreateKey with the same tag key twice is TagException."""
    with refused("TagException"):
        lab.new_key(Tags=[{"TagKey": "a", "TagValue": value} for value in "12"])


@probe(source=api("TagResource", "Errors: NotFoundException"), safe=True)
def tags_need_a_key(lab: Lab) -> None:
    """Tagging, untagging and listing tags of a key that does not exist: NotFoundException."""
    nobody = "00000000-1111-4222-8333-444444444444"
    for method, settings in (
        ("tag_resource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        ("untag_resource", {"TagKeys": ["a"]}),
        ("list_resource_tags", {}),
    ):
        with refused("NotFoundException"):
            getattr(lab.kms, method)(KeyId=nobody, **settings)


@probe(source=guide("Tags in AWS KMS", "up to 50 user-created tags") + "; CreateKey, Errors")
def a_key_is_created_with_at_most_50_tags(lab: Lab) -> None:
    """CreateKey with 51 tags is refused."""
    with refused("TagException", "LimitExceededException"):
        lab.new_key(Tags=[{"TagKey": f"t{number}", "TagValue": ""} for number in range(51)])
