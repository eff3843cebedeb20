"""The same versions give the same note everywhere, in any order, as often as they come."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carelink.records.bodies import EntryBody, decode_entry, encode_body
from carelink.records.merge import counting, heads, in_order, merge_entry
from carelink.records.revision import MAX_WALL, Revision, encode_revision, revision_id

RECORD = bytes(16)
CLOCKS = [0, 1, 1_800_000_000_000, 4_070_908_800_000, MAX_WALL - 1]


def version(
    text: str,
    *parents: bytes,
    author: int = 1,
    wall: int = 1_800_000_000_000,
    withdrawn: bool = False,
    for_circle: bool = False,
    body: bytes | None = None,
) -> tuple[bytes, Revision]:
    content = encode_body(
        EntryBody(text, "note", False, withdrawn, "because" if withdrawn else "", for_circle)
    )
    revision = Revision(
        RECORD, "entry", parents, bytes([author]) * 16, wall, (), content if body is None else body
    )
    return revision_id(encode_revision(revision)), revision


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[bytes, Revision]]:
    """Draw versions that several people wrote, each knowing some of those before; some cannot be read."""
    made: list[tuple[bytes, Revision]] = []
    for number in range(draw(st.integers(min_value=1, max_value=8))):
        known = draw(st.lists(st.sampled_from([i for i, _ in made]), max_size=3, unique=True)) if made else []
        stranger = [b"\xee" * 16] if draw(st.integers(min_value=0, max_value=6)) == 0 else []
        garbage = b"\xc1" if draw(st.integers(min_value=0, max_value=9)) == 0 and number else None
        made.append(
            version(
                f"text {number}",
                *known,
                *stranger,
                author=draw(st.integers(min_value=1, max_value=4)),
                wall=draw(st.sampled_from(CLOCKS)),
                withdrawn=draw(st.integers(min_value=0, max_value=5)) == 0,
                for_circle=draw(st.booleans()),
                body=garbage,
            )
        )
    return made


@pytest.mark.long
@settings(max_examples=2000)
@given(histories(), st.randoms(use_true_random=False))
def test_order_and_repetition_of_arrival_change_nothing(
    history: list[tuple[bytes, Revision]], chance: random.Random
) -> None:
    expected = merge_entry(dict(history))
    arrivals = [one for one in history for _ in range(chance.randint(1, 3))]
    chance.shuffle(arrivals)
    assert merge_entry(dict(arrivals)) == expected
    # Associative: whatever the parts in which it came, the union decides.
    cut = chance.randint(0, len(arrivals))
    assert merge_entry({**dict(arrivals[cut:]), **dict(arrivals[:cut])}) == expected


@settings(max_examples=300)
@given(histories())
def test_causes_come_before_effects_whatever_the_clocks_say(history: list[tuple[bytes, Revision]]) -> None:
    places = {v.identifier: n for n, v in enumerate(in_order(dict(history)))}
    for identifier, revision in history:
        for parent in revision.parents:
            if parent in places:
                assert places[parent] < places[identifier]


@settings(max_examples=300)
@given(histories())
def test_every_version_that_nobody_replaced_is_shown(history: list[tuple[bytes, Revision]]) -> None:
    readable = {i: r for i, r in history if r.body != b"\xc1"}
    bodies = {i: decode_entry(r.body) for i, r in readable.items()}
    state = merge_entry(dict(history))
    standing = {state.current.identifier, *(v.identifier for v in state.parallel)}
    replaced = {parent for r in readable.values() for parent in r.parents}
    assert standing >= {i for i in readable if i not in replaced and not bodies[i].withdrawn}
    assert standing == {v.identifier for v in heads(counting(in_order(readable), bodies))}
    assert state.withdrawn == bodies[state.current.identifier].withdrawn


@settings(max_examples=300)
@given(histories())
def test_nothing_hides_what_someone_else_began_but_a_withdrawal_for_the_circle(
    history: list[tuple[bytes, Revision]],
) -> None:
    bodies = {i: decode_entry(r.body) for i, r in history if r.body != b"\xc1"}
    state = merge_entry(dict(history))
    if state.withdrawn and not any(body.withdrawn and body.for_circle for body in bodies.values()):
        standing = (state.current, *state.parallel)
        withdrew = {v.revision.author for v in standing if bodies[v.identifier].withdrawn}
        began = {v.revision.author for v in standing if not v.revision.parents}
        assert began <= withdrew


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_wrong_clock_does_not_keep_a_correction_from_standing(clock: int) -> None:
    root = version("first", wall=4_070_908_800_000)
    fixed = version("corrected", root[0], wall=clock)
    state = merge_entry(dict([fixed, root]))
    assert state.body.text == "corrected"
    assert state.first.identifier == root[0]
    assert state.amended
    assert not state.parallel


def test_two_people_who_correct_at_once_are_both_shown() -> None:
    root = version("first")
    one, other = version("one", root[0], author=2, wall=5), version("other", root[0], author=3, wall=6)
    state = merge_entry(dict([one, root, other]))
    assert state.body.text == "other"
    assert [v.identifier for v in state.parallel] == [one[0]]
    settled = version("both", one[0], other[0])
    assert merge_entry(dict([settled, one, root, other])).parallel == ()


def test_a_withdrawal_stands_against_a_correction_written_at_once_even_with_a_later_clock() -> None:
    root = version("first")
    gone = version("", root[0], withdrawn=True, wall=1)
    fixed = version("corrected", root[0], wall=4_070_908_800_000)
    for history in ([root, gone, fixed], [fixed, gone, root], [gone, fixed]):
        assert merge_entry(dict(history)).withdrawn


def test_only_the_author_or_the_circle_withdraws() -> None:
    root = version("first", author=1)
    own = version("", root[0], author=1, withdrawn=True)
    other = version("", root[0], author=2, withdrawn=True)
    for_circle = version("", root[0], author=2, withdrawn=True, for_circle=True)
    assert merge_entry(dict([root, own])).withdrawn
    assert merge_entry(dict([root, for_circle])).withdrawn
    state = merge_entry(dict([root, other]))
    assert (state.withdrawn, state.body.text, state.parallel) == (False, "first", ())
    fixed = version("corrected", root[0], author=2)
    late = version("", fixed[0], author=2, withdrawn=True)
    assert merge_entry(dict([root, fixed, late])).body.text == "corrected", "their correction, not their note"
    assert merge_entry(dict([root, fixed, other, own])).withdrawn


def test_a_second_beginning_hides_nothing_and_takes_no_name() -> None:
    root = version("first", author=1, wall=5)
    earlier, gone = version("false", author=2, wall=1), version("", author=2, wall=9, withdrawn=True)
    for history in ([root, earlier], [root, earlier, gone], [root, gone]):
        state = merge_entry(dict(history))
        assert (state.body.text, state.first.identifier, state.withdrawn) == ("first", root[0], False)


def test_a_version_whose_past_has_not_come_is_shown_as_it_stands() -> None:
    root = version("first")
    fixed = version("corrected", root[0])
    assert merge_entry(dict([fixed])).body.text == "corrected"
    assert merge_entry(dict([fixed, root])).body.text == "corrected"


def test_a_version_that_cannot_be_read_hides_none_of_the_others() -> None:
    root = version("first")
    bad = version("", body=b"\xc1", wall=0)
    child = version("", root[0], body=b"\xc1")
    assert merge_entry(dict([bad, root])).body.text == "first"
    assert merge_entry(dict([child, root])).body.text == "first"
    with pytest.raises(ValueError):  # noqa: PT011  (alone, its own reason)
        merge_entry(dict([bad]))
    with pytest.raises(ValueError, match="no revision"):
        merge_entry(dict([bad, child]))


def test_nothing_is_not_a_note() -> None:
    with pytest.raises(ValueError, match="no revision"):
        merge_entry({})


def test_a_long_history_is_merged_at_once() -> None:
    history = [version("0")]
    for number in range(3000):
        history.append(version(str(number), history[-1][0]))
    state = merge_entry(dict(reversed(history)))
    assert state.body.text == "2999"
    assert state.current.depth == 3001
