"""When the only person who coordinates is gone: two members want the same one instead."""

from __future__ import annotations

import pytest

from carelink.errors import KnownError
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.errors import ChangeRefusedError, UnknownMemberError
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.membership import Membership
from carelink.services.session import Session
from carelink.services.succession import Succession
from tests.sync.fixtures import Grown
from tests.sync.house import House, sync


def begun(house: House) -> str:
    """Have a daughter create the circle and coordinate; a nurse and a neighbour come."""
    anne, claire, luc = house.account("Anne"), house.account("Claire", "nurse"), house.account("Luc")
    circle = house.circle(anne)
    house.let_in(anne, circle, claire, "nurse")
    house.let_in(anne, circle, luc, "relative")
    for session in (anne, claire, luc):
        sync(session)
    return circle


@pytest.fixture
def people(house: House, grown: Grown) -> tuple[Session, Session, Session, str]:
    circle = grown(house, begun)
    return house.named("Anne"), house.named("Claire"), house.named("Luc"), circle


def test_two_who_want_the_same_appoint_them_and_they_read_nothing_more(
    house: House, people: tuple[Session, Session, Session, str]
) -> None:
    anne, claire, luc, circle = people
    marc = house.account("Marc")
    house.let_in(anne, circle, marc, "relative")
    for session in (claire, luc, marc):
        sync(session)
    before = Cahier(marc).readable(circle)
    assert not Succession(luc).want(circle, "Marc")
    sync(claire)
    state = Succession(claire).read(circle)
    assert [(wish.by, wish.whom) for wish in state.wishes] == [("Luc", "Marc")]
    assert Succession(claire).want(circle, "Marc")
    for session in (marc, claire, anne, marc):
        sync(session)
    for session in (anne, claire, marc):
        view = Circles(session).show(circle)
        (appointed,) = [member for member in view.members if member.name == "Marc"]
        assert appointed.functions == ("coordinator",)
        assert appointed.consistent
    assert Cahier(marc).readable(circle) == before
    assert Invitations(marc).invite(circle, InvitationRequest("relative", agreed="oral")).code


def test_a_circle_whose_only_coordinator_left_goes_on(
    house: House, people: tuple[Session, Session, Session, str]
) -> None:
    anne, claire, luc, circle = people
    marc = house.account("Marc", "care_assistant")
    house.let_in(anne, circle, marc, "care_assistant")
    Membership(anne).leave(circle)
    for session in (claire, luc, marc):
        sync(session)
    assert Succession(luc).read(circle).coordinators == ()
    Succession(luc).want(circle, "Claire")
    assert Succession(marc).want(circle, "Claire") in {True, False}
    sync(claire)
    sync(luc)
    assert Succession(luc).read(circle).coordinators == ("Claire",)


def test_one_alone_appoints_nobody_and_nobody_appoints_themself(
    people: tuple[Session, Session, Session, str],
) -> None:
    _, claire, luc, circle = people
    Succession(luc).want(circle, "Claire")
    with pytest.raises(KnownError, match="déjà dit"):
        Succession(luc).want(circle, "Claire")
    with pytest.raises(ChangeRefusedError):
        Succession(claire).want(circle, "Claire")
    with pytest.raises(UnknownMemberError):
        Succession(claire).want(circle, "Nobody")
    assert Succession(luc).read(circle).coordinators == ("Anne",)


def test_it_is_not_open_where_somebody_decides_for_the_person(house: House) -> None:
    jeanne, claire = house.account("Jeanne"), house.account("Claire", "nurse")
    circle = house.circle(jeanne, "patient")
    house.let_in(jeanne, circle, claire, "nurse")
    assert not Succession(claire).read(circle).possible
