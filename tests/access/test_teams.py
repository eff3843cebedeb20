"""Teams in a circle and in their own registry: who gives what, who is let go, what nobody can forge."""

from __future__ import annotations

import secrets

import msgspec
import pytest

from carelink.access.compartments import Right, Stream
from carelink.access.registry import (
    CircleState,
    Reason,
    Refusal,
    apply,
    departed,
    excludes,
    needs_announcing,
    through_teams,
    uncarded,
)
from carelink.access.roles import Function, Role
from carelink.access.statements import (
    Add,
    AddDevice,
    Announce,
    ChangeRole,
    Create,
    Decision,
    Deny,
    Enrol,
    Grant,
    Leave,
    MoveTeam,
    OpenEpochs,
    Public,
    Remove,
    RevokeDevices,
    SignedCertificate,
    Succeed,
    decode_statement,
)
from carelink.access.team_statements import SignedTeamEpoch
from carelink.crypto.primitives import SignatureKind
from carelink.sync.wire.verification import BadSignatureError, verified_apply
from tests.hub.people import START, Circle, Person, new_circle, opening
from tests.hub.team_registry import TeamRegistry
from tests.hub.teams import Team

COORDINATOR = {Function.COORDINATOR}


@pytest.fixture
def anne() -> Person:
    return Person("Anne")


@pytest.fixture
def nina() -> Person:
    return Person("Nina")


@pytest.fixture
def omar() -> Person:
    return Person("Omar")


@pytest.fixture
def team(nina: Person, omar: Person) -> Team:
    return Team([nina, omar])


@pytest.fixture
def circle(anne: Person, team: Team) -> Circle:
    """A daughter's circle with a team of nurses, who are its first carers."""
    circle = new_circle(anne, Role.FAMILY_CARER)
    circle.take(circle.statement(anne, Add(team.as_newcomer(Role.NURSE), ())))
    return circle


def enrol(team: Team, person: Person, **changes: object) -> Enrol:
    public = Enrol(team.account, team.card(person), (person.enrolled.certificate,))
    return msgspec.structs.replace(public, **changes)


def said(circle: Circle, author: Person, public: Public) -> CircleState | Refusal:
    """What becomes of a statement, signatures included, without adding it."""
    return verified_apply(circle.state, circle.statement(author, public))


def why(circle: Circle, author: Person, public: Public) -> Reason:
    result = said(circle, author, public)
    assert isinstance(result, Refusal), "the rules let it pass"
    return result.reason


class TestEnrolling:
    def test_someone_of_the_team_has_what_the_team_has(
        self, circle: Circle, team: Team, nina: Person
    ) -> None:
        circle.take(circle.statement(nina, enrol(team, nina)))
        member = circle.now.member_of(nina.device)
        assert member is not None
        assert member.rights == circle.now.members[team.account].rights
        assert member.reads(Stream.CARE)
        assert member.through == team.account

    def test_a_card_that_the_team_did_not_sign_is_worth_nothing(
        self, circle: Circle, team: Team, nina: Person
    ) -> None:
        with pytest.raises(BadSignatureError):
            said(circle, nina, enrol(team, nina, card=team.card(nina, forged=True)))

    def test_nobody_enrols_with_the_card_of_another(
        self, circle: Circle, team: Team, nina: Person, omar: Person
    ) -> None:
        assert why(circle, omar, enrol(team, omar, card=team.card(nina))) is Reason.NOT_ENTITLED

    def test_nobody_enrols_under_another_name_than_the_team_gave(
        self, circle: Circle, team: Team, nina: Person
    ) -> None:
        renamed = nina.other_device()
        body = msgspec.msgpack.decode(renamed.enrolled.certificate.body)
        body[5] = secrets.token_bytes(32)
        data = msgspec.msgpack.encode(body)
        signed = SignedCertificate(data, nina.sign(SignatureKind.CERTIFICATE, data), nina.device)
        public = enrol(team, nina, certificates=(nina.enrolled.certificate, signed))
        assert why(circle, nina, public) is Reason.NOT_ENTITLED

    def test_whoever_left_the_team_cannot_enrol_with_the_card_they_had(
        self, circle: Circle, team: Team, nina: Person, omar: Person
    ) -> None:
        kept = team.card(omar)
        team.toggle(omar)
        circle.take(circle.statement(nina, enrol(team, nina, moves=team.moves(1))))
        assert why(circle, omar, enrol(team, omar, card=kept)) is Reason.NOT_ENTITLED

    def test_enrolling_follows_the_team_in_one_statement(
        self, circle: Circle, team: Team, nina: Person, omar: Person
    ) -> None:
        circle.take(circle.statement(omar, enrol(team, omar)))
        circle.take(circle.statement(omar, OpenEpochs((opening(Stream.CARE, 1),))))
        team.toggle(omar)
        public = enrol(team, nina, moves=team.moves(1), epochs=(opening(Stream.CARE, 2),))
        circle.take(circle.statement(nina, public))
        gone = circle.now.members[omar.account]
        assert not gone.active
        assert not gone.rights
        assert not circle.now.streams[Stream.CARE].due
        assert circle.now.streams[Stream.LIFE].due

    def test_enrolling_adds_no_function_and_an_own_stay_stands(
        self, circle: Circle, team: Team, anne: Person, nina: Person
    ) -> None:
        team.people.add(anne.account)
        assert why(circle, anne, enrol(team, anne)) is Reason.ALREADY_MEMBER
        circle.take(circle.statement(nina, enrol(team, nina)))
        member = circle.now.members[nina.account]
        assert not member.runs_circle
        assert not member.invites
        assert not member.emergency
        assert why(circle, nina, Add(Person("X").as_newcomer(Role.NURSE), ())) is Reason.NOT_ENTITLED

    def test_another_device_comes_in_with_the_same_card_but_not_one_that_was_revoked(
        self, circle: Circle, team: Team, nina: Person
    ) -> None:
        second = nina.other_device()
        both = (nina.enrolled.certificate, second.enrolled.certificate)
        circle.take(circle.statement(nina, enrol(team, nina)))
        circle.take(circle.statement(second, enrol(team, nina, certificates=both)))
        assert set(circle.now.members[nina.account].devices) == {nina.device, second.device}
        circle.take(circle.statement(nina, RevokeDevices(nina.account, (second.device,))))
        public = enrol(team, nina, certificates=both)
        assert why(circle, second, public) is Reason.ALREADY_MEMBER


class TestTheTeamInACircle:
    def test_a_team_says_nothing_by_itself(self, circle: Circle, team: Team, nina: Person) -> None:
        statement = circle.statement(nina, Leave())
        body = decode_statement(statement.body)
        forged = msgspec.structs.replace(body.body, device=team.account)
        decoded = type(body)(forged, body.public, body.digest)
        assert apply(circle.state, decoded) == Refusal(Reason.UNKNOWN_DEVICE)

    @pytest.mark.parametrize("functions", [COORDINATOR, set()])
    def test_a_team_runs_no_circle_and_is_not_on_call(
        self, anne: Person, team: Team, functions: set[Function]
    ) -> None:
        circle = new_circle(anne)
        role = Role.NURSE if functions else Role.ON_CALL
        result = why(circle, anne, Add(team.as_newcomer(role, functions), ()))
        assert result is Reason.FORBIDDEN_RIGHTS

    def test_a_team_gives_itself_no_rights(self, circle: Circle, team: Team, nina: Person) -> None:
        circle.take(circle.statement(nina, enrol(team, nina)))
        wanted = team.as_newcomer(Role.NURSE)
        change = ChangeRole(team.account, wanted.rights, False, False, False, invites=False, history=True)
        assert why(circle, nina, change) is Reason.NOT_ENTITLED
        grant = Grant(team.account, Stream.LIFE, 3, None, history=True)
        assert why(circle, nina, grant) is Reason.NOT_ENTITLED
        assert why(circle, nina, Remove(team.account)) is Reason.NOT_ENTITLED

    def test_the_medical_record_is_promised_to_a_team_until_a_reader_countersigns(
        self, anne: Person, team: Team, nina: Person
    ) -> None:
        circle = new_circle(anne, Role.FAMILY_CARER)
        circle.take(circle.addition(anne, Person("Dr Roy").as_newcomer(Role.PHYSICIAN)))
        circle.take(circle.statement(anne, Add(team.as_newcomer(Role.NURSE), ())))
        circle.take(circle.statement(nina, enrol(team, nina)))
        member = circle.now.members[nina.account]
        assert not member.reads(Stream.CARE)
        assert member.promised == {Stream.CARE: Right.READ_WRITE}

    def test_puppets_of_one_team_appoint_nobody(
        self, circle: Circle, team: Team, anne: Person, nina: Person, omar: Person
    ) -> None:
        circle.take(circle.addition(anne, (paul := Person("Paul")).as_newcomer(Role.RELATIVE)))
        for person in (nina, omar):
            circle.take(circle.statement(person, enrol(team, person)))
            circle.take(circle.statement(person, Succeed(paul.account)))
        assert not circle.now.members[paul.account].coordinator
        assert why(circle, paul, Succeed(nina.account)) is Reason.NOT_A_MEMBER

    def test_whoever_follows_goes_when_the_team_does(
        self, circle: Circle, team: Team, anne: Person, nina: Person
    ) -> None:
        circle.take(circle.statement(nina, enrol(team, nina)))
        assert why(circle, anne, Remove(nina.account)) is Reason.NOT_ENTITLED
        assert why(circle, nina, Leave()) is Reason.NOT_ENTITLED
        circle.take(circle.statement(anne, Remove(team.account)))
        assert not circle.now.members[nina.account].active

    def test_a_volet_is_closed_to_one_of_them_alone_and_opened_again(
        self, team: Team, anne: Person, nina: Person, omar: Person
    ) -> None:
        circle = new_circle(anne, Role.LEGAL_REPRESENTATIVE)
        circle.take(circle.statement(anne, Add(team.as_newcomer(Role.NURSE), ())))
        for person in (nina, omar):
            circle.take(circle.statement(person, enrol(team, person)))
        circle.take(circle.statement(nina, OpenEpochs((opening(Stream.CARE, 1),))))
        circle.take(circle.statement(anne, Deny(omar.account, Stream.CARE, None)))
        state = circle.now
        assert not state.members[omar.account].reads(Stream.CARE)
        assert not state.members[omar.account].reads(Stream.CARE_INBOX)
        assert state.members[nina.account].reads(Stream.CARE)
        assert state.streams[Stream.CARE].due
        assert excludes(state, team.account, Stream.CARE)
        assert not excludes(state, team.account, Stream.LIFE)
        circle.take(circle.statement(anne, Grant(omar.account, Stream.CARE, 3, None, history=True)))
        assert circle.now.members[omar.account].reads(Stream.CARE)

    def test_a_denial_outlives_the_way_in(
        self, circle: Circle, team: Team, anne: Person, omar: Person
    ) -> None:
        circle.take(circle.statement(omar, enrol(team, omar)))
        circle.take(circle.statement(anne, Deny(omar.account, Stream.CARE, None)))
        circle.take(circle.statement(anne, Remove(team.account)))
        circle.take(circle.statement(anne, Add(team.as_newcomer(Role.NURSE), ())))
        circle.take(circle.statement(omar, enrol(team, omar)))
        assert not circle.now.members[omar.account].reads(Stream.CARE)


class TestMoving:
    def test_what_the_team_read_is_due_and_only_that(
        self, circle: Circle, team: Team, anne: Person, omar: Person
    ) -> None:
        team.toggle(omar)
        circle.take(circle.statement(anne, MoveTeam(team.account, team.moves(1))))
        assert circle.now.streams[Stream.LIFE].due
        assert circle.now.streams[Stream.REGISTRY].due
        assert not circle.now.streams[Stream.DECISIONS].due
        assert circle.now.members[team.account].devices[team.account].hpke_key == last_key(team)

    def test_announcements_are_followed_in_order_and_none_is_left_out(
        self, circle: Circle, team: Team, anne: Person, nina: Person, omar: Person
    ) -> None:
        team.toggle(omar)
        team.toggle(nina)
        assert why(circle, anne, MoveTeam(team.account, team.moves(2))) is Reason.WRONG_POSITION
        assert why(circle, anne, MoveTeam(team.account, team.moves(0))) is Reason.WRONG_POSITION
        assert isinstance(said(circle, anne, MoveTeam(team.account, team.moves(1))), CircleState)

    def test_a_new_roster_key_is_vouched_for_by_the_one_before(
        self, circle: Circle, team: Team, anne: Person, omar: Person
    ) -> None:
        team.toggle(omar, new_roster=True)
        honest = team.moves(1)
        unvouched = (SignedTeamEpoch(honest[0].body, honest[0].signature),)
        with pytest.raises(BadSignatureError):
            said(circle, anne, MoveTeam(team.account, unvouched))
        assert isinstance(said(circle, anne, MoveTeam(team.account, honest)), CircleState)

    def test_a_forged_announcement_is_refused(self, circle: Circle, team: Team, anne: Person) -> None:
        with pytest.raises(BadSignatureError):
            said(circle, anne, MoveTeam(team.account, team.moves(1, forged=True)))


def last_key(team: Team) -> bytes:
    key: bytes = msgspec.msgpack.decode(team.announced[-1][0].body)[4]
    return key


@pytest.fixture
def house(nina: Person) -> TeamRegistry:
    """The registry of a team that Nina runs."""
    return TeamRegistry(nina)


class TestTheTeamsOwnRegistry:
    def test_it_has_no_volets_and_no_patient(self, house: TeamRegistry, nina: Person, omar: Person) -> None:
        for role in (Role.NURSE, Role.PATIENT, Role.RELATIVE):
            assert why(house.circle, nina, Add(omar.as_newcomer(role), ())) is Reason.FORBIDDEN_RIGHTS
        assert why(house.circle, nina, Decision()) is Reason.FORBIDDEN_RIGHTS
        house.let_in(omar)
        grant = Grant(omar.account, Stream.CARE, 3, None, history=True)
        assert why(house.circle, nina, grant) is Reason.FORBIDDEN_RIGHTS

    def test_no_circle_has_the_streams_of_a_team(self, nina: Person) -> None:
        newcomer = nina.as_newcomer(Role.STAFF, COORDINATOR)
        assert apply(
            None, decode_statement(Circle().statement(nina, Create(bytes(16), newcomer, ())).body)
        ) == Refusal(Reason.FORBIDDEN_RIGHTS)

    def test_only_who_coordinates_the_team_speaks_for_it(self, house: TeamRegistry, omar: Person) -> None:
        house.let_in(omar)
        public = house.announcement()
        assert why(house.circle, omar, public) is Reason.NOT_ENTITLED

    def test_it_announces_what_its_registry_holds_and_nothing_else(
        self, house: TeamRegistry, nina: Person, omar: Person
    ) -> None:
        house.let_in(omar)
        for lie in ({"number": 2}, {"serial": 2}, {"gone": (omar.account,)}, {"team": bytes(16)}):
            assert why(house.circle, nina, house.announcement(**lie)) is Reason.WRONG_EPOCH
        house.say(house.announcement())
        assert not needs_announcing(house.circle.now)
        assert {member.account for member in uncarded(house.circle.now)} == {nina.account, omar.account}
        house.say(Announce(None, (house.card(nina), house.card(omar))))
        assert not uncarded(house.circle.now)

    def test_cards_are_for_its_people_only(self, house: TeamRegistry, nina: Person, omar: Person) -> None:
        house.say(house.announcement())
        assert why(house.circle, nina, Announce(None, (house.card(omar),))) is Reason.NOT_A_MEMBER

    def test_a_leaving_is_announced_under_new_keys_with_new_cards(
        self, house: TeamRegistry, nina: Person, omar: Person
    ) -> None:
        house.let_in(omar)
        house.say(house.announcement())
        house.say(Announce(None, (house.card(nina), house.card(omar))))
        house.say(Remove(omar.account))
        assert departed(house.circle.now) == {omar.account}
        assert not needs_announcing(house.circle.now)
        house.open(Stream.TEAM_KEY)
        assert needs_announcing(house.circle.now)
        assert why(house.circle, nina, house.announcement(gone=())) is Reason.WRONG_EPOCH
        house.say(house.announcement(gone=(omar.account,)))
        assert {member.account for member in uncarded(house.circle.now)} == {nina.account}


class TestSeenThroughATeam:
    def test_whoever_is_in_the_team_is_in_its_circles_without_a_statement(
        self, house: TeamRegistry, anne: Person, nina: Person, omar: Person
    ) -> None:
        circle = with_team(house, anne)
        assert circle.now.member_of(omar.device) is None
        house.let_in(omar)
        seen = through_teams(circle.now, [house.circle.now], omar.device)
        member = seen.member_of(omar.device)
        assert member is not None
        assert member.reads(Stream.CARE)
        assert through_teams(circle.now, [house.circle.now], anne.device) == circle.now

    def test_whoever_left_the_team_is_out_at_once_enrolled_or_not(
        self, house: TeamRegistry, anne: Person, nina: Person, omar: Person
    ) -> None:
        house.let_in(omar)
        circle = with_team(house, anne)
        house.say(Announce(None, (house.card(omar),)))
        public = Enrol(house.id, house.card(omar), (omar.enrolled.certificate,))
        circle.take(circle.statement(omar, public))
        house.say(Remove(omar.account))
        member = through_teams(circle.now, [house.circle.now], omar.device).member_of(omar.device)
        assert member is not None
        assert not member.active
        assert not member.rights

    def test_a_device_that_the_team_revoked_is_out_of_its_circles_at_once(
        self, house: TeamRegistry, anne: Person, omar: Person
    ) -> None:
        house.let_in(omar)
        circle = with_team(house, anne)
        house.say(Announce(None, (house.card(omar),)))
        second = omar.other_device()
        house.circle.take(house.circle.statement(omar, AddDevice(second.enrolled.certificate)))
        both = (omar.enrolled.certificate, second.enrolled.certificate)
        circle.take(circle.statement(omar, Enrol(house.id, house.card(omar), both)))
        house.say(RevokeDevices(omar.account, (omar.device,)))
        stolen = through_teams(circle.now, [house.circle.now], omar.device)
        assert stolen.member_of(omar.device) is None
        kept = through_teams(circle.now, [house.circle.now], second.device).member_of(second.device)
        assert kept is not None
        assert kept.reads(Stream.CARE)

    def test_what_is_closed_to_one_stays_closed_by_the_way_of_the_team(
        self, house: TeamRegistry, anne: Person, omar: Person
    ) -> None:
        house.let_in(omar)
        circle = with_team(house, anne)
        house.say(Announce(None, (house.card(omar),)))
        public = Enrol(house.id, house.card(omar), (omar.enrolled.certificate,))
        circle.take(circle.statement(omar, public))
        circle.take(circle.statement(anne, Deny(omar.account, Stream.CARE, None)))
        seen = through_teams(circle.now, [house.circle.now], omar.device)
        member = seen.member_of(omar.device)
        assert member is not None
        assert not member.reads(Stream.CARE)
        assert member.reads(Stream.LIFE)


def with_team(house: TeamRegistry, creator: Person) -> Circle:
    circle = new_circle(creator, Role.FAMILY_CARER)
    house.say(house.announcement())
    circle.take(circle.statement(creator, Add(house.as_newcomer(Role.NURSE), ()), START))
    return circle
