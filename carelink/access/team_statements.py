"""What a team of carers says of itself, and the statements that it brings (PROTOCOL.md, "Teams").

A team has a registry of its own. In a circle it is one member: what the circle knows of it is what the
team announces, signed by the key of its roster.
"""

from __future__ import annotations

from typing import Final

import msgspec

from carelink.access.parts import Count, EpochOpening, SealedCut, SignedCertificate

MAX_CARDS: Final = 200
MAX_MOVES: Final = 16


class TeamEpoch(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a team announces when its keys change: the next one follows this one.

    Attributes:
        team: The team's id, which is that of its registry.
        serial: 1 for the first, then one more each time.
        number: Epoch of the key pair that letters to the team are for.
        hpke_key: Its public key.
        roster_number: Epoch of the key that signs for the team.
        roster_key: Ed25519 public key.
        name_hash: SHA-256 of salt and name; the salt travels in sealed parts only.
        gone: Accounts that left the team since the announcement before.
    """

    suite: int
    team: bytes
    serial: Count
    number: Count
    hpke_key: bytes
    roster_number: Count
    roster_key: bytes
    name_hash: bytes
    gone: tuple[bytes, ...]


class SignedTeamEpoch(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An announcement's exact bytes, signed by its roster key and by the one before where that changed."""

    body: bytes
    signature: bytes
    previous: bytes = b""


class RosterCard(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a team says of one of its people; it counts under the announcement of that serial alone."""

    suite: int
    team: bytes
    serial: Count
    account_key: bytes
    name_hash: bytes


class SignedCard(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A card's exact bytes, signed by the roster key of its announcement."""

    body: bytes
    signature: bytes


class Announce(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """In the team's registry: its new keys, and the cards of those who have none under them."""

    epoch: SignedTeamEpoch | None
    cards: tuple[SignedCard, ...]


class Enrol(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """In a circle: someone of a team of it is named before they first write there.

    Attributes:
        moves: What the team announced since the circle last heard.
        certificates, retired: As of `Newcomer`.
    """

    team: bytes
    card: SignedCard
    certificates: tuple[SignedCertificate, ...]
    retired: tuple[bytes, ...] = ()
    moves: tuple[SignedTeamEpoch, ...] = ()
    epochs: tuple[EpochOpening, ...] = ()
    cuts: tuple[SealedCut, ...] = ()


class MoveTeam(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """In a circle: it follows a team to its newer keys, and lets go of those who left the team."""

    team: bytes
    moves: tuple[SignedTeamEpoch, ...]
    epochs: tuple[EpochOpening, ...] = ()
    cuts: tuple[SealedCut, ...] = ()


_epochs = msgspec.msgpack.Decoder(TeamEpoch)
_cards = msgspec.msgpack.Decoder(RosterCard)


def decode_team_epoch(body: bytes) -> TeamEpoch:
    """Read an announcement; its signatures are checked elsewhere.

    Raises:
        ValueError: The bytes are not one.
    """
    try:
        return _epochs.decode(body)
    except msgspec.MsgspecError as error:
        raise ValueError("not an announcement") from error


def decode_card(body: bytes) -> RosterCard:
    """Read a card; its signature is checked elsewhere.

    Raises:
        ValueError: The bytes are not one.
    """
    try:
        return _cards.decode(body)
    except msgspec.MsgspecError as error:
        raise ValueError("not a card") from error
