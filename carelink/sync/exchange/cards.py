"""Names, roles, a status out of sealed parts, and whether the public bits are those of the role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from carelink.access.compartments import COMPARTMENT_STREAMS, Compartment, Stream
from carelink.access.matrix import default_matrix
from carelink.access.registry import Member
from carelink.access.roles import Function, Role
from carelink.access.statements import Add, ChangeRole, Create, Decision, Enrol, Succeed, decode_statement
from carelink.crypto.keys import name_hash
from carelink.crypto.primitives import UnsealError
from carelink.records.bodies import RecordKind, decode_entry
from carelink.records.facts import FactType, decode_fact, is_told_to_carers
from carelink.records.patient import GenesisPart, MemberCard, TeamPart
from carelink.records.revision import Revision
from carelink.records.status import PatientStatus, StatusPart
from carelink.records.transfer import CardRow, StatementRow, StatusRow
from carelink.sync.chain import Chain
from carelink.sync.exchange.context import Context
from carelink.sync.sealed_parts import open_part
from carelink.sync.store import Transaction
from carelink.sync.wire.structures import EnvelopeCore


@dataclass(frozen=True, slots=True)
class Said:
    """What the sealed parts of a circle say that writing is checked against.

    Attributes:
        cards: Of the members, by account.
    """

    cards: Mapping[bytes, CardRow]
    statuses: Sequence[StatusRow]


def open_sealed_parts(context: Context, tx: Transaction, circle: bytes) -> None:
    """Read the sealed parts whose registry key has come."""
    rows = tx.unopened(circle)
    if not rows:
        return
    chain, keys = context.chain(tx, circle), tx.keys(circle)
    for row in rows:
        public = decode_statement(row.body).public
        if not isinstance(public, Create | Add | ChangeRole | Decision | Succeed | Enrol):
            tx.mark_opened(circle, row.height)
            continue
        if isinstance(public, Succeed):
            if _appointed(chain, tx, circle, row.height, public.account):
                tx.mark_opened(circle, row.height)
            continue
        epoch = chain.states[row.height].streams[Stream.REGISTRY].current
        secret = keys.get((Stream.REGISTRY, epoch))
        if secret is None:
            continue
        if isinstance(public, Decision):
            _open_status(chain, tx, circle, row, secret)
        elif isinstance(public, Enrol):
            _open_enrolment(chain, tx, circle, row, public, secret)
        else:
            _open(chain, tx, circle, row, public, secret)
        tx.mark_opened(circle, row.height)
        context.report.changed.add(circle)


def _open(
    chain: Chain,
    tx: Transaction,
    circle: bytes,
    row: StatementRow,
    public: Create | Add | ChangeRole,
    secret: bytes,
) -> None:
    state = chain.states[row.height]
    if isinstance(public, ChangeRole):
        account = public.account
    else:
        account = next(a for a, m in state.members.items() if m.since == row.height)
    member = state.members[account]
    try:
        if isinstance(public, Create) and public.team:
            of_team = open_part(TeamPart, row.sealed, secret, row.height)
            tx.set_patient(circle, msgspec.msgpack.encode(of_team.team))
            card = of_team.creator
        elif isinstance(public, Create):
            part = open_part(GenesisPart, row.sealed, secret, row.height)
            tx.set_patient(circle, msgspec.msgpack.encode(part.patient))
            card = part.creator
        else:
            card = open_part(MemberCard, row.sealed, secret, row.height)
    except UnsealError:
        return
    since = decode_statement(row.body).body.time
    if isinstance(public, ChangeRole):
        # The stay goes on: only what they are in it changed.
        known = _known(tx, circle, account)
        since = since if known is None else known.since
        for other in [m.account for m in state.active_members() if m.through == account]:
            follower = _known(tx, circle, other)
            if follower is not None:
                tx.add_card(circle, replace(follower, height=row.height, role=card.role))
    tx.add_card(circle, _row(account, row.height, card, since, consistent=is_consistent(member, card)))


def _open_enrolment(
    chain: Chain, tx: Transaction, circle: bytes, row: StatementRow, enrol: Enrol, secret: bytes
) -> None:
    """Note who was named through a team: under their own name, as what the team is here."""
    state, body = chain.states[row.height], decode_statement(row.body).body
    account = state.owners[body.device]
    of_team, known = _known(tx, circle, enrol.team), _known(tx, circle, account)
    try:
        card = open_part(MemberCard, row.sealed, secret, row.height)
    except UnsealError:
        return
    card = msgspec.structs.replace(
        card, role="" if of_team is None else of_team.role, functions=(), relation="", invited_by=enrol.team
    )
    goes_on = known is not None and state.members[account].since < row.height
    since = known.since if known is not None and goes_on else body.time
    consistent = of_team is not None and of_team.consistent and is_consistent(state.members[account], card)
    tx.add_card(circle, _row(account, row.height, card, since, consistent=consistent))


def _known(tx: Transaction, circle: bytes, account: bytes) -> CardRow | None:
    return next((known for known in tx.cards(circle) if known.account == account), None)


def _row(account: bytes, height: int, card: MemberCard, since: int, *, consistent: bool) -> CardRow:
    return CardRow(
        account=account,
        height=height,
        name=card.name,
        role=card.role,
        functions=card.functions,
        profession=card.profession,
        rpps=card.rpps,
        relation=card.relation,
        invited_by=card.invited_by,
        since=since,
        consistent=consistent,
        name_salt=card.name_salt,
    )


def _appointed(chain: Chain, tx: Transaction, circle: bytes, height: int, account: bytes) -> bool:
    """Note on someone's card that two members made them coordinator; there is no sealed part to say it.

    Returns:
        Whether that is settled; not before their card could be read.
    """
    before, after = chain.states[height - 1].members[account], chain.states[height].members[account]
    if before.coordinator or not after.coordinator:
        return True
    card = next((known for known in tx.cards(circle) if known.account == account), None)
    if card is None:
        return False
    functions = {*(Function(f) for f in card.functions if f in set(Function)), Function.COORDINATOR}
    expected = default_matrix().stream_rights(Role(card.role), functions) if card.consistent else {}
    tx.add_card(
        circle,
        replace(
            card,
            height=height,
            functions=tuple(sorted(functions)),
            consistent=card.consistent and after.role_rights == expected,
        ),
    )
    return True


def _open_status(chain: Chain, tx: Transaction, circle: bytes, row: StatementRow, secret: bytes) -> None:
    try:
        part = open_part(StatusPart, row.sealed, secret, row.height)
    except UnsealError:
        return
    if part.status not in set(PatientStatus):
        return
    body = decode_statement(row.body).body
    author = chain.states[row.height].owners[body.device]
    tx.add_status(circle, StatusRow(row.height, part.status, part.since, author, body.time))


def is_consistent(member: Member, card: MemberCard) -> bool:
    """Whether the public bits and the certified name are those that the card says."""
    try:
        role, functions = Role(card.role), {Function(f) for f in card.functions}
    except ValueError:
        return False
    expected = default_matrix().stream_rights(role, functions)
    named = all(
        certificate.name_hash == name_hash(card.name_salt, card.name)
        for certificate in member.devices.values()
    )
    return (
        member.role_rights == expected
        and named
        and member.coordinator == (Function.COORDINATOR in functions)
        and member.patient_side == role.is_patient_side
        and member.patient == (role is Role.PATIENT)
        # Whoever is on call by their role, and no longer by the registry, was opposed: they have less.
        and (role is Role.ON_CALL or not member.emergency)
    )


def fact_may_stand(chain: Chain, core: EnvelopeCore, stream: Stream, revision: Revision) -> bool:
    """Whether a fact about the person stands where facts do, by someone who may say it.

    Only who runs the circle writes one down; carers are told what they must know in `care`, and nobody
    anything elsewhere. A choice that is the person's is said by their side where there is one.
    """
    state = chain.states[core.registry_height]
    author = state.member_of(core.device)
    if author is None or not author.runs_circle or stream not in {Stream.DECISIONS, Stream.CARE}:
        return False
    try:
        body = decode_fact(revision.body)
    except ValueError:
        return False
    if stream is Stream.CARE:
        return is_told_to_carers(body) or body.over
    return not FactType(body.fact).is_choice or author.patient_side or not state.has_patient_side


def may_withdraw(chain: Chain, core: EnvelopeCore, revision: Revision) -> bool:
    """Whether a revision that withdraws for the circle comes from who ran it when it was sealed.

    Who withdraws their own is told by the record itself (`merge_entry`).
    """
    if revision.kind != RecordKind.ENTRY:
        return True
    try:
        body = decode_entry(revision.body)
    except ValueError:
        return True  # It counts as absent.
    state = chain.at(core.registry_height)
    member = state.member_of(core.device) if state else None
    return not body.for_circle or (member is not None and member.runs_circle)


def role_may_carry(
    chain: Chain,
    cards: Mapping[bytes, CardRow],
    core: EnvelopeCore,
    stream: Stream,
    revision: Revision,
) -> bool:
    """Whether the role of a device's owner writes this kind of record in this stream.

    The bits were checked already; this holds the rules by kind (a patient writes observations in
    `care`). A member whose card has not been read, or is that of a later stay, is taken at their bits.
    """
    if stream not in COMPARTMENT_STREAMS:
        return stream is Stream.CARE_INBOX or revision.kind != RecordKind.ENTRY
    state = chain.state
    account = state.owners.get(core.device) if state else None
    card = cards.get(account) if account else None
    if card is None or card.height > core.registry_height:
        return True
    try:
        role = Role(card.role)
    except ValueError:
        return False
    return default_matrix().may_write_kind(role, Compartment(stream.value), revision.kind)
