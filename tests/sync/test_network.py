"""Several people write, correct, lose their network and their power: in the end all see the same."""

from __future__ import annotations

import contextlib
import random

import pytest

from carelink.errors import KnownError
from carelink.services.cahier import Cahier
from carelink.services.exchange.state import State
from carelink.services.session import Session
from carelink.sync.carriers.http import UnreachableHubError
from tests.sync.house import Clock, House, interrupted, notes, sync, texts, whole_state


def test_a_nurse_a_doctor_and_a_daughter_meet(house: House) -> None:
    claire, paul, anne = (
        house.account("Claire", "nurse"),
        house.account("Paul", "physician"),
        house.account("Anne"),
    )
    circle = house.circle(claire)
    Cahier(claire).write(circle, "care", "CANARY")
    house.let_in(claire, circle, paul, "physician")
    house.let_in(claire, circle, anne, "relative")
    Cahier(claire).write(circle, "life", "Promenade")
    sync(claire)
    assert texts(paul, circle) == ["CANARY"]
    sync(paul)
    sync(anne)
    assert texts(paul, circle) == ["Promenade", "CANARY"]
    assert texts(anne, circle) == ["Promenade"]


def _some_action(chance: random.Random, session: Session, circle: str, published: dict[str, str]) -> None:
    cahier = Cahier(session)
    kind = chance.choice(["write", "write", "amend", "withdraw", "sync", "sync", "cut", "cut"])
    mine = notes(session, circle)
    if kind == "write":
        text = f"note {len(published)}"
        volet = chance.choice(cahier.writable(circle))
        published[cahier.write(circle, volet, text)] = volet
    elif kind == "amend" and mine:
        with contextlib.suppress(KnownError):
            cahier.amend(chance.choice(mine).entry, f"corrected {chance.random()}")
    elif kind == "withdraw" and mine and chance.random() < 0.4:
        with contextlib.suppress(KnownError):
            cahier.withdraw(chance.choice(mine).entry, "mistake")
    elif kind == "sync":
        sync(session)
    else:
        interrupted(session, chance.randint(1, 14), lose=chance.random() < 0.5)


@pytest.mark.parametrize("seed", range(4))
def test_all_converge_and_nothing_published_is_lost(house: House, seed: int) -> None:
    chance = random.Random(seed)
    wrong = Clock(0), Clock(4_070_908_800_000), house.clock
    claire = house.account("Claire", "nurse")
    paul = house.account("Paul", "physician", chance.choice(wrong))
    anne = house.account("Anne", clock=chance.choice(wrong))
    helper = house.account("Ines", "home_helper")
    circle = house.circle(claire)
    for newcomer, role in ((paul, "physician"), (anne, "relative"), (helper, "home_helper")):
        house.let_in(claire, circle, newcomer, role)
    people = [claire, paul, anne, helper]
    for session in people:
        # So that everyone knows their readers: otherwise a note rightly waits for its author.
        sync(session)
    published: dict[str, str] = {}
    for _ in range(45):
        _some_action(chance, chance.choice(people), circle, published)
    for _ in range(3):
        reports = [sync(session) for session in people]
    assert all(not report.refused and not report.missing for report in reports)
    assert [State(session).read().to_send for session in people] == [0] * 4
    medical, plain = whole_state(claire, circle), whole_state(anne, circle)
    assert whole_state(paul, circle) == medical
    assert {row[0] for row in medical} == set(published)
    assert {row[0] for row in plain} == {e for e, volet in published.items() if not volet.startswith("care")}
    assert [row for row in medical if row[1] == "life"] == [row for row in plain if row[1] == "life"]
    for session in people:
        assert State(session).read().refusals == ()


@pytest.mark.parametrize(("calls", "lose"), [*((calls, True) for calls in range(1, 12)), (6, False)])
def test_being_killed_at_any_step_neither_loses_nor_doubles(house: House, calls: int, lose: bool) -> None:
    claire, paul = house.account("Claire", "nurse"), house.account("Paul", "physician")
    circle = house.circle(claire)
    house.let_in(claire, circle, paul, "physician")
    for number in range(3):
        Cahier(claire).write(circle, "care", f"note {number}")
    interrupted(claire, calls, lose=lose)
    report = sync(claire)
    assert not report.refused
    sync(paul)
    assert texts(paul, circle) == ["note 2", "note 1", "note 0"]
    assert State(claire).read().to_send == 0


def test_a_note_sealed_for_yesterdays_readers_is_sealed_again_for_todays_once_its_author_agrees(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    claire, ines, anne = house.account("Claire", "nurse"), house.account("Ines"), house.account("Anne")
    circle = house.circle(claire)
    house.let_in(claire, circle, ines, "home_helper")

    def cut(*_: object) -> None:
        raise UnreachableHubError

    entry = Cahier(ines).write(circle, "life", "sealed too early")
    with monkeypatch.context() as patch:
        patch.setattr(house.hub, "_push", cut)
        with pytest.raises(KnownError):
            sync(ines)
    house.let_in(claire, circle, anne, "relative", history=False)
    assert sync(ines).held == 1
    for session in (claire, anne):
        report = sync(session)
        assert (report.refused, report.missing) == ([], [])
        assert texts(session, circle) == []
    Cahier(ines).confirm_readers(entry)
    sync(ines)
    for session in (claire, anne):
        report = sync(session)
        assert (report.refused, report.missing) == ([], [])
        assert texts(session, circle) == ["sealed too early"]
    assert State(ines).read().to_send == 0
