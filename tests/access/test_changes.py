"""What changes once people are in: roles, grants, denials, removals, devices; one rule at a time."""

from __future__ import annotations

import pytest

from carelink.access.compartments import Right, Stream
from carelink.access.registry import CircleState, Member, Reason, Refusal, apply, in_force
from carelink.access.roles import Function, Role
from carelink.access.statements import (
    Add,
    AddDevice,
    ChangeRole,
    Decision,
    Deny,
    Expire,
    Grant,
    Leave,
    OpenEpochs,
    Public,
    Remove,
    RevokeDevices,
    Succeed,
    Vouch,
    decode_statement,
)
from carelink.sync.wire.verification import BadSignatureError, verified_apply
from tests.hub.people import DAY, START, Person, new_circle, opening

COORDINATOR = {Function.COORDINATOR}


class House:
    """Anne, a daughter, coordinates; Claire is a nurse, Paul a relative."""

    def __init__(self) -> None:
        self.anne, self.claire, self.paul = Person("Anne"), Person("Claire"), Person("Paul")
        self.jeanne, self.marc = Person("Jeanne"), Person("Marc")
        self.circle = new_circle(self.anne, Role.FAMILY_CARER)
        self.let_in(self.anne, self.claire, Role.NURSE)
        self.say(self.claire, OpenEpochs((opening(Stream.CARE, 1), opening(Stream.CARE_INBOX, 1))))
        self.let_in(self.anne, self.paul, Role.RELATIVE)

    def say(self, author: Person, public: Public, time: int = START) -> CircleState:
        self.circle.take(self.circle.statement(author, public, time))
        return self.circle.now

    def refused(self, author: Person, public: Public, time: int = START) -> Reason:
        statement = decode_statement(self.circle.statement(author, public, time).body)
        result = apply(self.circle.state, statement)
        assert isinstance(result, Refusal), "the rules let it pass"
        return result.reason

    def let_in(self, author: Person, newcomer: Person, role: Role, *, coordinates: bool = False) -> None:
        self.say(author, Add(newcomer.as_newcomer(role, COORDINATOR if coordinates else ()), ()))

    def of(self, person: Person) -> Member:
        return self.circle.now.members[person.account]

    def reads(self, person: Person, stream: Stream) -> bool:
        return self.of(person).reads(stream)

    def due(self) -> set[Stream]:
        return {stream for stream, known in self.circle.now.streams.items() if known.due}


@pytest.fixture
def house() -> House:
    return House()


def role_of(person: Person, role: Role, *, coordinates: bool = False, history: bool = True) -> ChangeRole:
    wanted = person.as_newcomer(role, COORDINATOR if coordinates else ())
    return ChangeRole(
        person.account,
        wanted.rights,
        wanted.coordinator,
        wanted.patient_side,
        wanted.patient,
        invites=False,
        history=history,
    )


def grant(person: Person, stream: Stream, bits: int = 1, until: int | None = None) -> Grant:
    return Grant(person.account, stream, bits, until, history=True)


class TestRemoving:
    def test_whoever_is_removed_reads_nothing_and_what_they_read_is_due(self, house: House) -> None:
        house.say(house.anne, Remove(house.claire.account))
        assert house.of(house.claire).rights == {}
        assert house.due() == {
            Stream.REGISTRY,
            Stream.LIFE,
            Stream.COORDINATION,
            Stream.CARE,
            Stream.CARE_INBOX,
        }

    def test_what_they_did_not_read_stays_as_it_is(self, house: House) -> None:
        house.say(house.anne, Remove(house.paul.account))
        assert house.due() == {Stream.REGISTRY, Stream.LIFE, Stream.COORDINATION}

    def test_the_new_epochs_may_come_with_it(self, house: House) -> None:
        new = tuple(opening(s, 2) for s in (Stream.REGISTRY, Stream.LIFE, Stream.COORDINATION))
        house.say(house.anne, Remove(house.paul.account, new))
        assert house.due() == set()

    def test_they_are_heard_no_more(self, house: House) -> None:
        house.say(house.anne, Remove(house.claire.account))
        assert house.refused(house.claire, OpenEpochs((opening(Stream.CARE, 2),))) is Reason.UNKNOWN_DEVICE

    def test_members_do_not_remove_one_another(self, house: House) -> None:
        assert house.refused(house.claire, Remove(house.paul.account)) is Reason.NOT_ENTITLED

    def test_nobody_removes_themself_in_the_name_of_the_others(self, house: House) -> None:
        assert house.refused(house.anne, Remove(house.anne.account)) is Reason.NOT_ENTITLED

    def test_a_coordinator_removes_nobody_of_the_patients_side(self, house: House) -> None:
        house.let_in(house.anne, house.jeanne, Role.PATIENT)
        assert house.refused(house.anne, Remove(house.jeanne.account)) is Reason.NOT_ENTITLED

    def test_a_representative_does_not_remove_the_patient(self, house: House) -> None:
        house.let_in(house.anne, house.jeanne, Role.PATIENT)
        house.let_in(house.jeanne, house.marc, Role.LEGAL_REPRESENTATIVE)
        assert house.refused(house.marc, Remove(house.jeanne.account)) is Reason.NOT_ENTITLED
        house.say(house.jeanne, Remove(house.marc.account))

    def test_of_two_coordinators_who_remove_each_other_the_first_is_heard(self, house: House) -> None:
        house.let_in(house.anne, house.marc, Role.FAMILY_CARER, coordinates=True)
        late = house.circle.statement(house.marc, Remove(house.anne.account))
        house.say(house.anne, Remove(house.marc.account))
        assert isinstance(apply(house.circle.now, decode_statement(late.body)), Refusal)
        assert house.refused(house.marc, Remove(house.anne.account)) is Reason.UNKNOWN_DEVICE

    def test_whoever_comes_back_has_a_new_stay(self, house: House) -> None:
        house.say(house.anne, Remove(house.paul.account))
        house.let_in(house.anne, house.paul, Role.RELATIVE)
        assert house.reads(house.paul, Stream.LIFE)
        assert house.of(house.paul).since == house.circle.now.height


class TestLeaving:
    def test_anybody_leaves_at_any_time(self, house: House) -> None:
        house.say(house.paul, Leave())
        assert not house.of(house.paul).active
        assert Stream.LIFE in house.due()

    def test_even_the_only_coordinator(self, house: House) -> None:
        house.say(house.anne, Leave())
        assert not house.of(house.anne).active


class TestChangingRoles:
    def test_a_relative_becomes_a_volunteer_and_reads_less(self, house: House) -> None:
        house.say(house.anne, role_of(house.paul, Role.VOLUNTEER))
        assert not house.reads(house.paul, Stream.COORDINATION)
        assert house.due() == {Stream.COORDINATION}

    def test_nobody_changes_their_own(self, house: House) -> None:
        assert house.refused(house.anne, role_of(house.anne, Role.NURSE)) is Reason.NOT_ENTITLED

    def test_a_coordinator_without_care_only_promises_it(self, house: House) -> None:
        house.say(house.anne, role_of(house.paul, Role.NURSE))
        assert not house.reads(house.paul, Stream.CARE)
        assert house.of(house.paul).promised == {Stream.CARE: Right.READ_WRITE}
        house.say(house.claire, Vouch(house.paul.account))
        assert house.reads(house.paul, Stream.CARE)

    def test_what_was_countersigned_once_is_not_kept_through_a_role_without_it(self, house: House) -> None:
        house.say(house.anne, role_of(house.claire, Role.RELATIVE))
        house.let_in(house.anne, house.marc, Role.NURSE)
        house.say(house.anne, role_of(house.claire, Role.NURSE))
        assert not house.reads(house.claire, Stream.CARE)

    def test_a_nurse_who_becomes_care_assistant_keeps_what_was_countersigned(self, house: House) -> None:
        house.say(house.anne, role_of(house.claire, Role.CARE_ASSISTANT))
        assert house.reads(house.claire, Stream.CARE)
        assert house.due() == set()

    def test_a_coordinator_who_reads_no_daily_life_only_promises_it(self) -> None:
        desk, anne, friend = Person("Accueil"), Person("Anne"), Person("Friend")
        circle = new_circle(desk, Role.ADMINISTRATION)
        circle.take(circle.statement(desk, Add(anne.as_newcomer(Role.FAMILY_CARER), ())))
        assert circle.now.members[anne.account].reads(Stream.LIFE)
        circle.take(circle.statement(desk, Add(friend.as_newcomer(Role.RELATIVE), ())))
        assert not circle.now.members[friend.account].reads(Stream.LIFE)
        circle.take(circle.statement(anne, Vouch(friend.account)))
        assert circle.now.members[friend.account].reads(Stream.LIFE)

    def test_once_the_patient_decides_only_their_side_appoints_it(self, house: House) -> None:
        house.let_in(house.anne, house.jeanne, Role.PATIENT)
        puppet = role_of(house.paul, Role.LEGAL_REPRESENTATIVE)
        assert house.refused(house.anne, puppet) is Reason.NOT_ENTITLED
        house.say(house.jeanne, puppet)
        assert house.of(house.paul).patient_side

    def test_there_is_one_patient(self, house: House) -> None:
        house.let_in(house.anne, house.jeanne, Role.PATIENT)
        assert house.refused(house.jeanne, role_of(house.paul, Role.PATIENT)) is Reason.NOT_ENTITLED

    def test_no_history_means_a_new_epoch_first(self, house: House) -> None:
        house.say(house.anne, role_of(house.paul, Role.VOLUNTEER))
        house.say(house.anne, OpenEpochs((opening(Stream.COORDINATION, 2),)))
        house.say(house.anne, role_of(house.paul, Role.RELATIVE, history=False))
        assert Stream.COORDINATION in house.due()
        assert not house.of(house.paul).may_take(Stream.COORDINATION, 2)


class TestPuppets:
    def test_a_coordinator_gains_no_care_by_a_puppet_nurse(self, house: House) -> None:
        house.let_in(house.anne, house.marc, Role.NURSE)
        assert not house.reads(house.marc, Stream.CARE)

    def test_nor_by_a_puppet_representative(self, house: House) -> None:
        house.let_in(house.anne, house.marc, Role.LEGAL_REPRESENTATIVE)
        assert not house.reads(house.marc, Stream.CARE)
        accomplice = Person("Accomplice")
        house.let_in(house.marc, accomplice, Role.NURSE)
        assert not house.reads(accomplice, Stream.CARE)

    def test_nor_of_the_past_by_shutting_the_carers_out_first(self, house: House) -> None:
        house.say(house.anne, Deny(house.claire.account, Stream.CARE, None))
        house.let_in(house.anne, house.marc, Role.NURSE)
        # Nobody reads `care` now, so the first reader comes in; of what was written, they get nothing.
        assert house.reads(house.marc, Stream.CARE)
        assert not house.of(house.marc).may_take(Stream.CARE, 1)
        assert Stream.CARE in house.due()

    def test_nobody_vouches_for_themself(self, house: House) -> None:
        house.let_in(house.anne, house.marc, Role.NURSE)
        assert house.refused(house.marc, Vouch(house.marc.account)) is Reason.NOT_ENTITLED


class TestGrantsAndDenials:
    def test_the_patient_opens_a_volet_beyond_the_role(self, house: House) -> None:
        house.let_in(house.anne, house.jeanne, Role.PATIENT)
        house.say(house.claire, Vouch(house.jeanne.account))
        house.say(house.jeanne, grant(house.paul, Stream.CARE))
        assert house.reads(house.paul, Stream.CARE)
        assert house.reads(house.paul, Stream.CARE_INBOX)
        assert not house.of(house.paul).writes(Stream.CARE)

    def test_where_nobody_decides_a_coordinator_records_what_the_patient_said(self, house: House) -> None:
        house.say(house.anne, grant(house.paul, Stream.CARE))
        assert not house.reads(house.paul, Stream.CARE)
        house.say(house.claire, Vouch(house.paul.account))
        assert house.reads(house.paul, Stream.CARE)

    def test_once_the_patient_is_there_the_coordinator_decides_nothing(self, house: House) -> None:
        house.let_in(house.anne, house.jeanne, Role.PATIENT)
        assert house.refused(house.anne, grant(house.paul, Stream.CARE)) is Reason.NOT_ENTITLED
        denial = Deny(house.claire.account, Stream.CARE, None)
        assert house.refused(house.anne, denial) is Reason.NOT_ENTITLED

    def test_nobody_grants_to_themself(self, house: House) -> None:
        assert house.refused(house.anne, grant(house.anne, Stream.CARE)) is Reason.NOT_ENTITLED

    def test_a_denial_wins_over_role_and_grant(self, house: House) -> None:
        house.say(house.anne, grant(house.paul, Stream.CARE))
        house.say(house.anne, Deny(house.paul.account, Stream.CARE, None))
        assert house.refused(house.claire, Vouch(house.paul.account)) is Reason.NOT_A_MEMBER
        house.say(house.anne, role_of(house.paul, Role.NURSE))
        assert not house.reads(house.paul, Stream.CARE)

    def test_a_denial_takes_the_key_at_once(self, house: House) -> None:
        house.say(house.anne, Deny(house.claire.account, Stream.CARE, None))
        assert not house.reads(house.claire, Stream.CARE)
        assert not house.reads(house.claire, Stream.CARE_INBOX)
        assert house.due() == {Stream.CARE, Stream.CARE_INBOX}

    def test_a_denial_outlives_the_stay(self, house: House) -> None:
        house.say(house.anne, Deny(house.paul.account, Stream.LIFE, None))
        house.say(house.anne, Remove(house.paul.account))
        house.let_in(house.anne, house.paul, Role.RELATIVE)
        assert not house.reads(house.paul, Stream.LIFE)

    def test_the_representative_does_not_lift_what_the_patient_denied(self, house: House) -> None:
        house.let_in(house.anne, house.jeanne, Role.PATIENT)
        house.let_in(house.jeanne, house.marc, Role.LEGAL_REPRESENTATIVE)
        house.say(house.jeanne, Deny(house.paul.account, Stream.LIFE, None))
        assert house.refused(house.marc, grant(house.paul, Stream.LIFE)) is Reason.NOT_ENTITLED
        again = Deny(house.paul.account, Stream.LIFE, START + DAY)
        assert house.refused(house.marc, again) is Reason.NOT_ENTITLED
        house.say(house.jeanne, grant(house.paul, Stream.LIFE))
        assert house.reads(house.paul, Stream.LIFE)

    def test_the_patient_lifts_what_the_representative_denied(self, house: House) -> None:
        house.let_in(house.anne, house.jeanne, Role.PATIENT)
        house.let_in(house.jeanne, house.marc, Role.LEGAL_REPRESENTATIVE)
        house.say(house.marc, Deny(house.paul.account, Stream.LIFE, None))
        house.say(house.jeanne, grant(house.paul, Stream.LIFE))
        assert house.reads(house.paul, Stream.LIFE)

    def test_a_recorded_denial_is_lifted_by_a_second_coordinator(self, house: House) -> None:
        house.say(house.anne, Deny(house.paul.account, Stream.LIFE, None))
        assert house.refused(house.anne, grant(house.paul, Stream.LIFE)) is Reason.NOT_ENTITLED
        house.let_in(house.anne, house.marc, Role.FAMILY_CARER, coordinates=True)
        house.say(house.marc, grant(house.paul, Stream.LIFE))
        assert house.reads(house.paul, Stream.LIFE)

    def test_nobody_denies_the_patient(self, house: House) -> None:
        house.let_in(house.anne, house.jeanne, Role.PATIENT)
        house.let_in(house.jeanne, house.marc, Role.LEGAL_REPRESENTATIVE)
        denial = Deny(house.jeanne.account, Stream.CARE, None)
        assert house.refused(house.marc, denial) is Reason.NOT_ENTITLED

    def test_a_grant_with_an_end_is_not_served_after_it_and_then_expires(self, house: House) -> None:
        house.say(house.anne, grant(house.paul, Stream.CARE, until=START + DAY))
        house.say(house.claire, Vouch(house.paul.account))
        member = house.of(house.paul)
        served = in_force(member, START + DAY)
        assert in_force(member, START + DAY - 1) is member
        assert served is not None
        assert not served.reads(Stream.CARE)
        early = Expire(house.paul.account, Stream.CARE)
        assert house.refused(house.claire, early, START) is Reason.NOT_ENTITLED
        house.say(house.claire, early, START + DAY)
        assert not house.reads(house.paul, Stream.CARE)
        assert Stream.CARE in house.due()

    def test_a_denial_with_an_end_gives_back_what_was_countersigned(self, house: House) -> None:
        house.say(house.anne, Deny(house.claire.account, Stream.CARE, START + DAY))
        house.say(house.paul, Expire(house.claire.account, Stream.CARE), START + DAY)
        assert house.reads(house.claire, Stream.CARE)

    @pytest.mark.parametrize("stream", [Stream.REGISTRY, Stream.TRACE, Stream.DECISIONS, Stream.CARE_INBOX])
    def test_only_volets_are_granted(self, house: House, stream: Stream) -> None:
        assert house.refused(house.anne, grant(house.paul, stream)) is Reason.MALFORMED


class TestDevices:
    def test_a_second_pc_counts_as_the_person(self, house: House) -> None:
        second = house.claire.other_device()
        house.say(house.claire, AddDevice(second.enrolled.certificate))
        assert house.circle.now.member_of(second.device) is house.of(house.claire)
        house.say(second, OpenEpochs((opening(Stream.CARE, 2),)))

    def test_nobody_adds_a_device_to_somebody_else(self, house: House) -> None:
        forged = house.paul.other_device(of=house.claire)
        signed = house.circle.statement(house.paul, AddDevice(forged.enrolled.certificate))
        with pytest.raises(BadSignatureError):
            verified_apply(house.circle.now, signed)
        second = house.claire.other_device()
        reason = house.refused(house.paul, AddDevice(second.enrolled.certificate))
        assert reason is Reason.NOT_ENTITLED

    def test_a_stolen_pc_is_heard_no_more_and_what_it_read_is_due(self, house: House) -> None:
        second = house.claire.other_device()
        house.say(house.claire, AddDevice(second.enrolled.certificate))
        house.say(house.claire, RevokeDevices(house.claire.account, (second.device,)))
        assert house.circle.now.member_of(second.device) is None
        assert Stream.CARE in house.due()
        assert house.refused(second, Leave()) is Reason.UNKNOWN_DEVICE

    def test_a_coordinator_revokes_the_stolen_pc_of_a_member(self, house: House) -> None:
        house.say(house.anne, RevokeDevices(house.claire.account, (house.claire.device,)))
        assert house.of(house.claire).active
        assert house.refused(house.claire, Leave()) is Reason.UNKNOWN_DEVICE

    def test_other_members_do_not(self, house: House) -> None:
        revocation = RevokeDevices(house.claire.account, (house.claire.device,))
        assert house.refused(house.paul, revocation) is Reason.NOT_ENTITLED

    def test_nobody_revokes_their_own_last_device(self, house: House) -> None:
        revocation = RevokeDevices(house.claire.account, (house.claire.device,))
        assert house.refused(house.claire, revocation) is Reason.NOT_ENTITLED

    def test_a_pc_revokes_no_recovery_sheet_but_a_new_sheet_takes_its_place(self, house: House) -> None:
        old, new = house.claire.other_device(paper=True), house.claire.other_device(paper=True)
        house.say(house.claire, AddDevice(old.enrolled.certificate))
        revocation = RevokeDevices(house.claire.account, (old.device,))
        assert house.refused(house.claire, revocation) is Reason.NOT_ENTITLED
        house.say(house.claire, AddDevice(new.enrolled.certificate))
        assert set(house.of(house.claire).devices) == {house.claire.device, new.device}
        assert Stream.CARE in house.due()

    def test_the_words_revoke_a_stolen_pc(self, house: House) -> None:
        sheet = house.claire.other_device(paper=True)
        house.say(house.claire, AddDevice(sheet.enrolled.certificate))
        house.say(sheet, RevokeDevices(house.claire.account, (house.claire.device,)))
        assert set(house.of(house.claire).devices) == {sheet.device}


class TestSuccession:
    def test_two_members_appoint_a_third_when_the_coordinator_is_gone(self, house: House) -> None:
        house.let_in(house.anne, house.marc, Role.RELATIVE)
        house.say(house.claire, Succeed(house.marc.account))
        assert not house.of(house.marc).coordinator
        house.say(house.paul, Succeed(house.marc.account))
        assert house.of(house.marc).coordinator
        assert not house.reads(house.marc, Stream.CARE)
        house.say(house.marc, Remove(house.anne.account))

    def test_one_alone_does_not_by_asking_twice(self, house: House) -> None:
        house.say(house.claire, Succeed(house.paul.account))
        assert house.refused(house.claire, Succeed(house.paul.account)) is Reason.NOTHING_CHANGES

    def test_nobody_appoints_themself(self, house: House) -> None:
        assert house.refused(house.paul, Succeed(house.paul.account)) is Reason.NOT_ENTITLED

    def test_two_relatives_do_not_without_a_carer_where_there_are_carers(self, house: House) -> None:
        cousin = Person("Cousin")
        house.let_in(house.anne, house.marc, Role.RELATIVE)
        house.let_in(house.anne, cousin, Role.RELATIVE)
        house.say(house.paul, Succeed(house.marc.account))
        house.say(cousin, Succeed(house.marc.account))
        assert not house.of(house.marc).coordinator

    def test_not_where_somebody_decides_for_the_patient(self, house: House) -> None:
        house.let_in(house.anne, house.jeanne, Role.PATIENT)
        assert house.refused(house.claire, Succeed(house.paul.account)) is Reason.NOT_ENTITLED


class TestDecisions:
    def test_who_runs_the_circle_and_who_writes_care_record_the_status(self, house: House) -> None:
        house.say(house.anne, Decision())
        house.say(house.claire, Decision())
        assert house.refused(house.paul, Decision()) is Reason.NOT_ENTITLED
