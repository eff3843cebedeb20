"""Asking the rules, without a relay."""

from __future__ import annotations

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState, Reason, Refusal, apply
from carelink.access.statements import (
    Newcomer,
    Public,
    decode_statement,
)
from tests.hub.people import START, Circle, Person


def tried(circle: Circle, author: Person, public: Public, time: int = START) -> CircleState | Refusal:
    """Ask the rules alone, without adding to the chain."""
    return apply(circle.state, decode_statement(circle.statement(author, public, time).body))


def why(result: CircleState | Refusal) -> Reason:
    assert isinstance(result, Refusal), "the rules let it pass"
    return result.reason


def reads_care(circle: Circle, person: Person) -> bool:
    found = circle.now.member_of(person.device)
    return found is not None and found.reads(Stream.CARE)


def let_in(circle: Circle, author: Person, newcomer: Newcomer) -> None:
    circle.take(circle.addition(author, newcomer))
