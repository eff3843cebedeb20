"""Making the demonstration, through the same services as everyone, at the times of its story."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from carelink.access.roles import Role
from carelink.language import tr
from carelink.models.vault.home import Home
from carelink.models.vault.secrets import SecretKind
from carelink.records.bodies import AgreementHow
from carelink.services.accounts import create_account, open_with_key
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles, checked_patient
from carelink.services.demo.calendar import LATEST_MS, Clock, local_moment, moments
from carelink.services.demo.corpus import Act, Amendment, CircleOf, Corpus, Membership, Note
from carelink.services.exchange.sync import Sync
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.services.session import Session, system_clock
from carelink.services.time_line import TimeLineQuery
from carelink.services.trace import Trace

Progress = Callable[[str, int, int], None]

_MINUTE_MS = 60 * 1000
_DAY_MS = 24 * 3600 * 1000
_ROOM_MS = _DAY_MS
_VISIT_BEFORE_NOTE_MS = 2 * _MINUTE_MS
_TRACED_DAYS = 21
_EVENING = dt.time(20, 15)
# How many notes each person in turn has not read yet: some are always up to date, some return from leave.
_UNREAD = (3, 1, 0, 2, 6, 4, 1, 2, 0, 5, 2, 3, 1)
_UNREAD_SINCE_MS = 3 * _DAY_MS
_EVERYTHING = 10_000


@dataclass(frozen=True, slots=True)
class Built:
    """What was made: account ids by person's key, circle ids by circle's key."""

    accounts: dict[str, str]
    circles: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Happening:
    moment: int
    author: str
    circle: str
    act: Act | None


@dataclass
class Builder:
    """One making of the demonstration.

    Args:
        home: An empty folder of CareLink.
        corpus: Who and what.
        passphrase: Of every account.
        url: Of the relay, which runs.
        progress: Told what is done, and how many of how many.
        now: The moment from which the story's days count back.
    """

    home: Home
    corpus: Corpus
    passphrase: str
    url: str
    progress: Progress
    now: int = field(default_factory=system_clock)
    _sessions: dict[str, Session] = field(default_factory=dict)
    _circles: dict[str, str] = field(default_factory=dict)
    _records: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._clock = Clock(self.now)

    def build(self) -> Built:
        """Make all of it.

        Raises:
            KnownError: The disk is full, or the relay does not answer.
        """
        try:
            self._clock.now = self._beginning() - _ROOM_MS
            self._make_accounts()
            for circle in self.corpus.circles:
                self._gather(circle)
            self._exchange(tr("Arrivée dans les cercles"))
            self._tell()
            self._clock.now = self.now - LATEST_MS
            self._exchange(tr("Envoi des transmissions"))
            self._clock.now = self.now
            self._exchange(tr("Réception des transmissions"))
            self._read_all_but_the_latest()
            accounts = {key: session.card.account for key, session in self._sessions.items()}
            return Built(accounts, dict(self._circles))
        finally:
            for session in self._sessions.values():
                session.close()

    def _beginning(self) -> int:
        return min(
            local_moment(self.now, act.days_ago, act.of_day)
            for notebook in self.corpus.notebooks.values()
            for act in notebook.acts
        )

    def _make_accounts(self) -> None:
        people = self.corpus.people
        for done, person in enumerate(people, start=1):
            made = create_account(
                self.home,
                person.name,
                self.passphrase,
                person.profession or "",
                person.rpps,
                self._clock,
                # An invented person leaves nothing in the keyring of whoever tries CareLink.
                SecretKind.FILE,
            )
            card = self.home.find(made.account)
            self._sessions[person.key] = open_with_key(self.home, card, made.key, self._clock)
            self.progress(tr("Création des comptes"), done, len(people))

    def _gather(self, circle: CircleOf) -> None:
        """Create a circle, and hand each member a code in person."""
        coordinator = self._sessions[circle.coordinator]
        patient = checked_patient(
            circle.given, circle.birth_name, circle.birth.isoformat(), circle.used_name, circle.sex
        )
        members = self.corpus.members(circle.key)
        own = next(membership for person, membership in members if person.key == circle.coordinator)
        identifier = Circles(coordinator).create(patient, self.url, own.role, own.functions, own.relation)
        self._circles[circle.key] = identifier
        others = [(person, m) for person, m in members if person.key != circle.coordinator]
        label = tr("Invitations, cercle de soins\u00a0: {name}", name=patient.display)
        for done, (person, membership) in enumerate(others, start=1):
            self._clock.now += _MINUTE_MS
            made = Invitations(coordinator).invite(
                identifier,
                InvitationRequest(
                    role=membership.role,
                    name=person.name,
                    relation=membership.relation,
                    functions=membership.functions,
                    in_person=True,
                    agreed=_agreement(membership),
                ),
            )
            Joinings(self._sessions[person.key]).join(made.link)
            self.progress(label, done, len(others))
        Sync(coordinator).once()

    def _exchange(self, label: str) -> None:
        for done, session in enumerate(self._sessions.values(), start=1):
            Sync(session).once()
            self.progress(label, done, len(self._sessions))

    def _tell(self) -> None:
        """Write what each person wrote, and open what they opened, at the times of the story."""
        happenings = self._happenings()
        for done, happening in enumerate(happenings, start=1):
            self._clock.now = happening.moment
            session, circle = self._sessions[happening.author], self._circles[happening.circle]
            if happening.act is None:
                Trace(session).record(circle, Cahier(session).readable(circle))
            else:
                self._do(Cahier(session), circle, happening.circle, happening.act)
            self.progress(tr("Écriture du cahier"), done, len(happenings))

    def _do(self, cahier: Cahier, circle: str, key: str, act: Act) -> None:
        if isinstance(act, Note):
            entry = cahier.write(circle, act.compartment, act.text, act.kind, act.urgent)
            if act.ref:
                self._records[key, act.ref] = entry
        elif isinstance(act, Amendment):
            cahier.amend(self._records[key, act.ref], act.text)
        else:
            cahier.withdraw(self._records[key, act.ref], act.reason)

    def _happenings(self) -> list[_Happening]:
        found: list[_Happening] = []
        for circle in self.corpus.circles:
            notebook = self.corpus.notebooks[circle.key]
            authors = {note.ref: note.author for note in notebook.entries if note.ref}
            for act, moment in zip(notebook.acts, moments(notebook.acts, self.now), strict=True):
                author = act.author if isinstance(act, Note) else authors[act.ref]
                found.append(_Happening(moment, author, circle.key, act))
        found += self._visits(found)
        return sorted(found, key=lambda happening: happening.moment)

    def _visits(self, notes: list[_Happening]) -> list[_Happening]:
        """Return when each person opened the file, over the last weeks: before writing, or of an evening."""
        first = self.now - _TRACED_DAYS * _DAY_MS
        visits = [
            _Happening(note.moment - _VISIT_BEFORE_NOTE_MS, note.author, note.circle, None)
            for note in notes
            if note.moment >= first
        ]
        for place, person in enumerate(self.corpus.people):
            for membership in person.circles:
                for days_ago in range(1 + place % 3, _TRACED_DAYS, 3 + place % 2):
                    moment = local_moment(self.now, days_ago, _EVENING) + place * 3 * _MINUTE_MS
                    visits.append(_Happening(moment, person.key, membership.circle, None))
        return visits

    def _read_all_but_the_latest(self) -> None:
        turns: Counter[str] = Counter()
        for place, (person, session) in enumerate(
            zip(self.corpus.people, self._sessions.values(), strict=True)
        ):
            for membership in person.circles:
                circle = self._circles[membership.circle]
                unread = Cahier(session).entries(circle, TimeLineQuery(unread=True), _EVERYTHING)
                kept = _UNREAD[(place + turns[person.key]) % len(_UNREAD)]
                turns[person.key] += 1
                seen = [
                    view.entry
                    for position, view in enumerate(unread)
                    if position >= kept or view.shown < self.now - _UNREAD_SINCE_MS
                ]
                Cahier(session).mark_read(circle, seen)


def _agreement(membership: Membership) -> str:
    """Return how the person agreed: to their own account they do by using it."""
    if membership.role is Role.PATIENT:
        return AgreementHow.ORAL
    return membership.agreed or ""
