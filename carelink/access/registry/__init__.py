"""The rules of membership: one pure function that clients and relay run on the same chain.

`apply(state, statement)` gives the next state or says why the statement does not count. Dates and
clocks never change its result (PROTOCOL.md, "The registry of a circle").
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from carelink.access.compartments import Stream
from carelink.access.registry.decisions import (
    denied,
    granted,
    in_force,
    lapsed,
    may_decide,
    may_lift,
)
from carelink.access.registry.devices import (
    HPKE_PUBLIC_BYTES,
    ID_BYTES,
    KEY_BYTES,
    device_added,
    devices_revoked,
)
from carelink.access.registry.emergency import (
    LONGEST_EMERGENCY_MS,
    MAX_EMERGENCY_REASON,
    glass_broken,
    may_oppose,
    opposed,
)
from carelink.access.registry.membership import (
    added,
    created,
    ended,
    may_change,
    removed,
    role_changed,
    vouched,
    wished,
)
from carelink.access.registry.rights import ESCROWED, escrowed, stream_named
from carelink.access.registry.state import (
    CircleState,
    Denied,
    Epoch,
    Granted,
    Member,
    Reason,
    Refusal,
    RefusedError,
    StreamState,
    TeamKeys,
    require,
)
from carelink.access.registry.teams import (
    announced,
    departed,
    enrolled,
    excludes,
    follow,
    in_force_in,
    moved,
    needs_announcing,
    through_teams,
    uncarded,
)
from carelink.access.statements import (
    SUITE,
    ZERO_HASH,
    Add,
    AddDevice,
    Announce,
    BreakGlass,
    ChangeRole,
    Create,
    Decision,
    Deny,
    Enrol,
    EpochOpening,
    Expire,
    Grant,
    Leave,
    MoveTeam,
    OpenEpochs,
    OpposeEmergency,
    Public,
    Remove,
    RevokeDevices,
    SealedCut,
    Statement,
    StatementBody,
    Succeed,
    Vouch,
    circle_id_of,
)

__all__ = [
    "ESCROWED",
    "HPKE_PUBLIC_BYTES",
    "LONGEST_EMERGENCY_MS",
    "MAX_EMERGENCY_REASON",
    "CircleState",
    "Denied",
    "Epoch",
    "Granted",
    "Member",
    "Reason",
    "Refusal",
    "StreamState",
    "TeamKeys",
    "apply",
    "cuts_of",
    "departed",
    "escrowed",
    "excludes",
    "in_force",
    "in_force_in",
    "may_change",
    "may_decide",
    "may_lift",
    "may_oppose",
    "needs_announcing",
    "openings_of",
    "through_teams",
    "uncarded",
]


# What may be said in a team's registry, where nobody is cared for.
_OF_TEAMS: Final = (
    Add | ChangeRole | Remove | Leave | AddDevice | RevokeDevices | OpenEpochs | Expire | Succeed | Announce
)


def apply(state: CircleState | None, statement: Statement) -> CircleState | Refusal:
    """Return the state after `statement`, or why it does not count.

    Signatures are verified by the caller, over the exact bytes, before this is asked.
    """
    body = statement.body
    try:
        require(body.suite == SUITE, Reason.MALFORMED)
        if state is None:
            return _create(statement)
        require(body.circle == state.circle, Reason.WRONG_CIRCLE)
        require(body.height == state.height + 1, Reason.WRONG_POSITION)
        require(body.previous == state.head, Reason.WRONG_POSITION)
        if isinstance(statement.public, Enrol):
            require(not state.team, Reason.FORBIDDEN_RIGHTS)
            after = enrolled(state, statement.public, body)
        else:
            author = state.member_of(body.device)
            # A team says nothing by itself: its "device" takes letters and signs nothing.
            if author is None or not author.active or author.team is not None:
                raise RefusedError(Reason.UNKNOWN_DEVICE)
            if statement.public is None:
                raise RefusedError(Reason.UNKNOWN_KIND)
            require(not state.team or isinstance(statement.public, _OF_TEAMS), Reason.FORBIDDEN_RIGHTS)
            after = _changed(state, author, body, statement.public)
        after = follow(after, body.height)
        # Whoever opens an epoch is entitled to it after the statement.
        opener = after.members[after.owners[body.device]]
        after = _open(after, opener, openings_of(statement.public), body)
        _require_cuts(after, cuts_of(statement.public))
        return replace(after, height=body.height, head=statement.digest)
    except RefusedError as refused:
        return Refusal(refused.reason)


def openings_of(public: Public | None) -> tuple[EpochOpening, ...]:
    """Return the epochs that a statement opens."""
    match public:
        case (
            Create()
            | Add()
            | ChangeRole()
            | Grant()
            | Deny()
            | Remove()
            | AddDevice()
            | RevokeDevices()
            | OpenEpochs()
            | Enrol()
            | MoveTeam()
        ):
            return public.epochs
        case _:
            return ()


def cuts_of(public: Public | None) -> tuple[SealedCut, ...]:
    """Return the cuts that a statement makes in the feeds of those who lose a right."""
    match public:
        case ChangeRole() | Deny() | Remove() | RevokeDevices() | OpenEpochs() | Enrol() | MoveTeam():
            return public.cuts
        case _:
            return ()


def _create(statement: Statement) -> CircleState:
    body, public = statement.body, statement.public
    if not isinstance(public, Create):
        raise RefusedError(Reason.WRONG_POSITION)
    require(body.circle == b"" and body.height == 0 and body.previous == ZERO_HASH, Reason.WRONG_POSITION)
    require(len(public.nonce) == ID_BYTES, Reason.MALFORMED)
    creator = created(public.creator, team=public.team)
    require(body.device in creator.devices, Reason.UNKNOWN_DEVICE)
    require(creator.runs_circle, Reason.NOT_ENTITLED)
    state = CircleState(
        circle=circle_id_of(statement.digest),
        height=0,
        head=statement.digest,
        members={creator.account: creator},
        owners=dict.fromkeys(creator.devices, creator.account),
        streams={stream: StreamState() for stream in Stream},
        team=public.team,
    )
    return _open(state, creator, public.epochs, body)


def _changed(state: CircleState, author: Member, body: StatementBody, public: Public) -> CircleState:
    match public:
        case Create() | Enrol():
            raise RefusedError(Reason.WRONG_POSITION)
        case OpenEpochs(epochs):
            require(len(epochs) > 0, Reason.MALFORMED)
            return state
        case Decision():
            require(author.runs_circle or author.writes(Stream.CARE), Reason.NOT_ENTITLED)
            return state
        case AddDevice():
            return device_added(state, author, body.device, public)
        case RevokeDevices():
            target = state.members.get(public.account)
            entitled = target is not None and may_change(author, target)
            return devices_revoked(state, author, body.device, public, may_change=entitled)
        case Grant():
            return granted(state, author, public)
        case Deny():
            return denied(state, author, public)
        case BreakGlass():
            return glass_broken(state, author, public, body.time)
        case OpposeEmergency():
            return opposed(state, author, public)
        case _:
            return _with_stays(state, author, body, public)


def _with_stays(
    state: CircleState,
    author: Member,
    body: StatementBody,
    public: Add | Vouch | ChangeRole | Remove | Leave | Expire | Succeed | Announce | MoveTeam,
) -> CircleState:
    match public:
        case Add():
            return added(state, author, public, body.height)
        case Vouch():
            return vouched(state, author, public)
        case ChangeRole():
            return role_changed(state, author, public)
        case Remove(account):
            return removed(state, author, account, body.height)
        case Leave():
            # Whoever is here through a team leaves with it.
            require(not author.through, Reason.NOT_ENTITLED)
            return ended(state, author, body.height)
        case Expire():
            return _expired(state, body, public)
        case Succeed(account):
            return wished(state, author, account)
        case Announce():
            return announced(state, author, public, body.height)
        case MoveTeam(team, moves):
            return moved(state, team, moves, body.height)


def _expired(state: CircleState, body: StatementBody, expire: Expire) -> CircleState:
    if expire.stream:
        return lapsed(state, expire.account, expire.stream, body.time)
    member = state.members.get(expire.account)
    if member is None or not member.active:
        raise RefusedError(Reason.NOT_A_MEMBER)
    require(not member.through, Reason.NOT_ENTITLED)
    require(member.until is not None and body.time >= member.until, Reason.NOT_ENTITLED)
    return ended(state, member, body.height)


def _open(
    state: CircleState, opener: Member, epochs: tuple[EpochOpening, ...], body: StatementBody
) -> CircleState:
    streams = dict(state.streams)
    for opening in epochs:
        stream = stream_named(opening.stream)
        require(opener.writes(stream) and opener.reads(stream), Reason.NOT_ENTITLED)
        # A device that the statement revoked opens nothing.
        require(body.device in opener.devices, Reason.NOT_ENTITLED)
        known = streams[stream]
        require(opening.number == known.current + 1, Reason.WRONG_EPOCH)
        require(len(opening.commitment) == KEY_BYTES, Reason.MALFORMED)
        wanted = HPKE_PUBLIC_BYTES if stream.is_write_only_for_most else 0
        wanted = KEY_BYTES if stream is Stream.ROSTER else wanted
        require(len(opening.public_key) == wanted, Reason.MALFORMED)
        epoch = Epoch(opening.number, opening.commitment, opening.public_key, body.height, body.device)
        streams[stream] = StreamState((*known.epochs, epoch), due=False)
    return replace(state, streams=streams)


def _require_cuts(state: CircleState, cuts: tuple[SealedCut, ...]) -> None:
    for cut in cuts:
        known = state.streams[stream_named(cut.stream)]
        require(1 <= cut.epoch <= known.current, Reason.WRONG_EPOCH)
