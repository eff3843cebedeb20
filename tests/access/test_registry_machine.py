"""Any members, honest or not, with any statements: the rules hold, and every replica agrees."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from typing import TypeVar

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from carelink.access.compartments import Right, Stream
from carelink.access.registry import CircleState, Refusal, apply
from carelink.access.roles import CIRCLE_ROLES, Function, Role
from carelink.access.statements import (
    Add,
    AddDevice,
    ChangeRole,
    Create,
    Deny,
    Enrol,
    Expire,
    Grant,
    Leave,
    MoveTeam,
    Newcomer,
    OpenEpochs,
    Public,
    Remove,
    RevokeDevices,
    Succeed,
    Vouch,
    decode_statement,
)
from carelink.sync.chain import Chain, RefusedStatementError
from carelink.sync.wire.structures import SignedStatement
from carelink.sync.wire.verification import BadSignatureError, verified_apply
from tests.access.registry_model import VOLETS, Ledger, Rights, Stay
from tests.hub.people import DAY, START, Circle, Person, opening
from tests.hub.teams import Team

PEOPLE = [Person(f"person {number}") for number in range(6)]
SECOND = {person.account: person.other_device() for person in PEOPLE}
SHEETS = {person.account: person.other_device(paper=True) for person in PEOPLE}
STOLEN = [PEOPLE[1].other_device(of=PEOPLE[0]), PEOPLE[2].other_device(of=PEOPLE[1], paper=True)]
DEVICES = [*PEOPLE, *SECOND.values(), *SHEETS.values()]
TEAM_PEOPLE = PEOPLE[3:]

Anybody = TypeVar("Anybody", Person, Person | Team)
people = st.sampled_from(PEOPLE)
picks = st.integers(min_value=0, max_value=1_000)
streams = st.sampled_from(list(Stream))
volets = st.sampled_from(VOLETS)
bits = st.integers(min_value=0, max_value=3)
roles = st.sampled_from(list(Role))
ends = st.sampled_from([None, START])
lies: st.SearchStrategy[dict[Stream, int]] = st.one_of(
    st.just({}), st.dictionaries(volets, bits, max_size=2), st.dictionaries(streams, bits, max_size=1)
)


class Registry(RuleBasedStateMachine):
    """One chain as its relay, a client and the rules alone see it, beside a ledger of what was given."""

    @initialize(
        creator=people,
        role=st.sampled_from(CIRCLE_ROLES),
        coordinates=st.booleans(),
        others=st.lists(roles, min_size=2, max_size=4),
    )
    def begin(self, creator: Person, role: Role, coordinates: bool, others: list[Role]) -> None:
        self.circle = Circle()
        self.team = Team(TEAM_PEOPLE)
        self.replica = Chain()
        self.ledger = Ledger()
        functions = {Function.COORDINATOR} if coordinates or not role.is_patient_side else set()
        newcomer = creator.as_newcomer(role, functions)
        statement = self.circle.statement(creator, Create(secrets.token_bytes(16), newcomer, ()))
        self.genesis = decode_statement(statement.body).digest
        assert self._offer(statement)
        self.ledger.give(creator.account, _stay(newcomer), VOLETS)
        self.ledger.devices[creator.account] = {creator.device}
        rest = [person for person in PEOPLE if person is not creator]
        for number, (other, other_role) in enumerate(zip(rest, others, strict=False)):
            functions = {Function.COORDINATOR} if number == 1 else set()
            self._let_in(creator, other, other.as_newcomer(other_role, functions))

    def _offer(self, statement: SignedStatement) -> bool:
        """Show a statement to every replica: all take it, or none does and none has changed."""
        before = self.circle.state
        alone = apply(before, decode_statement(statement.body))
        heights = self.replica.height
        try:
            together = verified_apply(before, statement)
            assert alone == together
            row = self.replica.extended(statement, self.genesis)
        except (RefusedStatementError, BadSignatureError):
            assert self.replica.height == heights
            assert self.replica.state == before
            return False
        assert row is not None
        assert isinstance(alone, CircleState)
        assert self.replica.state == alone
        self.circle.take(statement)
        return True

    def _say(self, author: Person, public: Public, time: int = START) -> bool:
        return self._offer(self.circle.statement(author, public, time))

    def _principal(self, newcomer: Person | None) -> Person | Team:
        return self.team if newcomer is None else newcomer

    def _author(self, pick: int) -> Person:
        """Any device: most often one that is heard, sometimes an outsider's or one that was revoked."""
        heard = [d for d in DEVICES if d.device in self.ledger.devices.get(d.account, ())]
        heard = [d for d in heard if d.account in self.ledger.stays]
        running = [d for d in heard if self.ledger.runs(d.account)] if pick % 3 else []
        return _one_of(pick, running or heard, DEVICES)

    def _other(self, pick: int, likely: Collection[bytes] = ()) -> Person | Team:
        """Anybody or the team, most often somebody of `likely`, or a member."""
        principals: list[Person | Team] = [*PEOPLE, self.team]
        members = [person for person in principals if person.account in self.ledger.stays]
        wanted = [person for person in members if person.account in likely]
        return _one_of(pick, wanted or members, principals)

    def _speaks(self, author: Person) -> Stay:
        """Whoever is heard is in the circle, at a device of theirs that counts."""
        assert author.device in self.ledger.devices[author.account]
        return self.ledger.stays[author.account]

    @rule(
        by=picks,
        who=st.one_of(st.none(), people),
        role=roles,
        coordinates=st.booleans(),
        history=st.booleans(),
        until=ends,
        lie=lies,
    )
    def add(
        self,
        by: int,
        who: Person | None,
        role: Role,
        coordinates: bool,
        history: bool,
        until: int | None,
        lie: dict[Stream, int],
    ) -> None:
        author, newcomer = self._author(by), self._principal(who)
        functions = {Function.COORDINATOR} if coordinates else set()
        public = newcomer.as_newcomer(role, functions, until=until, history=history)
        self._let_in(author, newcomer, msgspec.structs.replace(public, rights=_with(public.rights, lie)))

    def _let_in(self, author: Person, newcomer: Person | Team, public: Newcomer) -> None:
        ledger, account = self.ledger, newcomer.account
        sound, deciders = ledger.holders(author.account), self._patient_side()
        if not self._say(author, Add(public, ())):
            return
        giver = self._speaks(author)
        assert ledger.runs(author.account)
        assert account not in ledger.stays
        assert newcomer is not self.team or not (public.coordinator or public.patient_side)
        assert giver.patient_side or not public.patient_side or not deciders
        assert not public.patient or not any(stay.patient for stay in ledger.stays.values())
        ledger.give(account, _stay(public), sound)
        ledger.devices[account] = {newcomer.device}

    @rule(by=picks, who=picks, role=roles, coordinates=st.booleans(), lie=lies)
    def change_role(self, by: int, who: int, role: Role, coordinates: bool, lie: dict[Stream, int]) -> None:
        author, other = self._author(by), self._other(who)
        ledger, account = self.ledger, other.account
        wanted = other.as_newcomer(role, {Function.COORDINATOR} if coordinates else set())
        rights = _with(wanted.rights, lie)
        public = ChangeRole(
            account,
            rights,
            wanted.coordinator,
            wanted.patient_side,
            wanted.patient,
            invites=False,
            history=True,
        )
        sound, deciders = ledger.holders(author.account), self._patient_side()
        if not self._say(author, public):
            return
        giver, before = self._speaks(author), ledger.stays[account]
        assert ledger.runs(author.account)
        assert account != author.account
        assert not before.patient
        assert not before.through
        assert other is not self.team or not (wanted.coordinator or wanted.patient_side)
        assert giver.patient_side or not before.patient_side
        assert giver.patient_side or not wanted.patient_side or not deciders
        after = _stay(msgspec.structs.replace(wanted, rights=rights, until=before.until))
        after.grants = before.grants
        ledger.give(account, after, sound)

    def _patient_side(self) -> set[bytes]:
        return {account for account, stay in self.ledger.stays.items() if stay.patient_side}

    @rule(by=picks, who=picks)
    def vouch(self, by: int, who: int) -> None:
        author, other = (
            self._author(by),
            self._other(who, {a for a, m in self.circle.now.members.items() if m.promised}),
        )
        ledger, account = self.ledger, other.account
        if not self._say(author, Vouch(account)):
            return
        self._speaks(author)
        assert account != author.account
        held = [volet for volet in VOLETS if ledger.reads(author.account, volet)]
        assert held
        stay = ledger.stays[account]
        for volet in held:
            if volet not in ledger.denials.get(account, {}):
                stay.sound[volet] = stay.asked(volet)

    @rule(by=picks, who=picks, volet=volets, given=st.sampled_from([1, 3]), until=ends)
    def grant(self, by: int, who: int, volet: Stream, given: int, until: int | None) -> None:
        author, other = self._author(by), self._other(who)
        ledger, account = self.ledger, other.account
        public = Grant(account, volet, given, until, history=True)
        sound = ledger.holders(author.account) & {volet}
        if not self._say(author, public):
            return
        stay = ledger.stays[account]
        self._assert_decided(author, other)
        if (denial := ledger.denials.get(account, {}).pop(volet, None)) is not None:
            self._assert_may_lift(author, denial[0])
        if stay.through:
            assert denial is not None
            return
        stay.grants.pop(volet, None)
        if Right(given) & ~stay.role.get(volet, Right(0)):
            stay.grants[volet] = public
        ledger.give(account, stay, sound)

    @rule(by=picks, who=picks, volet=volets, until=ends)
    def deny(self, by: int, who: int, volet: Stream, until: int | None) -> None:
        author, other = self._author(by), self._other(who)
        ledger, account = self.ledger, other.account
        public = Deny(account, volet, until)
        if not self._say(author, public):
            return
        stay = ledger.stays[account]
        self._assert_decided(author, other)
        assert not stay.patient
        if (earlier := ledger.denials.get(account, {}).get(volet)) is not None:
            self._assert_may_lift(author, earlier[0])
        stay.grants.pop(volet, None)
        stay.sound = {s: stay.asked(s) & right for s, right in stay.sound.items()}
        side = ledger.stays[author.account].patient_side
        said_by = author.account if side else b"for the patient " + author.account
        ledger.denials.setdefault(account, {})[volet] = (said_by, public)

    def _assert_decided(self, author: Person, other: Person | Team) -> None:
        self._speaks(author)
        assert self.ledger.decides(author.account)
        assert author.account != other.account

    def _assert_may_lift(self, author: Person, said_by: bytes) -> None:
        stay = self.ledger.stays[author.account]
        if said_by.startswith(b"for the patient "):
            assert stay.patient_side or not said_by.endswith(author.account)
        else:
            assert stay.patient or said_by == author.account

    @rule(by=picks, who=picks)
    def remove(self, by: int, who: int) -> None:
        author, gone = self._author(by), self._other(who)
        if not self._say(author, Remove(gone.account)):
            return
        giver, before = self._speaks(author), self.ledger.stays[gone.account]
        assert self.ledger.runs(author.account)
        assert author.account != gone.account
        assert not before.patient
        assert giver.patient_side or not before.patient_side
        assert not before.through
        self.ledger.end(gone.account)

    @rule(by=picks, now=st.integers(min_value=0, max_value=9))
    def leave(self, by: int, now: int) -> None:
        if now:
            return
        author = self._author(by)
        if self._say(author, Leave()):
            assert not self._speaks(author).through
            self.ledger.end(author.account)
        else:
            known = self.ledger.devices.get(author.account, set())
            stay = self.ledger.stays.get(author.account)
            assert stay is None or stay.through or author.device not in known

    @rule(by=picks, who=picks, volet=st.one_of(st.none(), volets), late=st.booleans())
    def expire(self, by: int, who: int, volet: Stream | None, late: bool) -> None:
        author, gone = (
            self._author(by),
            self._other(who, {a for a, stay in self.ledger.stays.items() if self._ends(a, stay)}),
        )
        time = START + DAY if late else START - DAY
        if not self._say(author, Expire(gone.account, volet or ""), time):
            return
        self._speaks(author)
        assert late
        stay = self.ledger.stays[gone.account]
        if volet is None:
            assert stay.until is not None
            self.ledger.end(gone.account)
            return
        grant, denial = stay.grants.get(volet), self.ledger.denials.get(gone.account, {}).get(volet)
        if grant is not None and grant.until is not None:
            del stay.grants[volet]
            stay.sound = {s: stay.asked(s) & right for s, right in stay.sound.items()}
        else:
            assert denial is not None
            assert denial[1].until is not None
            del self.ledger.denials[gone.account][volet]

    def _ends(self, account: bytes, stay: Stay) -> bool:
        dated = [stay.until, *(grant.until for grant in stay.grants.values())]
        dated += [denial.until for _, denial in self.ledger.denials.get(account, {}).values()]
        return any(until is not None for until in dated)

    @rule(by=picks, who=picks)
    def succeed(self, by: int, who: int) -> None:
        author, other = self._author(by), self._other(who)
        before = self.circle.now
        carers = [a for a in self.ledger.stays if self.ledger.reads(a, Stream.CARE) and a != other.account]
        if not self._say(author, Succeed(other.account)):
            return
        self._speaks(author)
        assert author.account != other.account
        assert not self._patient_side()
        stay = self.ledger.stays[other.account]
        assert not stay.coordinator
        assert not stay.through
        assert other is not self.team
        if not self.circle.now.members[other.account].coordinator:
            return
        wanted = {a for a, whom in before.wishes.items() if whom == other.account} - {author.account}
        # However many of a team's people want the same, they are one.
        mine = self.ledger.stays[author.account].through
        wanted = {a for a in wanted if not mine or self.ledger.stays[a].through != mine}
        assert wanted
        assert not carers or {author.account, *wanted} & set(carers)
        runs = {Stream.REGISTRY, Stream.TRACE, Stream.DECISIONS}
        stay.coordinator, stay.role = True, {**stay.role, **dict.fromkeys(runs, Right.READ_WRITE)}

    @rule(by=picks, device=st.sampled_from([*DEVICES, *STOLEN]))
    def add_device(self, by: int, device: Person) -> None:
        author = self._author(by)
        if not self._say(author, AddDevice(device.enrolled.certificate)):
            return
        self._speaks(author)
        assert device not in STOLEN
        assert device.account == author.account
        assert device.enrolled.certificate.signer in {b"", author.device}
        mine = self.ledger.devices[author.account]
        if device is SHEETS[author.account]:
            mine.discard(SHEETS[author.account].device)
        mine.add(device.device)

    @rule(by=picks, device=st.sampled_from(DEVICES))
    def revoke_device(self, by: int, device: Person) -> None:
        author = self._author(by)
        if not self._say(author, RevokeDevices(device.account, (device.device,))):
            return
        giver, theirs = self._speaks(author), self.ledger.devices[device.account]
        if author.account != device.account:
            assert self.ledger.runs(author.account)
            stay = self.ledger.stays[device.account]
            assert not stay.patient
            assert not stay.through
            assert giver.patient_side or not stay.patient_side
        else:
            assert len(theirs) > 1
            assert device is not SHEETS[author.account] or author is device
        theirs.remove(device.device)

    @rule(by=picks, stream=streams, ahead=st.integers(min_value=0, max_value=2))
    def open_epoch(self, by: int, stream: Stream, ahead: int) -> None:
        author = self._author(by)
        number = self.circle.now.streams[stream].current + ahead
        if self._say(author, OpenEpochs((opening(stream, number),))):
            self._speaks(author)
            assert self.ledger.rights(author.account).get(stream) == Right.READ_WRITE
            assert ahead == 1

    @rule(who=st.sampled_from(TEAM_PEOPLE), roster=st.booleans())
    def somebody_leaves_the_team_or_comes(self, who: Person, roster: bool) -> None:
        self.team.toggle(who, new_roster=roster)

    @rule(by=picks, skip=st.integers(min_value=0, max_value=3), forged=st.booleans())
    def move_team(self, by: int, skip: int, forged: bool) -> None:
        author, known = self._author(by), self._serial()
        moves = self.team.moves(known + skip // 3, forged=forged)
        if not self._say(author, MoveTeam(self.team.account, moves)):
            return
        self._speaks(author)
        assert not forged
        assert moves == self.team.moves(known)
        self._moved(known)

    def _serial(self) -> int:
        member = self.circle.now.members.get(self.team.account)
        return member.team.serial if member is not None and member.team is not None else 0

    def _moved(self, known: int) -> None:
        for account in self.team.gone_since(known):
            if (stay := self.ledger.stays.get(account)) is not None and stay.through:
                self.ledger.end(account)

    @rule(
        pick=picks,
        kind=st.sampled_from(["honest", "honest", "honest", "other roster", "earlier card", "other's card"]),
        moves=st.booleans(),
    )
    def enrol(self, pick: int, kind: str, moves: bool) -> None:
        devices = [d for d in DEVICES if d.device != SHEETS[d.account].device]
        likely = [d for d in devices if d.account in self.team.people]
        device, ledger, team = _one_of(pick, likely, devices), self.ledger, self.team
        first = next(person for person in PEOPLE if person.account == device.account)
        brought = (first,) if device is first else (first, device)
        of = PEOPLE[0] if kind == "other's card" else device
        known = self._serial()
        card = team.card(of, forged=kind == "other roster", serial=team.serial - (kind == "earlier card"))
        public = Enrol(
            team.account,
            card,
            tuple(one.enrolled.certificate for one in brought),
            () if device is first else (first.device,),
            team.moves(known) if moves else (),
        )
        if not self._say(device, public):
            return
        if moves:
            self._moved(known)
        account = device.account
        assert kind == "honest" or (of is device and kind == "other's card")
        assert account in team.people
        assert team.account in ledger.stays
        assert self._serial() == team.serial
        stay = ledger.stays.get(account)
        assert stay is None or stay.through == team.account
        if stay is None:
            ledger.stays[account] = Stay({}, False, False, False, None, through=team.account)
            ledger.devices[account] = set()
        ledger.devices[account].add(device.device)

    @rule(author=people, forger=people)
    def forge(self, author: Person, forger: Person) -> None:
        """Someone signs in another's name."""
        if author is forger:
            return
        honest = self.circle.statement(author, Leave())
        forged = SignedStatement(honest.body, self.circle.statement(forger, Leave()).signature, honest.sealed)
        try:
            result = verified_apply(self.circle.state, forged)
        except BadSignatureError:
            return
        assert isinstance(result, Refusal)

    @invariant()
    def everybody_has_what_was_given_to_them_no_more_and_no_less(self) -> None:
        for account, member in self.circle.now.members.items():
            assert member.active is (account in self.ledger.stays)
            assert member.rights == self.ledger.rights(account)
            if member.active:
                assert set(member.devices) == self.ledger.devices[account]
                assert member.through == self.ledger.stays[account].through
                assert not (member.through and (member.runs_circle or member.invites or member.emergency))

    @invariant()
    def a_stream_that_somebody_lost_takes_nothing_more_under_its_epoch(self) -> None:
        known: dict[Stream, tuple[int, set[bytes]]] = getattr(self, "known", {})
        state = self.circle.now
        after: dict[Stream, tuple[int, set[bytes]]] = {}
        for stream in Stream:
            readers = {
                device
                for member in state.active_members()
                if member.reads(stream)
                for device in member.devices
            }
            epoch, entitled = known.get(stream, (0, set()))
            current = state.streams[stream].current
            if epoch == current and current:
                entitled |= readers
                assert state.streams[stream].due or entitled <= readers
            else:
                entitled = readers
            after[stream] = (current, entitled)
        self.known = after

    @invariant()
    def every_device_has_one_owner_and_epochs_have_no_hole(self) -> None:
        state = self.circle.now
        owners = {device.device: device.account for device in DEVICES}
        owners[self.team.device] = self.team.account
        for device, account in state.owners.items():
            assert owners[device] == account
        for known in state.streams.values():
            assert [epoch.number for epoch in known.epochs] == list(range(1, known.current + 1))

    @invariant()
    def a_replica_that_replays_the_chain_agrees(self) -> None:
        assert self.replica.state == self.circle.state


def _one_of(pick: int, likely: Sequence[Anybody], anybody: Sequence[Anybody]) -> Anybody:
    return likely[pick // 10 % len(likely)] if likely and pick % 10 else anybody[pick % len(anybody)]


def _stay(newcomer: Newcomer) -> Stay:
    role: Rights = {Stream(code): Right(value) for code, value in newcomer.rights}
    return Stay(role, newcomer.coordinator, newcomer.patient_side, newcomer.patient, newcomer.until)


def _with(rights: tuple[tuple[str, int], ...], lie: dict[Stream, int]) -> tuple[tuple[str, int], ...]:
    told = dict(rights) | {stream.value: value for stream, value in lie.items()}
    return tuple((stream, value) for stream, value in told.items() if value)


class RegistryForANight(Registry):
    """The same for `make soak`."""


Registry.TestCase.settings = settings(max_examples=300, stateful_step_count=60)
RegistryForANight.TestCase.settings = settings(max_examples=100_000, stateful_step_count=60)
TestRegistry = pytest.mark.long(pytest.mark.timeout(600)(Registry.TestCase))
TestRegistryForANight = pytest.mark.slow(RegistryForANight.TestCase)
