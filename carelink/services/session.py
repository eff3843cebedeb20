"""An unlocked account: its vault, its keys, and what it is in each circle."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from carelink.access.policy import Standing
from carelink.access.registry import CircleState, Member
from carelink.access.roles import Function, Role
from carelink.access.statements import SignedCertificate
from carelink.crypto.keys import DeviceKeys
from carelink.models.stores.account import AccountStore
from carelink.models.stores.invitations import InvitationStore
from carelink.models.stores.registry import RegistryMark
from carelink.models.stores.time_line import TimeLineStore
from carelink.models.stores.vault_store import VaultTransaction
from carelink.models.vault.database import Database
from carelink.models.vault.home import AccountCard, Home
from carelink.records.transfer import CardRow
from carelink.services.errors import UnknownCircleError
from carelink.sync.chain import Chain

Clock = Callable[[], int]


def system_clock() -> int:
    """Return milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Stores(VaultTransaction, TimeLineStore, InvitationStore, AccountStore):
    """Every store over one connection."""


@dataclass(frozen=True, slots=True)
class CircleContext:
    """A circle as a service needs it; `name` is its id in hexadecimal."""

    circle: bytes
    name: str
    state: CircleState | None
    me: Member | None
    cards: dict[bytes, CardRow]


@dataclass
class Session:
    """One account, unlocked.

    Attributes:
        name: As the circles know it.
        profession: Role code of the profession, or empty.
        chains: Registry chains loaded so far, never ahead of the vault; `chains_turn` guards them.
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
    chains: dict[bytes, Chain] = field(default_factory=dict)
    chains_turn: threading.Lock = field(default_factory=threading.Lock)
    _reading: threading.local = field(default_factory=threading.local)
    _contexts: dict[bytes, tuple[RegistryMark, CircleContext]] = field(default_factory=dict)
    _circles: tuple[RegistryMark, tuple[bytes, ...]] | None = None

    @contextmanager
    def read(self) -> Iterator[Stores]:
        """Give every store over one consistent view; within another of the same thread, the same one."""
        outer: Stores | None = getattr(self._reading, "stores", None)
        if outer is not None:
            yield outer
            return
        with self.database.read() as connection:
            self._reading.stores = Stores(connection)
            self._reading.mark = None
            try:
                yield self._reading.stores
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
            return {circle: Chain(list(chain.states)) for circle, chain in self.chains.items()}

    def circle_id(self, stores: Stores, text: str) -> bytes:
        """Return the circle that a person named by its id or the start of it.

        Raises:
            UnknownCircleError: None, or several.
        """
        wanted = text.strip().lower()
        mark = self._mark(stores)
        if self._circles is None or self._circles[0] != mark:
            self._circles = (mark, tuple(link.circle for link in stores.links()))
        found = [circle for circle in self._circles[1] if wanted and circle.hex().startswith(wanted)]
        if len(found) != 1:
            raise UnknownCircleError
        return found[0]

    def context(self, stores: Stores, circle: bytes) -> CircleContext:
        """Return what a service needs of a circle."""
        mark = self._mark(stores)
        known = self._contexts.get(circle)
        if known is not None and known[0] == mark:
            return known[1]
        state = self.chain(stores, circle).state
        me = state.members.get(self.account) if state else None
        cards = {card.account: card for card in stores.cards(circle)}
        context = CircleContext(circle, circle.hex(), state, me, cards)
        self._contexts[circle] = (mark, context)
        return context

    def _mark(self, stores: Stores) -> RegistryMark:
        """Return what the registries stand at; asked once of a view that does not change."""
        if stores is not getattr(self._reading, "stores", None):
            return stores.registry_mark()
        mark: RegistryMark | None = self._reading.mark
        if mark is None:
            mark = self._reading.mark = stores.registry_mark()
        return mark

    def standing(self, context: CircleContext) -> Standing | None:
        """Return what this account is in a circle, or None before it was let in."""
        me = context.me
        if me is None:
            return None
        card = context.cards.get(self.account)
        known = card is not None and card.consistent
        return Standing(
            role=Role(card.role) if card is not None and known else None,
            functions=tuple(Function(f) for f in card.functions) if card is not None and known else (),
            rights=me.rights,
            active=me.active,
            runs_circle=me.runs_circle,
            invites=me.invites,
        )
