"""Emergency access (bris de glace): someone on call, whose keys lie ready, and who says why first."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from carelink.access.compartments import Compartment, stream_of
from carelink.access.policy import Permission
from carelink.access.registry import (
    LONGEST_EMERGENCY_MS,
    MAX_EMERGENCY_REASON,
    CircleState,
    may_oppose,
)
from carelink.access.statements import BreakGlass, OpposeEmergency, Public, decode_statement
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.errors import AlarmError, HubError
from carelink.services.exchange.appending import append_or_refuse
from carelink.services.exchange.relays import relay_of, spoken
from carelink.services.exchange.sync import SyncReport, exchange_with, follow_up
from carelink.services.moments import at_words, local_time
from carelink.services.requirements import Service, requires
from carelink.services.session import CircleContext, Stores
from carelink.services.status_views import no_emergency, status_now
from carelink.sync.chain import Chain
from carelink.sync.exchange.context import Context
from carelink.sync.exchange.membership import Proposal, prepared
from carelink.sync.store import Transaction

HOUR_MS: Final = 60 * 60 * 1000
LONGEST_HOURS: Final = LONGEST_EMERGENCY_MS // HOUR_MS
# Statements name their kind in the clear: most are told apart without being decoded.
_KIND: Final = b"break_glass"


@dataclass(frozen=True, slots=True)
class EmergencyView:
    """A glass that was broken.

    Attributes:
        circle: The circle's id.
        height: Place of the statement in the chain.
        member, name: Who broke it.
        since, until: Milliseconds since 1970.
        reason: In their words.
        sentence: All of it in words, without a full stop.
        under_way: Whether it still opens the record.
        cut: When it was ended before its time, milliseconds since 1970, or None.
        mine: Whether the reader broke it.
        to_review: Whether the reader runs the circle and has not acknowledged it yet.
    """

    circle: str
    height: int
    member: str
    name: str
    since: int
    until: int
    reason: str
    sentence: str
    under_way: bool
    cut: int | None
    mine: bool
    to_review: bool


@dataclass(frozen=True, slots=True)
class EmergencyState:
    """Emergency access in a circle.

    Attributes:
        opposed: Whether the patient's side forbids it.
        on_call: Names of who may break the glass.
        may_open: Whether the reader is one of them.
        may_decide: Whether the reader may oppose it or allow it again.
        opens: Volets that the reader would read, for who is on call.
        opened: Every time that somebody did, newest first.
    """

    opposed: bool
    on_call: tuple[str, ...]
    may_open: bool
    may_decide: bool
    opens: tuple[str, ...]
    opened: tuple[EmergencyView, ...]


class Emergency(Service):
    """Emergency access, for those on call, the patient's side and everybody who wants to know."""

    @requires(Permission.CIRCLE_READ, reading=True)
    def state(self, circle: str) -> EmergencyState:
        """Return who is on call, and every time that the record was opened in an emergency."""
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            context = self.session.context(stores, identifier)
            opened = self._opened(stores, context)
            deceased = status_now(stores, identifier).deceased
        state, me = context.state, context.me
        if state is None:
            return EmergencyState(
                opposed=False, on_call=(), may_open=False, may_decide=False, opens=(), opened=()
            )
        on_call = [member for member in state.active_members() if member.emergency]
        return EmergencyState(
            opposed=state.opposed,
            on_call=tuple(_name(context, member.account) for member in on_call),
            may_open=me is not None
            and not deceased
            and any(member.account == me.account for member in on_call),
            may_decide=me is not None and may_oppose(state, me),
            opens=tuple(c.value for c in Compartment if me is not None and stream_of(c) not in me.denials),
            opened=tuple(reversed(opened)),
        )

    @requires(Permission.VAULT_USE)
    def to_review(self) -> list[EmergencyView]:
        """Return the openings, in every circle that the reader runs, that they have not acknowledged."""
        with self.session.read() as stores:
            return [
                view
                for link in stores.links()
                for view in self._opened(stores, self.session.context(stores, link.circle))
                if view.to_review
            ]

    @requires(Permission.TRACE_READ)
    def acknowledge(self, circle: str, heights: Collection[int]) -> None:
        """Note that openings, named by their `EmergencyView.height`, were seen."""
        with self.session.write() as stores:
            stores.acknowledge_emergencies(self.session.circle_id(stores, circle), list(heights))

    def _opened(self, stores: Stores, context: CircleContext) -> list[EmergencyView]:
        """Return every opening, oldest first."""
        state, me, standing = context.state, context.me, context.standing
        if state is None or me is None:
            return []
        rows = [row for row in stores.statements(context.circle) if _KIND in row.body]
        if not rows:
            return []
        chain, now = self.session.chain(stores, context.circle), self.session.clock()
        seen = stores.acknowledged_emergencies(context.circle)
        reviews = standing is not None and standing.active and standing.runs_circle
        opened = []
        for row in rows:
            statement = decode_statement(row.body)
            if not isinstance(statement.public, BreakGlass):
                continue
            author = chain.states[row.height].member_of(statement.body.device)
            account = b"" if author is None else author.account
            member, until = state.members.get(account), statement.public.until
            name, reason = _name(context, account), " ".join(statement.public.reason.split())
            opened.append(
                EmergencyView(
                    circle=context.name,
                    height=row.height,
                    member=account.hex(),
                    name=name,
                    since=statement.body.time,
                    until=until,
                    reason=reason,
                    sentence=_sentence(name, statement.body.time, local_time(now).date(), reason),
                    under_way=member is not None and member.emergency_until == until and until > now,
                    cut=_cut(stores, chain, context.circle, row.height, account, until),
                    mine=account == self.session.account,
                    to_review=reviews and row.height > me.since and row.height not in seen,
                )
            )
        return opened

    @requires(Permission.EMERGENCY_OPEN)
    def open(self, circle: str, reason: str, hours: int = 4) -> EmergencyView:
        """Open the record for some hours: the reason is recorded and everybody told before any key comes.

        Raises:
            KnownError: No reason, opposed, the person is dead, or the relay cannot be used; nothing was
                opened.
        """
        cleaned = unicodedata.normalize("NFC", reason).strip()
        if not cleaned or len(cleaned) > MAX_EMERGENCY_REASON:
            raise KnownError(
                tr(
                    "Dites en quelques mots pourquoi le dossier doit être ouvert en urgence ({limit} "
                    "caractères au plus)\u00a0: rien n’a été ouvert.",
                    limit=MAX_EMERGENCY_REASON,
                )
            )
        if not 1 <= hours <= LONGEST_HOURS:
            raise KnownError(
                tr(
                    "Un accès d’urgence dure de 1 à {longest} heures\u00a0: rien n’a été ouvert.",
                    longest=LONGEST_HOURS,
                )
            )
        until = self.session.clock() + hours * HOUR_MS

        def fetch(context: Context, identifier: bytes) -> None:
            # The keys lay ready since before: letters and the past are asked for from the start.
            with context.store.transaction() as tx:
                items, _ = tx.cursors()
                tx.set_cursors(items, 0)
                tx.set_backfill(identifier, items + 1)

        self._say(circle, BreakGlass(until, cleaned), no_emergency, fetch)
        return self.state(circle).opened[0]

    @requires(Permission.EMERGENCY_OPPOSE)
    def oppose(self, circle: str, *, opposed: bool) -> None:
        """Forbid emergency access, or allow it again; the keys that lay ready are deleted and changed.

        Raises:
            KnownError: The rules refuse it, or the relay cannot be used; nothing was changed.
        """
        self._say(circle, OpposeEmergency(opposed))

    def _say(
        self,
        circle: str,
        public: Public,
        require: Callable[[Stores, bytes], None] = lambda *_: None,
        then: Callable[[Context, bytes], None] | None = None,
    ) -> None:
        session = self.session
        with session.read() as stores:
            identifier = session.circle_id(stores, circle)
            if stores.link(identifier).alarm:
                raise AlarmError
            require(stores, identifier)
        with relay_of(session, identifier) as relay:
            context = exchange_with(relay, SyncReport())

            def propose(tx: Transaction, _: CircleState) -> Proposal | None:
                # What the exchange brought may stop it.
                with session.read() as stores:
                    require(stores, identifier)
                return prepared(context, tx, identifier, public)

            append_or_refuse(relay, context, identifier, propose)
            if then is not None:
                then(context, identifier)
            follow_up(relay, context)
            with suppress(HubError), spoken(relay.row.url):
                exchange_with(relay, SyncReport())


def _cut(stores: Stores, chain: Chain, circle: bytes, height: int, account: bytes, until: int) -> int | None:
    """Return when a statement closed an opening before its time, if one did: opposition, or an end of stay.

    Another opening by the same person goes on with the first, and one that was ended in its time was not cut.
    """
    for later in range(height + 1, len(chain.states)):
        member = chain.states[later].members.get(account)
        if member is not None and member.emergency_until is not None:
            continue
        time = decode_statement(stores.statement_body(circle, later)).body.time
        return time if time < until else None
    return None


def _name(context: CircleContext, account: bytes) -> str:
    card = context.cards.get(account)
    # After a line end, whoever wrote their own name could add a sentence.
    return tr("membre inconnu") if card is None else " ".join(card.name.split())


def _sentence(name: str, since: int, today: datetime.date, reason: str) -> str:
    return tr(
        "{name} a ouvert le dossier en urgence, {when}\u00a0: «\u00a0{reason}\u00a0»",
        name=name,
        when=at_words(since, today),
        reason=reason,
    )
