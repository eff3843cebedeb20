"""Circles: making one, listing them, and who is in and reads what."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace

import msgspec

from carelink.access.compartments import COMPARTMENT_STREAMS
from carelink.access.matrix import default_matrix
from carelink.access.policy import Permission, allows
from carelink.access.roles import CIRCLE_ROLES, Function, Role
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.stores.time_line import Filter
from carelink.records.patient import PatientIdentity, TeamIdentity
from carelink.records.status import PatientStatus
from carelink.services.errors import BadAddressKnownError, UnknownCircleError
from carelink.services.facts import trusted_people
from carelink.services.founding import FoundingTerms, found_circle
from carelink.services.members import (
    DenialView,
    GrantView,
    MemberView,
    Past,
    denials_known,
    grants_known,
    member_views,
)
from carelink.services.requirements import Service, requires
from carelink.services.session import CircleContext, Session, Stores
from carelink.services.status_views import NEVER_SAID, StatusView, status_now
from carelink.sync.carriers.addresses import BadAddressError, HubAddress, parse_address

SEXES = ("", "F", "M")
OLDEST_BIRTH = datetime.date(1890, 1, 1)


@dataclass(frozen=True, slots=True)
class CircleSummary:
    """A circle in the list of persons.

    Attributes:
        state: "proposed" (never at the relay yet), "waiting" (not let in yet), "member" or "left".
        patient: Identity, or None until the keys came.
        waiting_for: Who invited us, while waiting.
        ended: While waiting, whether the invitation's time is over.
    """

    circle: str
    state: str
    patient: PatientIdentity | None
    name: str
    role: str
    unread: int
    newest: int | None
    unsent: int
    waiting_for: str
    alarm: str
    ended: bool = False
    status: str = PatientStatus.PRESENT


@dataclass(frozen=True, slots=True)
class CircleView:
    """A circle with its members.

    Attributes:
        denials, grants: Those that the reader may know: their own, or all for who decides and coordinates.
        awaited: Volets whose key has not come: someone who holds it must come online.
        holders: Names of members who could bring them.
        kept: Volets that are closed to this account now, of which its vault keeps what came before.
    """

    circle: str
    state: str
    patient: PatientIdentity | None
    members: tuple[MemberView, ...]
    awaited: tuple[str, ...]
    holders: tuple[str, ...]
    may_invite: bool
    may_read_trace: bool
    alarm: str
    denials: tuple[DenialView, ...]
    status: StatusView = NEVER_SAID
    may_say_status: bool = False
    grants: tuple[GrantView, ...] = ()
    kept: tuple[str, ...] = ()
    may_keep_facts: bool = False

    @property
    def mine(self) -> MemberView | None:
        """The account of this vault among the members."""
        return next((member for member in self.members if member.mine), None)


def read_patient(data: bytes | None) -> PatientIdentity | None:
    """Return the identity kept for a circle."""
    return None if data is None else msgspec.msgpack.decode(data, type=PatientIdentity)


def read_team(data: bytes | None) -> TeamIdentity | None:
    """Return what a team is called, as kept in the place of a patient's identity."""
    return None if data is None else msgspec.msgpack.decode(data, type=TeamIdentity)


def checked_patient(
    given: str, birth_name: str, birth: str, used_name: str = "", sex: str = ""
) -> PatientIdentity:
    """Return an identity whose traits are well formed.

    Raises:
        KnownError: A name is missing, or the date is none.
    """
    values = [" ".join(unicodedata.normalize("NFC", v).split()) for v in (given, birth_name, used_name)]
    if not values[0] or not values[1]:
        raise KnownError(tr("Le prénom et le nom de naissance sont nécessaires pour créer un cercle."))
    try:
        date = datetime.date.fromisoformat(birth)
    except ValueError:
        date = datetime.date.min
    if not OLDEST_BIRTH <= date <= datetime.datetime.now(datetime.UTC).date():
        raise KnownError(tr("La date de naissance ne convient pas\u00a0: écrivez-la ainsi, 1938-04-12."))
    if sex not in SEXES:
        raise KnownError(tr("Le sexe s’écrit F ou M, ou reste vide."))
    return PatientIdentity(values[0], values[1], values[2], date.isoformat(), sex)


def checked_address(text: str) -> HubAddress:
    """Read a relay's address.

    Raises:
        KnownError: Not one.
    """
    try:
        return parse_address(text)
    except BadAddressError:
        raise BadAddressKnownError from None


def rights_of(role: Role, functions: Collection[Function]) -> tuple[tuple[str, int], ...]:
    """Return the public bits of a role with its functions, as the registry carries them."""
    rights = default_matrix().stream_rights(role, functions)
    return tuple((stream.value, int(right)) for stream, right in rights.items())


def founding_terms(
    session: Session, role: str, functions: Collection[str], relation: str = ""
) -> FoundingTerms:
    """Return as what an account founds circles; who decides for the person runs them, others coordinate.

    Raises:
        KnownError: An unknown role.
    """
    code = role or session.profession or Role.RELATIVE
    if code not in CIRCLE_ROLES:
        known = ", ".join(CIRCLE_ROLES)
        raise KnownError(tr("Ce rôle n’est pas connu\u202f; choisissez parmi\u00a0: {known}.", known=known))
    chosen = Role(code)
    with_functions = {Function(function) for function in functions}
    if not chosen.is_patient_side:
        with_functions.add(Function.COORDINATOR)
    return FoundingTerms(
        chosen, tuple(sorted(with_functions)), rights_of(chosen, with_functions), relation.strip()
    )


def founding_relay(stores: Stores, hub: str) -> int:
    """Return the row of the relay where circles are founded: the one named, or the last one known.

    Raises:
        KnownError: No address, or none known.
    """
    if hub:
        address = checked_address(hub)
        return stores.relay(address.url, address.fingerprint).pk
    known = stores.hubs()
    if not known:
        raise KnownError(
            tr("Aucun relais n’est connu de ce compte\u00a0: indiquez-en un avec --hub ADRESSE.")
        )
    return known[-1].pk


class Circles(Service):
    """What a person does with circles as wholes."""

    @requires(Permission.VAULT_USE)
    def create(
        self,
        patient: PatientIdentity,
        hub: str = "",
        role: str = "",
        functions: Collection[str] = (),
        relation: str = "",
    ) -> str:
        """Create a circle; nothing is sent yet, so it works offline.

        Args:
            patient: Who it is for.
            hub: The relay's address; by default the one that this account uses already.
            role: Role code of the creator; by default their profession, or a relative.
            functions: Coordinator by default, where the role does not run the circle by itself.
            relation: What the creator is to the person, in words shown beside the name.

        Returns:
            The circle's id in hexadecimal.

        Raises:
            KnownError: An unknown role, or no relay known.
        """
        terms = founding_terms(self.session, role, functions, relation)
        with self.session.write() as stores:
            relay = founding_relay(stores, hub)
            return found_circle(self.session, stores, relay, patient, terms).hex()

    @requires(Permission.VAULT_USE)
    def summaries(self) -> list[CircleSummary]:
        """Return every circle of this vault: those with news first, those left last, each by name."""
        with self.session.read() as stores:
            unread, newest = stores.unread_counts(), stores.newest()
            waiting = {joining.circle: joining for joining in stores.joinings()}
            summaries = []
            for link in [link for link in stores.links() if not link.team]:
                context = self.session.context(stores, link.circle)
                patient = read_patient(stores.patient(link.circle))
                card = context.cards.get(self.session.account)
                joining = waiting.get(link.circle)
                left = context.me is not None and not context.me.active
                status = status_now(stores, link.circle)
                name = patient.display if patient else (joining.patient if joining else "")
                summaries.append(
                    CircleSummary(
                        circle=link.circle.hex(),
                        state="left" if left else link.state,
                        patient=patient,
                        name=name,
                        role=card.role if card else (joining.role if joining else ""),
                        # Nothing calls for attention any more once they are dead or gone.
                        unread=unread.get(link.circle, 0) if status.followed else 0,
                        newest=newest.get(link.circle),
                        unsent=stores.pending(link.circle) + stores.direct_pending(link.circle),
                        waiting_for=joining.inviter if joining else "",
                        alarm=link.alarm or "",
                        ended=joining is not None and joining.ended,
                        status=status.status,
                    )
                )
        return sorted(summaries, key=lambda s: (s.state == "left", s.unread == 0, s.name.casefold()))

    @requires(Permission.VAULT_USE)
    def resolve(self, text: str) -> str:
        """Return the id of the circle that a person named by its id or the start of it.

        Raises:
            UnknownCircleError: None, or several.
        """
        with self.session.read() as stores:
            return self.session.circle_id(stores, text).hex()

    @requires(Permission.CIRCLE_READ)
    def show(self, circle: str) -> CircleView:
        """Return a circle with its members, those of its past included."""
        session = self.session
        with session.read() as stores:
            identifier = session.circle_id(stores, circle)
            link = stores.link(identifier)
            if link.team:
                raise UnknownCircleError
            context = session.context(stores, identifier)
            keys = stores.keys(identifier)
            patient = read_patient(stores.patient(identifier))
            status = status_now(stores, identifier, context)
            past = Past(session.chain(stores, identifier), stores, identifier)
            members = member_views(context, session.account, past)
            denials, grants = denials_known(context, past), grants_known(context, past)
            kept = _kept(stores, context, {stream for stream, _ in keys})
            trusted = trusted_people(session, stores, identifier)
        members = [replace(view, trusted=view.id in trusted) for view in members]
        awaited = [
            stream.value
            for stream in COMPARTMENT_STREAMS
            if context.state is not None
            and context.me is not None
            and context.me.reads(stream)
            and context.state.streams[stream].current > 0
            and (stream, context.state.streams[stream].current) not in keys
        ]
        holders = [
            member.name
            for member in members
            if not member.mine and member.active and set(member.reads) & set(awaited)
        ]
        standing = context.standing
        return CircleView(
            circle=identifier.hex(),
            state=link.state,
            patient=patient,
            members=tuple(members),
            awaited=tuple(awaited),
            holders=tuple(holders),
            may_invite=standing is not None and standing.active and standing.runs_circle and status.followed,
            may_read_trace=allows(Permission.TRACE_READ, standing),
            alarm=link.alarm or "",
            denials=denials,
            grants=grants,
            kept=kept,
            status=status,
            may_say_status=allows(Permission.STATUS_CHANGE, standing),
            may_keep_facts=allows(Permission.FACT_WRITE, standing),
        )


def _kept(stores: Stores, context: CircleContext, opened: Collection[str]) -> tuple[str, ...]:
    """Return the volets closed to this account now of which its vault holds something.

    Args:
        stores: The vault.
        context: The circle.
        opened: Streams of which a key ever came.
    """
    me = context.me
    if me is None:
        return ()
    return tuple(
        stream.value
        for stream in COMPARTMENT_STREAMS
        if stream in opened
        and not me.reads(stream)
        and stores.entries(context.circle, Filter(streams=(stream.value,)), 1)
    )
