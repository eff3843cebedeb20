"""Any members, honest or not, with any statements: the rules hold, and every replica agrees."""

from __future__ import annotations

import secrets

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from carelink.access.compartments import Right, Stream
from carelink.access.registry import CircleState, Refusal, apply
from carelink.access.roles import Function, Role
from carelink.access.statements import (
    Add,
    Create,
    Expire,
    OpenEpochs,
    Public,
    Vouch,
    decode_certificate,
    decode_statement,
)
from carelink.sync.chain import Chain, RefusedStatementError
from carelink.sync.wire.structures import SignedStatement
from carelink.sync.wire.verification import BadSignatureError, verified_apply
from tests.hub.people import DAY, START, Circle, Person, opening

PEOPLE = [Person(f"person {number}") for number in range(6)]
ACCOUNTS = {person.device: decode_certificate(person.enrolled.certificate.body).account for person in PEOPLE}
people = st.sampled_from(PEOPLE)
streams = st.sampled_from(list(Stream))
bits = st.integers(min_value=0, max_value=3)


class Registry(RuleBasedStateMachine):
    """One chain as its relay, a client and the rules alone see it, beside a model of what was given."""

    @initialize(
        creator=people,
        role=st.sampled_from(list(Role)),
        coordinates=st.booleans(),
    )
    def begin(self, creator: Person, role: Role, coordinates: bool) -> None:
        self.circle = Circle()
        self.replica = Chain()
        self.care: set[bytes] = set()
        self.given: dict[bytes, dict[Stream, Right]] = {}
        functions = {Function.COORDINATOR} if coordinates or not role.is_patient_side else set()
        newcomer = creator.as_newcomer(role, functions)
        statement = self.circle.statement(creator, Create(secrets.token_bytes(16), newcomer, ()))
        self.genesis = decode_statement(statement.body).digest
        assert self._offer(creator, statement)
        self._gave(ACCOUNTS[creator.device], newcomer.rights)
        if Stream.CARE in self.given[ACCOUNTS[creator.device]]:
            self.care.add(ACCOUNTS[creator.device])

    def _gave(self, account: bytes, rights: tuple[tuple[str, int], ...]) -> None:
        self.given[account] = {Stream(code): Right(value) for code, value in rights}

    def _offer(self, author: Person, statement: SignedStatement) -> bool:
        """Show a statement to every replica: all take it, or none does and none has changed."""
        before = self.circle.state
        decoded = decode_statement(statement.body)
        alone = apply(before, decoded)
        together = verified_apply(before, statement)
        assert alone == together
        heights = self.replica.height
        try:
            row = self.replica.extended(statement, self.genesis)
        except RefusedStatementError:
            assert isinstance(alone, Refusal)
            assert self.replica.height == heights
            assert self.replica.state == before
            return False
        assert row is not None
        assert isinstance(alone, CircleState)
        assert self.replica.state == alone
        self.circle.take(statement)
        return True

    def _say(self, author: Person, public: Public, time: int = START) -> bool:
        return self._offer(author, self.circle.statement(author, public, time))

    def _reads_care(self, account: bytes) -> bool:
        member = self.circle.now.members.get(account)
        reads = account in self.care and Right.READ in self.given[account][Stream.CARE]
        return member is not None and member.active and reads

    @rule(
        author=people,
        newcomer=people,
        role=st.sampled_from(list(Role)),
        coordinates=st.booleans(),
        history=st.booleans(),
        ends=st.booleans(),
        lie=st.dictionaries(streams, bits, max_size=2),
    )
    def add(
        self,
        author: Person,
        newcomer: Person,
        role: Role,
        coordinates: bool,
        history: bool,
        ends: bool,
        lie: dict[Stream, int],
    ) -> None:
        functions = {Function.COORDINATOR} if coordinates else set()
        public = newcomer.as_newcomer(role, functions, until=START if ends else None, history=history)
        rights = dict(public.rights) | {stream.value: value for stream, value in lie.items()}
        public = msgspec.structs.replace(public, rights=tuple((s, r) for s, r in rights.items() if r))
        giver, account = ACCOUNTS[author.device], ACCOUNTS[newcomer.device]
        before = self.circle.now
        someone = any(self._reads_care(known) for known in self.given)
        giver_reads = self._reads_care(giver)
        had_patient_side = any(m.patient_side for m in before.active_members())
        if not self._say(author, Add(public, ())):
            return
        member = before.members[giver]
        assert member.runs_circle
        assert giver != account
        assert account not in before.members or not before.members[account].active
        if public.patient_side:
            assert member.patient_side or not had_patient_side
        self._gave(account, public.rights)
        self.care.discard(account)
        if Stream.CARE in self.given[account] and (giver_reads or not someone):
            self.care.add(account)

    @rule(author=people, newcomer=people)
    def vouch(self, author: Person, newcomer: Person) -> None:
        giver, account = ACCOUNTS[author.device], ACCOUNTS[newcomer.device]
        reads = self._reads_care(giver)
        if self._say(author, Vouch(account)):
            assert reads
            self.care.add(account)

    @rule(author=people, stream=streams, ahead=st.integers(min_value=0, max_value=2))
    def open_epoch(self, author: Person, stream: Stream, ahead: int) -> None:
        before = self.circle.now
        number = before.streams[stream].current + ahead
        if self._say(author, OpenEpochs((opening(stream, number),))):
            member = before.members[ACCOUNTS[author.device]]
            assert member.reads(stream)
            assert member.writes(stream)
            assert ahead == 1

    @rule(author=people, gone=people, late=st.booleans())
    def expire(self, author: Person, gone: Person, late: bool) -> None:
        before = self.circle.now.members.get(ACCOUNTS[gone.device])
        if self._say(author, Expire(ACCOUNTS[gone.device]), START + DAY if late else START - DAY):
            assert before is not None
            assert before.until is not None
            assert late

    @rule(author=people, forger=people)
    def forge(self, author: Person, forger: Person) -> None:
        """Someone signs in another's name."""
        if author is forger:
            return
        honest = self.circle.statement(author, OpenEpochs((opening(Stream.LIFE, 1),)))
        forged = SignedStatement(
            honest.body, self.circle.statement(forger, OpenEpochs(())).signature, honest.sealed
        )
        try:
            result = verified_apply(self.circle.state, forged)
        except BadSignatureError:
            return
        assert isinstance(result, Refusal)

    @invariant()
    def nobody_has_more_than_was_given(self) -> None:
        for account, member in self.circle.now.members.items():
            if not member.active:
                assert member.rights == {}
                continue
            for stream, right in member.rights.items():
                assert right == self.given[account][stream]
            assert (Stream.CARE in member.rights) is (account in self.care)
            assert set(member.rights) | set(member.promised) == set(self.given[account])

    @invariant()
    def every_device_has_one_owner_and_epochs_have_no_hole(self) -> None:
        state = self.circle.now
        for device, account in state.owners.items():
            assert ACCOUNTS[device] == account
        for known in state.streams.values():
            assert [epoch.number for epoch in known.epochs] == list(range(1, known.current + 1))

    @invariant()
    def a_replica_that_replays_the_chain_agrees(self) -> None:
        assert self.replica.state == self.circle.state


Registry.TestCase.settings = settings(max_examples=100, stateful_step_count=25)
TestRegistry = Registry.TestCase
