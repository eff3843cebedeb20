"""Saying where the person is, and what was said of it before."""

from __future__ import annotations

from carelink.access.policy import Permission
from carelink.access.registry import CircleState
from carelink.access.statements import Decision
from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.status import PatientStatus, StatusPart, newest
from carelink.services.errors import AlarmError, NotAllowedError
from carelink.services.exchange.relays import relay_of
from carelink.services.exchange.sync import SyncReport, exchange_with
from carelink.services.requirements import Service, requires
from carelink.services.status_views import StatusView, status_now, status_view
from carelink.sync.exchange.membership import Proposal, RefusedChangeError, append, prepared
from carelink.sync.exchange.pull import pull
from carelink.sync.store import Transaction


class Statuses(Service):
    """Where the person is."""

    @requires(Permission.STATUS_CHANGE)
    def say(self, circle: str, status: str, since: int | None = None) -> StatusView:
        """Say where the person is; every member learns it, the relay does not.

        Args:
            circle: Whose.
            status: Code of the status.
            since: When it began, milliseconds since 1970; now by default.

        Raises:
            KnownError: An unknown status, a date ahead, the same status already, or no relay.
        """
        session = self.session
        if status not in set(PatientStatus):
            known = ", ".join(PatientStatus)
            raise KnownError(
                tr("Ce statut n’est pas connu\u202f; choisissez parmi\u00a0: {known}.", known=known)
            )
        now = session.clock()
        since = now if since is None else since
        if since > now:
            raise KnownError(
                tr("Un statut commence aujourd’hui ou plus tôt\u00a0: choisissez une date passée.")
            )
        with session.read() as stores:
            identifier = session.circle_id(stores, circle)
            link = stores.link(identifier)
        if link.alarm:
            raise AlarmError
        if link.state == "proposed":
            raise KnownError(
                tr("Ce cercle n’a pas encore été envoyé au relais\u00a0: synchronisez, puis réessayez.")
            )
        part = StatusPart("status", status, since)
        same = False

        def propose(tx: Transaction, state: CircleState) -> Proposal | None:
            nonlocal same
            standing = newest(tx.statuses(identifier))
            same = (standing.status if standing else PatientStatus.PRESENT) == status and (
                standing is None or standing.since == since or status == PatientStatus.PRESENT
            )
            if same or state.member_of(session.keys.device) is None:
                return None
            return prepared(context, tx, identifier, Decision(), part)

        with relay_of(session, identifier) as relay:
            context = exchange_with(relay, SyncReport())
            try:
                done = relay.run(append(context, identifier, propose, lambda: pull(context)))
                if done:
                    relay.run(pull(context))
            except RefusedChangeError as error:
                raise NotAllowedError from error
        if same:
            raise KnownError(tr("C’est déjà le statut de la personne\u00a0: rien n’a été changé."))
        if not done:
            raise NotAllowedError
        return self.now(circle)

    @requires(Permission.CIRCLE_READ, reading=True)
    def now(self, circle: str) -> StatusView:
        """Return where the person is."""
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            return status_now(stores, identifier, self.session.context(stores, identifier))

    @requires(Permission.CIRCLE_READ, reading=True)
    def history(self, circle: str) -> list[StatusView]:
        """Return all that was said of where the person is, newest first."""
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            context = self.session.context(stores, identifier)
            return [status_view(row, context) for row in reversed(stores.statuses(identifier))]
