"""Inviting someone by a code, letting in those who answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from carelink.access.policy import Permission
from carelink.access.registry import CircleState
from carelink.access.roles import CIRCLE_ROLES, Function, Role
from carelink.access.statements import Vouch
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.stores.invitations import InvitationRow
from carelink.records.bodies import AgreementHow
from carelink.services.accounts import clean_name
from carelink.services.admission import Answered, accepted_by, admit, collect, read_answer
from carelink.services.certificates import carried
from carelink.services.circles import read_patient, read_team
from carelink.services.errors import AlarmError
from carelink.services.exchange.relays import relay_of
from carelink.services.exchange.sync import SyncReport, exchange_with, follow_up
from carelink.services.requirements import Service, requires
from carelink.services.status_views import no_heir_reads, no_newcomer
from carelink.sync.carriers.addresses import HubAddress
from carelink.sync.exchange.membership import Proposal, append
from carelink.sync.exchange.pull import pull
from carelink.sync.invitation import (
    CodeSecret,
    InvitationBlob,
    code_secret,
    new_code,
    seal_blob,
)
from carelink.sync.store import Transaction
from carelink.sync.wire import api

DEFAULT_LIFETIME_MS = 7 * 24 * 3600 * 1000
LONGEST_LIFETIME_MS = 31 * 24 * 3600 * 1000
# Said of other things than how the person agreed.
_NO_AGREEMENT = {AgreementHow.NO_MEASURE}


@dataclass(frozen=True, slots=True)
class InvitationRequest:
    """Whom to invite, and how.

    Attributes:
        role: Role code.
        name: Who it is for, as a reminder.
        relation: In the family's words, for example "fille".
        functions: Functions added to the role.
        in_person: The code is handed over in person, so no words will be asked.
        history: Whether what was written before may be read; always so for professionals.
        until: End of the stay, milliseconds, or None.
        lifetime: How long the code works, milliseconds.
        agreed: How the person agreed; needed for whoever is not a professional.
        agreed_reason: Why no agreement could be collected.
        no_measure: Why no measure with representation is on record, for a legal representative.
    """

    role: str
    name: str = ""
    relation: str = ""
    functions: tuple[str, ...] = ()
    in_person: bool = False
    history: bool = True
    until: int | None = None
    lifetime: int = DEFAULT_LIFETIME_MS
    agreed: str = ""
    agreed_reason: str = ""
    no_measure: str = ""


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """What to hand over: a code, or the link that also names the relay."""

    invitation: str
    code: str
    link: str
    expires: int


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation under way.

    Attributes:
        state: "open" or "answered".
        answered_by: The name that the invitee gave, once they answered.
    """

    invitation: str
    code: str
    link: str
    role: str
    name: str
    in_person: bool
    expires: int
    state: str
    answered_by: str
    profession: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """Someone who came in."""

    id: str
    name: str
    role: str


class Invitations(Service):
    """The invitations that one account makes."""

    @requires(Permission.MEMBER_INVITE)
    def invite(
        self,
        circle: str,
        wanted: InvitationRequest,
    ) -> NewInvitation:
        """Make an invitation and leave it at the relay.

        Raises:
            KnownError: An unknown role, no agreement recorded, or the relay cannot be used.
        """
        (made,) = self.invite_all(circle, (wanted,))
        return made

    @requires(Permission.MEMBER_INVITE)
    def invite_all(
        self, circle: str, people: Sequence[InvitationRequest], progress: Callable[[int], None] | None = None
    ) -> list[NewInvitation]:
        """Make several invitations, all of them or none.

        The relay has each before this vault has any: what an interruption leaves there opens for nobody,
        since no one was given its code, and ends by itself.

        Args:
            circle: Where to.
            people: Whom to invite.
            progress: Told how many are at the relay.

        Raises:
            KnownError: An unknown role, no agreement recorded, or the relay cannot be used.
        """
        roles = [self._checked(wanted) for wanted in people]
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            link = stores.link(identifier)
            patient = None if link.team else read_patient(stores.patient(identifier))
            team = read_team(stores.patient(identifier)) if link.team else None
            no_newcomer(stores, identifier)
            devices = carried(self.session, stores)
        if link.alarm:
            raise AlarmError
        if any(link.team != (role is Role.STAFF) for role in roles):
            raise KnownError(
                tr(
                    "Dans une équipe on entre comme membre de l’équipe (staff), et dans un cercle avec un "
                    "autre rôle\u00a0: personne n’a été invité."
                )
            )
        if patient is None and team is None:
            raise KnownError(
                tr("Ce cercle n’est pas encore ouvert sur cet ordinateur\u00a0: synchronisez d’abord.")
            )
        rows = []
        with relay_of(self.session, identifier) as relay:
            # What waits here is sealed for today's readers before anyone new comes in.
            context = exchange_with(relay, SyncReport())
            for wanted, role in zip(people, roles, strict=True):
                code = new_code()
                secret = code_secret(code, relay.row.url)
                blob = seal_blob(
                    secret.key,
                    InvitationBlob(
                        circle=identifier,
                        genesis=link.genesis,
                        hub_key=relay.hub_key(),
                        certificates=devices.certificates,
                        inviter=self.session.name,
                        role=role,
                        patient=patient,
                        in_person=wanted.in_person,
                        team=team,
                    ),
                )
                relay.carrier.call(
                    context.call(
                        api.RENDEZVOUS_OFFER,
                        api.RendezvousOffer(identifier, secret.identifier, blob, wanted.lifetime),
                        api.Accepted,
                    )
                )
                rows.append(_row(identifier, code, secret, blob, wanted, role, self.session.clock()))
                if progress is not None:
                    progress(len(rows))
            address = HubAddress(relay.row.url, relay.row.fingerprint)
        with self.session.write() as stores:
            for row in rows:
                stores.add_invitation(row)
        return [
            NewInvitation(row.identifier.hex(), row.code, f"{row.code}@{address.link}", row.expires)
            for row in rows
        ]

    @requires(Permission.MEMBER_INVITE)
    def pending(self, circle: str) -> list[InvitationView]:
        """Return the invitations under way in a circle, as this vault knows them."""
        now = self.session.clock()
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            rows = stores.invitations(identifier)
            hub = stores.hub_of(identifier)
            relay = next(row for row in stores.hubs() if row.pk == hub)
        address = HubAddress(relay.url, relay.fingerprint)
        views = []
        for row in rows:
            if row.state not in {"open", "answered"} or (row.state == "open" and row.expires <= now):
                continue
            answered = _read(row)
            views.append(
                InvitationView(
                    invitation=row.identifier.hex(),
                    code=row.code,
                    link=f"{row.code}@{address.link}",
                    role=row.role,
                    name=row.name,
                    in_person=row.in_person,
                    expires=row.expires,
                    state=row.state,
                    answered_by=answered.answer.name if answered else "",
                    profession=answered.answer.profession if answered else "",
                )
            )
        return views

    @requires(Permission.MEMBER_CONFIRM)
    def refresh(self, circle: str) -> list[InvitationView]:
        """Ask the relay who answered, then return the invitations under way.

        Raises:
            HubError: The relay cannot be used.
        """
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            invitations = stores.invitations(identifier)
        with relay_of(self.session, identifier) as relay:
            context = exchange_with(relay, SyncReport())
            if context.token:
                relay.run(collect(self.session, context, invitations))
        return self.pending(circle)

    @requires(Permission.MEMBER_CONFIRM)
    def confirm(self, circle: str, invitation: str = "", words: str = "") -> list[Admitted]:
        """Let in those who answered, once the words that they read out are the right ones.

        Args:
            circle: Where to.
            invitation: Which one, where several are answered; by default all that hold.
            words: The three words, needed unless the code was handed over in person.

        Raises:
            KnownError: Words missing or different (nobody was let in), or the relay cannot be used.
        """
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            if stores.link(identifier).alarm:
                raise AlarmError
            no_newcomer(stores, identifier)
            invitations = [
                row
                for row in stores.invitations(identifier)
                if row.state in {"open", "answered"} and row.identifier.hex().startswith(invitation)
            ]
        report = SyncReport()
        with relay_of(self.session, identifier) as relay:
            context = exchange_with(relay, report)
            answered = relay.run(collect(self.session, context, invitations)) if context.token else []
            accepted = accepted_by(answered, words)
            admitted = [
                Admitted(answer.account.hex(), answer.answer.name, answer.invitation.role)
                for answer in accepted
                if relay.run(admit(self.session, context, answer))
            ]
            if admitted:
                follow_up(relay, context)
        return admitted

    @requires(Permission.CIRCLE_READ)
    def vouch(self, circle: str, member: str) -> None:
        """Countersign the volets that someone was promised; for those who read them themselves.

        Raises:
            KnownError: Nothing was promised to this member, no right, or the relay cannot be used.
        """
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            state = self.session.context(stores, identifier).state
            no_heir_reads(stores, identifier)
        accounts = list(state.members) if state else []
        account = next((known for known in accounts if known.hex() == member.strip().lower()), b"")

        def propose(_: Transaction, state: CircleState) -> Proposal | None:
            me, other = state.members.get(self.session.account), state.members.get(account)
            if me is None or other is None or not any(me.reads(stream) for stream in other.promised):
                return None
            return Proposal(Vouch(account), b"")

        with relay_of(self.session, identifier) as relay:
            context = exchange_with(relay, SyncReport())
            done = relay.run(append(context, identifier, propose, lambda: pull(context)))
            if done:
                follow_up(relay, context)
        if not done:
            raise KnownError(
                tr(
                    "Ce membre n’attend pas d’accès, ou vous ne lisez pas vous-même le volet qu’il "
                    "attend\u00a0: rien n’a été changé."
                )
            )

    def _checked(self, wanted: InvitationRequest) -> Role:
        """Return the role of an invitation that can be made."""
        chosen = self._role(wanted.role)
        self._check_agreement(chosen, wanted.agreed, wanted.agreed_reason)
        if wanted.name.strip():
            clean_name(wanted.name)
        if not 1000 <= wanted.lifetime <= LONGEST_LIFETIME_MS:
            raise KnownError(tr("Une invitation dure d’une seconde à trente et un jours."))
        if wanted.until is not None and wanted.until <= self.session.clock():
            raise KnownError(tr("La date de fin est déjà passée\u00a0: choisissez-en une à venir."))
        return chosen

    def _role(self, role: str) -> Role:
        if role not in set(Role):
            known = ", ".join(CIRCLE_ROLES)
            raise KnownError(
                tr("Ce rôle n’est pas connu\u202f; choisissez parmi\u00a0: {known}.", known=known)
            )
        return Role(role)

    def _check_agreement(self, role: Role, agreed: str, reason: str) -> None:
        if role.is_professional and not agreed:
            return
        if agreed not in set(AgreementHow) - _NO_AGREEMENT:
            raise KnownError(
                tr(
                    "Inviter une personne qui n’est pas professionnelle demande l’accord de la personne "
                    "accompagnée\u00a0: indiquez comment il a été recueilli (--agreed oral, written, "
                    "representative, ou none:RAISON)."
                )
            )
        if agreed == AgreementHow.NONE and not reason.strip():
            raise KnownError(tr("Dites pourquoi l’accord n’a pas pu être recueilli (--agreed none:RAISON)."))


def _row(
    circle: bytes,
    code: str,
    secret: CodeSecret,
    blob: bytes,
    wanted: InvitationRequest,
    role: Role,
    now: int,
) -> InvitationRow:
    return InvitationRow(
        circle=circle,
        identifier=secret.identifier,
        key=secret.key,
        code=code,
        blob=blob,
        role=role,
        functions=tuple(sorted(Function(function) for function in wanted.functions)),
        name=clean_name(wanted.name) if wanted.name.strip() else "",
        relation=wanted.relation.strip(),
        in_person=wanted.in_person,
        history=wanted.history or role.is_professional or role.is_patient_side,
        until=wanted.until,
        agreed=wanted.agreed or AgreementHow.CARE_TEAM,
        agreed_reason=wanted.agreed_reason,
        no_measure=wanted.no_measure.strip(),
        created=now,
        expires=now + wanted.lifetime,
        state="open",
        answer=b"",
    )


def _read(row: InvitationRow) -> Answered | None:
    return read_answer(row) if row.state == "answered" else None
