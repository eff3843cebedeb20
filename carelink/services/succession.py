"""The way on when the only person who coordinates is gone: two members want the same one instead."""

from __future__ import annotations

from dataclasses import dataclass

from carelink.access.policy import Permission
from carelink.access.registry import CircleState, Reason
from carelink.access.statements import Succeed
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.errors import AlarmError, ChangeRefusedError, UnknownMemberError
from carelink.services.exchange.appending import append_or_refuse
from carelink.services.exchange.relays import relay_of
from carelink.services.exchange.sync import SyncReport, exchange_with
from carelink.services.requirements import Service, requires
from carelink.services.session import CircleContext
from carelink.sync.exchange.duties import duties
from carelink.sync.exchange.membership import Proposal, prepared
from carelink.sync.exchange.pull import pull
from carelink.sync.store import Transaction


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants whom to coordinate, by name."""

    by: str
    whom: str
    member: str
    mine: bool


@dataclass(frozen=True, slots=True)
class SuccessionView:
    """Who coordinates a circle, and who is wanted.

    Attributes:
        coordinators: Names of who runs the circle.
        candidates: (id, name) of those who could be wanted.
        possible: Whether this account may say whom it wants.
    """

    coordinators: tuple[str, ...]
    wishes: tuple[Wish, ...]
    candidates: tuple[tuple[str, str], ...]
    possible: bool

    @property
    def advised(self) -> bool:
        """Whether a second person who coordinates is advised."""
        return len(self.coordinators) < 2


class Succession(Service):
    """Who coordinates, and who could."""

    @requires(Permission.CIRCLE_READ, reading=True)
    def read(self, circle: str) -> SuccessionView:
        """Return who coordinates a circle, and who is wanted."""
        with self.session.read() as stores:
            context = self.session.context(stores, self.session.circle_id(stores, circle))
        state, own = context.state, self.session.account
        if state is None:
            return SuccessionView((), (), (), possible=False)
        members = list(state.active_members())
        open_to = [m for m in members if not m.runs_circle and m.account != own]
        me = context.me
        return SuccessionView(
            coordinators=tuple(_name(context, m.account) for m in members if m.runs_circle),
            wishes=tuple(
                Wish(_name(context, by), _name(context, whom), whom.hex(), by == own)
                for by, whom in state.wishes.items()
            ),
            candidates=tuple((m.account.hex(), _name(context, m.account)) for m in open_to),
            possible=me is not None and me.active and not state.has_patient_side and bool(open_to),
        )

    @requires(Permission.CIRCLE_LEAVE)
    def want(self, circle: str, member: str) -> bool:
        """Say whom this account wants as coordinator; the second who says the same appoints them.

        Args:
            circle: Which.
            member: Id of who is wanted, the start of it, or their whole name.

        Returns:
            Whether they coordinate now.

        Raises:
            KnownError: No such member, the rules refuse it, or the relay cannot be used.
        """
        session = self.session
        with session.read() as stores:
            identifier = session.circle_id(stores, circle)
            if stores.link(identifier).alarm:
                raise AlarmError
            account = _found(session.context(stores, identifier), member)

        def propose(tx: Transaction, _: CircleState) -> Proposal | None:
            return prepared(context, tx, identifier, Succeed(account))

        with relay_of(session, identifier) as relay:
            context = exchange_with(relay, SyncReport())
            try:
                append_or_refuse(relay, context, identifier, propose)
            except ChangeRefusedError as refused:
                if refused.reason is Reason.NOTHING_CHANGES:
                    raise KnownError(
                        tr("Vous l’avez déjà dit\u00a0: il faut maintenant qu’une autre personne le dise.")
                    ) from refused
                raise
            relay.run(pull(context))
            relay.run(duties(context))
        with session.read() as stores:
            state = session.context(stores, identifier).state
        return state is not None and state.members[account].coordinator


def _found(context: CircleContext, text: str) -> bytes:
    wanted = text.strip().casefold()
    state = context.state
    members = list(state.active_members()) if state else []
    found = [
        member.account
        for member in members
        if wanted
        and (member.account.hex().startswith(wanted) or _name(context, member.account).casefold() == wanted)
    ]
    if len(found) != 1:
        raise UnknownMemberError
    return found[0]


def _name(context: CircleContext, account: bytes) -> str:
    card = context.cards.get(account)
    return card.name if card else tr("membre inconnu")
