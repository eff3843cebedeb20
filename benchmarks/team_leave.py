"""One nurse leaves a team of 60 that serves 100 circles: letters, bytes and seconds until all have followed.

The team's coordinator, who founded the circles, removes her: the team has new keys, one letter for each
device that stays, and each circle follows by one statement with one letter for each stream, for the whole
team. The same with half of each shows how it grows: with team + circles, where twice as much is twice as
much, and never with team × circles. The floor is one empty call to the same relay for each that was made,
and the same number of keys sealed.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.live import started_hub
from benchmarks.people import account
from carelink.access.compartments import Stream
from carelink.access.registry import CircleState
from carelink.access.roles import Role
from carelink.access.statements import Add, Newcomer, Public
from carelink.crypto.keys import enrol_first_device
from carelink.crypto.primitives import hpke_generate, hpke_public_key, hpke_seal
from carelink.records.bodies import ChangeAction
from carelink.records.patient import MemberCard
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles, checked_patient, read_team, rights_of
from carelink.services.exchange.relays import Relay
from carelink.services.exchange.sync import Sync
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.services.membership import Change, Membership
from carelink.services.session import Session
from carelink.services.teams import Teams
from carelink.sync.carriers.addresses import HubAddress
from carelink.sync.carriers.http import HttpCarrier
from carelink.sync.exchange.context import Call, Context
from carelink.sync.exchange.membership import Proposal, append, prepared
from carelink.sync.exchange.pull import pull
from carelink.sync.exchange.session import open_session
from carelink.sync.store import Transaction

PEOPLE = 60
CIRCLES = 100
# Twice of each is twice as much, and a little more; with team × circles it would be four times.
MOST_GROWTH = 2.2


@dataclass(frozen=True, slots=True)
class Cost:
    """What the leaving cost.

    Attributes:
        calls: Requests to the relay.
        bytes: Of letters and statements that the relay keeps of it.
        floor: Seconds for as many empty calls and sealed keys.
    """

    letters: int
    statements: int
    bytes: int
    calls: int
    seconds: float
    floor: float


def kept(data: Path) -> tuple[int, int, int]:
    """Return how many letters and statements the relay keeps, and their bytes."""
    with closing(sqlite3.connect(data / "relay.sqlite")) as connection:
        letters, sent = connection.execute(
            "SELECT count(*), coalesce(sum(length(body) + length(signature)), 0) FROM letters"
        ).fetchone()
        statements, said = connection.execute(
            "SELECT count(*), coalesce(sum(length(body) + length(signature) + length(sealed)), 0) "
            "FROM statements"
        ).fetchone()
    return letters, statements, sent + said


@contextmanager
def counted() -> Iterator[list[int]]:
    """Count the requests that are made meanwhile."""
    calls, call = [0], HttpCarrier.call

    def counting(carrier: HttpCarrier, asked: Call) -> Any:  # noqa: ANN401  (the call names its answer)
        calls[0] += 1
        return call(carrier, asked)

    HttpCarrier.call = counting  # type: ignore[assignment, method-assign]
    try:
        yield calls
    finally:
        HttpCarrier.call = call  # type: ignore[method-assign]


def add(relay: Relay, context: Context, circle: str, newcomer: Newcomer, card: MemberCard) -> None:
    """Let someone, or a team, into a circle or a team."""
    identifier = bytes.fromhex(circle)
    public: Public = Add(newcomer, ())

    def propose(tx: Transaction, _state: CircleState) -> Proposal | None:
        return prepared(context, tx, identifier, public, card)

    relay.run(append(context, identifier, propose, lambda: pull(context)))


def colleague(number: int) -> tuple[Newcomer, MemberCard]:
    """Return someone with a device that only receives."""
    name = f"Soignante {number}"
    enrolled = enrol_first_device(name, time.time_ns() // 1_000_000)
    newcomer = Newcomer(
        certificates=(enrolled.certificate,),
        rights=rights_of(Role.STAFF, ()),
        coordinator=False,
        patient_side=False,
        invites=False,
        until=None,
        history=True,
    )
    return newcomer, MemberCard(name, enrolled.name_salt, Role.STAFF, (), "nurse", "", "", b"")


def set_up(folder: Path, url: str, people: int, circles: int) -> tuple[Session, Session, str]:
    """Make the team and its circles; the one who will leave has written in each of them."""
    claire = account(folder / "claire", "Claire Martin", "nurse")
    omar = account(folder / "omar", "Omar Sy", "nurse")
    team = Teams(claire).create("Infirmiers", "Les Tilleuls", url)
    Sync(claire).once()
    request = InvitationRequest(Role.STAFF, in_person=True)
    Joinings(omar).join(Invitations(claire).invite(team, request).link)
    Sync(claire).once()
    identity = checked_patient("Jeanne", "Lambert", "1938-04-12")
    made = [Circles(claire).create(identity, url) for _ in range(circles)]
    Sync(claire).once()
    with claire.read() as stores:
        row = stores.hubs()[0]
    relay = Relay(claire, row)
    context = relay.context()
    relay.run(open_session(context))
    for number in range(people - 2):
        add(relay, context, team, *colleague(number))
    Sync(claire).once()
    with claire.read() as stores:
        state, called = (
            claire.chain(stores, bytes.fromhex(team)).state,
            read_team(stores.patient(bytes.fromhex(team))),
        )
    if state is None or called is None:
        raise SystemExit("no team")
    nurses = msgspec.structs.replace(
        colleague(0)[0], certificates=(), rights=rights_of(Role.NURSE, ()), team=state.announced[-1]
    )
    card = MemberCard(called.display, called.salt, Role.NURSE, (), "", "", "", claire.account)
    for circle in made:
        add(relay, context, circle, nurses, card)
    relay.close()
    Sync(claire).once()
    Sync(omar).once()
    cahier = Cahier(omar)
    for circle in made:
        cahier.write(circle, "life", "Toilette faite.")
    Sync(omar).once()
    Sync(claire).once()
    return claire, omar, team


def measured(people: int, circles: int) -> Cost:
    """Return what it costs that one of `people` leaves a team which serves `circles`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hub, url = started_hub(folder / "hub")
        try:
            claire, omar, team = set_up(folder, url, people, circles)
            before = kept(folder / "hub")
            with counted() as calls:
                begun = time.perf_counter()
                Membership(claire).change(team, Change(ChangeAction.REMOVED, omar.account.hex()))
                seconds = time.perf_counter() - begun
            after = kept(folder / "hub")
            letters, statements, size = (late - early for late, early in zip(after, before, strict=True))
            require_followed(claire, omar, team, circles)
            floor = floor_seconds(url, calls[0], letters)
            claire.close()
            omar.close()
        finally:
            hub.terminate()
            hub.wait(10)
    return Cost(letters, statements, size, calls[0], seconds, floor)


def require_followed(claire: Session, omar: Session, team: str, circles: int) -> None:
    """See that every circle let go of who left, under new keys."""
    followed = 0
    with claire.read() as stores:
        for link in stores.links():
            state = claire.chain(stores, link.circle).state
            if state is None or link.team:
                continue
            known = state.members[bytes.fromhex(team)].team
            gone = not state.members[omar.account].active
            turned = not state.streams[Stream.CARE].due and state.streams[Stream.CARE].current > 1
            followed += known is not None and known.serial == 2 and gone and turned
    if followed != circles:
        raise SystemExit(f"{followed} of {circles} circles followed")


def floor_seconds(url: str, calls: int, letters: int) -> float:
    """Return the seconds of as many empty calls and sealed keys."""
    carrier, key = HttpCarrier(HubAddress(url)), hpke_public_key(hpke_generate())
    carrier.info()
    begun = time.perf_counter()
    for _ in range(calls):
        carrier.info()
    for _ in range(letters):
        hpke_seal(key, b"floor", bytes(32))
    seconds = time.perf_counter() - begun
    carrier.close()
    return seconds


def main() -> None:
    """Measure, and print the figures."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    circles = int(sys.argv[2]) if len(sys.argv) > 2 else CIRCLES
    whole, half = measured(people, circles), measured(people // 2, circles // 2)
    growth = max(whole.letters / half.letters, whole.bytes / half.bytes, whole.calls / half.calls)
    print(
        json.dumps(
            {
                "benchmark": "team_leave",
                "people": people,
                "circles": circles,
                "letters": whole.letters,
                "statements": whole.statements,
                "bytes": whole.bytes,
                "calls": whole.calls,
                "seconds": round(whole.seconds, 2),
                "floor_seconds": round(whole.floor, 2),
                "half_letters": half.letters,
                "half_bytes": half.bytes,
                "half_seconds": round(half.seconds, 2),
                "growth": round(growth, 2),
                "aim": f"twice team and circles <= {MOST_GROWTH} times letters, bytes and calls",
                "met": growth <= MOST_GROWTH,
            }
        )
    )


if __name__ == "__main__":
    main()
