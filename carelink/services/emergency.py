"""Emergency access (bris de glace): someone on call, whose keys lie ready, and who says why first."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from carelink.access.policy import Permission
from carelink.access.registry import LONGEST_EMERGENCY_MS, MAX_EMERGENCY_REASON, CircleState, Reason
from carelink.access.statements import BreakGlass, OpposeEmergency, Public, decode_statement
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.errors import AlarmError, ChangeRefusedError, HubError
from carelink.services.exchange.relays import relay_of, spoken
from carelink.services.exchange.sync import SyncReport, exchange_with, follow_up
from carelink.services.requirements import Service, requires
from carelink.sync.exchange.context import Context
from carelink.sync.exchange.membership import Proposal, RefusedChangeError, append, prepared
from carelink.sync.exchange.pull import pull
from carelink.sync.store import Transaction

HOUR_MS = 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class EmergencyView:
    """A glass that was broken.

    Attributes:
        member, name: Who broke it.
        since, until: Milliseconds since 1970.
        reason: In their words.
        under_way: Whether it still opens the record.
    """

    member: str
    name: str
    since: int
    until: int
    reason: str
    under_way: bool


@dataclass(frozen=True, slots=True)
class EmergencyState:
    """Emergency access in a circle.

    Attributes:
        opposed: Whether the patient's side forbids it.
        on_call: Names of who may break the glass.
        opened: Every time that somebody did, newest first.
    """

    opposed: bool
    on_call: tuple[str, ...]
    opened: tuple[EmergencyView, ...]


class Emergency(Service):
    """Emergency access, for those on call, the patient's side and everybody who wants to know."""

    @requires(Permission.CIRCLE_READ)
    def state(self, circle: str) -> EmergencyState:
        """Return who is on call, and every time that the record was opened in an emergency."""
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            context = self.session.context(stores, identifier)
            rows = stores.statements(identifier)
            chain = self.session.chain(stores, identifier)
        if context.state is None:
            return EmergencyState(opposed=False, on_call=(), opened=())
        names = {account: card.name for account, card in context.cards.items()}
        opened = []
        for row in rows:
            statement = decode_statement(row.body)
            if not isinstance(statement.public, BreakGlass):
                continue
            author = chain.states[row.height].member_of(statement.body.device)
            account = b"" if author is None else author.account
            now = context.state.members.get(account)
            until = statement.public.until
            opened.append(
                EmergencyView(
                    member=account.hex(),
                    name=names.get(account, tr("membre inconnu")),
                    since=statement.body.time,
                    until=until,
                    reason=statement.public.reason,
                    under_way=now is not None and now.emergency_until == until,
                )
            )
        on_call = [m for m in context.state.active_members() if m.emergency]
        return EmergencyState(
            opposed=context.state.opposed,
            on_call=tuple(names.get(member.account, tr("membre inconnu")) for member in on_call),
            opened=tuple(reversed(opened)),
        )

    @requires(Permission.EMERGENCY_OPEN)
    def open(self, circle: str, reason: str, hours: int = 4) -> EmergencyView:
        """Open the record for some hours: the reason is recorded and everybody told before any key comes.

        Raises:
            KnownError: No reason, opposed, or the relay cannot be used; nothing was opened.
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
        longest = LONGEST_EMERGENCY_MS // HOUR_MS
        if not 1 <= hours <= longest:
            raise KnownError(
                tr(
                    "Un accès d’urgence dure de 1 à {longest} heures\u00a0: rien n’a été ouvert.",
                    longest=longest,
                )
            )
        until = self.session.clock() + hours * HOUR_MS

        def fetch(context: Context, identifier: bytes) -> None:
            # The keys lay ready since before: letters and the past are asked for from the start.
            with context.store.transaction() as tx:
                items, _ = tx.cursors()
                tx.set_cursors(items, 0)
                tx.set_backfill(identifier, items + 1)

        self._say(circle, BreakGlass(until, cleaned), fetch)
        return self.state(circle).opened[0]

    @requires(Permission.EMERGENCY_OPPOSE)
    def oppose(self, circle: str, *, opposed: bool) -> None:
        """Forbid emergency access, or allow it again; the keys that lay ready are deleted and changed.

        Raises:
            KnownError: The rules refuse it, or the relay cannot be used; nothing was changed.
        """
        self._say(circle, OpposeEmergency(opposed))

    def _say(self, circle: str, public: Public, then: Callable[[Context, bytes], None] | None = None) -> None:
        session = self.session
        with session.read() as stores:
            identifier = session.circle_id(stores, circle)
            if stores.link(identifier).alarm:
                raise AlarmError
        with relay_of(session, identifier) as relay:
            context = exchange_with(relay, SyncReport())

            def propose(tx: Transaction, _: CircleState) -> Proposal | None:
                return prepared(context, tx, identifier, public)

            try:
                done = relay.run(append(context, identifier, propose, lambda: pull(context)))
            except RefusedChangeError as refused:
                raise ChangeRefusedError(refused.reason) from refused
            if not done:
                raise ChangeRefusedError(Reason.NOT_ENTITLED)
            if then is not None:
                then(context, identifier)
            follow_up(relay, context)
            with suppress(HubError), spoken(relay.row.url):
                exchange_with(relay, SyncReport())
