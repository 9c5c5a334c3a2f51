"""Columns drop by priority and share the room that is left."""

from __future__ import annotations

from sealscope.app.widgets.columns import Column, place_columns

COLUMNS = (
    Column("name", "Name", 10, grow=2),
    Column("state", "State", 8),
    Column("spec", "Spec", 8, priority=1),
    Column("note", "Note", 10, priority=2, grow=1),
)


def widths(room: int) -> dict[str, int]:
    return {item.column.id: item.width for item in place_columns(COLUMNS, room)}


def test_all_columns_fit_with_a_gap_between_them() -> None:
    assert widths(39) == {"name": 10, "state": 8, "spec": 8, "note": 10}


def test_what_is_left_goes_to_the_columns_that_grow() -> None:
    assert widths(69) == {"name": 30, "state": 8, "spec": 8, "note": 20}


def test_a_column_is_shown_in_full_before_others_grow() -> None:
    columns = (Column("name", "Name", 10, grow=1), Column("state", "State", 8, full=12))
    for room, expected in ((19, (10, 8)), (21, (10, 10)), (25, (12, 12))):
        placed = place_columns(columns, room)
        assert tuple(item.width for item in placed) == expected


def test_the_highest_number_goes_first() -> None:
    assert list(widths(38)) == ["name", "state", "spec"]
    assert list(widths(27)) == ["name", "state"]


def test_columns_of_priority_nought_stay() -> None:
    assert list(widths(3)) == ["name", "state"]


def test_no_column_is_wider_than_the_room() -> None:
    assert widths(3) == {"name": 3, "state": 3}


def test_placed_columns_remember_their_number() -> None:
    assert [item.index for item in place_columns(COLUMNS, 38)] == [0, 1, 2]
