"""What each person is offered to change, and what a circle tells of those who were in it."""

from __future__ import annotations

import pytest

from carelink.records.bodies import ChangeAction
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.errors import ChangeRefusedError, HubError
from carelink.services.members import MemberView
from carelink.services.membership import Change, Membership, Offers
from carelink.services.session import Session
from tests.sync.fixtures import Grown
from tests.sync.house import DAY, House, sync


def member(session: Session, circle: str, name: str) -> MemberView:
    return next(m for m in Circles(session).show(circle).members if m.name == name)


def offers(session: Session, circle: str, name: str) -> Offers:
    return Membership(session).offers(circle, member(session, circle, name).id)


def change(session: Session, circle: str, action: ChangeAction, name: str, **how: object) -> None:
    Membership(session).change(
        circle,
        Change(action, member(session, circle, name).id, **how),  # type: ignore[arg-type]
    )


def begun(house: House) -> str:
    """Have a nurse who coordinates, a second one, a doctor and a daughter meet."""
    people = {
        "claire": house.account("Claire Martin", "nurse"),
        "julie": house.account("Julie Roux", "nurse"),
        "paul": house.account("Paul Petit", "physician"),
        "anne": house.account("Anne Maurel"),
    }
    made = house.circle(people["claire"])
    house.let_in(people["claire"], made, people["julie"], "nurse", functions=("coordinator",))
    house.let_in(people["claire"], made, people["paul"], "physician")
    house.let_in(people["claire"], made, people["anne"], "relative")
    for session in (*people.values(), *people.values()):
        sync(session)
    return made


@pytest.fixture
def circle(house: House, grown: Grown) -> str:
    return grown(house, begun)


@pytest.fixture
def people(house: House, circle: str) -> dict[str, Session]:
    return dict(zip(("claire", "julie", "paul", "anne"), house.sessions, strict=True))


def test_a_relative_is_offered_nothing_about_others(people: dict[str, Session], circle: str) -> None:
    for name in ("Claire Martin", "Julie Roux", "Paul Petit", "Anne Maurel"):
        assert offers(people["anne"], circle, name) == Offers()


def test_a_coordinator_records_for_a_person_without_an_account(
    people: dict[str, Session], circle: str
) -> None:
    offered = offers(people["claire"], circle, "Anne Maurel")
    assert offered.opens == ("care",)
    assert offered.closes == ("life", "coordination", "care")
    assert offered.removes
    assert "nurse" in offered.roles
    assert "patient" not in offered.roles
    assert offers(people["claire"], circle, "Claire Martin") == Offers(), "nothing of one's own"


def test_once_the_person_is_in_only_their_side_decides_who_reads(
    house: House, people: dict[str, Session], circle: str
) -> None:
    jeanne = house.account("Jeanne Moreau")
    house.let_in(people["claire"], circle, jeanne, "patient")
    sync(people["claire"])
    sync(jeanne)
    offered = offers(people["claire"], circle, "Anne Maurel")
    assert (offered.opens, offered.closes) == ((), ())
    assert offered.removes
    assert "relative" in offered.roles
    assert "legal_representative" not in offered.roles
    assert offers(people["claire"], circle, "Jeanne Moreau") == Offers()
    hers = offers(jeanne, circle, "Anne Maurel")
    assert hers.opens == ("care",)
    assert hers.closes == ("life", "coordination", "care")
    assert "legal_representative" in hers.roles


def test_a_denial_recorded_by_one_coordinator_is_lifted_by_another(
    people: dict[str, Session], circle: str
) -> None:
    change(people["claire"], circle, ChangeAction.DENIED, "Anne Maurel", compartment="life")
    for session in people.values():
        sync(session)
    mine = offers(people["claire"], circle, "Anne Maurel")
    assert mine.lifts == ()
    assert "life" not in mine.closes
    assert offers(people["julie"], circle, "Anne Maurel").lifts == ("life",)
    (denial,) = Circles(people["anne"]).show(circle).denials
    assert denial.by == people["claire"].account.hex()
    assert denial.since > 0
    assert Circles(people["paul"]).show(circle).denials == ()


def test_whatever_is_offered_is_accepted(people: dict[str, Session], circle: str) -> None:
    service = Membership(people["claire"])
    who = member(people["claire"], circle, "Anne Maurel").id
    offered = service.offers(circle, who)
    wanted = [Change(ChangeAction.ROLE, who, role=role) for role in offered.roles]
    wanted += [Change(ChangeAction.GRANTED, who, compartment=code) for code in offered.opens]
    wanted += [Change(ChangeAction.DENIED, who, compartment=code) for code in offered.closes]
    for one in wanted:
        service.foresee(circle, one)
    for code in {"life", "coordination", "care"} - set(offered.opens):
        with pytest.raises(ChangeRefusedError):
            service.foresee(circle, Change(ChangeAction.GRANTED, who, compartment=code))


def test_a_grant_says_by_whom_and_until_when_and_may_have_another_date(
    house: House, people: dict[str, Session], circle: str
) -> None:
    until = house.clock.now + 30 * DAY
    change(people["claire"], circle, ChangeAction.GRANTED, "Anne Maurel", compartment="care", until=until)
    sync(people["julie"])
    sync(people["anne"])
    for reader in ("claire", "julie", "anne"):
        (grant,) = Circles(people[reader]).show(circle).grants
        assert (grant.compartment, grant.until) == ("care", until)
        assert grant.by == people["claire"].account.hex()
    assert offers(people["julie"], circle, "Anne Maurel").opens == ("care",)


def test_those_who_were_in_the_circle_have_their_dates(
    house: House, people: dict[str, Session], circle: str
) -> None:
    Membership(people["anne"]).leave(circle)
    change(people["claire"], circle, ChangeAction.REMOVED, "Paul Petit", reason="A quitté le cabinet")
    sync(people["julie"])
    anne, paul = (member(people["julie"], circle, name) for name in ("Anne Maurel", "Paul Petit"))
    assert [stay.how for stay in anne.stays] == ["left"]
    assert [stay.how for stay in paul.stays] == ["removed"]
    assert anne.since < anne.stays[0].until <= house.clock.now


def test_a_closed_volet_is_told_apart_from_one_that_was_never_open(
    people: dict[str, Session], circle: str
) -> None:
    Cahier(people["claire"]).write(circle, "life", "Un bon repas")
    for session in people.values():
        sync(session)
    assert Circles(people["anne"]).show(circle).kept == ()
    change(people["claire"], circle, ChangeAction.DENIED, "Anne Maurel", compartment="life")
    sync(people["anne"])
    assert Circles(people["anne"]).show(circle).kept == ("life",)


def test_without_the_relay_nothing_changes(house: House, people: dict[str, Session], circle: str) -> None:
    house.hub.offline = True
    with pytest.raises(HubError):
        change(people["claire"], circle, ChangeAction.REMOVED, "Paul Petit", reason="x")
    assert member(people["claire"], circle, "Paul Petit").active
