"""Every public method of every service says what it needs, and nobody does what their role does not give."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import carelink.services
from carelink.access.policy import Permission
from carelink.errors import KnownError
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.drafts import Draft, Drafts
from carelink.services.errors import NotAllowedError, UnknownCircleError
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.services.requirements import Service
from carelink.services.trace import Trace
from tests.sync.house import DAY, House, sync


def services() -> list[type[Service]]:
    for module in pkgutil.walk_packages(carelink.services.__path__, "carelink.services."):
        importlib.import_module(module.name)
    found: list[type[Service]] = []
    waiting = [Service]
    while waiting:
        known = waiting.pop().__subclasses__()
        found += known
        waiting += known
    return [service for service in found if service.__module__.startswith("carelink.")]


METHODS = [
    (service, name)
    for service in services()
    for name, member in inspect.getmembers(service, callable)
    if not name.startswith("_")
]


def test_there_are_services() -> None:
    assert {service.__name__ for service, _ in METHODS} >= {
        "Cahier",
        "Circles",
        "Invitations",
        "Trace",
        "Sync",
    }


@pytest.mark.parametrize(("service", "name"), METHODS)
def test_a_method_says_what_it_needs(service: type[Service], name: str) -> None:
    needed = getattr(getattr(service, name), "required_permission", None)
    assert isinstance(needed, Permission), f"{service.__name__}.{name} declares nothing"
    if needed is not Permission.VAULT_USE:
        assert "circle" in inspect.signature(getattr(service, name)).parameters


def test_a_relative_writes_life_reads_coordination_and_knows_nothing_of_care(house: House) -> None:
    claire, anne = house.account("Claire", "nurse"), house.account("Anne")
    circle = house.circle(claire)
    house.let_in(claire, circle, anne, "relative")
    cahier = Cahier(anne)
    assert cahier.writable(circle) == ("life",)
    assert cahier.readable(circle) == ("life", "coordination")
    for volet in ("care", "coordination"):
        with pytest.raises(NotAllowedError):
            cahier.write(circle, volet, "text")
    assert cahier.entries(circle) == []
    with pytest.raises(NotAllowedError):
        Trace(anne).read(circle)
    with pytest.raises(NotAllowedError):
        Invitations(anne).invite(circle, InvitationRequest("nurse"))
    with pytest.raises(NotAllowedError):
        Invitations(anne).confirm(circle)
    with pytest.raises(NotAllowedError):
        Invitations(anne).refresh(circle)


def test_the_person_reads_the_medical_record_and_writes_no_note_in_it(house: House) -> None:
    claire, jeanne = house.account("Claire", "nurse"), house.account("Jeanne")
    circle = house.circle(claire)
    house.let_in(claire, circle, jeanne, "patient")
    assert Cahier(jeanne).writable(circle) == ("life", "coordination")
    assert "care" in Cahier(jeanne).readable(circle)
    with pytest.raises(NotAllowedError):
        Cahier(jeanne).write(circle, "care", "text")


def test_a_note_of_someone_else_is_withdrawn_by_who_runs_the_circle_only(house: House) -> None:
    claire, anne, ines = house.account("Claire", "nurse"), house.account("Anne"), house.account("Ines")
    circle = house.circle(claire)
    house.let_in(claire, circle, anne, "relative")
    house.let_in(claire, circle, ines, "home_helper")
    sync(anne)
    entry = Cahier(ines).write(circle, "life", "Repas pris")
    for session in (ines, anne, claire):
        sync(session)
    with pytest.raises(NotAllowedError):
        Cahier(anne).withdraw(entry, "not mine")
    Cahier(claire).withdraw(entry, "wrong person")
    assert Cahier(claire).entry(entry).withdrawn


def test_a_stranger_finds_no_circle(house: House) -> None:
    claire, stranger = house.account("Claire", "nurse"), house.account("X")
    circle = house.circle(claire)
    for attempt in (
        lambda: Cahier(stranger).entries(circle),
        lambda: Circles(stranger).show(circle),
        lambda: Cahier(claire).entries("ffff"),
        lambda: Cahier(claire).entries(""),
    ):
        with pytest.raises(UnknownCircleError):
            attempt()


def test_whoever_waits_to_be_let_in_may_nothing_yet(house: House) -> None:
    claire, anne = house.account("Claire", "nurse"), house.account("Anne")
    circle = house.circle(claire)
    made = Invitations(claire).invite(circle, InvitationRequest("relative", agreed="oral"))
    Joinings(anne).join(made.link)
    with pytest.raises(NotAllowedError):
        Cahier(anne).write(circle, "life", "too early")
    with pytest.raises(NotAllowedError):
        Drafts(anne).save(circle, Draft("life", "too early"))
    assert [summary.state for summary in Circles(anne).summaries()] == ["waiting"]


def test_whose_stay_has_ended_still_reads_what_they_hold_and_writes_nothing(house: House) -> None:
    claire, anne = house.account("Claire", "nurse"), house.account("Anne")
    circle = house.circle(claire)
    Cahier(claire).write(circle, "life", "Promenade")
    house.let_in(claire, circle, anne, "relative", until=house.clock.now + DAY)
    house.clock.now += 2 * DAY
    sync(claire)
    assert not Circles(claire).show(circle).members[1].active
    house.hub._member = lambda hosted, device: hosted.state.member_of(device)  # type: ignore[method-assign]
    sync(anne)
    assert [note.text for note in Cahier(anne).entries(circle)] == ["Promenade"]
    with pytest.raises(NotAllowedError):
        Cahier(anne).write(circle, "life", "still here")
    assert [summary.state for summary in Circles(anne).summaries()] == ["left"]


def test_vouching_for_nobody_is_said_in_one_sentence(house: House) -> None:
    claire = house.account("Claire", "nurse")
    circle = house.circle(claire)
    for member in ("", "not hexadecimal", "ff" * 16, claire.account.hex()):
        with pytest.raises(KnownError, match="rien n’a été changé"):
            Invitations(claire).vouch(circle, member)


def test_a_coordinator_without_the_medical_record_gives_it_only_once_a_reader_vouched(house: House) -> None:
    anne, claire, paul = house.account("Anne"), house.account("Claire"), house.account("Paul")
    circle = house.circle(anne, "family_carer")
    house.let_in(anne, circle, claire, "nurse")
    Cahier(claire).write(circle, "care", "CANARY")
    sync(claire)
    house.let_in(anne, circle, paul, "physician")
    sync(claire)
    sync(paul)
    assert Cahier(paul).entries(circle) == []
    assert "care" not in Cahier(paul).readable(circle)
    shown = {member.name: member for member in Circles(claire).show(circle).members}
    assert shown["Paul"].promised == ("care",)
    Invitations(claire).vouch(circle, paul.account.hex())
    sync(paul)
    assert [note.text for note in Cahier(paul).entries(circle)] == ["CANARY"]
