"""What people read before and after each change of a circle: all they are entitled to, and nothing more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import pytest

from carelink.access.compartments import Stream
from carelink.access.matrix import default_matrix
from carelink.access.roles import CIRCLE_ROLES, Function, Role
from carelink.access.statements import Deny, Grant, Leave, Public, Remove
from carelink.records.bodies import EntryBody, RecordKind, TraceAction, TraceBody, encode_body
from carelink.records.revision import Revision, encode_revision, new_record_id, revision_id
from carelink.records.transfer import OpenedRevision
from carelink.services.circles import Circles
from carelink.services.exchange.state import State
from carelink.services.session import Session
from carelink.sync.exchange.membership import RefusedChangeError
from tests.oracle.canaries import new_canary
from tests.sync.fixtures import Grown
from tests.sync.house import DAY, House, change, sync, with_role
from tests.sync.scans import VaultScan, opened_by_keys, opened_parts, stored_between

NOTES = (Stream.LIFE, Stream.COORDINATION, Stream.CARE, Stream.CARE_INBOX)


def streams_of(role: Role, functions: Collection[Function] = ()) -> set[Stream]:
    """Return what the table says that a role reads; who reads `care` reads what carers are told."""
    rights = default_matrix().stream_rights(role, functions)
    read = {stream for stream, right in rights.items() if right & 1}
    return read | ({Stream.CARE_INBOX} if Stream.CARE in read else set())


@dataclass
class Someone:
    """A person of the circle, and what they should read of what is written from now on."""

    session: Session
    reads: set[Stream]


@dataclass
class Written:
    """What everybody wrote at one time: (author, word) by stream, and its stretch of the relay's order."""

    after: int
    until: int = 0
    words: dict[Stream, set[tuple[str, str]]] = field(default_factory=dict)

    def all(self) -> set[tuple[str, str]]:
        return {pair for pairs in self.words.values() for pair in pairs}


class Family:
    """A circle, what its members should read by the table and the changes since, and what was written."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.people: dict[str, Someone] = {}
        self.circle = ""

    def come_back(self, circle: str, *stays: tuple[str, Role, Collection[Function]]) -> None:
        """Be in a copy of a circle as its people came into it."""
        self.circle = circle
        for name, role, functions in stays:
            self.people[name] = Someone(self.house.named(name), streams_of(role, functions))

    def __getitem__(self, name: str) -> Session:
        return self.people[name].session

    def begin(self, name: str, role: Role) -> None:
        session = self.house.account(name)
        self.circle = self.house.circle(session, role)
        # A professional who makes a circle coordinates it.
        functions = {Function.COORDINATOR} if role.is_professional else set[Function]()
        self.people[name] = Someone(session, streams_of(role, functions))

    def let_in(
        self, by: str, name: str, role: Role, functions: Collection[Function] = (), **how: object
    ) -> None:
        known = self.people.get(name)
        session = known.session if known is not None else self.house.account(name)
        codes = tuple(function.value for function in functions)
        self.house.let_in(self[by], self.circle, session, role.value, functions=codes, **how)
        self.people[name] = Someone(session, streams_of(role, functions))

    def say(self, by: str, public: Public, role: str = "", **card: object) -> None:
        change(self[by], self.circle, public, role, **card)

    def everyone_syncs(self) -> None:
        for _ in range(2):
            for someone in self.people.values():
                sync(someone.session)

    def everyone_writes(self) -> Written:
        """Have each member write a word of their own wherever the registry lets them, and exchange."""
        self.everyone_syncs()
        written = Written(len(self.house.hub.items))
        for name, someone in self.people.items():
            for stream in (*NOTES, Stream.TRACE):
                word = self._write(someone.session, stream)
                if word:
                    written.words.setdefault(stream, set()).add((name, word))
        self.everyone_syncs()
        written.until = len(self.house.hub.items)
        return written

    def _write(self, session: Session, stream: Stream) -> str:
        """Publish below the services, so that it is the engine that is seen to hold."""
        circle = bytes.fromhex(self.circle)
        with session.write() as stores:
            state = session.chain(stores, circle).state
            me = state.member_of(session.keys.device) if state else None
            if state is None or me is None or not me.writes(stream):
                return ""
            word, now = new_canary(), session.clock()
            trace = stream is Stream.TRACE
            note = EntryBody(word, "note", urgent=False, withdrawn=False, reason="")
            kind = RecordKind.TRACE if trace else RecordKind.ENTRY
            if stream is Stream.CARE and me.patient:
                return ""  # by the rules of the kind, which are not what is looked at here
            revision = Revision(
                record=new_record_id(now),
                kind=kind,
                parents=(),
                author=session.account,
                wall=now,
                audience=tuple(m.account for m in state.active_members() if m.reads(stream)),
                body=encode_body(TraceBody(TraceAction.OPENED, "care") if trace else note),
            )
            data = encode_revision(revision)
            stores.publish(circle, stream, OpenedRevision(revision_id(data), data, revision), now)
        return "" if trace else word

    def assert_reads(self, written: Written, *names: str) -> None:
        """See that each opens and holds all that they are entitled to of what was written, and no more."""
        hub = self.house.hub
        stored = stored_between(hub, written.after, written.until)
        for name in names or self.people:
            someone = self.people[name]
            scan = VaultScan(someone.session)
            opened = opened_by_keys(hub, scan.keys(hub), written.after, written.until)
            entitled = {stream: places for stream, places in stored.items() if stream in someone.reads}
            assert opened == entitled, f"{name}: keys"
            words = {
                word
                for stream, pairs in written.words.items()
                for author, word in pairs
                # A signal to the carers leaves the vault of who sent it, unless they read it.
                if stream in someone.reads or (author == name and stream is not Stream.CARE_INBOX)
            }
            assert scan.words({word for _, word in written.all()}) == words, f"{name}: words"

    def assert_calm(self) -> None:
        """See that nobody was refused anything, lacks anything or has anything left to send."""
        for name, someone in self.people.items():
            state = State(someone.session).read()
            assert (state.refusals, state.missing, state.alarms) == ((), (), ()), name
            assert (state.to_send, state.held) == (0, 0), name


EVERYBODY = {
    Role.PATIENT: "Jeanne",
    Role.LEGAL_REPRESENTATIVE: "Hugo",
    Role.FAMILY_CARER: "Anne",
    Role.RELATIVE: "Paul",
    Role.VOLUNTEER: "Rémi",
    Role.PHYSICIAN: "Docteur",
    Role.COORDINATING_PHYSICIAN: "Coordinatrice",
    Role.CARE_ASSISTANT: "Nadia",
    Role.THERAPIST: "Kiné",
    Role.PSYCHOLOGIST: "Psy",
    Role.PHARMACIST: "Pharmacien",
    Role.SOCIAL_WORKER: "Assistante",
    Role.HOME_HELPER: "Aide",
    Role.ACTIVITY_LEADER: "Animateur",
    Role.ADMINISTRATION: "Accueil",
}


@pytest.mark.long
def test_each_role_reads_its_streams_and_nothing_else_before_and_after_removals_and_denials(
    house: House,
) -> None:
    family = Family(house)
    family.begin("Claire", Role.NURSE)
    for role, name in EVERYBODY.items():
        family.let_in("Jeanne" if role is Role.LEGAL_REPRESENTATIVE else "Claire", name, role)
    assert len(family.people) == len(set(CIRCLE_ROLES) - {Role.ON_CALL})
    first = family.everyone_writes()
    family.assert_reads(first)
    family.assert_calm()

    removed = list(EVERYBODY.values())[3::2]
    denied = [name for name in family.people if name not in {*removed, "Jeanne", "Claire"}]
    for name in removed:
        family.say("Jeanne", Remove(family[name].account))
    for name in denied:
        family.say("Jeanne", Deny(family[name].account, "life", None))
    family.everyone_syncs()
    family.assert_reads(first)  # they keep what they had
    for name in removed:
        family.people[name].reads = set()
    for name in denied:
        family.people[name].reads.discard(Stream.LIFE)
    second = family.everyone_writes()
    assert {author for author, _ in second.all()}.isdisjoint(removed)
    family.assert_reads(second)
    family.assert_calm()


def begun(house: House) -> str:
    made = Family(house)
    made.begin("Claire", Role.NURSE)
    made.let_in("Claire", "Jeanne", Role.PATIENT)
    made.let_in("Jeanne", "Paul", Role.RELATIVE)
    return made.circle


@pytest.fixture
def family(house: House, grown: Grown) -> Family:
    """Jeanne decides, Claire nurses and coordinates, Paul is a relative: whoever changes is seen by all."""
    made = Family(house)
    coordinates = {Function.COORDINATOR}
    made.come_back(
        grown(house, begun),
        ("Claire", Role.NURSE, coordinates),
        ("Jeanne", Role.PATIENT, ()),
        ("Paul", Role.RELATIVE, ()),
    )
    return made


def test_another_role_opens_what_it_reads_with_what_came_before_if_that_is_wanted(family: Family) -> None:
    first = family.everyone_writes()
    paul = family["Paul"]
    family.say("Jeanne", with_role(paul, Role.PHYSICIAN), "physician", salt=paul.name_salt)
    family.people["Paul"].reads = streams_of(Role.PHYSICIAN)
    family.everyone_syncs()
    family.assert_reads(first)
    family.assert_reads(family.everyone_writes())
    family.assert_calm()


def test_another_role_without_what_came_before_opens_only_what_follows(family: Family) -> None:
    first = family.everyone_writes()
    paul = family["Paul"]
    family.say("Jeanne", with_role(paul, Role.PHYSICIAN, history=False), "physician", salt=paul.name_salt)
    family.everyone_syncs()
    family.assert_reads(first)
    family.people["Paul"].reads = streams_of(Role.PHYSICIAN)
    family.assert_reads(family.everyone_writes())
    family.assert_calm()


def test_another_role_closes_what_it_does_not_read(family: Family) -> None:
    first = family.everyone_writes()
    paul = family["Paul"]
    family.say("Jeanne", with_role(paul, Role.VOLUNTEER), "volunteer", salt=paul.name_salt)
    family.everyone_syncs()
    family.assert_reads(first)  # they keep what they had
    family.people["Paul"].reads = streams_of(Role.VOLUNTEER)
    second = family.everyone_writes()
    assert "Paul" not in {author for author, _ in second.all()}
    family.assert_reads(second)
    family.assert_calm()


@pytest.mark.parametrize("history", [True, False])
def test_a_grant_opens_one_volet(family: Family, history: bool) -> None:
    first = family.everyone_writes()
    family.say("Jeanne", Grant(family["Paul"].account, "care", 1, None, history))
    family.everyone_syncs()
    granted = {*family.people["Paul"].reads, Stream.CARE, Stream.CARE_INBOX}
    if history:
        family.people["Paul"].reads = granted
    family.assert_reads(first)
    family.people["Paul"].reads = granted
    second = family.everyone_writes()
    assert not {author for author, _ in second.words[Stream.CARE]} & {"Paul"}, "it lets them read, not write"
    family.assert_reads(second)
    family.assert_calm()


def test_a_grant_ends_at_its_date(family: Family) -> None:
    family.everyone_writes()
    end = family.house.clock.now + DAY
    family.say("Jeanne", Grant(family["Paul"].account, "care", 1, end, history=False))
    role = set(family.people["Paul"].reads)
    family.people["Paul"].reads = {*role, Stream.CARE, Stream.CARE_INBOX}
    during = family.everyone_writes()
    family.assert_reads(during)
    family.house.clock.now += 2 * DAY
    family.everyone_syncs()
    family.assert_reads(during)  # they keep what they had
    family.people["Paul"].reads = role
    family.assert_reads(family.everyone_writes())
    family.assert_calm()


@pytest.mark.parametrize("history", [True, False])
def test_a_denial_closes_a_volet_until_it_is_lifted(family: Family, history: bool) -> None:
    before = family.everyone_writes()
    full = set(family.people["Paul"].reads)
    family.say("Jeanne", Deny(family["Paul"].account, "life", None))
    family.everyone_syncs()
    family.assert_reads(before)
    family.people["Paul"].reads = full - {Stream.LIFE}
    during = family.everyone_writes()
    family.assert_reads(during)
    family.say("Jeanne", Grant(family["Paul"].account, "life", 3, None, history))
    family.everyone_syncs()
    family.people["Paul"].reads = full if history else full - {Stream.LIFE}
    family.assert_reads(during)
    family.people["Paul"].reads = full
    family.assert_reads(family.everyone_writes())
    family.assert_calm()


def test_who_is_removed_opens_nothing_after_nor_the_names_of_who_comes(family: Family) -> None:
    before = family.everyone_writes()
    family.say("Jeanne", Remove(family["Paul"].account))
    family.everyone_syncs()
    family.assert_reads(before)
    family.people["Paul"].reads = set()
    removal = len(family.house.hub.circles[bytes.fromhex(family.circle)].chain)
    name = new_canary()
    family.let_in("Jeanne", name, Role.NURSE)
    family.assert_reads(family.everyone_writes())
    family.assert_calm()
    hub = family.house.hub
    scan = VaultScan(family["Paul"])
    assert scan.words([name]) == set()
    assert opened_parts(hub, family.circle, scan.keys(hub, every_byte=True), removal) == set()
    claire = VaultScan(family["Claire"])
    assert claire.words([name]) == {name}
    assert opened_parts(hub, family.circle, claire.keys(hub), removal) == {removal}
    (theirs,) = Circles(family["Paul"]).summaries()
    assert theirs.state == "left"


def test_who_leaves_may_come_back_and_what_was_denied_stays_denied(family: Family) -> None:
    before = family.everyone_writes()
    family.say("Jeanne", Deny(family["Paul"].account, "coordination", None))
    family.say("Paul", Leave())
    family.everyone_syncs()
    family.assert_reads(before)
    family.people["Paul"].reads = set()
    without = family.everyone_writes()
    family.assert_reads(without)
    family.assert_calm()

    family.let_in("Claire", "Paul", Role.RELATIVE, history=False, until=family.house.clock.now + DAY)
    family.people["Paul"].reads.discard(Stream.COORDINATION)
    again = family.everyone_writes()
    family.assert_reads(again)
    reads, family.people["Paul"].reads = family.people["Paul"].reads, set()
    family.assert_reads(without)
    family.people["Paul"].reads = reads
    family.assert_calm()

    family.house.clock.now += 2 * DAY
    sync(family["Paul"])
    family.everyone_syncs()
    family.assert_reads(again)
    family.people["Paul"].reads = set()
    family.assert_reads(family.everyone_writes())
    family.assert_calm()


def test_what_the_rules_refuse_is_not_sent(family: Family) -> None:
    height = family.house.hub.circles[bytes.fromhex(family.circle)].state.height
    for by, public in (
        ("Paul", Remove(family["Claire"].account)),
        ("Claire", Grant(family["Claire"].account, "care", 3, None, history=True)),
        ("Claire", Remove(family["Jeanne"].account)),
        ("Paul", Grant(family["Paul"].account, "care", 1, None, history=True)),
    ):
        with pytest.raises(RefusedChangeError):
            family.say(by, public)
    assert family.house.hub.circles[bytes.fromhex(family.circle)].state.height == height
