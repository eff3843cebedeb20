"""Emergency access in the registry: who may be put on call, what it opens, and how it ends."""

from __future__ import annotations

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.access.registry import (
    ESCROWED,
    LONGEST_EMERGENCY_MS,
    CircleState,
    Reason,
    Refusal,
    apply,
    escrowed,
    in_force,
)
from carelink.access.roles import Function, Role
from carelink.access.statements import (
    Add,
    BreakGlass,
    Deny,
    Expire,
    OpenEpochs,
    OpposeEmergency,
    Public,
    Remove,
    decode_statement,
)
from tests.hub.people import START, Person, new_circle, opening

HOUR = 3_600_000
WHY = "Inconscient, traitements inconnus"


class OnCall:
    """Claire, a nurse, coordinates; Anne is a relative; Nora is on call."""

    def __init__(self) -> None:
        self.claire, self.anne, self.nora = Person("Claire"), Person("Anne"), Person("Nora")
        self.circle = new_circle(self.claire, Role.NURSE)
        self.say(self.claire, OpenEpochs((opening(Stream.CARE_INBOX, 1),)))
        self.say(self.claire, Add(self.anne.as_newcomer(Role.RELATIVE), ()))
        self.say(self.claire, Add(self.nora.as_newcomer(Role.ON_CALL), ()))

    def say(self, author: Person, public: Public, time: int = START) -> CircleState:
        self.circle.take(self.circle.statement(author, public, time))
        return self.circle.now

    def refused(self, author: Person, public: Public, time: int = START) -> Reason:
        result = apply(self.circle.state, decode_statement(self.circle.statement(author, public, time).body))
        assert isinstance(result, Refusal), "the rules let it pass"
        return result.reason

    def reads(self, person: Person) -> set[Stream]:
        return {stream for stream in Stream if self.circle.now.members[person.account].reads(stream)}


@pytest.fixture
def house() -> OnCall:
    return OnCall()


def test_who_is_on_call_reads_nothing_and_keys_may_lie_ready(house: OnCall) -> None:
    nora = house.circle.now.members[house.nora.account]
    assert house.reads(house.nora) == {Stream.REGISTRY}
    assert all(escrowed(nora, stream) for stream in ESCROWED)
    assert not escrowed(house.circle.now.members[house.anne.account], Stream.CARE)


def test_the_glass_opens_the_volets_for_some_hours_and_what_they_hold_of_the_past(house: OnCall) -> None:
    state = house.say(house.nora, BreakGlass(START + HOUR, WHY))
    nora = state.members[house.nora.account]
    assert house.reads(house.nora) == {Stream.REGISTRY, *ESCROWED}
    assert not any(nora.writes(stream) for stream in ESCROWED)
    assert nora.may_take(Stream.CARE, 1)
    served = in_force(nora, START + HOUR)
    assert served is not None
    assert not served.reads(Stream.CARE)


def test_when_it_ends_all_of_it_is_due(house: OnCall) -> None:
    house.say(house.nora, BreakGlass(START + HOUR, WHY))
    assert house.refused(house.anne, Expire(house.nora.account, Stream.CARE)) is Reason.NOT_ENTITLED
    state = house.say(house.anne, Expire(house.nora.account, Stream.CARE), START + HOUR)
    assert house.reads(house.nora) == {Stream.REGISTRY}
    assert {stream for stream, known in state.streams.items() if known.due} == set(ESCROWED)


@pytest.mark.parametrize("until", [START, START - 1, START + LONGEST_EMERGENCY_MS + 1])
def test_it_lasts_no_longer_than_eight_hours(house: OnCall, until: int) -> None:
    assert house.refused(house.nora, BreakGlass(until, WHY)) is Reason.MALFORMED


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_reason_is_needed(house: OnCall, reason: str) -> None:
    assert house.refused(house.nora, BreakGlass(START + HOUR, reason)) is Reason.MALFORMED


def test_nobody_else_breaks_it(house: OnCall) -> None:
    for person in (house.anne, house.claire):
        assert house.refused(person, BreakGlass(START + HOUR, WHY)) is Reason.NOT_ENTITLED


def test_nobody_on_call_has_anything_else_in_the_circle(house: OnCall) -> None:
    other = Person("Other")
    for role, functions in ((Role.NURSE, set[Function]()), (Role.ON_CALL, {Function.COORDINATOR})):
        wanted = other.as_newcomer(role, functions)
        lying = msgspec.structs.replace(wanted, emergency=True)
        assert house.refused(house.claire, Add(lying, ())) is Reason.FORBIDDEN_RIGHTS


def test_what_was_denied_to_them_stays_denied(house: OnCall) -> None:
    house.say(house.claire, Deny(house.nora.account, Stream.LIFE, None))
    house.say(house.nora, BreakGlass(START + HOUR, WHY))
    assert Stream.LIFE not in house.reads(house.nora)


def test_opposition_closes_at_once_and_keys_that_lay_ready_are_worth_nothing(house: OnCall) -> None:
    house.say(house.nora, BreakGlass(START + HOUR, WHY))
    state = house.say(house.claire, OpposeEmergency(opposed=True))
    assert house.reads(house.nora) == {Stream.REGISTRY}
    assert {stream for stream, known in state.streams.items() if known.due} == set(ESCROWED)
    assert house.refused(house.nora, BreakGlass(START + HOUR, WHY)) is Reason.NOT_ENTITLED
    again = Add(Person("Other").as_newcomer(Role.ON_CALL), ())
    assert house.refused(house.claire, again) is Reason.NOT_ENTITLED
    house.say(house.claire, OpposeEmergency(opposed=False))
    assert house.refused(house.claire, OpposeEmergency(opposed=False)) is Reason.NOTHING_CHANGES


def test_once_the_patient_is_there_only_their_side_opposes(house: OnCall) -> None:
    jeanne = Person("Jeanne")
    house.say(house.claire, Add(jeanne.as_newcomer(Role.PATIENT), ()))
    assert house.refused(house.claire, OpposeEmergency(opposed=True)) is Reason.NOT_ENTITLED
    assert house.refused(house.anne, OpposeEmergency(opposed=True)) is Reason.NOT_ENTITLED
    assert house.say(jeanne, OpposeEmergency(opposed=True)).opposed


def test_who_is_no_longer_on_call_leaves_no_key_of_use_behind(house: OnCall) -> None:
    state = house.say(house.claire, Remove(house.nora.account))
    assert {s for s, known in state.streams.items() if known.due} == {Stream.REGISTRY, *ESCROWED}
