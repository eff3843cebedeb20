"""A team at the relay: its people are served by it, leave with it, and nothing goes on under old keys."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.access.statements import (
    Add,
    Announce,
    Deny,
    Enrol,
    MoveTeam,
    Newcomer,
    OpenEpochs,
    Public,
    Remove,
)
from carelink.sync.wire import api
from carelink.sync.wire.api import LetterIndex, LetterIndexRequest, SendLetters, SendReceipts
from tests.hub.conftest import RefusedByHubError, RelayUnderTest
from tests.hub.people import Circle, Feed, Person, new_circle, opening
from tests.hub.team_registry import TeamRegistry
from tests.hub.teams import Team


@dataclass
class Home:
    """A daughter's circle with a team of nurses: Nina runs the team, Omar is in it."""

    relay: RelayUnderTest
    anne: Person
    nina: Person
    omar: Person
    team: TeamRegistry
    circle: Circle

    def __post_init__(self) -> None:
        self.tokens: dict[bytes, str] = {}

    def token(self, person: Person) -> str:
        return self.tokens.setdefault(person.device, self.relay.session(person))

    def say(self, circle: Circle, person: Person, public: Public) -> None:
        statement = circle.statement(person, public)
        self.relay.append(self.token(person), circle, statement)
        circle.take(statement)

    def enrol(self, person: Person) -> None:
        self.say(self.circle, person, self.enrolment(person))

    def enrolment(self, person: Person) -> Enrol:
        card = self.team.card(person)
        return Enrol(self.team.id, card, (person.enrolled.certificate,))

    def omar_leaves(self) -> None:
        """He is removed from the team, whose keys change and are announced."""
        chain = self.team.circle
        at = len(chain.chain)
        self.team.say(Remove(self.omar.account))
        self.team.open(Stream.TEAM_KEY)
        self.team.say(self.team.announcement(gone=(self.omar.account,)))
        for statement in chain.chain[at:]:
            self.relay.append(self.token(self.nina), chain, statement)


@pytest.fixture
def home(relay: RelayUnderTest) -> Home:
    anne, nina, omar = Person("Anne"), Person("Nina"), Person("Omar")
    team, circle = TeamRegistry(nina), new_circle(anne, Role.FAMILY_CARER)
    team.let_in(omar)
    team.say(team.announcement())
    team.say(Announce(None, (team.card(nina), team.card(omar))))
    relay.create(team.circle)
    relay.create(circle)
    home = Home(relay, anne, nina, omar, team, circle)
    for statement in team.circle.chain[1:]:
        relay.append(home.token(nina), team.circle, statement)
    home.say(circle, anne, Add(team.as_newcomer(Role.NURSE), ()))
    return home


def refused(home: Home, person: Person, public: Public) -> str:
    with pytest.raises(RefusedByHubError) as caught:
        home.say(home.circle, person, public)
    return caught.value.problem.detail


class TestServing:
    def test_the_people_of_a_team_are_given_its_circles_without_naming_them(self, home: Home) -> None:
        page = home.relay.pull(home.token(home.omar), home.team.circle)
        chains = {part.circle: part.statements for part in page.chains}
        assert chains[home.circle.id] == tuple(home.circle.chain)

    def test_they_read_what_their_team_reads_and_write_once_they_are_enrolled(self, home: Home) -> None:
        life = Feed(home.anne, home.circle, Stream.LIFE)
        assert home.relay.push(home.token(home.anne), life.seal()) == ["stored"]
        page = home.relay.pull(home.token(home.omar), home.team.circle, home.circle)
        assert len(page.items) == 1
        early = Feed(home.omar, home.circle, Stream.LIFE).seal_aside()
        assert home.relay.push(home.token(home.omar), early) == ["unknown_device"]
        home.enrol(home.omar)
        mine = Feed(home.omar, home.circle, Stream.LIFE)
        assert home.relay.push(home.token(home.omar), mine.seal()) == ["stored"]

    def test_a_letter_to_the_team_reaches_each_of_them_and_one_receipt_is_enough(self, home: Home) -> None:
        letter = home.anne.letter_to(_mailbox(home), home.circle, Stream.LIFE, 1)
        home.relay.ask(api.LETTERS, SendLetters((letter,)), api.Accepted, home.token(home.anne))
        for person in (home.nina, home.omar):
            (item,) = home.relay.pull(home.token(person), home.team.circle).letters
            assert (item.letter, item.received) == (letter, False)
        receipts = SendReceipts((home.omar.receipt_for(letter),))
        assert home.relay.ask(api.RECEIPTS, receipts, api.Accepted, home.token(home.omar)).count == 1
        (item,) = home.relay.pull(home.token(home.nina), home.team.circle).letters
        assert item.received
        index = home.relay.ask(
            api.LETTER_INDEX, LetterIndexRequest(home.circle.id), LetterIndex, home.token(home.anne)
        )
        assert [(entry.recipient, entry.received) for entry in index.entries] == [(home.team.id, True)]

    def test_what_is_closed_to_one_of_them_is_not_given_to_them_and_not_sent_to_the_team(
        self, home: Home
    ) -> None:
        home.enrol(home.omar)
        letter = home.anne.letter_to(_mailbox(home), home.circle, Stream.LIFE, 1)
        home.say(home.circle, home.anne, Deny(home.omar.account, Stream.LIFE, None))
        home.say(home.circle, home.anne, OpenEpochs((opening(Stream.LIFE, 2),)))
        life = Feed(home.anne, home.circle, Stream.LIFE)
        assert home.relay.push(home.token(home.anne), life.seal()) == ["stored"]
        assert home.relay.pull(home.token(home.omar), home.team.circle, home.circle).items == ()
        assert len(home.relay.pull(home.token(home.nina), home.team.circle, home.circle).items) == 1
        with pytest.raises(RefusedByHubError):
            home.relay.ask(api.LETTERS, SendLetters((letter,)), api.Accepted, home.token(home.anne))
        alone = home.anne.letter_to(home.nina, home.circle, Stream.LIFE, 2)
        home.relay.ask(api.LETTERS, SendLetters((alone,)), api.Accepted, home.token(home.anne))
        (item,) = home.relay.pull(home.token(home.nina), home.team.circle).letters
        assert item.letter == alone


class TestLeaving:
    @pytest.mark.parametrize("enrolled", [True, False])
    def test_whoever_left_the_team_is_refused_at_once_in_all_its_circles(
        self, home: Home, enrolled: bool
    ) -> None:
        if enrolled:
            home.enrol(home.omar)
        life = Feed(home.anne, home.circle, Stream.LIFE)
        home.relay.push(home.token(home.anne), life.seal())
        home.omar_leaves()
        page = home.relay.pull(home.token(home.omar), home.team.circle, home.circle)
        assert page.items == ()
        assert home.circle.id not in {part.circle for part in page.chains}
        if enrolled:
            note = Feed(home.omar, home.circle, Stream.LIFE).seal()
            assert home.relay.push(home.token(home.omar), note) == ["unknown_device"]
        else:
            with pytest.raises(RefusedByHubError, match="stay_over"):
                home.say(home.circle, home.omar, home.enrolment(home.omar))

    def test_nothing_is_taken_under_old_keys_until_the_circle_has_followed(self, home: Home) -> None:
        life = Feed(home.anne, home.circle, Stream.LIFE)
        home.omar_leaves()
        assert home.relay.push(home.token(home.anne), life.seal_aside()) == ["wrong_epoch"]
        (news,) = home.relay.pull(home.token(home.anne), home.circle).teams
        assert (news.team, news.after) == (home.team.id, 1)
        home.say(home.circle, home.anne, MoveTeam(news.team, news.moves, (opening(Stream.LIFE, 2),)))
        assert home.relay.push(home.token(home.anne), life.seal()) == ["stored"]
        assert home.relay.pull(home.token(home.anne), home.circle).teams == ()

    def test_no_letter_goes_to_a_team_under_keys_that_it_left_behind(self, home: Home) -> None:
        home.omar_leaves()
        letter = home.anne.letter_to(_mailbox(home), home.circle, Stream.LIFE, 1)
        with pytest.raises(RefusedByHubError) as caught:
            home.relay.ask(api.LETTERS, SendLetters((letter,)), api.Accepted, home.token(home.anne))
        assert caught.value.problem.detail == "stale"


class TestWhatTheTeamsRegistryBearsOut:
    def test_a_team_that_has_no_registry_here_is_let_in_nowhere(self, home: Home) -> None:
        stranger: Newcomer = Team([home.nina]).as_newcomer(Role.NURSE)
        assert refused(home, home.anne, Add(stranger, ())) == "team"

    def test_nobody_is_enrolled_whom_the_team_does_not_count(self, home: Home) -> None:
        paul = Person("Paul")
        home.say(home.circle, home.anne, Add(paul.as_newcomer(Role.RELATIVE), ()))
        second = home.omar.other_device()
        enrol = Enrol(
            home.team.id,
            home.team.card(home.omar),
            (home.omar.enrolled.certificate, second.enrolled.certificate),
        )
        assert refused(home, home.omar, enrol) == "roster"


def _mailbox(home: Home) -> Person:
    """Return the team as somebody who is written to."""
    person = Person("the team")
    person.device = home.team.id
    return person
