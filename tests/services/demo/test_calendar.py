"""The demonstration's story always lies behind whoever opens it, whatever the hour."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from carelink.services.demo.calendar import ZONE, moments
from carelink.services.demo.corpus import Corpus

HOURS = (dt.time(0, 0), dt.time(0, 4), dt.time(6, 45), dt.time(7, 10), dt.time(15, 0), dt.time(23, 59))


def at(time: dt.time) -> int:
    return int(dt.datetime.combine(dt.date(2026, 3, 29), time, ZONE).timestamp() * 1000)


@pytest.mark.parametrize("circle", ["ehpad", "domicile"])
@pytest.mark.parametrize("time", HOURS)
def test_no_note_is_from_the_future_and_their_order_is_kept(circle: str, time: dt.time) -> None:
    acts = Corpus.whole().notebooks[circle].acts

    found = moments(acts, at(time))

    assert len(found) == len(acts)
    assert max(found) < at(time)
    assert all(earlier <= later for earlier, later in pairwise(found))


def test_a_note_of_three_in_the_afternoon_is_of_three_in_the_afternoon_at_the_circles_place() -> None:
    acts = Corpus.whole().notebooks["ehpad"].acts

    found = moments(acts, at(dt.time(12, 0)))

    told = {(act.days_ago, act.of_day) for act in acts}
    days = [dt.datetime.fromtimestamp(moment / 1000, ZONE) for moment in found]
    assert {((dt.date(2026, 3, 29) - day.date()).days, day.time()) for day in days} == told


def test_a_slice_tells_the_last_days_of_a_few_people() -> None:
    few = {"claire-martin", "anne-maurel", "sofia-benali"}

    slice_ = Corpus.whole().slice(few, 5)

    assert [circle.key for circle in slice_.circles] == ["ehpad"]
    assert {person.key for person in slice_.people} == few
    notes = slice_.notebooks["ehpad"].entries
    assert notes
    assert {note.author for note in notes} <= few
    assert all(note.days_ago < 5 for note in notes)
