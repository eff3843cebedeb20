"""What changes once people are in: roles, grants, denials, removals; and what a change would do first.

A change is a statement in the circle's registry, so it needs the relay: without it nothing changes, and
one sentence says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from carelink.access.compartments import Compartment, Right, Stream, stream_of
from carelink.access.matrix import default_matrix
from carelink.access.policy import Permission
from carelink.access.registry import CircleState, Member, Reason, Refusal, apply
from carelink.access.roles import CIRCLE_ROLES, Function, Role
from carelink.access.statements import (
    SUITE,
    ZERO_HASH,
    ChangeRole,
    Deny,
    Grant,
    Leave,
    Public,
    Remove,
    Statement,
    StatementBody,
)
from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.bodies import MAX_REASON_CHARACTERS, ChangeAction, ChangeBody, RecordKind, encode_body
from carelink.records.patient import MemberCard
from carelink.records.transfer import CardRow
from carelink.services.circles import rights_of
from carelink.services.errors import AlarmError, ChangeRefusedError, UnknownMemberError
from carelink.services.exchange.appending import append_or_refuse
from carelink.services.exchange.relays import relay_of
from carelink.services.exchange.sync import SyncReport, exchange_with, follow_up
from carelink.services.publishing import publish_record
from carelink.services.recording import record_no_measure
from carelink.services.requirements import Service, requires
from carelink.services.session import CircleContext, Session, Stores
from carelink.services.status_views import no_heir_reads
from carelink.sync.exchange.membership import Proposal, prepared
from carelink.sync.store import Transaction

_A_WHILE_MS = 30 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Change:
    """What someone wants to change of one member.

    Attributes:
        action: Which change.
        member: The member's id in hexadecimal; empty for one's own leaving.
        compartment: For a grant or a denial.
        role, functions: For a new role; no functions named keeps those there are.
        until: For a grant or a denial, milliseconds since 1970, or None.
        history: Whether what was written before may be read.
        reason: In the author's words; patient side and coordinators read it.
    """

    action: ChangeAction
    member: str = ""
    compartment: str = ""
    role: str = ""
    functions: tuple[str, ...] | None = None
    until: int | None = None
    history: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a change would do, told before it is confirmed.

    Attributes:
        loses, gains: Volets that the member will no longer read, or will read.
        stops_writing: Volets that they go on reading but no longer write.
        promised: Volets that wait for someone who reads them to countersign.
        ends: Whether their stay ends.
        alone: Whether nobody is left who coordinates or decides.
    """

    name: str
    loses: tuple[str, ...] = ()
    gains: tuple[str, ...] = ()
    stops_writing: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()
    ends: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Offers:
    """What this account may change of one member now: the rules of the registry were asked about each.

    Attributes:
        roles: Codes of the roles that may be given; empty where role and functions are not to change.
        opens: Volets that may be opened beyond the role, or opened until another date.
        closes: Volets that may be closed.
        lifts: Closed volets whose denial may be lifted.
        removes: Whether their stay may be ended.
    """

    roles: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    lifts: tuple[str, ...] = ()
    removes: bool = False


@dataclass(frozen=True, slots=True)
class _Wanted:
    public: Public
    account: bytes
    card: MemberCard | None = None


class Membership(Service):
    """Changes of who is in a circle, as what, and who reads what."""

    @requires(Permission.CIRCLE_READ)
    def foresee(self, circle: str, change: Change) -> Foreseen:
        """Return what a change would do, without the relay.

        Raises:
            KnownError: The circle's rules don't allow it to this account.
        """
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            context = self.session.context(stores, identifier)
            _after_death(stores, identifier, change)
        if context.state is None or context.me is None:
            raise ChangeRefusedError(Reason.NOT_ENTITLED)
        wanted = _wanted(self.session, context, change)
        after = _applied(self.session, context.state, wanted.public)
        before, later = context.state.members[wanted.account], after.members[wanted.account]
        card = context.cards.get(wanted.account)
        read_before, read_later = _held(before, Right.READ), _held(later, Right.READ)
        wrote, writes = _held(before, Right.WRITE), _held(later, Right.WRITE)
        return Foreseen(
            name=card.name if card else tr("membre inconnu"),
            loses=tuple(c for c in read_before if c not in read_later),
            gains=tuple(c for c in read_later if c not in read_before),
            stops_writing=tuple(c for c in wrote if c not in writes and c in read_later),
            promised=tuple(s.value for s in later.promised if s not in before.promised),
            ends=not later.active,
            alone=not any(member.runs_circle for member in after.active_members()),
        )

    @requires(Permission.CIRCLE_READ)
    def offers(self, circle: str, member: str) -> Offers:
        """Return what this account may change of a member: whatever is named will be accepted."""
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            context = self.session.context(stores, identifier)
        state, me = context.state, context.me
        if state is None or me is None or not me.active:
            return Offers()
        account = bytes.fromhex(member)
        target = state.members.get(account)
        if target is None or not target.active:
            return Offers()

        def accepted(action: ChangeAction, code: str = "", role: str = "", until: int | None = None) -> bool:
            change = Change(action, member, compartment=code, role=role, until=until)
            try:
                with self.session.read() as stores:
                    _after_death(stores, identifier, change)
                _applied(self.session, state, _wanted(self.session, context, change).public)
            except KnownError:
                return False
            return True

        later = self.session.clock() + _A_WHILE_MS
        volets = [c.value for c in Compartment]
        closed = [c for c in volets if stream_of(Compartment(c)) in target.denials]
        granted = [
            c
            for c in volets
            if accepted(ChangeAction.GRANTED, c) or accepted(ChangeAction.GRANTED, c, until=later)
        ]
        # The person comes in by an invitation of their own; nobody becomes them.
        known = [role.value for role in CIRCLE_ROLES if role is not Role.PATIENT]
        return Offers(
            roles=tuple(role for role in known if accepted(ChangeAction.ROLE, role=role)),
            opens=tuple(c for c in granted if c not in closed),
            closes=tuple(c for c in volets if c not in closed and accepted(ChangeAction.DENIED, c)),
            lifts=tuple(c for c in granted if c in closed),
            removes=accepted(ChangeAction.REMOVED),
        )

    @requires(Permission.MEMBER_CHANGE)
    def change(self, circle: str, change: Change) -> None:
        """Make a change of someone's membership, and give everyone the new keys that follow.

        Raises:
            KnownError: The rules refuse it, or the relay cannot be used; nothing was changed.
        """
        self._make(circle, change)

    @requires(Permission.CIRCLE_LEAVE)
    def leave(self, circle: str) -> None:
        """Leave a circle; no reason is asked. What came so far stays on this computer.

        Raises:
            KnownError: The relay cannot be used; nothing was changed.
        """
        self._make(circle, Change(ChangeAction.LEFT))

    def _make(self, circle: str, change: Change) -> None:
        session = self.session
        reason = change.reason.strip()
        if len(reason) > MAX_REASON_CHARACTERS:
            raise KnownError(
                tr("La raison est trop longue ({limit} caractères au plus).", limit=MAX_REASON_CHARACTERS)
            )
        with session.read() as stores:
            identifier = session.circle_id(stores, circle)
            if stores.link(identifier).alarm:
                raise AlarmError
            _after_death(stores, identifier, change)
            account = _wanted(session, session.context(stores, identifier), change).account
        with relay_of(session, identifier) as relay:
            context = exchange_with(relay, SyncReport())

            def propose(tx: Transaction, _: CircleState) -> Proposal | None:
                with session.read() as stores:
                    wanted = _wanted(session, session.context(stores, identifier), change)
                return prepared(context, tx, identifier, wanted.public, wanted.card)

            append_or_refuse(relay, context, identifier, propose)
            if change.action is ChangeAction.LEFT:
                return
            if reason:
                with session.write() as stores:
                    _record(session, stores, identifier, account, change, reason)
            if change.action is ChangeAction.ROLE and change.role == Role.LEGAL_REPRESENTATIVE:
                with session.write() as stores:
                    record_no_measure(session, stores, identifier, account, reason)
            follow_up(relay, context)


def _after_death(stores: Stores, circle: bytes, change: Change) -> None:
    """Refuse what would open the medical record to someone once the person is dead.

    Raises:
        KnownError: They are, and the change would.
    """
    roles = default_matrix().roles
    opens = change.action is ChangeAction.GRANTED and change.compartment == Compartment.CARE
    by_role = change.action is ChangeAction.ROLE and change.role in set(Role)
    if opens or (by_role and Compartment.CARE in roles[Role(change.role)].compartments):
        no_heir_reads(stores, circle)


def _wanted(session: Session, context: CircleContext, change: Change) -> _Wanted:
    """Return the statement that makes a change, on what the vault holds now.

    Raises:
        KnownError: No such member, role or volet.
    """
    state = context.state
    if state is None or context.me is None:
        raise ChangeRefusedError(Reason.NOT_ENTITLED)
    if change.action is ChangeAction.LEFT:
        if context.me.through:
            raise KnownError(
                tr(
                    "Vous êtes dans ce cercle par votre équipe\u00a0: c’est l’équipe qui se quitte, et avec "
                    "elle tous ses cercles. Rien n’a été changé."
                )
            )
        return _Wanted(Leave(), session.account)
    member = _member(state, context.cards, change.member)
    match change.action:
        case ChangeAction.REMOVED:
            return _Wanted(Remove(member.account), member.account)
        case ChangeAction.ROLE:
            return _with_role(context, member, change)
        case ChangeAction.DENIED:
            stream = _volet(change.compartment)
            return _Wanted(Deny(member.account, stream, change.until), member.account)
        case ChangeAction.GRANTED:
            stream = _volet(change.compartment)
            card = context.cards.get(member.account)
            carer = card is not None and card.consistent and Role(card.role).is_professional
            denied = stream in member.denials
            held = member.role_rights.get(stream, Right.NONE)
            bits = held if denied and held else (Right.READ_WRITE if carer else Right.READ)
            public = Grant(member.account, stream, int(bits | Right.READ), change.until, change.history)
            return _Wanted(public, member.account)


def _with_role(context: CircleContext, member: Member, change: Change) -> _Wanted:
    card = context.cards.get(member.account)
    if card is None:
        raise UnknownMemberError
    if change.role not in set(Role):
        known = ", ".join(CIRCLE_ROLES)
        raise KnownError(tr("Ce rôle n’est pas connu\u202f; choisissez parmi\u00a0: {known}.", known=known))
    role = Role(change.role)
    functions = {Function(f) for f in (card.functions if change.functions is None else change.functions)}
    coordinator = Function.COORDINATOR in functions
    public = ChangeRole(
        account=member.account,
        rights=rights_of(role, functions),
        coordinator=coordinator,
        patient_side=role.is_patient_side,
        patient=role is Role.PATIENT,
        invites=coordinator or role.is_patient_side,
        emergency=role is Role.ON_CALL,
        history=change.history or role.is_professional or role.is_patient_side,
    )
    part = MemberCard(
        name=card.name,
        name_salt=card.name_salt,
        role=role,
        functions=tuple(sorted(functions)),
        profession=card.profession,
        rpps=card.rpps,
        relation=card.relation,
        invited_by=card.invited_by,
    )
    return _Wanted(public, member.account, part)


def _member(state: CircleState, cards: Mapping[bytes, CardRow], text: str) -> Member:
    """Return the member named by their id or the start of it, or by their name if only one has it."""
    wanted = text.strip().casefold()
    named = {account for account, card in cards.items() if card.name.casefold() == wanted}
    found = [
        member
        for member in state.active_members()
        if wanted and (member.account in named or member.account.hex().startswith(wanted))
    ]
    if len(found) != 1:
        raise UnknownMemberError
    return found[0]


def _volet(compartment: str) -> Stream:
    if compartment not in set(Compartment):
        known = ", ".join(Compartment)
        raise KnownError(tr("Ce volet n’est pas connu\u202f; choisissez parmi\u00a0: {known}.", known=known))
    return stream_of(Compartment(compartment))


def _applied(session: Session, state: CircleState, public: Public) -> CircleState:
    body = StatementBody(
        SUITE,
        state.circle,
        state.height + 1,
        state.head,
        session.keys.device,
        session.clock(),
        "",
        b"",
        b"",
    )
    after = apply(state, Statement(body, public, ZERO_HASH))
    if isinstance(after, Refusal):
        raise ChangeRefusedError(after.reason)
    return after


def _held(member: Member, right: Right) -> tuple[str, ...]:
    return tuple(c.value for c in Compartment if right in member.rights.get(stream_of(c), Right.NONE))


def _record(
    session: Session, stores: Stores, circle: bytes, subject: bytes, change: Change, reason: str
) -> None:
    """Record why, where only the patient's side and coordinators read it."""
    body = ChangeBody(subject, change.action, change.compartment, change.role, reason)
    publish_record(session, stores, circle, Stream.DECISIONS, RecordKind.CHANGE, encode_body(body))
