"""Teams at the relay: what a circle says of one is what the team's own registry says.

A circle that has yet to follow a team to its newer keys takes nothing more: somebody who left the team
holds the older ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState
from carelink.access.statements import Add, Enrol, MoveTeam, Statement, decode_certificate
from carelink.access.team_statements import SignedTeamEpoch, decode_team_epoch
from carelink.hub.hub import Hub
from carelink.hub.problems import require
from carelink.sync.wire.api import ProblemCode, TeamNews

Teams = Mapping[bytes, CircleState]


async def require_told_by_team(hub: Hub, connection: AsyncConnection, statement: Statement) -> None:
    """Refuse a statement about a team that its registry, here, does not bear out."""
    match statement.public:
        case Add(member) if member.team is not None:
            # Decoded when the statement was applied.
            state = await hub.circles.state(connection, _team_of(member.team))
            moves: tuple[SignedTeamEpoch, ...] = (member.team,)
        case MoveTeam(team, moves):
            state = await hub.circles.state(connection, team)
        case Enrol() as enrol:
            state, moves = await hub.circles.state(connection, enrol.team), enrol.moves
        case _:
            return
    require(state is not None and state.team, ProblemCode.REFUSED, "team")
    require(state is not None and set(moves) <= set(state.announced), ProblemCode.REFUSED, "announcement")
    if isinstance(statement.public, Enrol):
        brought = {decode_certificate(one.body).device for one in statement.public.certificates}
        brought -= set(statement.public.retired)
        person = None if state is None else state.member_of(statement.body.device)
        require(
            person is not None and person.active and brought <= set(person.devices),
            ProblemCode.REFUSED,
            "roster",
        )


def stale_streams(state: CircleState, teams: Teams) -> set[Stream]:
    """Return the streams that take nothing until the circle has followed its teams."""
    return {
        stream
        for member in state.active_members()
        if member.team is not None and member.account in teams
        if member.team.serial < len(teams[member.account].announced)
        for stream in Stream
        if member.reads(stream)
    }


def is_stale(state: CircleState, recipient: bytes, teams: Teams) -> bool:
    """Whether a letter is for a team under keys that the team has left behind."""
    member = state.members.get(recipient)
    team = teams.get(recipient)
    known = None if member is None else member.team
    return known is not None and team is not None and known.serial < len(team.announced)


def news_of(states: Iterable[CircleState], teams: Teams) -> tuple[TeamNews, ...]:
    """Return what circles have yet to follow, once for each team."""
    behind: dict[bytes, int] = {}
    for state in states:
        for member in state.active_members():
            if member.team is not None and is_stale(state, member.account, teams):
                behind[member.account] = min(
                    member.team.serial, behind.get(member.account, member.team.serial)
                )
    return tuple(TeamNews(team, serial, teams[team].announced[serial:]) for team, serial in behind.items())


def reached_by(hub: Hub, devices: Iterable[bytes], apart: Iterable[bytes] = ()) -> set[bytes]:
    """Return devices with those of the teams among them; people who listen had their team read here.

    Args:
        hub: The relay.
        devices: Ids of devices and teams.
        apart: Accounts that are told of by themselves, or not at all.
    """
    reached, left_out = set[bytes](), set(apart)
    for device in devices:
        team = hub.circles.known(device)
        if team is None or not team.team:
            reached.add(device)
            continue
        for member in team.active_members():
            if member.account not in left_out:
                reached |= set(member.devices)
    return reached


def _team_of(signed: SignedTeamEpoch) -> bytes:
    return decode_team_epoch(signed.body).team
