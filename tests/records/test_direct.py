"""The readers of a record are the same everywhere, whatever order its openings came in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carelink.records.direct import OpeningRow, readers, standing

PEOPLE = [bytes([number]) * 16 for number in range(6)]


@st.composite
def histories(draw: st.DrawFn) -> list[OpeningRow]:
    """Return openings of one record, each going on from some of those before, or from nothing."""
    made: list[OpeningRow] = []
    for number in range(draw(st.integers(1, 7))):
        known = [row.opening for row in made]
        follows = draw(st.lists(st.sampled_from(known), unique=True, max_size=3)) if known else []
        audience = draw(st.lists(st.sampled_from(PEOPLE), unique=True, min_size=1))
        made.append(
            OpeningRow(
                opening=bytes([number]) * 32,
                device=PEOPLE[0],
                maker=PEOPLE[0],
                origin=PEOPLE[0],
                height=number,
                audience=tuple(audience),
                kind="restricted",
                record=bytes(16),
                follows=tuple(follows),
            )
        )
    return made


@given(histories(), st.randoms())
def test_order_and_doublets_change_nothing(history: list[OpeningRow], chance: st.DataObject) -> None:
    shuffled = [*history, *history[::2]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert standing(shuffled) == standing(history)
    assert readers(shuffled) == readers(history)


@given(histories(), st.data())
def test_going_on_from_all_that_stands_leaves_one(history: list[OpeningRow], data: st.DataObject) -> None:
    heads = standing(history)
    assert heads
    audience = data.draw(st.lists(st.sampled_from(PEOPLE), unique=True, min_size=1))
    last = OpeningRow(
        b"\xff" * 32,
        PEOPLE[0],
        PEOPLE[0],
        PEOPLE[0],
        9,
        tuple(audience),
        "restricted",
        bytes(16),
        tuple(row.opening for row in heads),
    )
    assert standing([*history, last]) == [last]
    assert readers([last, *history]) == frozenset(audience)


@given(histories())
def test_nobody_reads_whom_no_standing_opening_names(history: list[OpeningRow]) -> None:
    named = {account for row in history for account in row.audience}
    assert readers(history) <= named
    for account in readers(history):
        assert any(account in row.audience for row in standing(history))
