"""Threads for messages that are short enough to be tried many times over."""

from __future__ import annotations

from typing import Any

import pytest

from sealscope.engine import body, body_writer, crew, pipeline


def start_threads_early(patch: pytest.MonkeyPatch, after: int) -> list[int]:
    """Have threads code all of a message but its first bytes, on a machine with four cores.

    Otherwise a message must be many times longer before threads are worth it.

    Args:
        patch: undoes it.
        after: bytes of a message that are coded without threads.

    Returns:
        How many batches threads coded, each time that they were asked.
    """
    coded: list[int] = []
    real = pipeline.code_batches

    def noted(*args: Any, **options: Any) -> int:
        coded.append(real(*args, **options))
        return coded[-1]

    patch.setattr(crew, "_cores", lambda: 4)
    for module in (body, body_writer, pipeline):
        patch.setattr(module, "WORTHWHILE_BYTES", after)
    for module in (body, body_writer):
        patch.setattr(module, "code_batches", noted)
    return coded
