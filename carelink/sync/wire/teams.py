"""The signatures that a team's word hangs on: its roster key's, and that of the one before."""

from __future__ import annotations

from collections.abc import Sequence

from carelink.access.registry import CircleState
from carelink.access.statements import Add, Announce, Enrol, MoveTeam, Public
from carelink.access.team_statements import SignedCard, SignedTeamEpoch, decode_team_epoch
from carelink.crypto.primitives import SignatureKind, verify


def team_signed(state: CircleState | None, public: Public | None) -> bool:
    """Tell whether all that a statement brings of a team is signed as it must be."""
    match public:
        case Add() if public.member.team is not None:
            return _follow(b"", public.member.team) is not None
        case Announce():
            return _announced(state, public)
        case MoveTeam(team, moves):
            return _moved(state, team, moves) is not None
        case Enrol():
            key = _moved(state, public.team, public.moves)
            return key is not None and _carded(key, (public.card,))
        case _:
            return True


def _announced(state: CircleState | None, announce: Announce) -> bool:
    known = None if state is None or not state.announced else state.announced[-1]
    key = b"" if known is None else decode_team_epoch(known.body).roster_key
    if announce.epoch is not None:
        followed = _follow(key, announce.epoch)
        if followed is None:
            return False
        key = followed
    return _carded(key, announce.cards)


def _moved(state: CircleState | None, team: bytes, moves: Sequence[SignedTeamEpoch]) -> bytes | None:
    """Return the roster key that a circle knows of a team once it followed, or None."""
    member = None if state is None else state.members.get(team)
    if member is None or member.team is None:
        return None
    key: bytes | None = member.team.roster_key
    for signed in moves:
        key = None if key is None else _follow(key, signed)
    return key


def _follow(known: bytes, signed: SignedTeamEpoch) -> bytes | None:
    """Return the roster key of an announcement that is signed by it, and by the one known before."""
    try:
        key = decode_team_epoch(signed.body).roster_key
    except ValueError:
        return None
    if not verify(SignatureKind.TEAM_EPOCH, key, signed.signature, signed.body):
        return None
    if known and known != key:
        by_previous = verify(SignatureKind.TEAM_EPOCH, known, signed.previous, signed.body)
        return key if by_previous else None
    return key


def _carded(key: bytes, cards: Sequence[SignedCard]) -> bool:
    return all(verify(SignatureKind.ROSTER_CARD, key, card.signature, card.body) for card in cards)
