"""What the patient decides beyond and below the roles: grants and denials of volets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from carelink.access.compartments import COMPARTMENT_STREAMS, Right, Stream
from carelink.access.registry.emergency import emergency_ended
from carelink.access.registry.rights import (
    given_by,
    losing,
    resettled,
    settled,
    stream_named,
    with_member,
)
from carelink.access.registry.state import (
    CircleState,
    Denied,
    Granted,
    Member,
    Reason,
    RefusedError,
    require,
)
from carelink.access.statements import Deny, Grant

T = TypeVar("T")


def granted(state: CircleState, author: Member, grant: Grant) -> CircleState:
    """Open a volet to a member, and lift the denial of it if there is one."""
    before, stream = _decided(state, author, grant.account, grant.stream)
    require(grant.bits in {Right.READ, Right.READ_WRITE}, Reason.MALFORMED)
    denial = before.denials.get(stream)
    if denial is not None:
        require(may_lift(author, denial), Reason.NOT_ENTITLED)
    if before.through:
        # They have what their team has: all that is decided of them alone is a denial, and its end.
        require(denial is not None and grant.history and grant.until is None, Reason.NOT_ENTITLED)
        member = resettled(state, replace(before, denials=_without(before.denials, stream)))
        return with_member(state, member)
    grants = dict(before.grants)
    held = before.role_rights.get(stream, Right.NONE)
    beyond = Right(grant.bits) & ~held
    # A volet that the role gives has no end of its own.
    require(bool(beyond) or grant.until is None, Reason.NOTHING_CHANGES)
    grants.pop(stream, None)
    if beyond:
        grants[stream] = Granted(Right(grant.bits), grant.until)
    member = replace(before, grants=grants, denials=_without(before.denials, stream))
    require((member.grants, member.denials) != (before.grants, before.denials), Reason.NOTHING_CHANGES)
    state, member = given_by(state, author, before, member, history=grant.history, volets={stream})
    return with_member(losing(state, before, member), member)


def denied(state: CircleState, author: Member, deny: Deny) -> CircleState:
    """Close a volet to a member, whatever role and grants say."""
    before, stream = _decided(state, author, deny.account, deny.stream)
    require(not before.patient and (author.patient_side or not before.patient_side), Reason.NOT_ENTITLED)
    earlier = before.denials.get(stream)
    if earlier is not None:
        require(may_lift(author, earlier), Reason.NOT_ENTITLED)
    denial = Denied(author.account, not author.patient_side, deny.until)
    require(denial != earlier, Reason.NOTHING_CHANGES)
    member = resettled(
        state,
        replace(
            before,
            grants=_without(before.grants, stream),
            denials={**before.denials, stream: denial},
        ),
    )
    return with_member(losing(state, before, member), member)


def may_decide(state: CircleState, author: Member, account: bytes) -> bool:
    """Whether the author decides what a member reads: the patient's side, or who records for it.

    Nobody decides for themself; where nobody in the circle decides for the patient, a coordinator records
    what the patient said.
    """
    decides = author.patient_side or (author.coordinator and not state.has_patient_side)
    return author.active and decides and author.account != account


def may_lift(author: Member, denial: Denied) -> bool:
    """Whether the author may lift or replace a denial.

    One of the patient's side: its author or the patient. One that a coordinator recorded: the patient's
    side or, while there is none, a second coordinator.
    """
    if denial.on_behalf:
        return author.patient_side or author.account != denial.by
    return author.patient or author.account == denial.by


def lapsed(state: CircleState, account: bytes, code: str, time: int) -> CircleState:
    """End a grant, a denial or (named by `care`) an emergency whose date has passed."""
    before, stream = _member(state, account), stream_named(code)
    emergency = before.emergency_until
    if stream is Stream.CARE and emergency is not None and time >= emergency:
        return emergency_ended(state, before)
    grant, denial = before.grants.get(stream), before.denials.get(stream)
    if grant is not None and grant.until is not None and time >= grant.until:
        member = settled(replace(before, grants=_without(before.grants, stream)))
        return with_member(losing(state, before, member), member)
    if denial is not None and denial.until is not None and time >= denial.until:
        member = resettled(state, replace(before, denials=_without(before.denials, stream)))
        return with_member(state, member)
    raise RefusedError(Reason.NOT_ENTITLED)


def in_force(member: Member, now: int) -> Member | None:
    """Return the member as the relay serves them at a time: what is over by date is not served.

    Args:
        member: As the registry has them.
        now: Milliseconds since 1970.

    Returns:
        None once the stay is over.
    """
    if not member.active or (member.until is not None and member.until <= now):
        return None
    grants = {s: grant for s, grant in member.grants.items() if grant.until is None or grant.until > now}
    emergency = member.emergency_until
    if emergency is not None and emergency <= now:
        return settled(replace(member, grants=grants, emergency_until=None))
    return member if len(grants) == len(member.grants) else settled(replace(member, grants=grants))


def _decided(state: CircleState, author: Member, account: bytes, code: str) -> tuple[Member, Stream]:
    stream = stream_named(code)
    require(stream in COMPARTMENT_STREAMS and not state.team, Reason.MALFORMED)
    member = _member(state, account)
    require(may_decide(state, author, account), Reason.NOT_ENTITLED)
    return member, stream


def _member(state: CircleState, account: bytes) -> Member:
    member = state.members.get(account)
    if member is None or not member.active:
        raise RefusedError(Reason.NOT_A_MEMBER)
    return member


def _without(of: Mapping[Stream, T], stream: Stream) -> dict[Stream, T]:
    return {known: value for known, value in of.items() if known is not stream}
