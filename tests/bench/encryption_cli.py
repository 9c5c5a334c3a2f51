"""The command lines of `aws-encryption-cli`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SUITES: Final = {
    "0478": "AES_256_GCM_HKDF_SHA512_COMMIT_KEY",
    "0578": "AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384",
}


def encrypt(
    program: Path,
    source: Path,
    output: Path,
    *,
    key: str,
    suite: str,
    options: tuple[str, ...] = (),
) -> list[str]:
    """Encrypt a file; with `-r` among the options, all files of a folder into another.

    Args:
        key: ARN of a KMS key.
        suite: four hex digits.
    """
    return [*_words(program, "-e", source, output, key), "--algorithm", SUITES[suite], *options]


def decrypt(program: Path, source: Path, output: Path, *, key: str) -> list[str]:
    """Decrypt a file."""
    return _words(program, "-d", source, output, key)


def _words(program: Path, action: str, source: Path, output: Path, key: str) -> list[str]:
    # -S: it writes no metadata, as ours writes none.
    files = ["-i", str(source), "-o", str(output), "-S"]
    return [str(program), action, *files, "--wrapping-keys", f"key={key}"]
