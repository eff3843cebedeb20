"""Emergency access (bris de glace): someone on call reads nothing, until they say why they must.

Source: CSP L.1111-17, access to the shared record in an emergency unless the person opposed it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from carelink.access.compartments import Right, Stream
from carelink.access.registry.rights import losing, settled, with_member
from carelink.access.registry.state import CircleState, Member, Reason, require
from carelink.access.statements import BreakGlass, OpposeEmergency

LONGEST_EMERGENCY_MS: Final = 8 * 60 * 60 * 1000
MAX_EMERGENCY_REASON: Final = 500


def require_on_call(state: CircleState, member: Member) -> None:
    """Refuse to put on call whom the patient's side opposed, or who has anything else in the circle."""
    if not member.emergency:
        return
    require(not state.opposed, Reason.NOT_ENTITLED)
    alone = set(member.role_rights) == {Stream.REGISTRY, Stream.TRACE}
    require(alone and not (member.coordinator or member.patient_side), Reason.FORBIDDEN_RIGHTS)


def glass_broken(state: CircleState, author: Member, opening: BreakGlass, time: int) -> CircleState:
    """Open the volets to the author for a few hours; the statement itself is the record of it."""
    require(author.emergency and not state.opposed, Reason.NOT_ENTITLED)
    require(0 < opening.until - time <= LONGEST_EMERGENCY_MS, Reason.MALFORMED)
    require(0 < len(opening.reason.strip()) <= MAX_EMERGENCY_REASON, Reason.MALFORMED)
    after = settled(replace(author, emergency_until=opening.until))
    past = {stream: 1 for stream, right in after.rights.items() if Right.READ in right}
    return with_member(state, replace(after, first_epoch=past))


def emergency_ended(state: CircleState, before: Member) -> CircleState:
    """Close what an emergency had opened: all of it is due."""
    after = settled(replace(before, emergency_until=None))
    return with_member(losing(state, before, after), after)


def may_oppose(state: CircleState, author: Member) -> bool:
    """Whether the author decides about emergency access."""
    decides = author.patient_side or (author.coordinator and not state.has_patient_side)
    return author.active and decides


def opposed(state: CircleState, author: Member, opposition: OpposeEmergency) -> CircleState:
    """Forbid emergency access, or allow it again: nobody is on call any more, and keys change.

    The patient's side decides; where nobody of it is in the circle, a coordinator records it.
    """
    require(may_oppose(state, author), Reason.NOT_ENTITLED)
    require(opposition.opposed != state.opposed, Reason.NOTHING_CHANGES)
    state = replace(state, opposed=opposition.opposed)
    for member in [m for m in state.active_members() if m.emergency]:
        after = settled(replace(member, emergency=False, emergency_until=None))
        state = with_member(losing(state, member, after), after)
    return state
