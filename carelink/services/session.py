"""An unlocked account: its vault, its keys, and what it is in each circle."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace

from carelink.access.policy import Standing
from carelink.access.registry import CircleState, Member, in_force, through_teams
from carelink.access.roles import Function, Role
from carelink.access.statements import SignedCertificate
from carelink.crypto.keys import DeviceKeys
from carelink.models.stores.account import AccountStore
from carelink.models.stores.facts import FactStore
from carelink.models.stores.identities import IdentityStore
from carelink.models.stores.invitations import InvitationStore
from carelink.models.stores.registry import RegistryMark
from carelink.models.stores.time_line import TimeLineStore
from carelink.models.stores.traces import TraceStore
from carelink.models.stores.vault_store import VaultTransaction
from carelink.models.vault.database import Database
from carelink.models.vault.home import AccountCard, Home
from carelink.models.vault.pins import KeptKey
from carelink.records.transfer import CardRow
from carelink.services.errors import UnknownCircleError
from carelink.sync.chain import Chain
from carelink.sync.exchange.teams import own_card

Clock = Callable[[], int]


def system_clock() -> int:
    """Return milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Stores(
    VaultTransaction, TimeLineStore, TraceStore, FactStore, IdentityStore, InvitationStore, AccountStore
):
    """Every store over one connection."""


@dataclass(frozen=True, slots=True)
class CircleContext:
    """A circle as a service needs it.

    Attributes:
        name: Its id in hexadecimal.
        standing: What this account is in it, or None before it was let in.
    """

    circle: bytes
    name: str
    state: CircleState | None
    me: Member | None
    standing: Standing | None
    cards: dict[bytes, CardRow]


@dataclass
class Session:
    """One account, unlocked.

    Attributes:
        name: As the circles know it.
        profession: Role code of the profession, or empty.
        chains: Registry chains loaded so far, never ahead of the vault; `chains_turn` guards them.
        kept: What the PIN re-opens the vault with once it is locked, or None without a PIN.
    """

    home: Home
    card: AccountCard
    database: Database
    account: bytes
    name: str
    profession: str
    rpps: str
    name_salt: bytes
    keys: DeviceKeys
    certificate: SignedCertificate
    clock: Clock = system_clock
    kept: KeptKey | None = field(default=None, repr=False)
    chains: dict[bytes, Chain] = field(default_factory=dict)
    chains_turn: threading.Lock = field(default_factory=threading.Lock)
    _reading: threading.local = field(default_factory=threading.local)
    _contexts: dict[bytes, tuple[RegistryMark, CircleContext]] = field(default_factory=dict)
    _rows: dict[bytes, int] = field(default_factory=dict)
    _named: tuple[RegistryMark, dict[str, bytes]] | None = None

    def read(self) -> AbstractContextManager[Stores]:
        """Give every store over one consistent view; within another of the same thread, the same one."""
        outer: Stores | None = getattr(self._reading, "stores", None)
        return self._view() if outer is None else nullcontext(outer)

    @contextmanager
    def _view(self) -> Iterator[Stores]:
        with self.database.read() as connection:
            stores = self._reading.stores = Stores(connection, circles=self._rows)
            self._reading.mark = None
            try:
                yield stores
            finally:
                self._reading.stores = None

    @contextmanager
    def write(self) -> Iterator[Stores]:
        """Give every store in one transaction that is kept on leaving."""
        with self.database.write() as connection:
            yield Stores(connection)

    def close(self) -> None:
        """Close the vault and forget its key."""
        self.database.lock()

    def chain(self, stores: Stores, circle: bytes) -> Chain:
        """Return a circle's chain as the vault holds it."""
        with self.chains_turn:
            chain = self.chains.setdefault(circle, Chain())
            chain.replay(stores.statements(circle, chain.height))
            return chain

    def chains_for_exchange(self) -> dict[bytes, Chain]:
        """Return copies that an exchange may extend in a transaction which may yet be undone."""
        with self.chains_turn:
            return {circle: chain.copy() for circle, chain in self.chains.items()}

    def circle_id(self, stores: Stores, text: str) -> bytes:
        """Return the circle that a person named by its id or the start of it.

        Raises:
            UnknownCircleError: None, or several.
        """
        mark, known = self._mark(stores), self._named
        if known is None or known[0] != mark:
            known = (mark, {link.circle.hex(): link.circle for link in stores.links()})
            if self._is_reading(stores):
                self._named = known
        named = known[1]
        if (circle := named.get(text)) is not None:
            return circle
        wanted = text.strip().lower()
        found = [circle for name, circle in named.items() if wanted and name.startswith(wanted)]
        if len(found) != 1:
            raise UnknownCircleError
        return found[0]

    def context(self, stores: Stores, circle: bytes) -> CircleContext:
        """Return what a service needs of a circle."""
        mark = self._mark(stores)
        known = self._contexts.get(circle)
        if known is not None and known[0] == mark:
            return self._as_of_now(known[1])
        state = self._seen(stores, circle)
        me = state.members.get(self.account) if state else None
        cards = {card.account: card for card in stores.cards(circle)}
        if me is not None and me.through and me.account not in cards:
            card = own_card(stores.cards(me.through), list(cards.values()), me)
            cards |= {} if card is None else {me.account: card}
        standing = None if me is None else _standing(me, cards.get(self.account))
        context = CircleContext(circle, circle.hex(), state, me, standing, cards)
        if self._is_reading(stores):
            self._contexts[circle] = (mark, context)
        return self._as_of_now(context)

    def _seen(self, stores: Stores, circle: bytes) -> CircleState | None:
        """Return a circle's state with this account in it as its teams let it be."""
        state = self.chain(stores, circle).state
        if state is None or not any(member.team for member in state.members.values()):
            return state
        followed = {link.circle for link in stores.links() if link.team}
        teams = [self.chain(stores, team).state for team in sorted(followed & set(state.members))]
        return through_teams(state, [team for team in teams if team is not None], self.keys.device)

    def _as_of_now(self, context: CircleContext) -> CircleContext:
        """Return what counts once our own emergency access is over, though the registry has yet to say so."""
        me = context.me
        if me is None or me.emergency_until is None:
            return context
        now = self.clock()
        if me.emergency_until > now:
            return context
        me = in_force(me, now) or me
        return replace(context, me=me, standing=_standing(me, context.cards.get(self.account)))

    def _is_reading(self, stores: Stores) -> bool:
        """Whether what these stores show is kept: what a write sees may yet be undone."""
        return stores is getattr(self._reading, "stores", None)

    def _mark(self, stores: Stores) -> RegistryMark:
        """Return what the registries stand at; asked once of a view that does not change."""
        if not self._is_reading(stores):
            return stores.registry_mark()
        mark: RegistryMark | None = self._reading.mark
        if mark is None:
            mark = self._reading.mark = stores.registry_mark()
        return mark


def _standing(me: Member, card: CardRow | None) -> Standing:
    """Return what a member is, by their card where it is consistent with the public part."""
    known = card is not None and card.consistent
    return Standing(
        role=Role(card.role) if card is not None and known else None,
        functions=tuple(Function(f) for f in card.functions) if card is not None and known else (),
        rights=me.rights,
        active=me.active,
        runs_circle=me.runs_circle,
        invites=me.invites,
    )
