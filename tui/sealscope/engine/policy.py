"""Commitment policies: which suites may be written and read.

A suite without key commitment lets whoever made a message give it two meanings under two data
keys; the default policy therefore neither writes nor reads one.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from sealscope import errors
from sealscope.engine.suites import SUITES, AlgorithmSuite


class CommitmentPolicy(Enum):
    """The three policies, spelled as on the command line."""

    REQUIRE_ENCRYPT_REQUIRE_DECRYPT = "require-encrypt-require-decrypt"
    REQUIRE_ENCRYPT_ALLOW_DECRYPT = "require-encrypt-allow-decrypt"
    FORBID_ENCRYPT_ALLOW_DECRYPT = "forbid-encrypt-allow-decrypt"

    @property
    def default_suite(self) -> AlgorithmSuite:
        """The suite that is written when none is asked for."""
        forbid = self is CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
        return SUITES[0x0378 if forbid else 0x0578]

    def check_encrypt(self, suite: AlgorithmSuite) -> None:
        """Refuse to write a suite that the policy does not allow.

        Raises:
            CommitmentPolicyError: it does not.
        """
        wants_commitment = self is not CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
        if suite.committing != wants_commitment:
            raise errors.CommitmentPolicyError(
                "The commitment policy does not allow writing this algorithm suite",
                f"suite {suite.hex_id}, {suite.name}; policy {self.value}",
                f"Use suite {self.default_suite.hex_id}, or another commitment policy.",
            )

    def check_decrypt(self, suite: AlgorithmSuite) -> None:
        """Refuse to read a suite that the policy does not allow; needs no key.

        Raises:
            CommitmentPolicyError: it does not.
        """
        required = self is CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
        if required and not suite.committing:
            raise errors.CommitmentPolicyError(
                "The message has no key commitment, which the commitment policy demands",
                f"suite {suite.hex_id}, {suite.name}; policy {self.value}",
                "If you trust where it comes from, decrypt it with the policy"
                " require-encrypt-allow-decrypt.",
            )


DEFAULT_POLICY: Final = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
