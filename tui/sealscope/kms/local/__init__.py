"""The embedded local KMS: a store in one file, behind an ordinary boto3 session.

`LocalStore` is light; `serve` loads botocore on first use, and `local_session` boto3 too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sealscope.kms.local.store import LocalStore, StoreCheck, StoreInfo

if TYPE_CHECKING:
    from sealscope.kms.local.loopback import serve
    from sealscope.kms.local.session import local_session

__all__ = ["LocalStore", "StoreCheck", "StoreInfo", "local_session", "serve"]


def __getattr__(name: str) -> Any:
    if name == "local_session":
        from sealscope.kms.local import session

        return session.local_session
    if name == "serve":
        from sealscope.kms.local import loopback

        return loopback.serve
    raise AttributeError(name)
