"""A KMS for tests that is as strict as AWS's: pages, quotas, denials, latency, other regions."""

from tests.kms.strict.client import StrictClient
from tests.kms.strict.clock import FakeClock
from tests.kms.strict.connection import StrictConnection
from tests.kms.strict.contents import Contents, key_arn, key_id

__all__ = ["Contents", "FakeClock", "StrictClient", "StrictConnection", "key_arn", "key_id"]
