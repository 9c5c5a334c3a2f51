"""The custom key store that holds a key's material: a CloudHSM cluster, or an external one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sealscope.errors import KeyNotFound
from sealscope.kms.answers import member, optional, text
from sealscope.kms.facade import KmsGate
from sealscope.kms.keys import KeyDescription
from sealscope.kms.reading import Missing, attempt, not_applicable


@dataclass(frozen=True)
class CustomKeyStore:
    """DescribeCustomKeyStores's answer for one store.

    Attributes:
        kind: AWS_CLOUDHSM or EXTERNAL_KEY_STORE.
        state: CONNECTED, CONNECTING, FAILED, DISCONNECTED or DISCONNECTING. Keys of a store that
            is not connected cannot be used.
        error_code: why it failed, NETWORK_ERRORS for example; empty unless it has.
        cloudhsm_cluster_id: empty for an external store.
        proxy: address of the external store's proxy; empty for a cluster.
        proxy_connectivity: PUBLIC_ENDPOINT or VPC_ENDPOINT_SERVICE; empty for a cluster.
    """

    store_id: str
    name: str
    kind: str
    state: str
    error_code: str
    created: datetime | None
    cloudhsm_cluster_id: str
    proxy: str
    proxy_connectivity: str


def custom_key_store(gate: KmsGate, store_id: str, *, region: str | None = None) -> CustomKeyStore:
    """DescribeCustomKeyStores of one store (needs kms:DescribeCustomKeyStores).

    Args:
        gate: the KMS gate.
        store_id: as DescribeKey names it, "cks-...".
        region: of the store; the connection's own by default.

    Raises:
        KeyNotFound: there is no such store in the account and region.
        KmsError: KMS refused.
    """
    answer = gate.call("DescribeCustomKeyStores", in_region=region, CustomKeyStoreId=store_id)
    for entry in member(answer, "CustomKeyStores", list):
        return _store_from(entry)
    raise KeyNotFound("KMS knows no such custom key store", store_id)


def custom_key_store_of(gate: KmsGate, key: KeyDescription) -> CustomKeyStore | Missing:
    """The store of a described key; nothing is asked for a key in KMS's own store."""
    if not key.custom_key_store_id:
        return not_applicable("the key is not in a custom key store")
    return attempt(lambda: custom_key_store(gate, key.custom_key_store_id, region=key.region))


def _store_from(answer: object) -> CustomKeyStore:
    proxy = optional(answer, "XksProxyConfiguration", dict) or {}
    return CustomKeyStore(
        store_id=member(answer, "CustomKeyStoreId", str),
        name=text(answer, "CustomKeyStoreName"),
        kind=text(answer, "CustomKeyStoreType"),
        state=text(answer, "ConnectionState"),
        error_code=text(answer, "ConnectionErrorCode"),
        created=optional(answer, "CreationDate", datetime),
        cloudhsm_cluster_id=text(answer, "CloudHsmClusterId"),
        proxy=text(proxy, "UriEndpoint") + text(proxy, "UriPath"),
        proxy_connectivity=text(proxy, "Connectivity"),
    )
