from __future__ import annotations

import threading

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.hub.hub import CREATIONS_PER_HOUR
from carelink.sync.wire import api
from carelink.sync.wire.api import Appended
from carelink.sync.wire.structures import SignedStatement
from tests.hub.conftest import RefusedByHubError, RelayUnderTest
from tests.hub.people import START, Circle, Clock, Person, new_circle


@pytest.fixture
def claire() -> Person:
    return Person("Claire")


@pytest.fixture
def circle(relay: RelayUnderTest, claire: Person) -> Circle:
    circle = new_circle(claire)
    relay.create(circle)
    return circle


def refusal(relay: RelayUnderTest, token: str, circle: Circle, signed: SignedStatement) -> tuple[str, str]:
    with pytest.raises(RefusedByHubError) as refused:
        relay.append(token, circle, signed)
    return refused.value.problem.code, refused.value.problem.detail


def test_a_circle_is_created_once(relay: RelayUnderTest, claire: Person) -> None:
    circle = new_circle(claire)
    first = relay.create(circle)
    assert first == Appended(circle.id, 0, circle.now.head)
    token = relay.session(claire)
    relay.append(token, circle, circle.take(circle.openings(claire, [Stream.LIFE])))
    assert relay.create(circle) == first
    assert len(relay.pull(token, circle).chains[0].statements) == 2


def test_a_circle_whose_statement_was_altered_is_refused(relay: RelayUnderTest, claire: Person) -> None:
    signed = new_circle(claire).chain[0]
    for altered in (
        msgspec.structs.replace(signed, signature=bytes(64)),
        msgspec.structs.replace(signed, sealed=b"other names"),
    ):
        with pytest.raises(RefusedByHubError) as refused:
            relay.ask(api.CIRCLES, api.CreateCircle(altered), Appended)
        assert refused.value.problem == api.Problem("refused", "bad_signature")
    assert relay.ask(api.CIRCLES, api.CreateCircle(signed), Appended).height == 0


def test_a_source_creates_a_limited_number_of_circles(
    relay: RelayUnderTest, claire: Person, circle: Circle, clock: Clock
) -> None:
    other = new_circle(claire)
    for _ in range(CREATIONS_PER_HOUR):
        relay.hub.creations.record("testclient")
    with pytest.raises(RefusedByHubError) as refused:
        relay.create(other)
    assert (refused.value.status, refused.value.problem.code) == (429, "too_many_tries")
    relay.create(circle)
    clock.now += 3_600_001
    relay.create(other)


def test_a_statement_sent_again_gets_the_same_answer(
    relay: RelayUnderTest, claire: Person, circle: Circle
) -> None:
    token = relay.session(claire)
    signed = circle.take(circle.openings(claire, [Stream.LIFE]))
    first = relay.append(token, circle, signed)
    assert first == Appended(circle.id, 1, circle.now.head)
    relay.append(token, circle, circle.take(circle.openings(claire, [Stream.LIFE])))
    assert relay.append(token, circle, signed) == first


def test_a_statement_on_an_older_head_conflicts(
    relay: RelayUnderTest, claire: Person, circle: Circle
) -> None:
    token = relay.session(claire)
    late = circle.openings(claire, [Stream.LIFE])
    relay.append(token, circle, circle.take(circle.openings(claire, [Stream.LIFE])))
    assert refusal(relay, token, circle, late) == ("conflict", "")


def test_a_statement_ahead_of_the_head_conflicts(
    relay: RelayUnderTest, claire: Person, circle: Circle
) -> None:
    circle.take(circle.openings(claire, [Stream.LIFE]))
    ahead = circle.openings(claire, [Stream.LIFE])
    assert refusal(relay, relay.session(claire), circle, ahead) == ("conflict", "")


def test_of_two_statements_at_once_one_wins(relay: RelayUnderTest, claire: Person, circle: Circle) -> None:
    token = relay.session(claire)
    for _ in range(5):
        rivals = [circle.openings(claire, [Stream.LIFE]) for _ in range(4)]
        outcomes: list[str | SignedStatement] = []

        def send(signed: SignedStatement, outcomes: list[str | SignedStatement]) -> None:
            try:
                relay.append(token, circle, signed)
            except RefusedByHubError as refused:
                outcomes.append(refused.problem.code)
            else:
                outcomes.append(signed)

        threads = [threading.Thread(target=send, args=(rival, outcomes)) for rival in rivals]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (winner,) = [outcome for outcome in outcomes if isinstance(outcome, SignedStatement)]
        assert outcomes.count("conflict") == 3
        circle.take(winner)
    (part,) = relay.pull(token, circle).chains
    assert list(part.statements) == circle.chain


def test_what_the_rules_refuse_is_refused_with_their_reason(
    relay: RelayUnderTest, claire: Person, circle: Circle
) -> None:
    remi, eva = Person("Rémi"), Person("Eva")
    token = relay.session(claire)
    relay.append(token, circle, circle.take(circle.addition(claire, remi.as_newcomer(Role.NURSE))))
    by_a_nurse = circle.addition(remi, eva.as_newcomer(Role.RELATIVE))
    assert refusal(relay, relay.session(remi), circle, by_a_nurse) == ("refused", "not_entitled")
    by_a_stranger = circle.openings(eva, [Stream.LIFE])
    assert refusal(relay, token, circle, by_a_stranger) == ("refused", "unknown_device")
    twice = circle.addition(claire, remi.as_newcomer(Role.NURSE))
    assert refusal(relay, token, circle, twice) == ("refused", "already_member")
    early = circle.expiry(claire, remi, START)
    assert refusal(relay, token, circle, early) == ("refused", "not_entitled")
    unsigned = msgspec.structs.replace(circle.openings(claire, [Stream.LIFE]), signature=bytes(64))
    assert refusal(relay, token, circle, unsigned) == ("refused", "bad_signature")
    assert refusal(relay, token, circle, SignedStatement(b"?", bytes(64), b"")) == (
        "malformed",
        "statement",
    )
    relay.append(token, circle, circle.openings(claire, [Stream.LIFE]))


def test_a_member_carries_what_another_signed(relay: RelayUnderTest, claire: Person, circle: Circle) -> None:
    remi = Person("Rémi")
    token = relay.session(claire)
    relay.append(token, circle, circle.take(circle.addition(claire, remi.as_newcomer(Role.RELATIVE))))
    by_claire = circle.take(circle.openings(claire, [Stream.LIFE]))
    assert relay.append(relay.session(remi), circle, by_claire).height == 2
