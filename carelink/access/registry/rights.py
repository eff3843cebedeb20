"""What counts of what was given: who confirms must hold it, and a denial always wins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from carelink.access.compartments import COMPARTMENT_STREAMS, TEAM_STREAMS, Right, Stream
from carelink.access.registry.state import CircleState, Member, Reason, RefusedError, require

_INBOX = Stream.CARE_INBOX
# What the relay may keep ready for those on call, and what they read once they said why.
ESCROWED: Final = (*COMPARTMENT_STREAMS, Stream.CARE_INBOX)


def role_rights(
    pairs: Iterable[tuple[str, int]], *, coordinator: bool, patient_side: bool, team: bool
) -> dict[Stream, Right]:
    """Return the bits that a statement gives a role, once they are of the form that roles have.

    Every member reads the registry and writes traces; whoever runs the circle (coordinator, patient
    side) writes the registry, reads traces and keeps the recorded decisions. What carers are told in
    `care_inbox` is read with `care` and not by any right of its own. A team's registry has no volets, and
    no circle what a team has.
    """
    rights: dict[Stream, Right] = {}
    for code, bits in pairs:
        stream = stream_named(code)
        require(stream not in rights and 0 < bits <= Right.READ_WRITE, Reason.MALFORMED)
        rights[stream] = Right(bits)
    runs = coordinator or patient_side
    require(
        rights.get(Stream.REGISTRY) == (Right.READ_WRITE if runs else Right.READ)
        and rights.get(Stream.TRACE) == (Right.READ_WRITE if runs else Right.WRITE)
        and rights.get(Stream.DECISIONS) == (Right.READ_WRITE if runs else None)
        and rights.get(_INBOX) in {None, Right.WRITE},
        Reason.FORBIDDEN_RIGHTS,
    )
    wanted = {Stream.TEAM: Right.READ_WRITE, Stream.TEAM_KEY: Right.READ_WRITE if runs else Right.READ}
    wanted |= {Stream.ROSTER: Right.READ_WRITE} if runs else {}
    own = {stream: right for stream, right in rights.items() if stream in TEAM_STREAMS}
    require(own == (wanted if team else {}), Reason.FORBIDDEN_RIGHTS)
    volets = {*COMPARTMENT_STREAMS, _INBOX} & set(rights)
    require(not (team and (volets or patient_side)), Reason.FORBIDDEN_RIGHTS)
    return rights


def stream_named(code: str) -> Stream:
    """Return the stream of that code, or refuse the statement."""
    try:
        return Stream(code)
    except ValueError:
        raise RefusedError(Reason.MALFORMED) from None


def settled(member: Member) -> Member:
    """Return the member with what counts now of what they were given."""
    if not member.active:
        return replace(member, rights={}, promised={})
    given = _given(member)
    confirmed = {
        stream: bits
        for stream in COMPARTMENT_STREAMS
        if (bits := given.get(stream, Right.NONE) & member.confirmed.get(stream, Right.NONE))
    }
    rights, promised = dict(given), {}
    for stream in COMPARTMENT_STREAMS:
        if stream not in given:
            continue
        counts = confirmed.get(stream, Right.NONE)
        if counts != given[stream]:
            promised[stream] = given[stream]
            rights[stream] = counts
    for stream in [s for s, right in rights.items() if not right or s in member.denials]:
        del rights[stream]
    for stream in member.denials:
        promised.pop(stream, None)
    if member.emergency_until is not None:
        # What the person denied stays denied, in an emergency too.
        for stream in COMPARTMENT_STREAMS:
            if stream not in member.denials:
                rights[stream] = rights.get(stream, Right.NONE) | Right.READ
    if Stream.CARE in rights:
        rights[_INBOX] = rights.get(_INBOX, Right.NONE) | rights[Stream.CARE]
    return replace(member, rights=rights, promised=promised, confirmed=confirmed)


def followed(member: Member, team: Member) -> Member:
    """Return someone enrolled with what counts now: what their team has, less what is closed to them."""
    if not member.active or not team.active:
        return replace(member, rights={}, promised={})
    rights = {stream: right for stream, right in team.rights.items() if stream not in member.denials}
    if Stream.CARE in member.denials and _INBOX in rights:
        rights[_INBOX] = team.role_rights.get(_INBOX, Right.NONE)
        if not rights[_INBOX]:
            del rights[_INBOX]
    return replace(
        member,
        role_rights=team.role_rights,
        rights=rights,
        promised={stream: right for stream, right in team.promised.items() if stream not in member.denials},
        first_epoch=team.first_epoch,
        until=team.until,
    )


def resettled(state: CircleState, member: Member) -> Member:
    """Return a member with what counts now, by what they were given or by their team."""
    return followed(member, state.members[member.through]) if member.through else settled(member)


def _given(member: Member) -> dict[Stream, Right]:
    """Return what role and grants give, before denials."""
    given = dict(member.role_rights)
    for stream, grant in member.grants.items():
        given[stream] = given.get(stream, Right.NONE) | grant.right
    return given


def given_by(
    state: CircleState,
    author: Member,
    before: Member | None,
    member: Member,
    *,
    history: bool,
    volets: Collection[Stream] = COMPARTMENT_STREAMS,
) -> tuple[CircleState, Member]:
    """Return the state and the member once `author` gave what `member` holds more than `before`.

    Who confirms must hold what it gives, so that nobody gains a volet by inviting a second self. While
    nobody reads a volet, whoever runs the circle lets its first reader in; of what was written before,
    that reader gets nothing. The patient's side has no exception: their own volets may be promised.

    Args:
        state: Before the statement.
        author: Who gives.
        before: The member so far, or None for a newcomer.
        member: The member as the statement wants them.
        history: Whether past epochs are given.
        volets: What the statement gives; what was promised otherwise goes on waiting.
    """
    confirmed = dict(before.confirmed) if before is not None else {}
    for stream in volets:
        if author.reads(stream) or not state.someone_reads(stream):
            confirmed[stream] = Right.READ_WRITE
    member = settled(replace(member, confirmed=confirmed))
    held: Mapping[Stream, Right] = {} if before is None else before.rights
    streams, first_epoch = dict(state.streams), dict(member.first_epoch)
    for stream in (*member.rights, *member.promised):
        waits = stream in member.promised and stream not in member.rights
        if not waits and Right.READ not in member.rights[stream]:
            continue
        if Right.READ in held.get(stream, Right.NONE):
            continue
        known = streams[stream]
        orphan = stream in {*COMPARTMENT_STREAMS, _INBOX} and not state.someone_reads(stream)
        past = stream is Stream.REGISTRY or (history and not (orphan and known.current))
        if past or not known.current:
            first_epoch[stream] = 1
        else:
            first_epoch[stream] = known.current + 1
            streams[stream] = replace(known, due=True)
    return replace(state, streams=streams), replace(member, first_epoch=first_epoch)


def losing(state: CircleState, before: Member, after: Member) -> CircleState:
    """Return the state with every stream due whose keys `before` was entitled to and `after` is not."""
    streams = dict(state.streams)
    for stream in Stream:
        lost = before.reads(stream) and not after.reads(stream)
        lost |= escrowed(before, stream) and not escrowed(after, stream)
        if lost and streams[stream].current:
            streams[stream] = replace(streams[stream], due=True)
    return replace(state, streams=streams)


def escrowed(member: Member, stream: Stream) -> bool:
    """Whether a stream's keys may lie ready at the relay for a member on call."""
    return member.active and member.emergency and stream in ESCROWED


def with_member(state: CircleState, member: Member) -> CircleState:
    """Return the state with this member in it."""
    return replace(state, members={**state.members, member.account: member})
