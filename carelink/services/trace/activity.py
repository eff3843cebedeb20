"""Recording accesses, reading them, exporting them, and telling the person of a first opening."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from carelink.access.compartments import COMPARTMENT_STREAMS, RESTRICTED, Compartment, Stream
from carelink.access.policy import Permission, allows
from carelink.access.roles import Role
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.stores.traces import TraceFilter, TraceRow
from carelink.models.vault.files import create_named_file
from carelink.records.bodies import RecordKind, TraceAction, TraceBody, encode_body
from carelink.records.transfer import CardRow
from carelink.services.errors import UnknownEntryError
from carelink.services.moments import local_time
from carelink.services.naming import SAME_VISIT_MS, trace_named
from carelink.services.publishing import publish_record
from carelink.services.requirements import Service, requires
from carelink.services.session import CircleContext, Stores
from carelink.services.trace.table import table
from carelink.services.trace.views import PAGE, FirstOpening, TracedPerson, TraceQuery, TraceView
from carelink.services.trace.words import access_sentence, act_words, traced_person

_EXPORTED_AT_ONCE = 2_000
_LEAST_OF_AN_ID = 8


class Trace(Service):
    """Recording and reading accesses."""

    @requires(Permission.CIRCLE_READ)
    def record(self, circle: str, compartments: Collection[str], action: str = TraceAction.OPENED) -> None:
        """Record that volets of a file were opened, searched or exported; once each a visit of half an hour.

        Of volets that are not one's to read nothing is recorded: nothing of them was seen.

        Args:
            circle: The file.
            compartments: Codes of volets; "trace" is the list of accesses itself.
            action: A `TraceAction`.
        """
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            # Most acts are of a visit traced already: they do not wait until an exchange has written.
            if not self._untraced(stores, identifier, compartments, action, self.session.clock()):
                return
        with self.session.write() as stores:
            self._record(stores, identifier, compartments, action)

    @requires(Permission.VAULT_USE)
    def record_entry(self, entry: str) -> None:
        """Record that a transmission's versions were opened: that opens its volet.

        Raises:
            UnknownEntryError: Not in this vault.
        """
        with self.session.write() as stores:
            try:
                found = stores.entry(bytes.fromhex(entry))
            except ValueError:
                found = None
            if found is None:
                raise UnknownEntryError
            circle, row = found
            if row.stream == RESTRICTED:
                trace_named(self.session, stores, circle, [bytes.fromhex(entry)], TraceAction.OPENED)
                return
            self._record(stores, circle, (row.stream,), TraceAction.OPENED)

    @requires(Permission.VAULT_USE)
    def record_dump(self) -> None:
        """Record, in every circle, that all that is held of it was written out in the clear."""
        everything = (*COMPARTMENT_STREAMS, Stream.TRACE)
        with self.session.write() as stores:
            for link in stores.links():
                self._record(stores, link.circle, everything, TraceAction.EXPORTED)
                named = stores.restricted_records(link.circle)
                trace_named(self.session, stores, link.circle, named, TraceAction.EXPORTED)

    def _record(self, stores: Stores, circle: bytes, compartments: Collection[str], action: str) -> None:
        now = self.session.clock()
        for stream in self._untraced(stores, circle, compartments, action, now):
            body = encode_body(TraceBody(TraceAction(action), stream.value))
            publish_record(self.session, stores, circle, Stream.TRACE, RecordKind.TRACE, body)

    def _untraced(
        self, stores: Stores, circle: bytes, compartments: Collection[str], action: str, now: int
    ) -> list[Stream]:
        """Return what of these is ours to read and was not traced at this visit."""
        me = self.session.context(stores, circle).me
        if me is None or not me.writes(Stream.TRACE):
            return []
        compartments = set(compartments)
        if Stream.CARE_INBOX.value in compartments:
            # Signals are read with the medical record: that is what was opened, whatever they are.
            compartments.add(Stream.CARE.value)
        span = (now - SAME_VISIT_MS, now + SAME_VISIT_MS)
        already = stores.traced(circle, self.session.account, action, span)
        return [
            stream
            for stream in (*COMPARTMENT_STREAMS, Stream.TRACE)
            if stream.value in compartments and stream.value not in already and me.reads(stream)
        ]

    @requires(Permission.TRACE_READ, reading=True)
    def read(self, circle: str, query: TraceQuery | None = None, limit: int = PAGE) -> list[TraceView]:
        """Return a page of who did what, newest first."""
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            return self._page(stores, identifier, query or TraceQuery(), limit)

    @requires(Permission.TRACE_READ, reading=True)
    def people(self, circle: str) -> list[TracedPerson]:
        """Return everyone whose accesses may be in the trace: who is in the circle first, then by name."""
        with self.session.read() as stores:
            context = self.session.context(stores, self.session.circle_id(stores, circle))
        members = context.state.members if context.state is not None else {}
        people = [self._person(context, account) for account in members]
        return sorted(people, key=lambda person: (person.left, not person.known, _folded(person.name)))

    @requires(Permission.TRACE_READ, reading=True)
    def person(self, circle: str, text: str) -> TracedPerson:
        """Return whom someone means by an id, the start of one, or a part of a name.

        Raises:
            KnownError: Nobody, or several.
        """
        wanted = _folded(text)
        people = self.people(circle)
        # Shorter, a name such as "Bea" could be the start of someone's id.
        by_id = len(wanted) >= _LEAST_OF_AN_ID
        found = [person for person in people if by_id and person.id.startswith(wanted)]
        found = found or [person for person in people if wanted and wanted in _folded(person.name)]
        if len(found) != 1:
            names = ", ".join(person.name for person in found or people)
            raise KnownError(
                tr(
                    "«\u00a0{text}\u00a0» ne désigne pas une seule personne\u00a0: {names}.",
                    text=text,
                    names=names,
                )
            )
        return found[0]

    @requires(Permission.TRACE_READ)
    def export(self, circle: str, out: Path, query: TraceQuery | None = None, replacing: bool = False) -> int:
        """Write who did what to a table for a spreadsheet, and leave a trace of that.

        Args:
            circle: Whose file.
            out: Where to; only its owner reads it.
            query: Which accesses.
            replacing: Whether a file of that name may be replaced.

        Returns:
            How many accesses were written.

        Raises:
            KnownError: The file is there already, its folder is missing, or the disk is full.
        """
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            views = list(self._all(stores, identifier, query or TraceQuery()))
        create_named_file(out, table(views), replacing=replacing)
        try:
            with self.session.write() as stores:
                self._record(stores, identifier, (Stream.TRACE,), TraceAction.EXPORTED)
        except BaseException:
            # Nothing is exported in silence.
            with suppress(OSError):
                out.unlink()
            raise
        return len(views)

    @requires(Permission.VAULT_USE)
    def first_openings(self) -> list[FirstOpening]:
        """Return who first opened a medical record and was not acknowledged yet, for the patient's side.

        Whoever read the medical record already when the reader came is not among them: their first opening
        may lie before what the reader holds.
        """
        with self.session.read() as stores:
            today = self._today()
            return [
                opening for link in stores.links() for opening in self._openings(stores, link.circle, today)
            ]

    @requires(Permission.TRACE_READ)
    def acknowledge(self, circle: str, openings: Iterable[str]) -> None:
        """Note that first openings were seen.

        Args:
            circle: The circle.
            openings: Ids of the people who made them.
        """
        with self.session.write() as stores:
            identifier = self.session.circle_id(stores, circle)
            stores.acknowledge_openings(identifier, [bytes.fromhex(person) for person in openings])

    def _openings(self, stores: Stores, circle: bytes, today: datetime.date) -> Iterator[FirstOpening]:
        context = self.session.context(stores, circle)
        standing, me, state = context.standing, context.me, context.state
        if standing is None or standing.role is None or me is None or state is None:
            return
        if not standing.role.is_patient_side or not allows(Permission.TRACE_READ, standing):
            return
        came = self.session.chain(stores, circle).at(me.since)
        before = came.members if came is not None else {}
        newcomers = [
            account
            for account in state.members
            if not (account in before and before[account].reads(Stream.CARE))
            and not _is_family(context.cards.get(account))
        ]
        first = stores.first_traces(circle, Compartment.CARE, newcomers)
        seen = stores.acknowledged_openings(circle)
        for account, wall in sorted(first.items(), key=lambda item: item[1]):
            if account not in seen:
                person = self._person(context, account)
                act = (
                    tr("a ouvert votre dossier médical pour la première fois")
                    if standing.role is Role.PATIENT
                    else tr("a ouvert le dossier médical pour la première fois")
                )
                yield FirstOpening(circle.hex(), person, wall, access_sentence(person, act, wall, today))

    def _all(self, stores: Stores, circle: bytes, query: TraceQuery) -> Iterator[TraceView]:
        while page := self._page(stores, circle, query, _EXPORTED_AT_ONCE):
            yield from page
            query = replace(query, before=page[-1].place)

    def _page(self, stores: Stores, circle: bytes, query: TraceQuery, limit: int) -> list[TraceView]:
        context = self.session.context(stores, circle)
        wanted = TraceFilter(
            author=bytes.fromhex(query.member) if query.member else None,
            compartment=query.compartment,
            action=query.action,
            since=query.since,
            before=query.before,
        )
        rows, today = stores.traces(circle, wanted, limit), self._today()
        people = {author: self._person(context, author) for author in {row.author for row in rows}}
        return [_view(row, people[row.author], today) for row in rows]

    def _person(self, context: CircleContext, account: bytes) -> TracedPerson:
        return traced_person(account, context.cards.get(account), context.state, self.session.account)

    def _today(self) -> datetime.date:
        return local_time(self.session.clock()).date()


def _view(row: TraceRow, person: TracedPerson, today: datetime.date) -> TraceView:
    act = act_words(row.action, (row.compartment,))
    return TraceView(
        person=person,
        action=row.action,
        compartment=row.compartment,
        time=row.wall,
        act=act,
        sentence=access_sentence(person, act, row.wall, today),
        place=(row.wall, row.pk),
    )


def _is_family(card: CardRow | None) -> bool:
    """Tell whether someone is no professional by a card that is right."""
    return card is not None and card.consistent and not Role(card.role).is_professional


def _folded(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
