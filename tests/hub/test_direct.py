"""What is written to people by name: taken from its readers, given to its readers, and to nobody else."""

from __future__ import annotations

import secrets

import pytest

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.access.statements import AddDevice, Deny, Public, Remove, RevokeDevices, Vouch
from carelink.sync.wire import api
from carelink.sync.wire.api import KnownChain, PullPage, PullRequest, PushAnswer, PushRequest
from carelink.sync.wire.structures import Envelope
from carelink.sync.wire.verification import envelope_id
from tests.hub.conftest import RelayUnderTest
from tests.hub.direct import DirectFeed
from tests.hub.people import Circle, Clock, Person, new_circle


class Ward:
    """Claire coordinates, Jeanne is the patient, Rémi and Léa are carers, Eva is a relative."""

    def __init__(self, relay: RelayUnderTest) -> None:
        self.relay = relay
        names = ("Claire", "Jeanne", "Rémi", "Léa", "Eva")
        self.claire, self.jeanne, self.remi, self.lea, self.eva = map(Person, names)
        self.circle: Circle = new_circle(self.claire)
        relay.create(self.circle)
        self.tokens = {self.claire: relay.session(self.claire)}
        self.add(self.jeanne, Role.PATIENT)
        self.add(self.remi, Role.NURSE)
        self.add(self.lea, Role.PHYSICIAN)
        self.add(self.eva, Role.RELATIVE)
        for carer in (self.remi, self.lea):
            if not self.circle.now.members[carer.account].writes(Stream.CARE):
                self.say(self.jeanne, Vouch(carer.account))
        opened = self.circle.take(self.circle.openings(self.remi, [Stream.CARE]))
        relay.append(self.tokens[self.remi], self.circle, opened)

    def add(self, person: Person, role: Role) -> None:
        signed = self.circle.take(self.circle.addition(self.claire, person.as_newcomer(role)))
        self.relay.append(self.tokens[self.claire], self.circle, signed)
        self.tokens[person] = self.relay.session(person)

    def say(self, author: Person, public: Public) -> None:
        signed = self.circle.take(self.circle.statement(author, public))
        self.relay.append(self.tokens[author], self.circle, signed)

    def push(self, person: Person, *envelopes: Envelope) -> list[str]:
        answer = self.relay.ask(api.DIRECT, PushRequest(envelopes), PushAnswer, self.tokens[person])
        return [outcome.status for outcome in answer.outcomes]

    def given(self, person: Person, after: int = 0) -> list[bytes]:
        chains = (KnownChain(self.circle.id, -1),)
        request = PullRequest(chains, 0, 0, 100, after)
        page = self.relay.ask(api.PULL, request, PullPage, self.tokens[person])
        return [envelope_id(item.envelope.header) for item in page.direct]


@pytest.fixture
def ward(relay: RelayUnderTest) -> Ward:
    return Ward(relay)


def test_it_is_given_to_whom_it_names_and_to_nobody_else(ward: Ward) -> None:
    feed = DirectFeed(ward.remi, ward.circle)
    sent = [feed.open([ward.remi, ward.eva]), feed.seal(), feed.seal()]
    assert ward.push(ward.remi, *sent) == ["stored"] * 3
    identifiers = [envelope_id(envelope.header) for envelope in sent]
    assert ward.given(ward.eva) == ward.given(ward.remi) == identifiers
    for outsider in (ward.claire, ward.jeanne, ward.lea):
        assert ward.given(outsider) == []
    assert ward.push(ward.remi, *sent) == ["known"] * 3
    assert ward.given(ward.eva) == identifiers


def test_nothing_is_taken_under_an_opening_but_from_its_readers(ward: Ward) -> None:
    feed = DirectFeed(ward.remi, ward.circle)
    assert ward.push(ward.remi, feed.open([ward.remi, ward.eva])) == ["stored"]
    assert ward.push(ward.eva, feed.under(ward.eva).seal()) == ["stored"]
    nowhere = DirectFeed(ward.lea, ward.circle, secrets.token_bytes(32))
    # Of what she is not told she learns nothing: it is refused as what never was.
    assert ward.push(ward.lea, feed.under(ward.lea).seal()) == ward.push(ward.lea, nowhere.seal())
    assert ward.push(ward.lea, nowhere.seal()) == ["no_right"]


@pytest.mark.parametrize("spoilt", ["seq", "previous", "height", "head", "other"])
def test_a_feed_under_an_opening_has_neither_gap_nor_fork(ward: Ward, spoilt: str) -> None:
    feed = DirectFeed(ward.remi, ward.circle)
    assert ward.push(ward.remi, feed.open([ward.remi, ward.eva]), feed.seal()) == ["stored"] * 2
    changes: dict[str, dict[str, object]] = {
        "seq": {"seq": 4},
        "previous": {"previous": secrets.token_bytes(32)},
        "height": {"registry_height": 0},
        "head": {"registry_head": secrets.token_bytes(32)},
        "other": {"seq": 2},
    }
    status = {"seq": "gap", "other": "fork"}.get(spoilt, "bad_chain")
    assert ward.push(ward.remi, feed.seal(**changes[spoilt])) == [status]
    assert len(ward.given(ward.eva)) == 2


def test_only_a_carer_or_the_patients_side_keeps_a_note_to_named_readers(ward: Ward) -> None:
    for author, status in ((ward.remi, "stored"), (ward.jeanne, "stored"), (ward.claire, "no_right")):
        feed = DirectFeed(author, ward.circle)
        assert ward.push(author, feed.open([author, ward.eva])) == [status]
    assert ward.push(ward.remi, DirectFeed(ward.remi, ward.circle).open([ward.eva])) == ["no_right"]
    unknown = DirectFeed(ward.remi, ward.circle).open([ward.remi, ward.eva], kind="thread")
    assert ward.push(ward.remi, unknown) == ["no_right"]


def test_adding_a_reader_is_for_its_author_and_the_patients_side(ward: Ward) -> None:
    feed = DirectFeed(ward.remi, ward.circle)
    assert ward.push(ward.remi, feed.open([ward.remi, ward.lea, ward.jeanne])) == ["stored"]
    by_lea = DirectFeed(ward.lea, ward.circle)
    assert ward.push(
        ward.lea, by_lea.open([ward.lea, ward.eva], origin=ward.remi, follows=(feed.opening,))
    ) == ["no_right"]
    assert ward.push(
        ward.lea, by_lea.open([ward.lea, ward.eva], follows=(feed.opening,), given=(feed.opening,))
    ) == ["no_right"]
    by_jeanne = DirectFeed(ward.jeanne, ward.circle)
    going_on = by_jeanne.open([ward.jeanne, ward.eva], origin=ward.remi, follows=(feed.opening,))
    assert ward.push(ward.jeanne, going_on) == ["stored"]
    assert ward.given(ward.eva) == [by_jeanne.opening]


def test_what_came_before_is_given_where_its_keys_are(ward: Ward) -> None:
    feed = DirectFeed(ward.remi, ward.circle)
    before = [feed.open([ward.remi, ward.lea]), feed.seal()]
    assert ward.push(ward.remi, *before) == ["stored"] * 2
    after = DirectFeed(ward.remi, ward.circle)
    opened = after.open([ward.remi, ward.lea, ward.eva], follows=(feed.opening,), given=(feed.opening,))
    assert ward.push(ward.remi, opened) == ["stored"]
    assert set(ward.given(ward.eva)) == {envelope_id(e.header) for e in (*before, opened)}
    # She reads what is there, and writes where she is named.
    assert ward.push(ward.eva, feed.under(ward.eva).seal()) == ["no_right"]
    assert ward.push(ward.eva, after.under(ward.eva).seal()) == ["stored"]


@pytest.mark.parametrize("how", ["removed", "denied", "revoked"])
def test_nothing_more_is_taken_once_a_reader_is_lost(ward: Ward, how: str) -> None:
    other = ward.lea.other_device()
    ward.say(ward.lea, AddDevice(other.enrolled.certificate))
    feed = DirectFeed(ward.remi, ward.circle)
    assert ward.push(ward.remi, feed.open([ward.remi, ward.lea, ward.jeanne])) == ["stored"]
    changes: dict[str, tuple[Person, Public]] = {
        "removed": (ward.claire, Remove(ward.lea.account)),
        "denied": (ward.jeanne, Deny(ward.lea.account, Stream.CARE, None)),
        "revoked": (ward.lea, RevokeDevices(ward.lea.account, (other.device,))),
    }
    ward.say(*changes[how])
    assert ward.push(ward.remi, feed.seal()) == ["wrong_epoch"]
    if how == "denied":
        assert ward.given(ward.lea) == []
    left = DirectFeed(ward.remi, ward.circle)
    assert ward.push(ward.remi, left.open([ward.remi, ward.jeanne], follows=(feed.opening,))) == ["stored"]
    again = DirectFeed(ward.remi, ward.circle)
    if how != "revoked":
        assert ward.push(ward.remi, again.open([ward.remi, ward.lea])) == ["no_right"]


def test_an_opening_sealed_before_a_change_of_the_registry_is_stale(ward: Ward) -> None:
    feed = DirectFeed(ward.remi, ward.circle)
    sealed = feed.open([ward.remi, ward.lea])
    ward.say(ward.claire, Remove(ward.eva.account))
    assert ward.push(ward.remi, sealed) == ["wrong_epoch"]


def test_a_device_hands_its_keys_to_its_own_account_only(ward: Ward) -> None:
    assert ward.push(ward.eva, DirectFeed(ward.eva, ward.circle).open([ward.eva], kind="keys")) == ["stored"]
    wider = DirectFeed(ward.eva, ward.circle).open([ward.eva, ward.lea], kind="keys")
    assert ward.push(ward.eva, wider) == ["no_right"]


def test_a_stay_that_is_over_by_its_date_ends_the_opening(ward: Ward, clock: Clock) -> None:
    guest = Person("Zoé")
    until = clock.now + 1000
    newcomer = guest.as_newcomer(Role.RELATIVE, until=until)
    signed = ward.circle.take(ward.circle.addition(ward.claire, newcomer))
    ward.relay.append(ward.tokens[ward.claire], ward.circle, signed)
    feed = DirectFeed(ward.remi, ward.circle)
    assert ward.push(ward.remi, feed.open([ward.remi, guest])) == ["stored"]
    clock.now = until
    assert ward.push(ward.remi, feed.seal()) == ["wrong_epoch"]


def test_whoever_comes_back_is_not_given_what_named_them_before(ward: Ward) -> None:
    feed = DirectFeed(ward.remi, ward.circle)
    assert ward.push(ward.remi, feed.open([ward.remi, ward.eva])) == ["stored"]
    ward.say(ward.claire, Remove(ward.eva.account))
    ward.add(ward.eva, Role.RELATIVE)
    assert ward.given(ward.eva) == []
    assert ward.push(ward.remi, feed.seal()) == ["wrong_epoch"]
