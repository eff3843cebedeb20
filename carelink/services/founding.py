"""Making a circle in the vault: its first statement, its keys, its creator's card; nothing is sent yet."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import msgspec

from carelink.access.compartments import Right, Stream
from carelink.access.roles import Function, Role
from carelink.access.statements import Create, Newcomer, circle_id_of, statement_hash
from carelink.errors import BugError
from carelink.records.patient import GenesisPart, MemberCard, PatientIdentity, TeamIdentity, TeamPart
from carelink.records.transfer import CardRow
from carelink.services.certificates import carried
from carelink.services.session import Session, Stores
from carelink.sync.chain import Chain
from carelink.sync.exchange.membership import new_epoch, signed_statement
from carelink.sync.sealed_parts import seal_part


@dataclass(frozen=True, slots=True)
class FoundingTerms:
    """As what someone founds a circle.

    Attributes:
        rights: Public bits of the role with its functions.
        relation: What the creator is to the person, in words shown beside the name.
    """

    role: Role
    functions: tuple[Function, ...]
    rights: tuple[tuple[str, int], ...]
    relation: str


def found_circle(
    session: Session,
    stores: Stores,
    relay: int,
    whom: PatientIdentity | TeamIdentity,
    terms: FoundingTerms,
) -> bytes:
    """Put a new circle, or a new team, into the vault, to be proposed to its relay at the next exchange.

    Args:
        session: Who founds it.
        stores: In a write transaction: several circles may be founded in one.
        relay: Row of the relay.
        whom: Who it is for, or what a team is called whose registry begins.
        terms: As what the account founds it.

    Returns:
        The circle's id.
    """
    held = {Stream(stream) for stream, bits in terms.rights if bits == Right.READ_WRITE}
    epochs = {stream: new_epoch(stream, 1) for stream in Stream if stream in held}
    devices = carried(session, stores)
    public = Create(
        nonce=secrets.token_bytes(16),
        creator=Newcomer(
            certificates=devices.certificates,
            rights=terms.rights,
            coordinator=Function.COORDINATOR in terms.functions,
            patient_side=terms.role.is_patient_side,
            patient=terms.role is Role.PATIENT,
            invites=True,
            until=None,
            history=True,
            retired=devices.retired,
        ),
        epochs=tuple(epoch.opening for epoch in epochs.values()),
        team=isinstance(whom, TeamIdentity),
    )
    card = MemberCard(
        name=session.name,
        name_salt=session.name_salt,
        role=terms.role,
        functions=terms.functions,
        profession=session.profession,
        rpps=session.rpps,
        relation=terms.relation,
        invited_by=b"",
    )
    now = session.clock()
    part = TeamPart(whom, card) if isinstance(whom, TeamIdentity) else GenesisPart(whom, card)
    sealed = seal_part(part, epochs[Stream.REGISTRY].secret, 0)
    signed = signed_statement(session.keys, None, public, sealed, now)
    genesis = statement_hash(signed.body)
    circle = circle_id_of(genesis)
    row = Chain().extended(signed, genesis)
    if row is None:
        raise BugError("a new circle is refused by its own rules")
    stores.add_circle(circle, relay, genesis, "proposed", now, team=public.team)
    stores.add_statement(circle, row, now)
    stores.mark_opened(circle, 0)
    for stream, epoch in epochs.items():
        stores.add_key(circle, stream, 1, epoch.secret)
    stores.set_patient(circle, msgspec.msgpack.encode(whom))
    stores.add_card(circle, _card_row(session, card, now))
    return circle


def _card_row(session: Session, card: MemberCard, now: int) -> CardRow:
    return CardRow(
        account=session.account,
        height=0,
        name=card.name,
        role=card.role,
        functions=card.functions,
        profession=card.profession,
        rpps=card.rpps,
        relation=card.relation,
        invited_by=b"",
        since=now,
        consistent=True,
        name_salt=card.name_salt,
    )
