"""A team from the inside and in its circles: announcing it, following it, being named before writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState, Member, departed, needs_announcing, uncarded
from carelink.access.statements import SUITE, Announce, Enrol, MoveTeam, SignedCertificate, SignedTeamEpoch
from carelink.access.team_statements import (
    MAX_CARDS,
    MAX_MOVES,
    RosterCard,
    SignedCard,
    TeamEpoch,
    decode_card,
    decode_team_epoch,
)
from carelink.crypto.keys import name_hash
from carelink.crypto.primitives import SignatureKind, sign
from carelink.records.patient import MemberCard, TeamIdentity
from carelink.records.transfer import CardRow
from carelink.sync.exchange.context import Context
from carelink.sync.exchange.named import named_certificates
from carelink.sync.store import Transaction


def announcement(tx: Transaction, state: CircleState, me: Member) -> Announce | None:
    """Return what a team has yet to say of itself, where it falls to us who coordinate it."""
    keys, roster = tx.keys(state.circle), state.streams[Stream.ROSTER]
    seed = keys.get((Stream.ROSTER, roster.current))
    if not state.team or not me.coordinator or seed is None:
        return None
    serial, epoch = len(state.announced), None
    people: Sequence[Member] = uncarded(state)
    if needs_announcing(state):
        epoch = _epoch(tx, state, seed)
        if epoch is None:
            return None
        serial, people = serial + 1, list(state.active_members())
    elif not (people and state.announced):
        return None
    cards = tuple(_card(state.circle, serial, member, seed) for member in people[:MAX_CARDS])
    return Announce(epoch, cards)


def _epoch(tx: Transaction, state: CircleState, seed: bytes) -> SignedTeamEpoch | None:
    stored = tx.patient(state.circle)
    if stored is None:
        return None
    identity = msgspec.msgpack.decode(stored, type=TeamIdentity)
    last = decode_team_epoch(state.announced[-1].body) if state.announced else None
    current, roster = state.streams[Stream.TEAM_KEY].epochs[-1], state.streams[Stream.ROSTER].epochs[-1]
    body = msgspec.msgpack.encode(
        TeamEpoch(
            suite=SUITE,
            team=state.circle,
            serial=len(state.announced) + 1,
            number=current.number,
            hpke_key=current.public_key,
            roster_number=roster.number,
            roster_key=roster.public_key,
            name_hash=name_hash(identity.salt, identity.display),
            gone=tuple(sorted(departed(state))) if last is not None else (),
        )
    )
    previous = b""
    if last is not None and last.roster_number != roster.number:
        before = tx.keys(state.circle).get((Stream.ROSTER, last.roster_number))
        if before is None:
            return None
        previous = sign(SignatureKind.TEAM_EPOCH, before, body)
    return SignedTeamEpoch(body, sign(SignatureKind.TEAM_EPOCH, seed, body), previous)


def _card(team: bytes, serial: int, member: Member, seed: bytes) -> SignedCard:
    certificate = next(iter(member.devices.values()))
    body = msgspec.msgpack.encode(
        RosterCard(SUITE, team, serial, certificate.account_key, certificate.name_hash)
    )
    return SignedCard(body, sign(SignatureKind.ROSTER_CARD, seed, body))


def moves_for(context: Context, tx: Transaction, team: Member) -> tuple[SignedTeamEpoch, ...]:
    """Return what a team in a circle announced since the circle heard, as far as we know."""
    if team.team is None:
        return ()
    known = team.team.serial
    own = context.team(tx, team.account)
    if own is not None:
        return own.announced[known : known + MAX_MOVES]
    news = context.news.get(team.account)
    if news is None or news.after > known:
        return ()
    return news.moves[known - news.after :][:MAX_MOVES]


def following(context: Context, tx: Transaction, state: CircleState) -> MoveTeam | None:
    """Return the statement by which a circle follows the first team that is ahead of it."""
    for member in state.active_members():
        moves = moves_for(context, tx, member)
        if moves:
            return MoveTeam(member.account, moves)
    return None


def enrolment(context: Context, tx: Transaction, state: CircleState) -> tuple[Enrol, MemberCard] | None:
    """Return the statement that names our device in a circle where we are by our team, if it lacks it.

    None as well while our card, or the circle's own key, has yet to come.
    """
    circle = state.circle
    named = state.member_of(context.device)
    seen = context.seen(tx, circle)
    me = None if seen is None else seen.member_of(context.device)
    if (named is not None and named.active) or me is None or not me.active or not me.through:
        return None
    team, keys = context.team(tx, me.through), state.members[me.through].team
    if (
        team is None
        or keys is None
        or not tx.keys(circle).get((Stream.REGISTRY, state.streams[Stream.REGISTRY].current))
    ):
        return None
    card, moves = team.cards.get(context.account), moves_for(context, tx, state.members[me.through])
    if card is None or decode_card(card.body).serial != keys.serial + len(moves):
        return None
    own = _card_row(tx.cards(me.through), context.account)
    of_team = _card_row(tx.cards(circle), me.through)
    if own is None or of_team is None:
        return None
    line = _line(named_certificates(tx, me.through), context.device)
    person = team.member_of(context.device)
    counting = set() if person is None else set(person.devices)
    public = Enrol(
        team=me.through,
        card=card,
        certificates=tuple(line.values()),
        retired=tuple(device for device in line if device not in counting),
        moves=moves,
    )
    part = MemberCard(
        name=own.name,
        name_salt=own.name_salt,
        role=of_team.role,
        functions=(),
        profession=own.profession,
        rpps=own.rpps,
        relation="",
        invited_by=me.through,
    )
    return public, part


def _line(known: Mapping[bytes, SignedCertificate], device: bytes) -> dict[bytes, SignedCertificate]:
    """Return a device's certificate after those of all that vouch for it."""
    line: dict[bytes, SignedCertificate] = {}
    while device and device in known and device not in line:
        line = {device: known[device], **line}
        device = known[device].signer
    return line


def own_card(team_cards: Sequence[CardRow], circle_cards: Sequence[CardRow], me: Member) -> CardRow | None:
    """Return what the circle would say of us who are there by our team, before it names us."""
    own, of_team = _card_row(team_cards, me.account), _card_row(circle_cards, me.through)
    if own is None or of_team is None:
        return None
    return replace(
        own,
        role=of_team.role,
        functions=(),
        relation="",
        invited_by=me.through,
        consistent=own.consistent and of_team.consistent,
    )


def _card_row(cards: Sequence[CardRow], account: bytes) -> CardRow | None:
    return next((card for card in cards if card.account == account), None)
