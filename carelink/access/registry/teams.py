"""Teams: what they announce, how circles follow, and who is in a circle through one.

A team is one member of a circle. Its people have its rights there without a statement each; who writes
is enrolled first, by name, and loses what the circle closes to them alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from carelink.access.compartments import Stream
from carelink.access.registry.decisions import in_force
from carelink.access.registry.devices import KEY_BYTES, certified_devices
from carelink.access.registry.membership import ended
from carelink.access.registry.rights import followed, with_member
from carelink.access.registry.state import CircleState, Member, Reason, RefusedError, TeamKeys, require
from carelink.access.registry.team_members import announcement, keys_of, mailbox
from carelink.access.statements import MAX_DEVICES, SUITE, StatementBody
from carelink.access.team_statements import (
    MAX_CARDS,
    MAX_MOVES,
    Announce,
    Enrol,
    RosterCard,
    SignedCard,
    SignedTeamEpoch,
    decode_card,
    decode_team_epoch,
)


def announced(state: CircleState, author: Member, announce: Announce, height: int) -> CircleState:
    """Take in what a team says of itself: its keys as its own registry has them, and its people's cards."""
    require(state.team and author.coordinator, Reason.NOT_ENTITLED)
    require(len(announce.cards) <= MAX_CARDS, Reason.MALFORMED)
    require(announce.epoch is not None or bool(announce.cards), Reason.NOTHING_CHANGES)
    if announce.epoch is not None:
        _require_true(state, announce.epoch)
        state = replace(state, announced=(*state.announced, announce.epoch), cards={}, announced_at=height)
    require(bool(state.announced), Reason.WRONG_POSITION)
    serial = decode_team_epoch(state.announced[-1].body).serial
    cards = dict(state.cards)
    for signed in announce.cards:
        card = _card(signed)
        require(card.team == state.circle and card.serial == serial, Reason.MALFORMED)
        member = _of_key(state, card.account_key)
        names = {certificate.name_hash for certificate in member.devices.values()}
        require(card.name_hash in names, Reason.MALFORMED)
        cards[member.account] = signed
    return replace(state, cards=cards)


def departed(state: CircleState) -> set[bytes]:
    """Return the accounts that left a team since its last announcement."""
    return {
        member.account
        for member in state.members.values()
        if member.ended is not None and member.ended > state.announced_at
    }


def needs_announcing(state: CircleState) -> bool:
    """Whether a team's keys are others than those that it announced, and settled."""
    keys, roster = state.streams[Stream.TEAM_KEY], state.streams[Stream.ROSTER]
    if not (keys.current and roster.current) or keys.due or roster.due:
        return False
    if not state.announced:
        return True
    last = decode_team_epoch(state.announced[-1].body)
    return (last.number, last.roster_number) != (keys.current, roster.current)


def uncarded(state: CircleState) -> list[Member]:
    """Return the people of a team who have no card under its last announcement."""
    return [member for member in state.active_members() if member.account not in state.cards]


def enrolled(state: CircleState, enrol: Enrol, body: StatementBody) -> CircleState:
    """Name someone of a team before they write, at the devices that they bring."""
    if enrol.moves:
        state = moved(state, enrol.team, enrol.moves, body.height)
    team, keys = _team(state, enrol.team)
    card = _card(enrol.card)
    require(card.team == team.account and card.serial == keys.serial, Reason.NOT_ENTITLED)
    account, devices = certified_devices(enrol.certificates, enrol.retired)
    require(body.device in devices, Reason.UNKNOWN_DEVICE)
    require(
        all(
            (known.account_key, known.name_hash) == (card.account_key, card.name_hash)
            for known in devices.values()
        ),
        Reason.NOT_ENTITLED,
    )
    before = state.members.get(account)
    active = before is not None and before.active
    if before is not None and active:
        # Whoever is here on their own stays so; whoever is enrolled may come with more devices.
        require(before.through == team.account, Reason.ALREADY_MEMBER)
        fresh = {device: known for device, known in devices.items() if device not in before.devices}
        require(bool(fresh) and not any(device in state.owners for device in fresh), Reason.ALREADY_MEMBER)
        devices = {**before.devices, **fresh}
        require(len(devices) <= MAX_DEVICES, Reason.MALFORMED)
    require(all(state.owners.get(device, account) == account for device in devices), Reason.ALREADY_MEMBER)
    member = _through(team, account)
    member = replace(
        member,
        devices=devices,
        denials={} if before is None else before.denials,
        since=before.since if before is not None and active else body.height,
        certified_by=before.certified_by if before is not None and active else {},
    )
    state = with_member(state, followed(member, team))
    return replace(state, owners={**state.owners, **dict.fromkeys(devices, account)})


def moved(state: CircleState, team_id: bytes, moves: tuple[SignedTeamEpoch, ...], height: int) -> CircleState:
    """Follow a team to newer keys: whoever left it is here no more, and what it reads is due."""
    team, keys = _team(state, team_id)
    require(0 < len(moves) <= MAX_MOVES, Reason.MALFORMED)
    first, gone = keys.number, set[bytes]()
    mail = dict(team.devices)
    for signed in moves:
        epoch = announcement(signed)
        require(
            epoch.team == team_id
            and epoch.serial == keys.serial + 1
            and epoch.number >= keys.number
            and epoch.roster_number >= keys.roster_number
            and epoch.name_hash == keys.name_hash,
            Reason.WRONG_POSITION,
        )
        keys, mail = keys_of(epoch), mailbox(epoch)
        gone |= set(epoch.gone)
    state = with_member(state, replace(team, team=keys, devices=mail))
    if keys.number > first:
        streams = {
            stream: replace(known, due=True) if known.current and team.reads(stream) else known
            for stream, known in state.streams.items()
        }
        state = replace(state, streams=streams)
    for account in sorted(gone):
        member = state.members.get(account)
        if member is not None and member.active and member.through == team_id:
            state = ended(state, member, height)
    return state


def follow(state: CircleState, height: int) -> CircleState:
    """Let everybody who is here through a team have what it has by now."""
    for member in [m for m in state.active_members() if m.through]:
        team = state.members[member.through]
        after = followed(member, team)
        if not team.active:
            state = ended(state, member, height)
        elif after != member:
            state = with_member(state, after)
    return state


def through_teams(state: CircleState, teams: Iterable[CircleState], device: bytes) -> CircleState:
    """Return a circle's state with the owner of a device in it as their teams let them be.

    Whoever is in the circle on their own stays so. Whoever left the team that they are enrolled through
    is here no more, although the circle has yet to say so.

    Args:
        state: The circle as its chain has it.
        teams: Registries of teams, as far as they are known.
        device: Whose rights are asked after.
    """
    if state.team:
        return state
    own = state.member_of(device)
    if own is not None and own.active and not own.through:
        return state
    known_teams = {team.circle: team for team in teams}
    if own is not None and own.active and own.through in known_teams:
        person = known_teams[own.through].members.get(own.account)
        if person is None or device not in person.devices:
            # Revoked in the team, by its owner or by who coordinates it.
            left = {known: certificate for known, certificate in own.devices.items() if known != device}
            return with_member(state, replace(own, devices=left))
    for _, team_state in sorted(known_teams.items()):
        team = state.members.get(team_state.circle)
        person = team_state.member_of(device)
        if person is None or team is None or team.team is None:
            continue
        known = state.members.get(person.account)
        if known is not None and known.active and known.through not in {b"", team.account}:
            continue
        if known is not None and known.active and not known.through:
            return state
        if not (person.active and team.active):
            gone = known or replace(_through(team, person.account), devices=person.devices)
            if gone.active:
                gone = followed(replace(gone, ended=state.height), team)
                owners = {**state.owners, **dict.fromkeys(gone.devices, gone.account)}
                state = replace(with_member(state, gone), owners=owners)
            continue
        member = _through(team, person.account)
        if known is not None:
            member = replace(member, denials=known.denials, since=known.since)
        member = followed(replace(member, devices=person.devices), team)
        owners = {**state.owners, **dict.fromkeys(person.devices, person.account)}
        return replace(with_member(state, member), owners=owners)
    return state


def in_force_in(state: CircleState, member: Member, now: int) -> Member | None:
    """Return a member as the relay serves them at a time, by their own dates or those of their team."""
    if not member.through:
        return in_force(member, now)
    team = in_force(state.members[member.through], now)
    return None if team is None or not member.active else followed(member, team)


def excludes(state: CircleState, team: bytes, stream: Stream) -> bool:
    """Whether a volet is closed to someone of a team, so that its keys go to the others one by one."""
    closed = Stream.CARE if stream is Stream.CARE_INBOX else stream
    return any(m.through == team and closed in m.denials for m in state.active_members())


def _through(team: Member, account: bytes) -> Member:
    return Member(
        account=account,
        devices={},
        role_rights=team.role_rights,
        rights={},
        coordinator=False,
        patient_side=False,
        patient=False,
        invites=False,
        until=team.until,
        since=team.since,
        through=team.account,
    )


def _team(state: CircleState, team_id: bytes) -> tuple[Member, TeamKeys]:
    team = state.members.get(team_id)
    if team is None or not team.active or team.team is None:
        raise RefusedError(Reason.NOT_A_MEMBER)
    return team, team.team


def _card(signed: SignedCard) -> RosterCard:
    try:
        card = decode_card(signed.body)
    except ValueError:
        raise RefusedError(Reason.MALFORMED) from None
    require(card.suite == SUITE and len(card.account_key) == KEY_BYTES, Reason.MALFORMED)
    return card


def _of_key(state: CircleState, account_key: bytes) -> Member:
    for member in state.active_members():
        if any(certificate.account_key == account_key for certificate in member.devices.values()):
            return member
    raise RefusedError(Reason.NOT_A_MEMBER)


def _require_true(state: CircleState, signed: SignedTeamEpoch) -> None:
    """Require an announcement to say what the team's registry says, and to be called for."""
    epoch = announcement(signed)
    require(needs_announcing(state), Reason.NOTHING_CHANGES)
    keys, roster = state.streams[Stream.TEAM_KEY].epochs[-1], state.streams[Stream.ROSTER].epochs[-1]
    last = decode_team_epoch(state.announced[-1].body) if state.announced else None
    require(
        epoch.team == state.circle
        and epoch.serial == len(state.announced) + 1
        and (epoch.number, epoch.hpke_key) == (keys.number, keys.public_key)
        and (epoch.roster_number, epoch.roster_key) == (roster.number, roster.public_key)
        and (last is None or epoch.name_hash == last.name_hash)
        and set(epoch.gone) == (set() if last is None else departed(state)),
        Reason.WRONG_EPOCH,
    )
