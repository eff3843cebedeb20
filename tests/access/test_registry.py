"""The rules of membership, one by one, in words."""

from __future__ import annotations

import secrets
from dataclasses import replace

import msgspec
import pytest

from carelink.access.compartments import Right, Stream
from carelink.access.registry import CircleState, Reason, apply
from carelink.access.roles import CIRCLE_ROLES, Function, Role
from carelink.access.statements import (
    Add,
    Create,
    EpochOpening,
    Expire,
    OpenEpochs,
    SignedCertificate,
    Vouch,
    decode_certificate,
    decode_statement,
)
from tests.access.trying import let_in, reads_care, tried, why
from tests.hub.people import DAY, START, Circle, Person, new_circle, opening

COORDINATOR = {Function.COORDINATOR}


class TestCreating:
    def test_a_circle_begins_with_someone_who_runs_it(self, anne: Person) -> None:
        circle = Circle()
        public = Create(secrets.token_bytes(16), anne.as_newcomer(Role.RELATIVE), ())
        assert why(tried(circle, anne, public)) is Reason.NOT_ENTITLED

    @pytest.mark.parametrize("role", [Role.PATIENT, Role.LEGAL_REPRESENTATIVE])
    def test_the_patient_side_may_begin_it_without_being_coordinator(self, role: Role) -> None:
        jeanne = Person("Jeanne")
        public = Create(secrets.token_bytes(16), jeanne.as_newcomer(role), ())
        assert isinstance(tried(Circle(), jeanne, public), CircleState)

    def test_it_is_signed_by_a_device_of_its_creator(self, anne: Person, paul: Person) -> None:
        public = Create(secrets.token_bytes(16), anne.as_newcomer(Role.RELATIVE, COORDINATOR), ())
        assert why(tried(Circle(), paul, public)) is Reason.UNKNOWN_DEVICE

    def test_it_happens_once(self, anne: Person, family: Circle) -> None:
        public = Create(secrets.token_bytes(16), anne.as_newcomer(Role.RELATIVE, COORDINATOR), ())
        assert why(tried(family, anne, public)) is Reason.WRONG_POSITION

    def test_nothing_else_comes_first(self, anne: Person) -> None:
        assert why(tried(Circle(), anne, OpenEpochs(()))) is Reason.WRONG_POSITION

    @pytest.mark.parametrize("change", [{"circle": bytes(16)}, {"height": 1}, {"previous": b"\x01" * 32}])
    def test_it_stands_at_the_beginning(self, anne: Person, change: dict[str, object]) -> None:
        public = Create(secrets.token_bytes(16), anne.as_newcomer(Role.RELATIVE, COORDINATOR), ())
        statement = decode_statement(Circle().statement(anne, public).body)
        moved = replace(statement, body=msgspec.structs.replace(statement.body, **change))
        assert why(apply(None, moved)) is Reason.WRONG_POSITION

    def test_two_circles_of_one_person_have_two_names(self, anne: Person) -> None:
        assert new_circle(anne).id != new_circle(anne).id


class TestLettingIn:
    def test_only_who_runs_the_circle_lets_someone_in(
        self, anne: Person, claire: Person, paul: Person, family: Circle
    ) -> None:
        let_in(family, anne, claire.as_newcomer(Role.NURSE))
        result = tried(family, claire, Add(paul.as_newcomer(Role.PHYSICIAN), ()))
        assert why(result) is Reason.NOT_ENTITLED

    def test_nobody_lets_themself_in(self, family: Circle, paul: Person) -> None:
        result = tried(family, paul, Add(paul.as_newcomer(Role.NURSE), ()))
        assert why(result) is Reason.UNKNOWN_DEVICE

    def test_nobody_adds_themself_again_with_more(self, anne: Person, family: Circle) -> None:
        result = tried(family, anne, Add(anne.as_newcomer(Role.NURSE, COORDINATOR), ()))
        assert why(result) is Reason.ALREADY_MEMBER

    def test_nobody_is_let_in_twice(self, anne: Person, paul: Person, family: Circle) -> None:
        let_in(family, anne, paul.as_newcomer(Role.RELATIVE))
        result = tried(family, anne, Add(paul.as_newcomer(Role.PHYSICIAN), ()))
        assert why(result) is Reason.ALREADY_MEMBER

    def test_a_device_of_another_account_cannot_be_taken_over(
        self, anne: Person, claire: Person, paul: Person, family: Circle
    ) -> None:
        let_in(family, anne, claire.as_newcomer(Role.NURSE))
        stolen = msgspec.structs.replace(
            decode_certificate(paul.enrolled.certificate.body), device=claire.device
        )
        newcomer = paul.as_newcomer(Role.RELATIVE)
        taken = msgspec.structs.replace(
            newcomer, certificates=(SignedCertificate(msgspec.msgpack.encode(stolen), b""),)
        )
        assert why(tried(family, anne, Add(taken, ()))) is Reason.ALREADY_MEMBER

    @pytest.mark.parametrize("role", CIRCLE_ROLES)
    def test_every_role_of_the_table_can_come_in(self, anne: Person, family: Circle, role: Role) -> None:
        assert isinstance(tried(family, anne, Add(Person("X").as_newcomer(role), ())), CircleState)

    @pytest.mark.parametrize(
        "rights",
        [
            {"registry": 3},
            {"registry": 0},
            {"trace": 3},
            {"trace": 1},
            {"decisions": 1},
            {"decisions": 3},
        ],
    )
    def test_a_member_has_no_right_that_goes_with_running_the_circle(
        self, anne: Person, paul: Person, family: Circle, rights: dict[str, int]
    ) -> None:
        newcomer = paul.as_newcomer(Role.RELATIVE)
        bits = {**dict(newcomer.rights), **rights}
        changed = msgspec.structs.replace(newcomer, rights=tuple((k, v) for k, v in bits.items() if v))
        assert why(tried(family, anne, Add(changed, ()))) is Reason.FORBIDDEN_RIGHTS

    @pytest.mark.parametrize(
        "extra", [("life", 1), ("restricted", 1), ("coordination", 4), ("care", 0), ("care", -1)]
    )
    def test_rights_that_mean_nothing_are_refused(
        self, anne: Person, paul: Person, family: Circle, extra: tuple[str, int]
    ) -> None:
        newcomer = paul.as_newcomer(Role.VOLUNTEER)
        changed = msgspec.structs.replace(newcomer, rights=(*newcomer.rights, extra))
        assert why(tried(family, anne, Add(changed, ()))) is Reason.MALFORMED

    def test_whoever_comes_back_with_another_device_leaves_the_first_one_without_rights(
        self, anne: Person, paul: Person, family: Circle
    ) -> None:
        let_in(family, anne, paul.as_newcomer(Role.RELATIVE, until=START))
        family.take(family.expiry(anne, paul, START + DAY))
        other = Person("Paul, new PC")
        certificate = msgspec.structs.replace(
            decode_certificate(other.enrolled.certificate.body),
            account_key=decode_certificate(paul.enrolled.certificate.body).account_key,
        )
        newcomer = msgspec.structs.replace(
            paul.as_newcomer(Role.RELATIVE),
            certificates=(SignedCertificate(msgspec.msgpack.encode(certificate), b""),),
        )
        back = tried(family, anne, Add(newcomer, ()))
        assert isinstance(back, CircleState)
        assert back.member_of(other.device) is not None
        assert back.member_of(paul.device) is None
        family.state = back
        assert why(tried(family, paul, OpenEpochs((opening(Stream.LIFE, 2),)))) is Reason.UNKNOWN_DEVICE


class TestWhoConfirmsMustHoldWhatItGives:
    def test_while_nobody_reads_the_medical_record_its_first_reader_counts_at_once(
        self, anne: Person, claire: Person, family: Circle
    ) -> None:
        let_in(family, anne, claire.as_newcomer(Role.NURSE))
        assert reads_care(family, claire)

    def test_a_coordinator_without_it_cannot_give_it_while_someone_reads_it(
        self, anne: Person, claire: Person, paul: Person, family: Circle
    ) -> None:
        let_in(family, anne, claire.as_newcomer(Role.NURSE))
        let_in(family, anne, paul.as_newcomer(Role.PHYSICIAN))
        second = family.now.member_of(paul.device)
        assert second is not None
        assert not second.reads(Stream.CARE)
        assert not second.writes(Stream.CARE)
        assert second.promised == {Stream.CARE: Right.READ_WRITE}
        assert second.reads(Stream.LIFE)

    def test_it_counts_once_a_reader_has_vouched(
        self, anne: Person, claire: Person, paul: Person, family: Circle
    ) -> None:
        let_in(family, anne, claire.as_newcomer(Role.NURSE))
        let_in(family, anne, paul.as_newcomer(Role.PHYSICIAN))
        account = decode_certificate(paul.enrolled.certificate.body).account
        family.take(family.statement(claire, Vouch(account)))
        assert reads_care(family, paul)
        assert why(tried(family, claire, Vouch(account))) is Reason.NOT_A_MEMBER

    def test_who_does_not_read_it_cannot_vouch_nor_the_one_it_is_promised_to(
        self, anne: Person, claire: Person, paul: Person, family: Circle
    ) -> None:
        let_in(family, anne, claire.as_newcomer(Role.NURSE))
        let_in(family, anne, paul.as_newcomer(Role.PHYSICIAN))
        account = decode_certificate(paul.enrolled.certificate.body).account
        assert why(tried(family, anne, Vouch(account))) is Reason.NOT_ENTITLED
        assert why(tried(family, paul, Vouch(account))) is Reason.NOT_ENTITLED

    def test_a_coordinator_who_reads_it_gives_it(self, claire: Person, paul: Person, house: Circle) -> None:
        let_in(house, claire, paul.as_newcomer(Role.PHYSICIAN))
        assert reads_care(house, paul)

    def test_the_patient_side_gives_it(self, claire: Person, paul: Person) -> None:
        jeanne = Person("Jeanne")
        circle = new_circle(jeanne, Role.PATIENT)
        let_in(circle, jeanne, claire.as_newcomer(Role.NURSE))
        let_in(circle, jeanne, paul.as_newcomer(Role.PHYSICIAN))
        assert reads_care(circle, claire)
        assert reads_care(circle, paul)

    def test_a_coordinator_gains_it_neither_by_a_second_self_nor_by_a_made_up_patient(
        self, anne: Person, claire: Person, family: Circle
    ) -> None:
        """Two accounts of one hand: a "patient" appointed by the coordinator, who lets a "nurse" in."""
        let_in(family, anne, claire.as_newcomer(Role.NURSE))
        false_patient, false_nurse = Person("P"), Person("N")
        let_in(family, anne, false_patient.as_newcomer(Role.PATIENT))
        assert not reads_care(family, false_patient)
        let_in(family, false_patient, false_nurse.as_newcomer(Role.NURSE))
        assert not reads_care(family, false_nurse)
        for_nurse = decode_certificate(false_nurse.enrolled.certificate.body).account
        assert why(tried(family, false_patient, Vouch(for_nurse))) is Reason.NOT_ENTITLED
        bare = msgspec.structs.replace(
            Person("Q").as_newcomer(Role.PATIENT),
            rights=(("registry", 3), ("trace", 3), ("decisions", 3), ("life", 3)),
        )
        assert why(tried(family, anne, Add(bare, ()))) is Reason.NOT_ENTITLED


class TestThePatientSide:
    def test_a_coordinator_may_appoint_it_while_there_is_none(self, anne: Person, family: Circle) -> None:
        jeanne = Person("Jeanne")
        let_in(family, anne, jeanne.as_newcomer(Role.PATIENT))
        found = family.now.member_of(jeanne.device)
        assert found is not None
        assert found.runs_circle

    def test_once_there_is_one_only_it_appoints_another(
        self, anne: Person, paul: Person, family: Circle
    ) -> None:
        jeanne = Person("Jeanne")
        let_in(family, anne, jeanne.as_newcomer(Role.PATIENT))
        representative = paul.as_newcomer(Role.LEGAL_REPRESENTATIVE)
        assert why(tried(family, anne, Add(representative, ()))) is Reason.NOT_ENTITLED
        assert isinstance(tried(family, jeanne, Add(representative, ())), CircleState)


class TestEpochs:
    def test_they_follow_one_another(self, anne: Person, family: Circle) -> None:
        for number in (0, 1, 3, 7):
            result = tried(family, anne, OpenEpochs((opening(Stream.LIFE, number),)))
            assert why(result) is Reason.WRONG_EPOCH
        family.take(family.openings(anne, [Stream.LIFE]))
        assert family.now.streams[Stream.LIFE].current == 2

    def test_two_of_one_stream_may_be_opened_at_once_in_order(self, anne: Person, family: Circle) -> None:
        both = OpenEpochs((opening(Stream.LIFE, 2), opening(Stream.LIFE, 3)))
        after = tried(family, anne, both)
        assert isinstance(after, CircleState)
        assert after.streams[Stream.LIFE].current == 3

    def test_a_coordinator_without_the_medical_record_does_not_open_it(
        self, anne: Person, family: Circle
    ) -> None:
        assert why(tried(family, anne, OpenEpochs((opening(Stream.CARE, 1),)))) is Reason.NOT_ENTITLED

    def test_a_reader_does_not_open_nor_a_writer_who_cannot_read(
        self, anne: Person, paul: Person, family: Circle
    ) -> None:
        let_in(family, anne, paul.as_newcomer(Role.RELATIVE))
        for stream in (Stream.COORDINATION, Stream.TRACE, Stream.REGISTRY, Stream.DECISIONS):
            number = family.now.streams[stream].current + 1
            result = tried(family, paul, OpenEpochs((opening(stream, number),)))
            assert why(result) is Reason.NOT_ENTITLED

    @pytest.mark.parametrize(
        "bad",
        [
            EpochOpening("life", 2, b"short"),
            EpochOpening("life", 2, bytes(32), bytes(1216)),
            EpochOpening("trace", 2, bytes(32)),
            EpochOpening("nowhere", 1, bytes(32)),
        ],
    )
    def test_a_key_of_the_wrong_form_is_refused(
        self, anne: Person, family: Circle, bad: EpochOpening
    ) -> None:
        assert why(tried(family, anne, OpenEpochs((bad,)))) is Reason.MALFORMED

    def test_an_opening_opens_something(self, anne: Person, family: Circle) -> None:
        assert why(tried(family, anne, OpenEpochs(()))) is Reason.MALFORMED

    def test_whoever_comes_without_the_past_makes_their_streams_due_and_starts_at_the_next_key(
        self, anne: Person, paul: Person, family: Circle
    ) -> None:
        let_in(family, anne, paul.as_newcomer(Role.RELATIVE, history=False))
        found = family.now.member_of(paul.device)
        assert found is not None
        assert found.first_epoch[Stream.LIFE] == 2
        assert found.first_epoch[Stream.REGISTRY] == 1
        assert family.now.streams[Stream.LIFE].due
        family.take(family.openings(anne, [Stream.LIFE]))
        assert not family.now.streams[Stream.LIFE].due

    def test_whoever_comes_with_the_past_makes_nothing_due(
        self, anne: Person, paul: Person, family: Circle
    ) -> None:
        let_in(family, anne, paul.as_newcomer(Role.RELATIVE))
        assert not any(known.due for known in family.now.streams.values())


class TestEndOfStay:
    def test_a_stay_ends_only_once_its_date_has_passed(
        self, anne: Person, paul: Person, family: Circle
    ) -> None:
        let_in(family, anne, paul.as_newcomer(Role.RELATIVE, until=START + DAY))
        account = decode_certificate(paul.enrolled.certificate.body).account
        assert why(tried(family, anne, Expire(account), START + DAY - 1)) is Reason.NOT_ENTITLED
        family.take(family.expiry(anne, paul, START + DAY))
        found = family.now.members[account]
        assert not found.active
        assert found.rights == {}
        assert family.now.streams[Stream.LIFE].due
        assert not family.now.streams[Stream.CARE].due

    def test_a_stay_without_end_does_not_end_so(self, anne: Person, paul: Person, family: Circle) -> None:
        let_in(family, anne, paul.as_newcomer(Role.RELATIVE))
        account = decode_certificate(paul.enrolled.certificate.body).account
        assert why(tried(family, anne, Expire(account), START + 10_000 * DAY)) is Reason.NOT_ENTITLED

    def test_who_has_gone_changes_nothing_more_and_cannot_go_twice(
        self, anne: Person, paul: Person, family: Circle
    ) -> None:
        let_in(family, anne, paul.as_newcomer(Role.RELATIVE, COORDINATOR, until=START))
        family.take(family.expiry(anne, paul, START))
        account = decode_certificate(paul.enrolled.certificate.body).account
        result = tried(family, paul, Add(Person("X").as_newcomer(Role.NURSE), ()))
        assert why(result) is Reason.UNKNOWN_DEVICE
        assert why(tried(family, anne, Expire(account), START + DAY)) is Reason.NOT_A_MEMBER

    def test_a_stranger_cannot_be_ended(self, anne: Person, family: Circle) -> None:
        assert why(tried(family, anne, Expire(bytes(16)))) is Reason.NOT_A_MEMBER
