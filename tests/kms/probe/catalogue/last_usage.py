"""When a key was last used."""

from __future__ import annotations

from tests.kms.probe.catalogue.identifiers import NOBODY
from tests.kms.probe.lab import Lab, refused
from tests.kms.probe.registry import probe
from tests.kms.probe.sources import api


@probe(source=api("GetKeyLastUsage", "KeyLastUsage: an empty object"))
def a_new_key_was_never_used(lab: Lab) -> None:
    """The last use of a new key is an empty object, and tracking began no later than the key."""
    key = lab.new_key()
    answer = lab.kms.get_key_last_usage(KeyId=key.id)
    assert answer["KeyLastUsage"] == {}
    assert answer["KeyCreationDate"] == key.metadata["CreationDate"]
    assert answer["KeyCreationDate"] >= answer["TrackingStartDate"]


@probe(source=api("GetKeyLastUsage", "description: successful cryptographic operations"))
def looking_at_a_key_is_no_use_of_it(lab: Lab) -> None:
    """Neither describing a key nor a dry run nor a refused call is a use of it."""
    key = lab.new_key()
    lab.kms.describe_key(KeyId=key.id)
    with refused("DryRunOperationException"):
        lab.kms.encrypt(KeyId=key.id, Plaintext=b"x", DryRun=True)
    with refused("InvalidCiphertextException"):
        lab.kms.decrypt(KeyId=key.id, CiphertextBlob=b"no ciphertext")
    assert lab.kms.get_key_last_usage(KeyId=key.id)["KeyLastUsage"] == {}


@probe(source=api("GetKeyLastUsage", "KeyLastUsageData"))
def a_use_is_told_with_its_operation(lab: Lab) -> None:
    """After Encrypt the last use is Encrypt, with a time and the id of its request."""
    key = lab.new_key()
    lab.kms.encrypt(KeyId=key.id, Plaintext=b"x")
    usage = lab.eventually(
        lambda: lab.kms.get_key_last_usage(KeyId=key.arn)["KeyLastUsage"],
        bool,
    )
    assert usage["Operation"] == "Encrypt"
    assert usage["Timestamp"] >= key.metadata["CreationDate"]
    assert usage["KmsRequestId"]


@probe(source=api("GetKeyLastUsage", "NotFoundException"), safe=True)
def the_last_use_of_no_key(lab: Lab) -> None:
    """GetKeyLastUsage of an id that no key has is NotFoundException."""
    with refused("NotFoundException"):
        lab.kms.get_key_last_usage(KeyId=NOBODY)
