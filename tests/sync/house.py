"""People with vaults of their own, and a relay in memory between them."""

from __future__ import annotations

import datetime
import secrets
import shutil
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from carelink.access.roles import Function, Role
from carelink.access.statements import ChangeRole, Public, decode_certificate
from carelink.crypto.keys import enrol_first_device
from carelink.models.stores.account import AccountRow
from carelink.models.vault.database import Database
from carelink.models.vault.home import AccountCard, Home
from carelink.models.vault.migrate import create_vault
from carelink.models.vault.secrets import SecretKind
from carelink.records.patient import MemberCard
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles, checked_patient, rights_of
from carelink.services.exchange.relays import Relay
from carelink.services.exchange.sync import Sync, SyncReport
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.services.session import Session, Stores
from carelink.services.time_line import EntryView, TimeLineQuery
from carelink.sync.carriers.addresses import HubAddress
from carelink.sync.carriers.http import HttpCarrier, UnreachableHubError
from carelink.sync.exchange.context import Call, Steps
from carelink.sync.exchange.duties import duties
from carelink.sync.exchange.membership import append, prepared
from carelink.sync.exchange.pull import pull
from carelink.sync.exchange.push import push
from carelink.sync.exchange.run import exchange
from carelink.sync.exchange.session import open_session
from carelink.sync.store import Transaction
from carelink.sync.wire import api
from tests.sync.memory_hub import MemoryHub

START = 1_800_000_000_000
MINUTE = 60_000
DAY = 86_400_000
URL = "https://relais.exemple.fr"
KEY = bytes(range(32))


class Clock:
    """A clock that moves on by a second at each reading, and where a test sets it."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        self.now += 1000
        return self.now


class MemoryCarrier(HttpCarrier):
    """Carries calls to a relay in this process."""

    hub: MemoryHub

    def __init__(self, address: HubAddress) -> None:
        super().__init__(address)

    def info(self) -> api.HubInfo:
        if self.hub.offline:
            raise UnreachableHubError
        return self.hub.info()

    def call(self, call: Call) -> Any:  # noqa: ANN401  (the call names its answer's type)
        if self.hub.offline:
            raise UnreachableHubError
        return self.hub.answer(call)


class House:
    """Accounts, circles and exchanges in a few words; a test's `MemoryCarrier.hub` is `hub`."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder = folder
        self.template = template
        self.clock = Clock()
        self.hub = MemoryHub(self.clock)
        self.sessions: list[Session] = []
        MemoryCarrier.hub = self.hub

    def account(self, name: str, profession: str = "", clock: Clock | None = None) -> Session:
        """Make an account in a copy of an empty vault: no slot, no Argon2id."""
        enrolled = enrol_first_device(name, START)
        account = decode_certificate(enrolled.certificate.body).account
        path = self.folder / f"{account.hex()}.db"
        shutil.copy(self.template, path)
        database = Database(path, KEY)
        with database.write() as connection:
            Stores(connection).save(
                AccountRow(
                    account=account,
                    name=name,
                    profession=profession,
                    rpps="",
                    name_salt=enrolled.name_salt,
                    device=enrolled.keys.device,
                    signing_key=enrolled.keys.signing,
                    hpke_key=enrolled.keys.hpke,
                    certificate=enrolled.certificate.body,
                    certificate_signature=enrolled.certificate.signature,
                    created=START,
                )
            )
        card = AccountCard(
            account.hex(), name, profession or None, datetime.datetime.now(datetime.UTC), SecretKind.FILE
        )
        session = Session(
            home=Home(self.folder),
            card=card,
            database=database,
            account=account,
            name=name,
            profession=profession,
            rpps="",
            name_salt=enrolled.name_salt,
            keys=enrolled.keys,
            certificate=enrolled.certificate,
            clock=clock or self.clock,
        )
        self.sessions.append(session)
        return session

    def use(self) -> None:
        """Have every exchange go to this house's relay from now on."""
        MemoryCarrier.hub = self.hub

    def take_over(self, other: House) -> None:
        """Go on from where another house stands, apart from it; this one is empty, the other one rests."""
        self.clock.now = other.clock.now
        self.hub.take_over(other.hub)
        for session in other.sessions:
            path = self.folder / session.database.path.name
            shutil.copy(session.database.path, path)
            copy = replace(
                session,
                home=Home(self.folder),
                database=Database(path, KEY),
                clock=self.clock,
                chains={},
                chains_turn=threading.Lock(),
                _reading=threading.local(),
                _contexts={},
                _rows={},
            )
            self.sessions.append(copy)

    def rest(self) -> None:
        """Close what is open: each vault is in one file then, to copy."""
        for session in self.sessions:
            session.database.dispose()

    def copied(self, folder: Path) -> House:
        """Return this house as it stands, apart from it: what is done there changes nothing here."""
        folder.mkdir()
        self.rest()
        made = House(folder, self.template)
        made.take_over(self)
        return made

    def named(self, name: str) -> Session:
        """Return the account of someone."""
        return next(session for session in self.sessions if session.name == name)

    def close(self) -> None:
        for session in self.sessions:
            session.close()

    def circle(self, creator: Session, role: str = "") -> str:
        """Make a circle that the relay knows."""
        patient = checked_patient("Jeanne", "Moreau", "1938-04-12")
        circle = Circles(creator).create(patient, URL, role)
        sync(creator)
        return circle

    def let_in(self, inviter: Session, circle: str, newcomer: Session, role: str, **how: Any) -> None:  # noqa: ANN401
        """Invite in person, and see the newcomer's keys arrive."""
        request = InvitationRequest(role=role, in_person=True, agreed="oral", **how)
        made = Invitations(inviter).invite(circle, request)
        Joinings(newcomer).join(made.link)
        sync(inviter)
        sync(newcomer)
        sync(newcomer)


def make_template(folder: Path) -> Path:
    """Return an empty vault under `KEY`, to copy."""
    path = folder / f"{secrets.token_hex(4)}.db"
    create_vault(path, KEY).lock()
    return path


def sync(session: Session) -> SyncReport:
    """Exchange once, all of the past included."""
    return Sync(session).once()


def change(session: Session, circle: str, public: Public, role: str = "", **card: Any) -> None:  # noqa: ANN401
    """Make a statement as a screen would: pull, say it, open what it makes due, send the new keys.

    Args:
        session: Who says it.
        circle: In which circle.
        public: What, without epochs.
        role: What the sealed part calls the member now, where the statement has one.
        card: More of the sealed part.
    """
    identifier = bytes.fromhex(circle)
    with session.read() as stores:
        rows = stores.hubs()
    relay = Relay(session, rows[0])
    context = relay.context()

    def said() -> Steps:
        yield from open_session(context)
        yield from pull(context)
        yield from append(
            context,
            identifier,
            lambda tx, _: prepared(
                context, tx, identifier, public, _card(tx, identifier, public, role, card)
            ),
            lambda: pull(context),
        )
        yield from duties(context)
        yield from push(context)

    try:
        MemoryCarrier.hub.run(said())
    finally:
        relay.close()


def _card(
    tx: Transaction, circle: bytes, public: Public, role: str, card: dict[str, Any]
) -> MemberCard | None:
    if not role:
        return None
    assert isinstance(public, ChangeRole)
    known = next(one for one in tx.cards(circle) if one.account == public.account)
    return MemberCard(
        known.name, card["salt"], role, card.get("functions", ()), known.profession, "", known.relation, b""
    )


def with_role(session: Session, role: Role, *, history: bool = True, coordinates: bool = False) -> ChangeRole:
    """Return the statement that gives someone another role."""
    functions = {Function.COORDINATOR} if coordinates else set()
    return ChangeRole(
        account=session.account,
        rights=rights_of(role, functions),
        coordinator=coordinates,
        patient_side=role.is_patient_side,
        patient=role is Role.PATIENT,
        invites=coordinates,
        history=history,
    )


def interrupted(session: Session, calls: int, *, lose: bool) -> None:
    """Exchange, and be killed after so many calls, before or after the last answer came."""
    with session.read() as stores:
        rows = stores.hubs()
    relay = Relay(session, rows[0])
    MemoryCarrier.hub.run(exchange(relay.context()), calls, lose)
    relay.close()


def notes(session: Session, circle: str, **query: Any) -> list[EntryView]:  # noqa: ANN401
    return Cahier(session).entries(circle, TimeLineQuery(**query), 1000)


def texts(session: Session, circle: str, **query: Any) -> list[str]:  # noqa: ANN401
    return [note.text for note in notes(session, circle, **query)]


def whole_state(session: Session, circle: str) -> Iterable[tuple[object, ...]]:
    """Return all that readers see of a circle's notes, for comparison between vaults."""
    cahier = Cahier(session)
    return sorted(
        (
            view.entry,
            view.compartment,
            view.text,
            view.author.id,
            view.time,
            view.urgent,
            view.withdrawn,
            view.amended,
            view.parallel,
            view.amended_by,
            tuple((v.revision, v.text, v.stands) for v in cahier.history(view.entry)),
        )
        for view in notes(session, circle)
    )
