"""Facts about people: who the person trusts, who protects them, their directives; and what was decided.

They stand in `decisions`, for the patient's side and coordinators. What carers must know is copied into
`care` by the first coordinator who writes there (decision 0066).
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import msgspec

from carelink.access.compartments import Compartment, Stream
from carelink.access.policy import Permission, allows
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.stores.facts import FactStore
from carelink.records.bodies import MAX_REASON_CHARACTERS, RecordKind
from carelink.records.facts import (
    MAX_LINE_CHARACTERS,
    FactBody,
    FactState,
    FactType,
    encode_fact,
    is_told_to_carers,
    merge_fact,
    stands,
    told_to_carers,
)
from carelink.records.merge import heads, in_order
from carelink.records.revision import (
    MAX_PARENTS,
    Revision,
    decode_revision,
    new_record_id,
)
from carelink.services.errors import NotAllowedError
from carelink.services.moments import local_time
from carelink.services.publishing import publish
from carelink.services.requirements import Service, requires
from carelink.services.session import CircleContext, Session, Stores

_CARE: Final = Compartment.CARE


@dataclass(frozen=True, slots=True)
class FactRequest:
    """A fact as someone writes it down.

    Attributes:
        fact: Code of what it is.
        person: Name of who is trusted, protects or holds the mandate.
        member: Their id in the circle, or empty.
        represents: Whether a measure comes with representation relating to the person.
        begins, ends: ISO dates, or empty.
        document: What was seen, or how a choice was made.
        seen: ISO date on which it was seen; today by default.
        where: Where directives are kept, or how to reach the person named.
    """

    fact: str
    person: str = ""
    member: str = ""
    represents: bool = False
    begins: str = ""
    ends: str = ""
    document: str = ""
    seen: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact as this account may know it.

    Attributes:
        stands: Whether it is in force today.
        full: Whether this is the whole of it; else what carers are told.
        told: Whether carers were told of it as it stands; None where they need not know.
        parallel: Whether someone else wrote something different at the same time.
        written_by, written: Who wrote it down as it stands, and when, milliseconds since 1970.
    """

    id: str
    fact: str
    person: str
    member: str
    represents: bool
    begins: str
    ends: str
    document: str
    seen: str
    seen_by: str
    where: str
    stands: bool
    over: bool
    reason: str
    full: bool
    told: bool | None
    parallel: bool
    written_by: str
    written: int


class Facts(Service):
    """Facts of one circle."""

    @requires(Permission.MEMBER_INVITE, reading=True)
    def represented(self, circle: str) -> bool:
        """Tell whoever invites whether a measure that represents the person is on record and stands."""
        with self.session.read() as stores:
            return represented(self.session, stores, self.session.circle_id(stores, circle))

    @requires(Permission.FACT_WRITE)
    def record(self, circle: str, wanted: FactRequest) -> str:
        """Write a fact down.

        Returns:
            Its id in hexadecimal.

        Raises:
            KnownError: It is not well formed, or only the person's side may say it.
        """
        record = new_record_id(self.session.clock())
        with self.session.write() as stores:
            identifier = self.session.circle_id(stores, circle)
            context = self.session.context(stores, identifier)
            body = _body(self.session, context, wanted)
            _publish(self.session, stores, identifier, Stream.DECISIONS, record, (), body)
            share_facts(self.session, stores, identifier)
        return record.hex()

    @requires(Permission.FACT_WRITE)
    def correct(self, circle: str, fact: str, wanted: FactRequest) -> None:
        """Write a fact down again, as it stands now; what was written before stays in its history.

        Raises:
            KnownError: Unknown, not well formed, or only the person's side may say it.
        """
        with self.session.write() as stores:
            identifier = self.session.circle_id(stores, circle)
            context = self.session.context(stores, identifier)
            body = _body(self.session, context, wanted)
            self._replace(stores, identifier, fact, body)

    @requires(Permission.FACT_WRITE)
    def end(self, circle: str, fact: str, reason: str) -> None:
        """Say that a fact does not stand, or never did, and why.

        Raises:
            KnownError: Unknown, no reason, or only the person's side may say it.
        """
        cleaned = _clean(reason, MAX_REASON_CHARACTERS)
        if not cleaned:
            raise KnownError(tr("Dites en quelques mots pourquoi ce fait ne vaut plus."))
        with self.session.write() as stores:
            identifier = self.session.circle_id(stores, circle)
            known = _states(stores, identifier, Stream.DECISIONS).get(_record_id(fact))
            if known is None:
                raise _unknown_fact()
            _require_own_choice(self.session.context(stores, identifier), FactType(known.body.fact))
            body = msgspec.structs.replace(known.body, over=True, reason=cleaned)
            self._replace(stores, identifier, fact, body)

    @requires(Permission.CIRCLE_READ, reading=True)
    def known(self, circle: str) -> list[FactView]:
        """Return the facts that this account may know: those that stand first, the newest first."""
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            return fact_views(self.session, stores, identifier)

    def _replace(self, stores: Stores, circle: bytes, fact: str, body: FactBody) -> None:
        record = _record_id(fact)
        revisions = stores.facts(circle, Stream.DECISIONS).get(record)
        if not revisions:
            raise _unknown_fact()
        parents = tuple(_heads(revisions))[:MAX_PARENTS]
        _publish(self.session, stores, circle, Stream.DECISIONS, record, parents, body)
        share_facts(self.session, stores, circle)


def fact_views(session: Session, stores: Stores, circle: bytes) -> list[FactView]:
    """Return the facts that this account may know."""
    context = session.context(stores, circle)
    full = _states(stores, circle, Stream.DECISIONS)
    told = _states(stores, circle, Stream.CARE)
    day = local_time(session.clock()).date()
    views = []
    for record in full.keys() | told.keys():
        state = full.get(record) or told[record]
        body, revision = state.body, state.current.revision
        shared = told.get(record)
        views.append(
            FactView(
                id=record.hex(),
                fact=body.fact,
                person=body.person,
                member=body.member.hex(),
                represents=body.represents,
                begins=body.begins,
                ends=body.ends,
                document=body.document,
                seen=body.seen,
                seen_by=_name(context, body.seen_by),
                where=body.where,
                stands=stands(body, day),
                over=body.over,
                reason=body.reason,
                full=record in full,
                told=(shared is not None and shared.body == told_to_carers(body))
                if record in full and is_told_to_carers(body)
                else None,
                parallel=bool(state.parallel),
                written_by=_name(context, revision.author),
                written=revision.wall,
            )
        )
    return sorted(views, key=lambda view: (not view.stands, -view.written, view.id))


def trusted_people(session: Session, stores: Stores, circle: bytes) -> frozenset[str]:
    """Return the members known here as the person's personne de confiance."""
    return frozenset(
        view.member
        for view in fact_views(session, stores, circle)
        if view.stands and view.member and view.fact == FactType.TRUSTED_PERSON
    )


def represented(session: Session, stores: Stores, circle: bytes) -> bool:
    """Tell whether a measure with representation relating to the person is on record and stands."""
    return any(
        view.stands and view.represents and not view.parallel for view in fact_views(session, stores, circle)
    )


def share_facts(session: Session, stores: Stores, circle: bytes) -> None:
    """Copy into `care` what its readers must know, where this account coordinates and writes there."""
    for record, parents, body in facts_to_share(session, stores, circle):
        _publish(session, stores, circle, Stream.CARE, record, parents, body)


def facts_to_share(
    session: Session, stores: Stores, circle: bytes
) -> list[tuple[bytes, tuple[bytes, ...], FactBody]]:
    """Return what carers must know and were not told (record, parents, what they are told).

    It falls to whoever both coordinates and writes in `care`: nobody else can.
    """
    standing = session.context(stores, circle).standing
    if standing is None or not standing.active or not standing.runs_circle:
        return []
    if not allows(Permission.ENTRY_WRITE, standing, _CARE, RecordKind.FACT):
        return []
    full, told = _states(stores, circle, Stream.DECISIONS), _states(stores, circle, Stream.CARE)
    due = []
    for record, state in full.items():
        known, wanted = told.get(record), told_to_carers(state.body)
        if not is_told_to_carers(state.body):
            if known is None or known.body.over:
                continue
            # They were told, and it is no longer what they are told of: for them it is over.
            wanted = msgspec.structs.replace(known.body, over=True)
        elif known is None and state.body.over:
            continue
        if known is not None and known.body == wanted and not known.parallel:
            continue
        revisions = stores.facts(circle, Stream.CARE).get(record, {})
        due.append((record, tuple(_heads(revisions))[:MAX_PARENTS], wanted))
    return due


def _body(session: Session, context: CircleContext, wanted: FactRequest) -> FactBody:
    """Return what is written down, once it is well formed and this account may say it.

    Raises:
        KnownError: It is not, or only the person's side may.
    """
    if wanted.fact not in set(FactType):
        known = ", ".join(FactType)
        raise KnownError(tr("Ce fait n’est pas connu\u202f; choisissez parmi\u00a0: {known}.", known=known))
    kind = FactType(wanted.fact)
    _require_own_choice(context, kind)
    person, document, where = (
        _clean(text, MAX_LINE_CHARACTERS) for text in (wanted.person, wanted.document, wanted.where)
    )
    member = b""
    if wanted.member:
        card = next((c for a, c in context.cards.items() if a.hex() == wanted.member), None)
        if card is None:
            raise KnownError(tr("Cette personne n’est pas dans le cercle\u00a0: rien n’a été enregistré."))
        member, person = card.account, person or card.name
    if kind.names_someone and not person:
        raise KnownError(tr("Dites qui\u00a0: le nom de la personne manque, rien n’a été enregistré."))
    if wanted.represents and not kind.may_represent:
        raise KnownError(
            tr(
                "Cette mesure n’emporte pas de représentation relative à la personne (CSP L.1111-7)\u00a0: "
                "rien n’a été enregistré."
            )
        )
    begins, ends, seen = (_day(text) for text in (wanted.begins, wanted.ends, wanted.seen))
    if begins and ends and ends < begins:
        raise KnownError(tr("La date de fin précède celle du début\u00a0: rien n’a été enregistré."))
    today = local_time(session.clock()).date().isoformat()
    if seen > today:
        raise KnownError(tr("Le document n’a pas pu être vu demain\u00a0: choisissez une date passée."))
    return FactBody(
        fact=kind.value,
        person=person,
        member=member,
        represents=wanted.represents or kind is FactType.GUARDIANSHIP_PERSON,
        begins=begins,
        ends=ends,
        document=document,
        seen=seen or (today if document else ""),
        seen_by=session.account if document else b"",
        where=where,
        over=False,
        reason="",
    )


def _require_own_choice(context: CircleContext, kind: FactType) -> None:
    """Refuse to say for the person what only their side says, where someone is on their side.

    Raises:
        NotAllowedError: It is not this account's to say.
    """
    me, state = context.me, context.state
    if kind.is_choice and state is not None and state.has_patient_side and not (me and me.patient_side):
        raise NotAllowedError(
            tr(
                "C’est à la personne, ou à qui la représente, de faire ce choix\u00a0: rien n’a été "
                "enregistré."
            )
        )


def _states(stores: FactStore, circle: bytes, stream: Stream) -> dict[bytes, FactState]:
    states = {}
    for record, revisions in stores.facts(circle, stream).items():
        with suppress(ValueError):
            states[record] = merge_fact({i: decode_revision(data) for i, data in revisions.items()})
    return states


def _heads(revisions: Mapping[bytes, bytes]) -> list[bytes]:
    """Return the revisions that nothing replaces yet, what this version cannot read included."""
    return [v.identifier for v in heads(in_order({i: decode_revision(d) for i, d in revisions.items()}))]


def _publish(
    session: Session,
    stores: Stores,
    circle: bytes,
    stream: Stream,
    record: bytes,
    parents: tuple[bytes, ...],
    body: FactBody,
) -> None:
    state, now = session.context(stores, circle).state, session.clock()
    readers = tuple(m.account for m in state.active_members() if m.reads(stream)) if state else ()
    revision = Revision(record, RecordKind.FACT, parents, session.account, now, readers, encode_fact(body))
    publish(stores, circle, stream, revision)


def _record_id(fact: str) -> bytes:
    try:
        return bytes.fromhex(fact)
    except ValueError:
        raise _unknown_fact() from None


def _unknown_fact() -> KnownError:
    return KnownError(
        tr("Ce fait n’est pas dans ce coffre\u00a0: vérifiez son identifiant, ou synchronisez.")
    )


def _name(context: CircleContext, account: bytes) -> str:
    card = context.cards.get(account)
    return card.name if card else ""


def _clean(text: str, limit: int) -> str:
    cleaned = " ".join(unicodedata.normalize("NFC", text).split())
    if len(cleaned) > limit:
        raise KnownError(tr("Ce texte est trop long ({limit} caractères au plus).", limit=limit))
    return cleaned


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise KnownError(tr("Une date s’écrit ainsi\u00a0: 2026-04-12. Rien n’a été enregistré.")) from None
