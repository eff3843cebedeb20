"""A client follows one chain: the one whose beginning it was given."""

from __future__ import annotations

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.access.statements import decode_statement, encode_statement, statement_hash
from carelink.crypto.primitives import SignatureKind
from carelink.errors import BugError
from carelink.records.transfer import StatementRow
from carelink.sync.chain import Chain, RefusedStatementError, SplitRegistryError
from carelink.sync.wire.structures import SignedStatement
from tests.hub.people import Circle, Person, new_circle

ANNE, PAUL = Person("Anne"), Person("Paul")


def followed(circle: Circle, statements: int = 1) -> tuple[Chain, bytes]:
    chain, genesis = Chain(), statement_hash(circle.chain[0].body)
    for signed in circle.chain[:statements]:
        assert chain.extended(signed, genesis) is not None
    return chain, genesis


@pytest.fixture
def circle() -> Circle:
    circle = new_circle(ANNE)
    circle.take(circle.openings(ANNE, [Stream.LIFE]))
    circle.take(circle.addition(ANNE, PAUL.as_newcomer(Role.RELATIVE)))
    return circle


def test_a_chain_is_followed_and_every_state_of_it_kept(circle: Circle) -> None:
    chain, genesis = followed(circle, 3)
    assert chain.height == 2
    assert chain.state == circle.state
    assert [chain.at(h) is not None for h in (-1, 0, 1, 2, 3)] == [False, True, True, True, False]
    assert chain.extended(circle.chain[1], genesis) is None
    assert chain.height == 2


def test_another_beginning_is_a_split(circle: Circle) -> None:
    with pytest.raises(SplitRegistryError):
        Chain().extended(new_circle(ANNE).chain[0], statement_hash(circle.chain[0].body))


def test_two_statements_at_one_height_are_a_split(circle: Circle) -> None:
    chain, genesis = followed(circle, 2)
    other = Circle(circle.chain[:1], followed(circle)[0].state)
    rival = other.openings(ANNE, [Stream.COORDINATION])
    with pytest.raises(SplitRegistryError):
        chain.extended(rival, genesis)
    other.take(rival)
    with pytest.raises(SplitRegistryError):
        chain.extended(other.openings(ANNE, [Stream.LIFE]), genesis)


def test_a_statement_left_out_is_noticed(circle: Circle) -> None:
    chain, genesis = followed(circle)
    with pytest.raises(RefusedStatementError) as refused:
        chain.extended(circle.chain[2], genesis)
    assert refused.value.why == "bad_chain"


def test_what_the_rules_refuse_proves_that_the_relay_lies(circle: Circle) -> None:
    chain, genesis = followed(circle, 3)
    with pytest.raises(RefusedStatementError) as refused:
        chain.extended(circle.addition(PAUL, Person("X").as_newcomer(Role.RELATIVE)), genesis)
    assert refused.value.why == "no_right"
    assert refused.value.device == PAUL.device
    assert chain.height == 2


def test_a_bad_signature_and_garbage_are_named(circle: Circle) -> None:
    chain, genesis = followed(circle)
    for spoilt in (
        msgspec.structs.replace(circle.chain[1], signature=bytes(64)),
        msgspec.structs.replace(circle.chain[1], sealed=b"other names"),
        SignedStatement(b"garbage", b"", b""),
    ):
        with pytest.raises(RefusedStatementError) as refused:
            chain.extended(spoilt, genesis)
        assert refused.value.why == "bad_signature"
    assert chain.extended(circle.chain[1], genesis) is not None


def test_a_kind_of_statement_from_the_future_stops_the_chain(circle: Circle) -> None:
    chain, genesis = followed(circle, 3)
    honest = circle.openings(ANNE, [Stream.LIFE])
    body = encode_statement(msgspec.structs.replace(decode_statement(honest.body).body, kind="deny"))
    future = SignedStatement(body, ANNE.sign(SignatureKind.STATEMENT, body), honest.sealed)
    with pytest.raises(RefusedStatementError):
        chain.extended(future, genesis)


def test_what_was_stored_is_replayed_and_a_vault_that_contradicts_the_rules_is_a_fault(
    circle: Circle,
) -> None:
    rows = [StatementRow(n, b"", s.body, s.signature, s.sealed) for n, s in enumerate(circle.chain)]
    chain = Chain()
    chain.replay(rows[:1])
    chain.replay(rows[1:])
    assert chain.state == circle.state
    with pytest.raises(BugError):
        Chain().replay(rows[1:])
