"""The columns of the list of keys."""

from __future__ import annotations

from typing import Final

from sealscope.app.widgets.columns import Column

COLUMNS: Final = (
    Column("alias", "Alias", 19, grow=1),
    Column("state", "State", 10, full=15),
    Column("spec", "Spec", 13, priority=2),
    Column("usage", "Use", 7, priority=3),
    Column("rotation", "Rotation", 8, priority=1, full=9),
    Column("key_id", "Key id", 36, priority=4),
)
