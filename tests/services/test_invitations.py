"""Inviting, answering, proving, letting in: one sentence for each thing that goes wrong."""

from __future__ import annotations

import msgspec
import pytest

from carelink.access.roles import CIRCLE_ROLES, Role
from carelink.errors import KnownError
from carelink.services.circles import Circles, checked_patient
from carelink.services.exchange.joinings import ASK_AGAIN_MS
from carelink.services.exchange.relays import Relay
from carelink.services.exchange.sync import Sync
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.services.session import Session
from carelink.sync.exchange.context import HubRefusalError
from carelink.sync.invitation import code_secret, open_blob, seal_blob
from carelink.sync.wire import api
from tests.sync.fixtures import Grown
from tests.sync.house import DAY, URL, House, sync


def begun(house: House) -> str:
    return house.circle(house.account("Claire", "nurse"))


@pytest.fixture
def circle(house: House, grown: Grown) -> str:
    return grown(house, begun)


@pytest.fixture
def claire(house: House, circle: str) -> Session:
    return house.named("Claire")


RELATIVE = InvitationRequest("relative", agreed="oral")


def members(session: Session, circle: str) -> list[str]:
    return [member.name for member in Circles(session).show(circle).members]


def test_the_right_words_let_in_and_a_code_serves_once(
    house: House, claire: Session, anne: Session, circle: str
) -> None:
    made = Invitations(claire).invite(circle, RELATIVE)
    joining = Joinings(anne).join(made.link)
    assert len(joining.words) == 3
    assert (joining.inviter, joining.patient, joining.role) == ("Claire", "Jeanne Moreau", "relative")
    for words in ("", "un deux trois", " ".join(reversed(joining.words))):
        with pytest.raises(KnownError, match="ersonne n’a été ajouté"):
            Invitations(claire).confirm(circle, words=words)
    assert members(claire, circle) == ["Claire"]
    (admitted,) = Invitations(claire).confirm(circle, words=" ".join(joining.words).upper())
    assert (admitted.name, admitted.role) == ("Anne", "relative")
    assert sync(anne).joined == [circle]
    assert members(anne, circle) == ["Claire", "Anne"]
    with pytest.raises(KnownError, match="déjà servi"):
        Joinings(house.account("Mallory")).join(made.link)
    assert Invitations(claire).pending(circle) == []


def test_a_code_handed_over_in_person_needs_no_words(claire: Session, anne: Session, circle: str) -> None:
    made = Invitations(claire).invite(circle, InvitationRequest("relative", agreed="oral", in_person=True))
    assert Joinings(anne).join(made.code, URL).words == ()
    assert sync(claire).admitted == ["Anne"]


def test_a_code_without_relay_is_not_enough(claire: Session, anne: Session, circle: str) -> None:
    made = Invitations(claire).invite(circle, RELATIVE)
    with pytest.raises(KnownError, match="quel relais"):
        Joinings(anne).join(made.code)


@pytest.mark.parametrize("code", ["ABCD", "ABCD-EFGH-JKM!@" + URL, "@" + URL])
def test_what_is_no_code_is_said_so(anne: Session, code: str) -> None:
    with pytest.raises(KnownError):
        Joinings(anne).join(code)


def test_an_unknown_and_an_expired_code_are_told_apart(
    house: House, claire: Session, anne: Session, circle: str
) -> None:
    with pytest.raises(KnownError, match="pas connu"):
        Joinings(anne).join(f"ABCD-EFGH-JKMN@{URL}")
    made = Invitations(claire).invite(circle, RELATIVE)
    house.clock.now += 8 * DAY
    with pytest.raises(KnownError, match="expiré"):
        Joinings(anne).join(made.link)
    assert Invitations(claire).pending(circle) == []


def test_an_invitation_to_a_circle_that_its_beginning_does_not_make_is_refused(
    house: House, claire: Session, anne: Session, circle: str
) -> None:
    """An inviter could otherwise let a newcomer follow one chain under the name of another circle."""
    made = Invitations(claire).invite(circle, RELATIVE)
    secret = code_secret(made.code, URL)
    (offer,) = house.hub.offers.values()
    blob = open_blob(secret.key, offer[0])
    offer[0] = seal_blob(secret.key, msgspec.structs.replace(blob, circle=bytes(16)))
    with pytest.raises(KnownError, match="code"):
        Joinings(anne).join(made.link)
    assert Circles(anne).summaries() == []


def test_one_does_not_join_twice(claire: Session, anne: Session, circle: str) -> None:
    made = Invitations(claire).invite(circle, RELATIVE)
    Joinings(anne).join(made.link)
    again = Invitations(claire).invite(circle, RELATIVE)
    with pytest.raises(KnownError, match="déjà"):
        Joinings(anne).join(again.link)


def test_who_waits_learns_that_the_invitation_has_expired_and_another_code_takes_its_place(
    house: House, claire: Session, anne: Session, circle: str
) -> None:
    first = Invitations(claire).invite(circle, RELATIVE)
    words = Joinings(anne).join(first.link).words
    assert circle not in sync(anne).changed
    house.clock.now += 8 * DAY
    assert circle in sync(anne).changed
    (joining,) = Joinings(anne).joinings()
    assert (joining.state, joining.words) == ("expired", words)
    (summary,) = Circles(anne).summaries()
    assert (summary.state, summary.ended) == ("waiting", True)
    # Said once: nothing changes any more.
    assert circle not in sync(anne).changed
    second = Invitations(claire).invite(circle, RELATIVE)
    joining = Joinings(anne).join(second.link)
    assert (joining.state, joining.words != words) == ("waiting", True)
    assert [known.state for known in Joinings(anne).joinings()] == ["waiting"]
    Invitations(claire).confirm(circle, second.invitation, " ".join(joining.words))
    sync(anne)
    assert [known.state for known in Circles(anne).summaries()] == ["member"]


def test_an_invitation_that_stands_does_not_hide_that_another_has_expired(
    house: House, claire: Session, anne: Session, circle: str
) -> None:
    other = house.circle(claire)
    long = InvitationRequest("relative", agreed="oral", lifetime=30 * DAY)
    Joinings(anne).join(Invitations(claire).invite(circle, long).link)
    Joinings(anne).join(Invitations(claire).invite(other, RELATIVE).link)
    house.clock.now += 8 * DAY
    sync(anne)
    assert {joining.circle: joining.state for joining in Joinings(anne).joinings()} == {
        circle: "waiting",
        other: "expired",
    }


def test_an_answer_that_arrived_in_time_can_still_be_confirmed_after_the_end(
    house: House, claire: Session, anne: Session, circle: str
) -> None:
    made = Invitations(claire).invite(circle, RELATIVE)
    words = Joinings(anne).join(made.link).words
    house.clock.now += 8 * DAY
    sync(anne)
    Invitations(claire).confirm(circle, made.invitation, " ".join(words))
    sync(anne)
    (summary,) = Circles(anne).summaries()
    assert (summary.state, summary.ended) == ("member", False)
    assert Joinings(anne).joinings() == []


def test_an_invitation_that_the_relay_has_forgotten_has_ended_too(
    house: House, claire: Session, anne: Session, circle: str
) -> None:
    Joinings(anne).join(Invitations(claire).invite(circle, RELATIVE).link)
    house.hub.offers.clear()
    sync(anne)
    assert [joining.state for joining in Joinings(anne).joinings()] == ["expired"]


def test_the_relay_is_asked_after_an_invitation_now_and_then_only(
    house: House, claire: Session, anne: Session, circle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Joinings(anne).join(Invitations(claire).invite(circle, RELATIVE).link)
    asked: list[bytes] = []
    read = house.hub._rendezvous_read

    def counted(frame: api.RendezvousRead, device: bytes) -> api.RendezvousBlob:
        asked.append(frame.identifier)
        return read(frame, device)

    monkeypatch.setattr(house.hub, "_rendezvous_read", counted)
    relays: dict[int, Relay] = {}
    for _ in range(5):
        Sync(anne).once(relays=relays)
        house.clock.now += 60_000
    assert len(asked) == 1
    house.clock.now += ASK_AGAIN_MS
    Sync(anne).once(relays=relays)
    assert len(asked) == 2
    for relay in relays.values():
        relay.close()


def test_a_relay_that_answers_no_more_questions_does_not_end_the_exchange(
    house: House, claire: Session, anne: Session, circle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Joinings(anne).join(Invitations(claire).invite(circle, RELATIVE).link)

    def tired(_frame: api.RendezvousRead, _device: bytes) -> api.RendezvousBlob:
        raise HubRefusalError(api.ProblemCode.TOO_MANY_TRIES)

    monkeypatch.setattr(house.hub, "_rendezvous_read", tired)
    sync(anne)
    assert [joining.state for joining in Joinings(anne).joinings()] == ["waiting"]


@pytest.mark.parametrize(
    "wanted",
    [
        InvitationRequest("healer"),
        InvitationRequest("relative"),
        InvitationRequest("relative", agreed="none"),
        InvitationRequest("relative", agreed="perhaps"),
        InvitationRequest("nurse", lifetime=0),
        InvitationRequest("nurse", lifetime=366 * DAY),
        InvitationRequest("nurse", until=1),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_before_anything_is_sent(
    house: House, claire: Session, circle: str, wanted: InvitationRequest
) -> None:
    with pytest.raises(KnownError):
        Invitations(claire).invite(circle, wanted)
    assert house.hub.offers == {}


@pytest.mark.parametrize("role", [role for role in CIRCLE_ROLES if role.is_professional])
def test_a_professional_needs_no_recorded_agreement(claire: Session, circle: str, role: Role) -> None:
    assert Invitations(claire).invite(circle, InvitationRequest(role)).code


def test_the_agreement_is_recorded_where_only_who_runs_the_circle_reads_it(
    house: House, claire: Session, anne: Session, circle: str
) -> None:
    house.let_in(claire, circle, anne, "relative")
    kinds = {}
    for session in (claire, anne):
        with session.read() as stores:
            rows = stores.connection.exec_driver_sql("SELECT stream, kind FROM revisions").fetchall()
        kinds[session.name] = {(stream, kind) for stream, kind in rows}
    assert ("decisions", "decision") in kinds["Claire"]
    assert ("decisions", "decision") not in kinds["Anne"]


def test_a_forged_answer_is_refused(house: House, claire: Session, circle: str) -> None:
    made = Invitations(claire).invite(circle, RELATIVE)
    (offer,) = house.hub.offers.values()
    offer[1] = b"forged by the relay, which does not know the code"
    assert Invitations(claire).confirm(circle) == []
    assert members(claire, circle) == ["Claire"]
    assert made.code not in [view.code for view in Invitations(claire).pending(circle)]


def test_an_answer_exchanged_on_the_way_has_other_words(
    house: House, claire: Session, anne: Session, circle: str
) -> None:
    """Someone who knows the code answers in place of the invitee, whose answer the relay hides."""
    made = Invitations(claire).invite(circle, RELATIVE)
    heard = Joinings(anne).join(made.link).words
    (offer,) = house.hub.offers.values()
    offer[1] = b""
    Joinings(house.account("Mallory")).join(made.link)
    with pytest.raises(KnownError, match="quelqu’un d’autre"):
        Invitations(claire).confirm(circle, words=" ".join(heard))
    assert members(claire, circle) == ["Claire"]


def test_without_history_a_newcomer_opens_nothing_of_before(
    house: House, claire: Session, anne: Session, circle: str
) -> None:
    from carelink.services.cahier import Cahier

    Cahier(claire).write(circle, "life", "CANARY before")
    sync(claire)
    house.let_in(claire, circle, anne, "relative", history=False)
    Cahier(claire).write(circle, "life", "after")
    sync(claire)
    sync(anne)
    assert [note.text for note in Cahier(anne).entries(circle)] == ["after"]
    with anne.read() as stores:
        held = stores.keys(bytes.fromhex(circle))
    assert ("life", 1) not in held
    assert ("life", 2) in held


class TestCircles:
    @pytest.mark.parametrize(
        ("given", "name", "birth", "sex"),
        [
            ("", "Moreau", "1938-04-12", ""),
            ("Jeanne", " ", "1938-04-12", ""),
            ("Jeanne", "Moreau", "12/04/1938", ""),
            ("Jeanne", "Moreau", "1700-01-01", ""),
            ("Jeanne", "Moreau", "2999-01-01", ""),
            ("Jeanne", "Moreau", "1938-02-30", ""),
            ("Jeanne", "Moreau", "1938-04-12", "X"),
        ],
    )
    def test_an_identity_that_cannot_be_is_refused(self, given: str, name: str, birth: str, sex: str) -> None:
        with pytest.raises(KnownError):
            checked_patient(given, name, birth, sex=sex)

    def test_a_circle_needs_a_relay_and_a_known_role(self, house: House) -> None:
        claire = house.account("Claire", "nurse")
        patient = checked_patient("Jeanne", "Moreau", "1938-04-12")
        for hub, role in (("", ""), ("http://relais.exemple.fr", ""), (URL, "healer")):
            with pytest.raises(KnownError):
                Circles(claire).create(patient, hub, role)
        assert Circles(claire).summaries() == []

    def test_a_circle_is_made_offline_and_proposed_at_the_next_exchange(self, house: House) -> None:
        claire = house.account("Claire", "nurse")
        house.hub.offline = True
        circle = Circles(claire).create(checked_patient("Jeanne", "Moreau", "1938-04-12"), URL)
        assert [summary.state for summary in Circles(claire).summaries()] == ["proposed"]
        house.hub.offline = False
        sync(claire)
        (summary,) = Circles(claire).summaries()
        assert (summary.state, summary.name, summary.role) == ("member", "Jeanne Moreau", "nurse")
        assert Circles(claire).resolve(circle[:6]) == circle


class TestMany:
    PEOPLE = tuple(InvitationRequest("nurse", name=name) for name in ("Anne", "Bruno", "Zoé"))

    def test_each_has_a_code_that_lets_in(self, house: House, claire: Session, circle: str) -> None:
        told: list[int] = []
        made = Invitations(claire).invite_all(circle, self.PEOPLE, told.append)
        assert told == [1, 2, 3]
        joining = Joinings(house.account("Bruno", "nurse")).join(made[1].link)
        (admitted,) = Invitations(claire).confirm(circle, words=" ".join(joining.words))
        assert admitted.name == "Bruno"

    def test_a_relay_that_stops_in_the_middle_leaves_none(
        self, house: House, claire: Session, circle: str
    ) -> None:
        def stop(done: int) -> None:
            house.hub.offline = done == 2

        with pytest.raises(KnownError, match="relais"):
            Invitations(claire).invite_all(circle, self.PEOPLE, stop)
        assert Invitations(claire).pending(circle) == []
        house.hub.offline = False
        assert len(Invitations(claire).invite_all(circle, self.PEOPLE)) == 3

    def test_one_that_cannot_be_made_stops_all_before_any_is(self, claire: Session, circle: str) -> None:
        for wrong in (InvitationRequest("relative"), InvitationRequest("nurse", name="x" * 121)):
            told: list[int] = []
            with pytest.raises(KnownError):
                Invitations(claire).invite_all(circle, (*self.PEOPLE, wrong), told.append)
            assert told == []
        assert Invitations(claire).pending(circle) == []
